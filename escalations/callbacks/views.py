"""The callback board, and logging a call."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.callbacks.attempts import Calls, calls_of
from escalations.callbacks.board import Board
from escalations.callbacks.forms import CallForm
from escalations.models import Ticket
from escalations.views import STATUS, find_ticket, version_in
from patients import reading
from patients.banners import banners_of
from patients.models import Door
from patients.showing import asked_for

SECTION = {"section": "escalations", "page": "callbacks"}
ACTS = ("take", "wait", "resume")
"""What may be done from a row with one press."""


@require_safe
@needs(Can.WORK_TICKETS)
def board(request: SignedIn) -> HttpResponse:
    """Who is to be called back; a page that asks for it again by itself gets the rows alone."""
    return _show(request)


def _show(request: SignedIn, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = Board(request.user, request.GET.dict(), now=timezone.now())
    template = "escalations/callbacks.html"
    part = "#board" if request.method == "GET" and request.headers.get("HX-Request") else ""
    return render(request, template + part, {**SECTION, "board": shown, **more}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_TICKETS)
def call(request: SignedIn, number: str) -> HttpResponse:
    """Log a call, and end the ticket with it; as a page, or as the inside of the board's dialog."""
    ticket, now = find_ticket(request.user, number), timezone.now()
    calls = calls_of(ticket, request.user, now)
    if request.method != "POST":
        return _form(request, calls, CallForm(calls))
    form = CallForm(calls, request.POST)
    ends, version = form.said_resolution, version_in(request.POST.get("version", ""))
    try:
        moved = actions.log_call(
            ticket, form.facts, by=request.user, at=now, resolution=ends, version=version
        )
    except actions.Invalid as invalid:
        form.take(invalid.wrong)
        return _form(request, calls, form, status=400)
    except Refused as refused:
        status = STATUS.get(refused.code, 409)
        calls = calls_of(find_ticket(request.user, number), request.user, now)
        return _form(request, calls, CallForm(calls, request.POST), status=status, refused=refused.sentence)
    done = "logged, and the ticket is resolved" if ends else "logged"
    messages.success(request, f"The call about {moved.number} is {done}.")
    return redirect(_back(request, moved))


def _form(request: SignedIn, calls: Calls, form: CallForm, *, status: int = 200, **more: Any) -> HttpResponse:
    """The form; whoever sees it reads of the patient."""
    patient = calls.ticket.patient
    if patient is not None:
        reading.note(request.user, patient, Door.TICKET, timezone.now())
    banners = banners_of([patient]).get(patient.pk, []) if patient else []
    context = {**SECTION, "calls": calls, "ticket": calls.ticket, "form": form, "banners": banners, **more}
    context["next"] = asked_for(request)
    part = "#form" if request.method == "GET" and request.headers.get("HX-Request") else ""
    return render(request, "escalations/callbacks_call.html" + part, context, status=status)


@require_POST
@needs(Can.WORK_TICKETS)
def step(request: SignedIn, number: str) -> HttpResponse:
    """Take a callback, let it wait for the patient, or go on with it, and stay on the board."""
    ticket, act = find_ticket(request.user, number), request.POST.get("act", "")
    if act not in ACTS:
        return _show(request, status=400, refused="This is not something the board does. Open the ticket.")
    facts = {"reason": request.POST.get("reason", "")} if act == "wait" else {}
    version = version_in(request.POST.get("version", ""))
    try:
        actions.act(ticket, act, by=request.user, at=timezone.now(), version=version, facts=facts)
    except Refused as refused:
        return _show(request, status=STATUS.get(refused.code, 409), refused=refused.sentence)
    except actions.Invalid as invalid:
        said = " ".join(problem.sentence for problem in invalid.wrong.values())
        return _show(request, status=400, refused=said)
    return redirect(_back(request, ticket))


def _back(request: SignedIn, ticket: Ticket) -> str:
    """Where the person came from, at the row that was worked on."""
    return f"{asked_for(request) or reverse('callbacks:board')}#{ticket.number}"
