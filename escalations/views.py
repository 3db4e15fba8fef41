"""The escalation pages: the list, and the ticket with its steps."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import NotFound

from accounts.access import SignedIn, needs
from accounts.models import User
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.callbacks.attempts import calls_beside
from escalations.inbox.around import Around
from escalations.list_screen import ListScreen
from escalations.models import Ticket
from escalations.queries import tickets_of
from escalations.ticket_page.reading import detail_of, whole
from escalations.ticket_page.screen import TicketScreen
from escalations.ticket_page.steps import facts_in
from patients import reading
from patients.domain.intake import Wrong
from patients.models import Door

SECTION = {"section": "escalations"}
STATUS = {"role": 403, "state": 409, "stale": 409, "unknown": 400}
"""What a refusal answers, by its code."""


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
    return _show(request, _screen(request, number))


@require_POST
@needs(Can.WORK_TICKETS)
def ticket_steps(request: SignedIn, number: str) -> HttpResponse:
    """Take a step; one that is refused shows the ticket as it is now, with the reason and what was typed."""
    ticket = find_ticket(request.user, number)
    typed = {name: str(value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    act, version = typed.pop("act", ""), version_in(typed.pop("version", ""))
    facts = facts_in(act, typed)
    try:
        actions.act(ticket, act, by=request.user, at=timezone.now(), version=version, facts=facts)
    except Refused as refused:
        screen = _screen(request, number)
        screen.failed(act, typed, since=getattr(refused, "events", ()))
        return _show(request, screen, refused=refused.sentence, status=STATUS.get(refused.code, 409))
    except (actions.Invalid, actions.Unfit) as invalid:
        screen = _screen(request, number)
        screen.failed(act, typed, invalid.wrong)
        return _show(request, screen, status=400)
    return redirect("escalations:ticket", ticket.number)


@require_POST
@needs(Can.WORK_TICKETS)
def ticket_links(request: SignedIn, number: str) -> HttpResponse:
    """Link another ticket to this one; what cannot be linked is said beside the number that was typed."""
    ticket = find_ticket(request.user, number)
    typed = {name: request.POST.get(name, "")[:100] for name in ("kind", "ticket")}
    try:
        actions.link_tickets(ticket, typed["kind"], typed["ticket"], by=request.user, at=timezone.now())
    except actions.Invalid as invalid:
        return _show(request, _screen(request, number), link=typed, unlinked=invalid.wrong, status=400)
    except Refused as refused:
        unlinked = {"ticket": Wrong(refused.code, refused.sentence)}
        screen = _screen(request, number)
        return _show(request, screen, link=typed, unlinked=unlinked, status=STATUS.get(refused.code, 409))
    return redirect(f"{reverse('escalations:ticket', args=[ticket.number])}#linked")


@require_POST
@needs(Can.WORK_TICKETS)
def ticket_unlink(request: SignedIn, number: str, link: int) -> HttpResponse:
    """End a link: by who made it, or a supervisor."""
    ticket = find_ticket(request.user, number)
    try:
        actions.unlink(ticket, link, by=request.user, at=timezone.now())
    except Refused as refused:
        screen = _screen(request, number)
        return _show(request, screen, refused=refused.sentence, status=STATUS.get(refused.code, 409))
    return redirect(f"{reverse('escalations:ticket', args=[ticket.number])}#linked")


def _show(request: SignedIn, screen: TicketScreen, *, status: int = 200, **more: Any) -> HttpResponse:
    """The ticket; also after a refused step it shows the patient, so whoever sees it has read of them, and of
    what they were told about it."""
    ticket, user = screen.ticket, request.user
    if ticket.patient is not None:
        reading.note(user, ticket.patient, Door.TICKET, timezone.now())
    actions.mark_read(user, ticket=ticket, at=timezone.now())
    around = Around(ticket, user, [event.text for event in screen.detail.events])
    context: dict[str, Any] = {**SECTION, "page": "all", "screen": screen, "ticket": ticket, "around": around}
    context["calls"] = calls_beside(ticket, screen.detail.events, user, timezone.now())
    context["just_filed"] = "filed" in request.GET
    return render(request, "escalations/ticket.html", {**context, **more}, status=status)


def _screen(request: SignedIn, number: str) -> TicketScreen:
    now = timezone.now()
    ticket = find_ticket(request.user, number, whole(tickets_of(request.user)))
    return TicketScreen(detail_of(ticket, now=now), request.user, now=now)


def find_ticket(user: User, number: str, rows: QuerySet[Ticket] | None = None) -> Ticket:
    """The ticket of this number that this person may see, or 404."""
    plain = number.isascii() and number.isprintable() and len(number) <= 24
    known = tickets_of(user) if rows is None else rows
    found = known.filter(number=number).first() if plain else None
    if found is None:
        raise Http404
    return found


def version_in(sent: str) -> int | None:
    """The version of the ticket that a form was made from."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
