"""The callback board, and logging a call."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
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
from escalations.queries import tickets_of
from patients import reading
from patients.banners import banners_of
from patients.models import Door
from patients.showing import asked_for

SECTION = {"section": "escalations", "page": "callbacks"}
ACTS = ("take", "wait", "resume")
"""What may be done from a row with one press."""
_STATUS = {"role": 403}


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
    ticket, now = _ticket(request, number), timezone.now()
    calls = calls_of(ticket, request.user, now)
    if request.method != "POST":
        return _form(request, calls, CallForm(calls))
    form = CallForm(calls, request.POST)
    ends, version = form.said_resolution, _version(request.POST.get("version", ""))
    try:
        moved = actions.log_call(
            ticket, form.facts, by=request.user, at=now, resolution=ends, version=version
        )
    except actions.Invalid as invalid:
        form.take(invalid.wrong)
        return _form(request, calls, form, status=400)
    except Refused as refused:
        status = _STATUS.get(refused.code, 409)
        calls = calls_of(_ticket(request, number), request.user, now)
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
    context |= {"next": asked_for(request), "phone": _phone(calls.ticket)}
    part = "#form" if request.method == "GET" and request.headers.get("HX-Request") else ""
    return render(request, "escalations/callbacks_call.html" + part, context, status=status)


def _phone(ticket: Ticket) -> str:
    return str(ticket.answers.get("number") or (ticket.patient.phone if ticket.patient else ""))


@require_POST
@needs(Can.WORK_TICKETS)
def step(request: SignedIn, number: str) -> HttpResponse:
    """Take a callback, let it wait for the patient, or go on with it, and stay on the board."""
    ticket, act = _ticket(request, number), request.POST.get("act", "")
    if act not in ACTS:
        return _show(request, status=400, refused="This is not something the board does. Open the ticket.")
    facts = {"reason": request.POST.get("reason", "")} if act == "wait" else {}
    version = _version(request.POST.get("version", ""))
    try:
        actions.act(ticket, act, by=request.user, at=timezone.now(), version=version, facts=facts)
    except Refused as refused:
        return _show(request, status=_STATUS.get(refused.code, 409), refused=refused.sentence)
    except actions.Invalid as invalid:
        said = " ".join(problem.sentence for problem in invalid.wrong.values())
        return _show(request, status=400, refused=said)
    return redirect(_back(request, ticket))


def _back(request: SignedIn, ticket: Ticket) -> str:
    """Where the person came from, at the row that was worked on."""
    return f"{asked_for(request) or reverse('callbacks:board')}#{ticket.number}"


def _ticket(request: SignedIn, number: str) -> Ticket:
    plain = number.isascii() and number.isprintable() and len(number) <= 24
    found = tickets_of(request.user).filter(number=number).first() if plain else None
    if found is None:
        raise Http404
    return found


def _version(sent: str) -> int | None:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
