"""The supervisors' board: its page, its live part, the pane beside it, and what is done from it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.models import Ticket
from escalations.triage.live import gone_words
from escalations.triage.preview import Preview, ticket_at
from escalations.triage.rows import ASKING, OFFERED, row_of
from escalations.triage.screen import BoardScreen
from escalations.views import STATUS, version_in
from patients import reading
from patients.models import Door

FRAME = {"section": "escalations", "page": "board"}


@require_safe
@needs(Can.DIRECT_TICKETS)
def board(request: SignedIn) -> HttpResponse:
    """What presses now, band by band, with the next act of each ticket."""
    screen = BoardScreen(request, now=timezone.now())
    if screen.opening:
        return redirect(screen.opening)
    context = {**FRAME, "screen": screen, "face": screen.face}
    return render(request, "escalations/triage.html", context, status=400 if screen.wrong else 200)


@require_POST
@needs(Can.DIRECT_TICKETS)
def live(request: SignedIn) -> HttpResponse:
    """The board as it is now, for a page that is open, and what became of the rows it no longer has."""
    screen = BoardScreen(request, now=timezone.now())
    context = {"screen": screen}
    return JsonResponse(
        {
            "bands": render_to_string("escalations/triage_bands.html", context, request),
            "readouts": render_to_string("escalations/triage_readouts.html", context, request),
            "gone": gone_words(screen, request.POST.get("shown", "")),
            "as_of": screen.zone_words,
        }
    )


@require_safe
@needs(Can.DIRECT_TICKETS)
def preview(request: SignedIn, number: str) -> HttpResponse:
    """One ticket at a glance, for the pane; somebody who opens the address gets the ticket's page."""
    ticket = _ticket(request, number)
    if not request.headers.get("HX-Request"):
        return redirect("escalations:ticket", ticket.number)
    _read(request, ticket)
    pane = Preview(ticket, request.user, now=timezone.now())
    return render(request, "escalations/triage_preview.html", {"pane": pane, "ticket": ticket})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.DIRECT_TICKETS)
def act(request: SignedIn, number: str, act: str) -> HttpResponse:
    """Ask what an act must be told, or do it."""
    ticket = _ticket(request, number)
    if act not in OFFERED:
        raise Http404
    if request.method == "POST":
        return _do(request, ticket, act)
    if act not in ASKING:
        return redirect("escalations:ticket", ticket.number)
    return _form(request, ticket, act)


def _do(request: SignedIn, ticket: Ticket, act: str) -> HttpResponse:
    """Take the step: an open board gets the row as it is then, a plain form goes back to the board."""
    skipped = ("csrfmiddlewaretoken", "version", "pick", "back", *BoardScreen.names, "view")
    facts = {name: str(value) for name, value in request.POST.items() if name not in skipped}
    version = version_in(request.POST.get("version", ""))
    try:
        actions.act(ticket, act, by=request.user, at=timezone.now(), version=version, facts=facts)
    except actions.Invalid as invalid:
        return _form(request, ticket, act, status=400, typed=facts, wrong=invalid.wrong)
    except Refused as refused:
        return _refused(request, _ticket(request, ticket.number), act, facts, refused)
    said = f"{ticket.number}: {_newest(ticket)}."
    if _scripted(request):
        return JsonResponse({"row": _row(request, ticket, done="by you"), "said": said})
    messages.success(request, said)
    return redirect("triage:board")


def _refused(
    request: SignedIn, ticket: Ticket, act: str, facts: dict[str, str], refused: Refused
) -> HttpResponse:
    """Say why not, of the ticket as it is now; a plain form comes back as it was filled in."""
    status = STATUS.get(refused.code, 409)
    if _scripted(request):
        row = _row(request, ticket)
        return JsonResponse({"row": row, "said": refused.sentence}, status=status)
    if act in ASKING:
        return _form(request, ticket, act, status=status, refused=refused.sentence, typed=facts)
    messages.warning(request, refused.sentence)
    return redirect("triage:board")


def _form(
    request: SignedIn, ticket: Ticket, act: str, *, status: int = 200, refused: str = "", **said: Any
) -> HttpResponse:
    """The form of an act: a fragment for the open board, a page of its own without script."""
    _read(request, ticket)
    pane = Preview(ticket, request.user, now=timezone.now())
    context = {**FRAME, "pane": pane, "ticket": ticket, "ask": pane.ask(act, **said), "refused": refused}
    whole = "escalations/triage_ask_form.html" if _scripted(request) else "escalations/triage_ask.html"
    return render(request, whole, context, status=status)


def _row(request: SignedIn, ticket: Ticket, done: str = "") -> str:
    """The row of a ticket as it is now; one that is over says how it ended."""
    now = timezone.now()
    fresh = _ticket(request, ticket.number)
    row = row_of(fresh, request.user, now)
    if row.standing == "closed":
        row.done = f"{fresh.get_status_display().capitalize()} {done}".strip()
    return render_to_string("escalations/triage_row.html", {"row": row}, request)


def _newest(ticket: Ticket) -> str:
    """What the newest line of the timeline says, for whoever took the step and sees it once.

    It may hold typed words ("Resolved: ..."): it goes to their own page, never to a log or to somebody else.
    """
    newest = ticket.events.order_by("-id").first()
    return newest.title if newest else "done"


def _scripted(request: SignedIn) -> bool:
    return request.headers.get("HX-Request") == "true"


def _read(request: SignedIn, ticket: Ticket) -> None:
    if ticket.patient is not None:
        reading.note(request.user, ticket.patient, Door.TICKET, timezone.now())


def _ticket(request: SignedIn, number: str) -> Ticket:
    found = ticket_at(request.user, number)
    if found is None:
        raise Http404
    return found
