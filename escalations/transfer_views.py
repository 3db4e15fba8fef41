"""Live transfers: start one, say how it ended; as a page, and beside other pages (R-PTP-1, R-EXEC-2)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations.actions.steps import Invalid
from escalations.actions.transfers import end_transfer, ringing_of, start_transfer
from escalations.models import LiveTransfer
from escalations.transfer_screen import TransferPanel
from escalations.views import STATUS
from patients import reading
from patients.models import Door, Patient
from patients.showing import asked_for, show

_ANSWERS = {"yes": True, "no": False}
_UNSAID = "Say whether somebody answered or nobody did."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_TICKETS)
def transfers(request: SignedIn) -> HttpResponse:
    """The transfers of a patient, and starting one; without a patient, of the one who is being rung for."""
    patient = _patient(request)
    if request.method != "POST" and request.headers.get("HX-Request"):
        return _panel(request, patient)
    if request.method != "POST":
        return _page(request, patient or _rung_for(request))
    if patient is None:
        return _page(request, None, refused="Choose the patient first.", status=400)
    try:
        start_transfer(patient, request.POST.get("queue", ""), by=request.user, at=timezone.now())
    except Invalid as invalid:
        said = " ".join(wrong.sentence for wrong in invalid.wrong.values())
        return _answer(request, patient, refused=said, status=400)
    return _answer(request, patient)


@require_safe
@needs(Can.WORK_TICKETS)
def transfer_panel(request: SignedIn) -> HttpResponse:
    """The panel alone, for the filing form; whoever opens its address gets the page."""
    patient = _patient(request)
    return _panel(request, patient) if request.headers.get("HX-Request") else _to_page(request, patient)


@require_POST
@needs(Can.WORK_TICKETS)
def transfer_end(request: SignedIn, key: int) -> HttpResponse:
    """Say how one's own transfer ended."""
    rows = LiveTransfer.objects.visible_to(request.user).select_related("patient", "by")
    transfer = get_object_or_404(rows, pk=key)
    answered = _ANSWERS.get(request.POST.get("answered", ""))
    if answered is None:
        return _answer(request, transfer.patient, refused=_UNSAID, status=400)
    try:
        end_transfer(transfer, answered, by=request.user, at=timezone.now())
    except Refused as refused:
        status = STATUS.get(refused.code, 409)
        return _answer(request, transfer.patient, refused=refused.sentence, status=status)
    return _answer(request, transfer.patient)


def _answer(request: SignedIn, patient: Patient, *, refused: str = "", status: int = 302) -> HttpResponse:
    """The panel when it asked; else the page again, by its own address when the act was done."""
    if request.headers.get("HX-Request"):
        panel = TransferPanel(patient, request.user, now=timezone.now(), refused=refused, acted=True)
        done = 200 if status == 302 else status
        return show(request, "escalations/transfers.html#panel", {"panel": panel}, status=done)
    if status != 302:
        return _page(request, patient, refused=refused, status=status)
    return _to_page(request, patient)


def _to_page(request: SignedIn, patient: Patient | None) -> HttpResponse:
    kept: dict[str, Any] = {"patient": patient.pk} if patient else {}
    if way := asked_for(request):
        kept["next"] = way
    here = reverse("escalations:transfers")
    return redirect(f"{here}?{urlencode(kept)}" if kept else here)


def _panel(request: SignedIn, patient: Patient | None) -> HttpResponse:
    panel = TransferPanel(patient, request.user, now=timezone.now()) if patient else None
    return show(request, "escalations/transfers.html#panel", {"panel": panel})


def _page(
    request: SignedIn, patient: Patient | None, *, refused: str = "", status: int = 200
) -> HttpResponse:
    now, panel = timezone.now(), None
    if patient is not None:
        reading.note(request.user, patient, Door.TICKETS, now)
        panel = TransferPanel(patient, request.user, now=now, refused=refused)
    context: dict[str, Any] = {
        "section": "escalations",
        "page": "transfers",
        "patient": patient,
        "panel": panel,
    }
    context |= {"next": asked_for(request), "refused": refused if panel is None else ""}
    return show(request, "escalations/transfers.html", context, status=status)


def _patient(request: SignedIn) -> Patient | None:
    """The patient that is named, or none when none is; 404 for one who is not there."""
    named = (request.POST if request.method == "POST" else request.GET).get("patient", "").strip()
    if not named:
        return None
    known = named.isascii() and named.isdigit() and len(named) <= 18
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=int(named) if known else 0)


def _rung_for(request: SignedIn) -> Patient | None:
    ringing = ringing_of(request.user)
    return ringing.patient if ringing else None
