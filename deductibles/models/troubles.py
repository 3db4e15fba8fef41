"""Payers that cannot be asked: down, or refusing our questions for what stands in our set-up."""

from __future__ import annotations

from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned
from deductibles.domain import payer_trouble
from deductibles.domain.payer_trouble import Mend, mend_of
from patients.models import Payer


@track
class PayerTrouble(CompanyOwned):
    """One trouble with one payer, from the first answer that says so until the payer answers again.

    One open row for a payer and reject ``code`` (D-X12-3), however many claims meet it: ``count`` answers
    said so, the newest at ``last_at``. While it is open the nights ask this payer one question, and the rest
    only when that is answered.
    """

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=payer_trouble.KINDS)
    code = models.CharField(max_length=3)
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="payer_trouble_company_id"),
            models.UniqueConstraint(
                fields=["company", "payer", "code"],
                condition=models.Q(ended_at=None),
                name="payer_trouble_one_open",
            ),
        ]
        indexes = [models.Index(fields=["company", "payer", "-began_at"], name="payer_trouble_of_payer")]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} of payer {self.payer_id}"

    @property
    def mend(self) -> Mend:
        """What it means and what mends it."""
        return mend_of(self.code)
