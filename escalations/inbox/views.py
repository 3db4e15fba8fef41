"""Notifications: the page, the bell's count, marking as read, choices, names for notes; watching a ticket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from rest_framework.exceptions import NotFound

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions
from escalations.inbox.choices import ChoicesScreen
from escalations.inbox.queries import count_words, newest_alarm, notices_of, unread_count, who_can_be_named
from escalations.inbox.screen import InboxScreen
from escalations.views import find_ticket

INCOMPLETE = "This form did not arrive whole, so nothing was saved. Look it over and save it again."


@require_safe
@needs(Can.READ_TICKETS)
def inbox(request: SignedIn) -> HttpResponse:
    """What this person was told, newest first; ``?unread=1`` only what they have not read."""
    try:
        screen = InboxScreen(request, now=timezone.now())
    except NotFound as gone:
        raise Http404(str(gone)) from gone
    return render(request, "escalations/inbox.html", {"section": "inbox", "screen": screen})


@require_safe
@needs(Can.READ_TICKETS)
def count(request: SignedIn) -> JsonResponse:
    """What the bell asks by itself: how many are unread, and the newest alarm of the last hour."""
    alarm = newest_alarm(request.user, timezone.now())
    found = unread_count(request.user)
    told: dict[str, Any] = {"unread": found, "words": count_words(found), "alarm": None}
    if alarm is not None and alarm.ticket is not None:
        url = reverse("escalations:ticket", args=[alarm.ticket.number])
        told["alarm"] = {"key": alarm.pk, "words": alarm.words, "url": url, "number": alarm.ticket.number}
    return JsonResponse(told)


@require_POST
@needs(Can.READ_TICKETS)
def read(request: SignedIn) -> HttpResponse:
    """Mark one as read (``id``), or all up to the newest that was shown (``upto``)."""
    one, upto = _number(request.POST.get("id", "")), _number(request.POST.get("upto", ""))
    if one is not None:
        if not notices_of(request.user).filter(pk=one).exists():
            raise Http404
        actions.mark_read(request.user, [one], at=timezone.now())
    elif request.POST.get("all") and upto is not None:
        actions.mark_read(request.user, upto=upto, at=timezone.now())
    else:
        messages.error(request, "Say which notification is read.")
    back = reverse("inbox:list")
    return redirect(f"{back}?unread=1" if request.POST.get("unread") == "1" else back)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.READ_TICKETS)
def choices(request: SignedIn) -> HttpResponse:
    """How this person wants to be told; ``do=again`` mails again to an address that was refused."""
    screen = ChoicesScreen(request.user)
    if request.method != "POST":
        return _choices(request, screen)
    if request.POST.get("do") == "again":
        actions.try_again(request.user)
        messages.success(request, "The next mail is tried again.")
        return redirect("inbox:choices")
    screen.take(request.POST)
    if not screen.whole:
        return _choices(request, screen, status=400, refused=INCOMPLETE)
    if screen.wrong:
        return _choices(request, screen, status=400)
    try:
        actions.choose(screen.typed, version=screen.seen, by=request.user, at=timezone.now())
    except Refused as refused:
        return _choices(request, screen, status=409, conflict=refused.sentence)
    messages.success(request, "Saved. It holds for everything that comes from now on.")
    return redirect("inbox:choices")


def _choices(request: SignedIn, screen: ChoicesScreen, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"section": "inbox", "screen": screen, **more}
    return render(request, "escalations/inbox_choices.html", context, status=status)


@require_safe
@needs(Can.WORK_TICKETS)
def people(request: SignedIn) -> JsonResponse:
    """Whom a note can name. The whole list: what is typed behind an ``@`` is sent nowhere (I8)."""
    return JsonResponse({"people": who_can_be_named(request.user)})


@require_POST
@needs(Can.READ_TICKETS)
def watch(request: SignedIn, number: str) -> HttpResponse:
    """Be told what happens to a ticket (``do=watch``), or no more (``do=unwatch``)."""
    ticket = find_ticket(request.user, number)
    if request.POST.get("do") == "unwatch":
        actions.unwatch(ticket, request.user)
        messages.success(request, f"You do not watch {ticket.number} any more.")
    else:
        actions.watch(ticket, request.user, at=timezone.now())
        messages.success(request, f"You watch {ticket.number} now.")
    return redirect(f"{reverse('escalations:ticket', args=[ticket.number])}#watching")


def _number(sent: str) -> int | None:
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) <= 18 else None
