"""What entering a claim leaves beside it: forms that are being typed, and insurance that was found."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import CompanyOwned, User
from deductibles.models.claims import Claim
from patients.models import Patient


class EntryDraft(CompanyOwned):
    """What somebody has typed into a claim form and not saved yet; kept while it is typed.

    A claim in status draft holds only what could be read; this holds the fields as they were typed, ``{name:
    [values]}``, so that an amount with a slip in it is not lost either. ``key`` is made by the form: two tabs
    are two drafts. ``claim`` is the draft that is being changed; none while a new one is typed.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=32)
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, related_name="+")
    said: Any = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="entry_draft_company_id"),
            models.UniqueConstraint(fields=["user", "key"], name="entry_draft_once"),
        ]
        indexes = [models.Index(fields=["user", "-updated_at"], name="entry_draft_newest")]

    def __str__(self) -> str:
        return f"claim form of {self.user_id} at {self.updated_at:%Y-%m-%d %H:%M}"


class Finding(CompanyOwned):
    """What AR Boost's Insurance Finder answered about a patient (D-HOLD-1, D-NEW-1).

    ``candidates`` are the coverages as the gateway read them, amounts as text; ``as_of`` is the company's
    date, for the amounts are those of that day. ``outcome`` is ``answered`` or ``unavailable``, and
    ``detail`` the sentence for the latter.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    found_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    as_of = models.DateField()
    outcome = models.CharField(max_length=11)
    detail = models.CharField(max_length=300, blank=True)
    candidates: Any = models.JSONField(default=list, encoder=DjangoJSONEncoder)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="finding_company_id")]
        indexes = [models.Index(fields=["patient", "-id"], name="finding_of_patient")]

    def __str__(self) -> str:
        return f"insurance found at {self.found_at:%Y-%m-%d %H:%M}"
