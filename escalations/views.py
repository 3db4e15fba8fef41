"""The escalation pages: the list, and the ticket with its steps."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import NotFound

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.list_screen import ListScreen
from escalations.models import Ticket
from escalations.queries import detail_of, tickets_of
from escalations.ticket_screen import TicketScreen
from patients import reading
from patients.models import Door

SECTION = {"section": "escalations"}
_STATUS = {"role": 403, "state": 409, "stale": 409, "unknown": 400}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.READ_TICKETS)
def ticket_list(request: SignedIn) -> HttpResponse:
    """All tickets, filtered by what stands in the address; a search is posted, for it may be a name (I8)."""
    screen = ListScreen(request, now=timezone.now())
    if request.method == "POST":
        return redirect(screen.found())
    if screen.opening:
        return redirect(screen.opening)
    try:
        screen.turn()
    except NotFound as gone:
        raise Http404(str(gone)) from gone
    context = {**SECTION, "page": "all", "screen": screen, "face": screen.face}
    return render(request, "escalations/list.html", context, status=400 if screen.wrong else 200)


@require_safe
@needs(Can.READ_TICKETS)
def ticket_page(request: SignedIn, number: str) -> HttpResponse:
    """One ticket: its window, why its date is what it is, its timeline and its steps."""
    return _show(request, _screen(request, _ticket(request, number)))


@require_POST
@needs(Can.WORK_TICKETS)
def ticket_steps(request: SignedIn, number: str) -> HttpResponse:
    """Take a step; one that is refused shows the ticket as it is now, with the reason."""
    ticket = _ticket(request, number)
    facts = {name: str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    act, version = facts.pop("act", ""), _version(facts.pop("version", ""))
    try:
        actions.act(ticket, act, by=request.user, at=timezone.now(), version=version, facts=facts)
    except Refused as refused:
        screen = _screen(request, _ticket(request, number))
        screen.failed_act, screen.typed = act, facts
        return _show(request, screen, refused=refused.sentence, status=_STATUS.get(refused.code, 409))
    except (actions.Invalid, actions.Unfit) as invalid:
        screen = _screen(request, ticket)
        screen.failed_act, screen.typed, screen.wrong = act, facts, invalid.wrong
        return _show(request, screen, status=400)
    return redirect("escalations:ticket", ticket.number)


def _show(request: SignedIn, screen: TicketScreen, *, refused: str = "", status: int = 200) -> HttpResponse:
    """The ticket; also after a refused step it shows the patient, so whoever sees it has read of them."""
    if screen.ticket.patient is not None:
        reading.note(request.user, screen.ticket.patient, Door.TICKET, timezone.now())
    context: dict[str, Any] = {**SECTION, "page": "all", "screen": screen, "ticket": screen.ticket}
    context["just_filed"] = "filed" in request.GET
    return render(request, "escalations/ticket.html", {**context, "refused": refused}, status=status)


def _screen(request: SignedIn, ticket: Ticket) -> TicketScreen:
    now = timezone.now()
    return TicketScreen(detail_of(ticket, now=now), request.user, now=now)


def _ticket(request: SignedIn, number: str) -> Ticket:
    plain = number.isascii() and number.isprintable() and len(number) <= 24
    found = tickets_of(request.user).filter(number=number).first() if plain else None
    if found is None:
        raise Http404
    return found


def _version(sent: str) -> int | None:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
