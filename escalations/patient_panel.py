"""A patient's escalations for the patient page: loaded by address, and a page of its own without script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedIn, needs
from accounts.models import User
from accounts.roles import Can
from escalations.answering import Answer, answer_of, answerable
from escalations.domain.states import OVER
from escalations.models import Ticket
from escalations.queries import open_tickets_of, tickets_of
from escalations.screens import Row, row_of
from patients import numbers, reading
from patients.banners import banners_of
from patients.models import Door, Patient

MOST_OPEN, MOST_CLOSED = 20, 5


@dataclass(frozen=True)
class Panel:
    """What to tell the patient now, the tickets that run, nearest due first, and the ones that ended last."""

    answer: Answer

    running: list[Row]
    closed: list[Row]
    more: bool


def panel_of(patient: Patient, user: User, now: datetime) -> Panel:
    """Gather the panel in two queries, whatever the number of tickets."""
    running = list(answerable(open_tickets_of(patient, user))[: MOST_OPEN + 1])
    ended = answerable(tickets_of(user).filter(patient=patient, status__in=OVER)).order_by("-id")
    closed = list(ended[: MOST_CLOSED + 1])
    return Panel(
        answer_of([*running, *closed], now, or_more=len(running) > MOST_OPEN),
        [row_of(ticket, user, now) for ticket in running[:MOST_OPEN]],
        [row_of(ticket, user, now) for ticket in closed[:MOST_CLOSED]],
        more=len(running) > MOST_OPEN or len(closed) > MOST_CLOSED,
    )


@require_safe
@needs(Can.READ_TICKETS)
def patient_panel(request: SignedIn, key: int) -> HttpResponse:
    """The panel alone when the patient page asks for it, else as a page."""
    patient, now = get_object_or_404(Patient.objects.visible_to(request.user), pk=key), timezone.now()
    reading.note(request.user, patient, Door.TICKETS, now)
    context = {
        "section": "patients",
        "page": "all",
        "patient": patient,
        "panel": panel_of(patient, request.user, now),
        "may_file": request.user.may(Can.WORK_TICKETS),
    }
    part = "#panel" if request.headers.get("HX-Request") else ""
    if not part:
        context["banners"] = banners_of([patient]).get(patient.pk, [])
    return render(request, f"escalations/patient_panel.html{part}", context)


def patients_of_ticket(user: User, number: str) -> list[int]:
    """The patient of the ticket with this number, typed ``E-20431``, ``e-20431`` or ``20431``."""
    plain = number.upper().removeprefix("E-")
    if not (plain.isascii() and plain.isdigit()) or not user.may(Can.READ_TICKETS):
        return []
    rows = Ticket.objects.visible_to(user).filter(number=f"E-{plain}", patient__isnull=False)
    return list(rows.values_list("patient_id", flat=True))


numbers.register("tickets", patients_of_ticket)
