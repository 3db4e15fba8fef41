"""What a biller must see to: troubles that answers left on claims, and what was put off to a later day."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.audit import track_as
from accounts.models import CompanyOwned, User
from deductibles.domain import worklists
from deductibles.models.claims import Claim
from patients.models import Payer


class Concern(CompanyOwned):
    """One trouble of a claim, as the newest answer about it says; gone once it is mended.

    Written and deleted in the transaction that keeps the answer, so that a list is read from an index and
    never by looking through a million holds. ``codes`` are the reject codes or flags the sentence is made
    of, or what a payer said of a claim that was sent, in words; ``since_on`` is the date on which the trouble
    was first seen. Without a history of its own: the
    answers are kept for ever, and this row follows from them.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="concerns", db_index=False)
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    kind = models.CharField(max_length=12, choices=worklists.CONCERN_CHOICES)
    since_on = models.DateField()
    codes: Any = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="concern_company_id"),
            models.UniqueConstraint(fields=["claim", "kind"], name="concern_once"),
        ]
        indexes = [
            models.Index(fields=["company", "kind", "since_on", "claim"], name="concern_list"),
            models.Index(
                fields=["company", "payer", "kind", "since_on", "claim"], name="concern_list_by_payer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of claim {self.claim_id}"


@track_as(found_by="claim")
class SetAside(CompanyOwned):
    """A claim taken off one work list until a day, with the reason; its history says who and when.

    One row a claim and list: setting it aside again, or bringing it back, changes the row.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="set_aside", db_index=False)
    kind = models.CharField(max_length=12)
    until_on = models.DateField()
    reason = models.CharField(max_length=300)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="set_aside_company_id"),
            models.UniqueConstraint(fields=["claim", "kind"], name="set_aside_once"),
        ]
        indexes = [models.Index(fields=["company", "kind", "until_on", "claim"], name="set_aside_in_force")]

    def __str__(self) -> str:
        return f"{self.kind} of claim {self.claim_id} set aside until {self.until_on}"
