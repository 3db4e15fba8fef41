"""Entering a claim: whose it is, which payers there are, and what the pressed button asks for."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.http import Http404
from django.urls import reverse

from accounts.access import SignedIn
from deductibles.actions import claims
from deductibles.domain import states
from deductibles.forms.claim import FIRST_ROWS, ClaimForm, initial_of, rows_asked
from deductibles.models import Claim, Coverage
from patients.models import Patient, Payer
from patients.queries import find_patients

MOST_FOUND = 12
ASIDE = ("more", "find", "choose", "other")
"""Buttons that show the form again instead of saving it; the page works without script by them."""


class EntryScreen:
    """The claim form with the patient it is for; ``claim`` is the draft being changed, if any."""

    def __init__(self, request: SignedIn, claim: Claim | None = None) -> None:
        self.request, self.user, self.claim = request, request.user, claim
        if claim is not None and claim.status != states.DRAFT:
            raise Http404
        self.posted = request.method == "POST"
        self.form = self._form()

    def _form(self) -> ClaimForm:
        payers = list(Payer.objects.visible_to(self.user).order_by("name", "pk"))
        if self.posted:
            form = ClaimForm(self.request.POST, payers=payers, rows=rows_asked(self.request.POST))
            form.take({})
            return form
        initial = initial_of(_whole(self.claim)) if self.claim else {}
        lines = sum(1 for name in initial if name.endswith("-code"))
        return ClaimForm(payers=payers, rows=max(FIRST_ROWS, lines), initial=initial)

    @property
    def has_payers(self) -> bool:
        """Whether there is any payer to choose."""
        return Payer.objects.visible_to(self.user).exists()

    @property
    def saves(self) -> bool:
        """Whether the claim is to be saved, and not only the form shown again."""
        return self.posted and not any(name in self.request.POST for name in ASIDE)

    def save(self, *, at: datetime) -> Claim:
        """Save the draft; raises Invalid with all that is wrong, Refused when it is stale."""
        body = self.form.body()
        if self.claim is not None:
            version = self.request.POST.get("version", "")
            return claims.edit_claim(self.claim, {**body, "version": version}, by=self.user, at=at)
        chosen = str(self.patient.pk) if self.patient else ""
        return claims.create_claim({**body, "patient": chosen}, by=self.user, at=at)

    @cached_property
    def patient(self) -> Patient | None:
        """Whose claim it is: chosen by a button, carried by the form, or named in the address."""
        if self.claim is not None:
            return self.claim.patient
        data = self.request.POST if self.posted else self.request.GET
        typed = data.get("choose") or ("" if "other" in data else data.get("patient", ""))
        if not re.fullmatch(r"[0-9]{1,18}", typed, re.ASCII):
            return None
        return Patient.objects.visible_to(self.user).filter(pk=int(typed)).first()

    @property
    def sought(self) -> str:
        """What was typed to find the patient."""
        return str(self.request.POST.get("sought", "")).replace("\x00", "")[:100] if self.posted else ""

    @cached_property
    def found(self) -> list[Patient]:
        """Patients that match, to choose from."""
        if not self.sought.strip() or self.patient is not None:
            return []
        return list(find_patients(self.user, self.sought)[:MOST_FOUND])

    @property
    def searched(self) -> bool:
        """Whether somebody was looked for and not found."""
        return bool(self.sought.strip()) and self.patient is None

    @property
    def new_patient(self) -> str:
        """Where a patient is added, and back."""
        return f"{reverse('patients:new')}?{urlencode({'next': reverse('deductibles:claim_new')})}"

    @property
    def title(self) -> str:
        """The page's heading."""
        return f"Claim {self.claim.number}" if self.claim else "New claim"

    @property
    def patient_errors(self) -> list[str]:
        """What is wrong with the choice of the patient."""
        return [str(error) for error in self.form.errors.get("patient", [])] if self.posted else []


def _whole(claim: Claim) -> Any:
    """The draft with its parts."""
    coverages = Prefetch("coverages", Coverage.objects.filter(ended_at=None))
    return Claim.objects.prefetch_related(coverages, "charges").get(pk=claim.pk)
