"""What an imported claim was called where it came from."""

from __future__ import annotations

from django.db import models

from accounts.models import Company, CompanyOwned
from deductibles.models.claims import Claim
from patients.models import Import


class ClaimReference(CompanyOwned):
    """The number a claim had elsewhere, once a company: however many files bring it, it is one claim.

    ``of`` is the file that brought it; none once that was forgotten. ``tried_at`` is when it was completed
    or found not to be, where that was ticked for the file.
    """

    # The references by company and id to claim and file say that the company exists.
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    claim = models.OneToOneField(
        Claim, on_delete=models.PROTECT, related_name="elsewhere", db_constraint=False
    )
    number = models.CharField(max_length=40)
    of = models.ForeignKey(
        Import,
        on_delete=models.SET_NULL,
        null=True,
        related_name="claims",
        db_index=False,
        db_constraint=False,
    )
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="claim_reference_company_id"),
            models.UniqueConstraint(fields=["company", "number"], name="claim_reference_once"),
        ]
        indexes = [
            models.Index(
                fields=["of", "id"], condition=models.Q(tried_at=None), name="claim_reference_untried"
            )
        ]

    def __str__(self) -> str:
        return f"reference of claim {self.claim_id}"
