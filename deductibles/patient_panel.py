"""A patient's claims for the patient page: loaded by address, and a page of its own without script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedIn, needs
from accounts.models import User
from accounts.roles import Can
from deductibles import queries
from deductibles.claim_words import Said, said_of_hold
from deductibles.models import Claim, Hold
from deductibles.views.showing import show, today_of
from patients import numbers, reading
from patients.banners import banners_of
from patients.models import Door, Patient

MOST = 20


@dataclass(frozen=True)
class Line:
    """One claim with the hold it is in or was last in; ``days``: left on hold, null without a date."""

    claim: Claim
    hold: Hold | None
    said: Said | None
    days: int | None


def lines_of(patient: Patient, user: User, today: date) -> list[Line]:
    """The patient's newest claims in two queries, one more than is shown when there are more."""
    holds = Prefetch("holds", Hold.objects.filter(cleared_at=None).order_by("-pk"), to_attr="shown_holds")
    rows = queries.find_claims(user, patient=patient.pk).prefetch_related(holds)[: MOST + 1]
    return [_line(claim, next(iter(claim.shown_holds), None), today) for claim in rows]


def _line(claim: Claim, hold: Hold | None, today: date) -> Line:
    active = hold is not None and hold.active
    said = said_of_hold(hold, today.year) if hold and active else None
    return Line(claim, hold, said, hold.days_remaining(today) if hold else None)


@require_safe
@needs(Can.READ_CLAIMS)
def patient_panel(request: SignedIn, key: int) -> HttpResponse:
    """The panel alone when the patient page asks for it, else as a page."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=key)
    reading.note(request.user, patient, Door.CLAIMS, timezone.now())
    lines = lines_of(patient, request.user, today_of(request))
    context: dict[str, Any] = {
        "patient": patient,
        "lines": lines[:MOST],
        "more": len(lines) > MOST,
        "may_bill": request.user.may(Can.WORK_CLAIMS),
    }
    part = "#panel" if request.headers.get("HX-Request") else ""
    if not part:
        context["banners"] = banners_of([patient]).get(patient.pk, [])
    return show(request, f"deductibles/patient_panel.html{part}", context, section="patients", page="all")


def patients_of_claim(user: User, number: str) -> list[int]:
    """The patient of the claim with this number, typed ``C-1001``, ``c-1001`` or ``1001``.

    Anybody who may read patients may find one by a claim's number, as callers read it from their bill.
    """
    plain = number.upper().removeprefix("C-")
    if not (plain.isascii() and plain.isdigit()):
        return []
    rows = Claim.objects.visible_to(user).filter(number=f"C-{plain}")
    return list(rows.values_list("patient_id", flat=True))


numbers.register("claims", patients_of_claim)
