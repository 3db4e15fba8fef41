"""Who the work is about: patients and payers."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned

SEXES = [("F", "female"), ("M", "male"), ("U", "unknown")]


@track
class Patient(CompanyOwned):
    """A person whose bills the company works on."""

    first_name = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    date_of_birth = models.DateField()
    sex = models.CharField(max_length=1, choices=SEXES, default="U")
    account_number = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=24, blank=True)
    email = models.EmailField(blank=True)
    line1 = models.CharField(max_length=55, blank=True)
    line2 = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    do_not_call = models.BooleanField(default=False)
    do_not_message = models.BooleanField(default=False)
    do_not_mail = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="patient_company_id"),
            models.UniqueConstraint(
                fields=["company", "account_number"],
                condition=~models.Q(account_number=""),
                name="patient_account_once",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "last_name", "first_name"], name="patient_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def address(self) -> dict[str, str]:
        """The postal address as the API writes it."""
        return {name: getattr(self, name) for name in ("line1", "line2", "city", "state", "zip")}

    @property
    def do_not_contact(self) -> list[str]:
        """The channels the patient refused: ``calls``, ``messages``, ``mail`` (R-DNC-2)."""
        flags = {"calls": self.do_not_call, "messages": self.do_not_message, "mail": self.do_not_mail}
        return [name for name, refused in flags.items() if refused]


class PayerKind(models.TextChoices):
    """Kinds of payer; the last four are never held (deductibles.md section 5)."""

    COMMERCIAL = "commercial", "Commercial"
    MEDICARE_ADVANTAGE = "medicare_advantage", "Medicare Advantage"
    MEDICARE = "medicare", "Medicare"
    MEDICAID = "medicaid", "Medicaid"
    WORKERS_COMP = "workers_comp", "Workers' compensation"
    AUTO = "auto", "Auto"


NEVER_HELD_KINDS = frozenset({PayerKind.MEDICARE, PayerKind.MEDICAID, PayerKind.WORKERS_COMP, PayerKind.AUTO})


@track
class Payer(CompanyOwned):
    """An insurer, with the company's own rules for holding its claims; null means the company's."""

    name = models.CharField(max_length=60)
    payer_id = models.CharField(max_length=20)
    kind = models.CharField(max_length=24, choices=PayerKind.choices, default=PayerKind.COMMERCIAL)
    never_hold = models.BooleanField(default=False)
    filing_limit_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    network = models.CharField(
        max_length=8, choices=[("in", "in network"), ("out", "out of network")], default="in"
    )
    max_days = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    dollar_threshold = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    monitor_above = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="payer_company_id"),
            models.UniqueConstraint(fields=["company", "payer_id", "name"], name="payer_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_never_held(self) -> bool:
        """Medicare, Medicaid, workers' compensation and auto are never held, nor whom the admin lists."""
        return self.never_hold or self.kind in NEVER_HELD_KINDS
