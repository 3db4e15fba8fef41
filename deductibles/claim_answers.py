"""What came back about one claim, for its page: verdicts on it and its files, payments, and posting one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms

from deductibles.domain import states
from deductibles.forms.settings import PlainForm
from deductibles.models import Acknowledgement, Claim, Payment, SubmissionItem

MOST = 50


class PaymentForm(PlainForm):
    """A payment that a biller read elsewhere."""

    paid = forms.CharField(
        required=False, label="Paid", widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    deductible = forms.CharField(
        required=False,
        label="Applied to the deductible",
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    allowed = forms.CharField(
        required=False, label="Allowed", widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    paid_on = forms.CharField(
        required=False, label="Date of payment", widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(required=False, label="Note")


class ClaimAnswers:
    """Everything that came back; ``typed`` and ``wrong`` are those of a payment that was not posted."""

    def __init__(self, claim: Claim, *, typed: Mapping[str, str] | None = None, wrong: Any = None) -> None:
        self.claim = claim
        self.form = PaymentForm(typed or None)
        self.form.take(wrong or {})
        self.open = bool(typed)

    @cached_property
    def verdicts(self) -> list[Acknowledgement]:
        """About the claim itself, or about a file it was in; newest first."""
        files = SubmissionItem.objects.filter(claim=self.claim).values_list("submission_id", flat=True)
        whole = Acknowledgement.objects.filter(claim=None, submission__in=list(files))
        found = [rows.order_by("-pk")[:MOST] for rows in (self.claim.acknowledgements.all(), whole)]
        return sorted((row for rows in found for row in rows), key=lambda row: -row.pk)[:MOST]

    @cached_property
    def payments(self) -> list[Payment]:
        """What was paid, newest first; what could not be posted stands among them with its reason."""
        return list(self.claim.payments.select_related("by", "arrival").order_by("-pk")[:MOST])

    @property
    def rejection(self) -> str:
        """Why a rejected claim came back, in words."""
        if self.claim.status != states.REJECTED:
            return ""
        mine = [one for one in self.verdicts if one.sequence == self.claim.sequence or one.claim_id is None]
        return next((one.sentence for one in mine if one.word == "rejected"), "")
