"""The escalation pages: the list, filing, and the ticket with its steps."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import NotFound

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.filing_screen import FilingScreen
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


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WORK_TICKETS)
def ticket_new(request: SignedIn) -> HttpResponse:
    """File a ticket; without script the other buttons show the promise and find the patient."""
    at, judged = timezone.now(), request.method == "POST" and request.POST.get("do", "file") == "file"
    screen = FilingScreen(request.user, _typed(request), at=at, judged=judged)
    if judged and screen.filing.may_be_filed:
        ticket = actions.file_ticket(screen.filing, by=request.user, at=at)
        return redirect(f"{reverse('escalations:ticket', args=[ticket.number])}?filed=1")
    if judged and screen.turned_away and not screen.filing.all_wrong:
        actions.log_deflection(screen.filing, by=request.user, at=at)
    _note(request, screen)
    context = {**SECTION, "page": "new", "screen": screen}
    return render(request, "escalations/new.html", context, status=400 if judged else 200)


def _note(request: SignedIn, screen: FilingScreen) -> None:
    """Keep whom the page shows: the chosen patient, or how many were found."""
    if screen.patient is not None:
        reading.note(request.user, screen.patient, Door.TICKET, screen.at)
    elif screen.searched:
        reading.note_search(request.user, len(screen.matches), Door.TICKET, screen.at)


@require_POST
@needs(Can.WORK_TICKETS)
def ticket_advice(request: SignedIn) -> HttpResponse:
    """What the rules and the clock say of what is typed so far; saves nothing."""
    screen = FilingScreen(request.user, _typed(request), at=timezone.now(), judged=False)
    if screen.patient is not None:
        _note(request, screen)
    return render(request, "escalations/new.html#advice", {"screen": screen, "live": True})


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
    except actions.Invalid as invalid:
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


def _typed(request: SignedIn) -> QueryDict:
    """What was typed; *Change* lets go of the chosen patient."""
    data = (request.GET if request.method in ("GET", "HEAD") else request.POST).copy()
    if data.get("do") == "other_patient":
        data["patient"] = ""
    return data


def _version(sent: str) -> int | None:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
