"""Whether holding pays: the rates it is counted by, and what became of each claim that was held."""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned
from deductibles.domain import gain
from deductibles.models.acknowledgements import Payment
from deductibles.models.claims import Claim
from deductibles.models.holds import Hold
from deductibles.models.settings import DeductibleSettings
from patients.models import Payer

REASONS = [("m", "Deductible met"), ("e", "Time elapsed"), ("h", "Manually queued"), ("u", "Unknown")]


@track
class HoldingRates(CompanyOwned):
    """By which rates the worth of holding is estimated; the highest ``version`` is in force.

    Shares of one, four decimals: ``collected`` of what patients owe, ``co_insurance`` where a payment does
    not tell it, ``money`` a year. ``source`` says where the collection rate was measured, ``measured_to`` the
    last day of its twelve months; both empty while it is the usual one. Superseded, never edited.
    """

    version = models.PositiveIntegerField()
    collected = models.DecimalField(max_digits=5, decimal_places=4)
    co_insurance = models.DecimalField(max_digits=5, decimal_places=4)
    money = models.DecimalField(max_digits=5, decimal_places=4)
    source = models.CharField(max_length=200, blank=True)
    measured_to = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "holding rates"
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="holding_rates_company_id"),
            models.UniqueConstraint(fields=["company", "version"], name="holding_rates_version_once"),
        ]

    def __str__(self) -> str:
        return f"Rates of holding, version {self.version}"

    @property
    def rates(self) -> gain.Rates:
        """As the formula takes them."""
        return gain.Rates(Decimal(self.collected), Decimal(self.co_insurance), Decimal(self.money))


def rates_in_force(company_id: int) -> HoldingRates:
    """The company's newest rates; unsaved usual ones (version 0) before the first Save."""
    newest = HoldingRates.objects.filter(company_id=company_id).order_by("-version").first()
    usual = gain.Rates()
    return newest or HoldingRates(
        company_id=company_id,
        version=0,
        collected=usual.collected,
        co_insurance=usual.co_insurance,
        money=usual.money,
    )


class HoldOutcome(CompanyOwned):
    """One claim that was held, released and heard of again: a line of the outcome ledger.

    Follows from the hold, its history and the payments, and is written in the transaction that keeps a
    payment (:mod:`deductibles.actions.outcomes`); therefore without a history of its own. Dollars; null is
    not known, and ``missing`` names what of it the gain would need, with commas. ``settings`` is the version
    in force when the claim was held. ``heard_on`` is the date of the payment, or of the denial.
    ``co_insurance`` is the share the payment tells, ``lost`` what was denied with CO 29.
    """

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="outcome")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="+", db_index=False)
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="+", db_index=False)
    settings = models.ForeignKey(
        DeductibleSettings, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    kind = models.CharField(max_length=9, choices=Hold.Kind.choices)
    reason = models.CharField(max_length=1, choices=REASONS)
    held_on = models.DateField()
    released_on = models.DateField()
    heard_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    remaining_at_hold = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    remaining_at_release = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    allowed = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    deductible = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=12, decimal_places=2)
    co_insurance = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    lost = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    missing = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="hold_outcome_company_id")]
        indexes = [models.Index(fields=["company", "heard_on", "id"], name="hold_outcome_by_date")]

    def __str__(self) -> str:
        return f"outcome of claim {self.claim_id}"

    @property
    def outcome(self) -> gain.Outcome:
        """As the formula takes it."""
        return gain.Outcome(
            days=self.days,
            remaining=self.remaining_at_hold,
            allowed=self.allowed,
            deductible=self.deductible,
            paid=self.paid,
            co_insurance=self.co_insurance,
            lost=self.lost,
            reversed=self.missing == gain.REVERSED,
        )
