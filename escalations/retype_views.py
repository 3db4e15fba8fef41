"""Changing a ticket's type or channel: its questions, its rules, its dates before and after (K12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused, find_step
from escalations import actions
from escalations.domain.states import TICKET
from escalations.files_in_form import take_uploads
from escalations.forms import ANSWER
from escalations.models import Ticket, TicketEvent
from escalations.policies import policy_of
from escalations.queries import tickets_of
from escalations.retype_screen import RetypeScreen, brought, start_of
from escalations.starting import key_in, new_key
from escalations.ticket_page.reading import detail_of, whole
from escalations.views import SECTION, STATUS, find_ticket, version_in
from patients import reading
from patients.domain.intake import Wrong
from patients.models import Door


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.DIRECT_TICKETS)
def ticket_type(request: SignedIn, number: str) -> HttpResponse:
    """Choose a new type or channel; *Change* asks every rule of it, and a refusal keeps what was typed."""
    ticket = find_ticket(request.user, number, whole(tickets_of(request.user)))
    refused, at = _refusal(request, ticket), timezone.now()
    if request.method != "POST":
        if refused is not None:
            messages.warning(request, refused.sentence)
            return redirect("escalations:ticket", ticket.number)
        data = start_of(detail_of(ticket, now=at), request.GET, by=request.user, at=at)
        return _show(request, ticket, data)
    data, unkept = _sent(request, ticket)
    if request.POST.get("do", "save") == "save" and not unkept:
        return _save(request, ticket, data)
    status = STATUS.get(refused.code, 409) if refused else 200
    return _show(request, ticket, data, unkept=unkept, status=status)


def _refusal(request: SignedIn, ticket: Ticket) -> Refused | None:
    """Why the ticket, as it is now, cannot be given another type; ``None`` if it can."""
    try:
        find_step(TICKET, "retype", ticket.status, request.user, thing="ticket")
    except Refused as refused:
        return refused
    return None


def _save(request: SignedIn, ticket: Ticket, data: QueryDict) -> HttpResponse:
    at = timezone.now()
    screen = RetypeScreen(detail_of(ticket, now=at), request.user, data, at=at, key="", judged=True)
    seen = version_in(data.get("version", ""))
    try:
        actions.act(ticket, "retype", by=request.user, at=at, version=seen, facts=screen.facts)
    except actions.Unfit:
        return _show(request, ticket, data, judged=True, status=400)
    except Refused as refused:
        fresh = find_ticket(request.user, ticket.number, whole(tickets_of(request.user)))
        since, status = getattr(refused, "events", ()), STATUS.get(refused.code, 409)
        return _show(request, fresh, data, since=since, refused=refused.sentence, status=status)
    messages.success(request, f"{ticket.number} is changed.")
    return redirect("escalations:ticket", ticket.number)


def _sent(request: SignedIn, ticket: Ticket) -> tuple[QueryDict, Mapping[str, Wrong]]:
    """The form as it was sent: with a suggestion that was taken, its files kept before anything is judged."""
    data, at = request.POST.copy(), timezone.now()
    do, _, rest = data.get("do", "").partition(":")
    if do == "use":
        data["type"] = rest.partition(":")[2]
    kind = policy_of(ticket.policy_version).type(data.get("type", ""))
    names, wrong = take_uploads(request, kind.questions if kind else (), key_in(data), at)
    for question, kept in names.items():
        data.setlist(ANSWER + question, kept)
    return brought(detail_of(ticket, now=at), data, by=request.user, at=at), wrong


def _show(
    request: SignedIn,
    ticket: Ticket,
    data: QueryDict,
    *,
    judged: bool = False,
    unkept: Mapping[str, Wrong] | None = None,
    since: Sequence[TicketEvent] = (),
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    screen = RetypeScreen(
        detail_of(ticket, now=at),
        request.user,
        data,
        at=at,
        key=key_in(data) or new_key(),
        judged=judged,
        unkept=unkept,
        since=since,
    )
    if ticket.patient is not None:
        reading.note(request.user, ticket.patient, Door.TICKET, at)
    never = _refusal(request, ticket)
    context = {**SECTION, "page": "all", "screen": screen, "ticket": ticket}
    context |= {"refused": refused, "never": never.sentence if never else ""}
    return render(request, "escalations/ticket_type.html", context, status=status)
