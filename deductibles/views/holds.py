"""Hold for Deductible: the page, and what is done to many lines at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles.actions import holds
from deductibles.actions.holds import Done
from deductibles.hold_acts import queueing
from deductibles.hold_choice import Choice, TooMany
from deductibles.hold_screen import HoldScreen
from deductibles.models import Hold
from deductibles.night_screen import nights_of
from deductibles.views.showing import show, status_of, today_of, turn

MOST_TOLD = 12


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.READ_CLAIMS)
def hold_page(request: SignedIn) -> HttpResponse:
    """Held claims, and released ones that are not cleared (D-PAGE-1); a search is posted (I8)."""
    screen = HoldScreen(request, today=today_of(request))
    if request.method == "POST":
        return redirect(screen.found())
    if screen.opening:
        return redirect(screen.opening)
    return _page(request, screen, status=400 if screen.wrong else 200)


def _page(request: SignedIn, screen: HoldScreen, *, status: int = 200, refused: str = "") -> HttpResponse:
    turn(screen, request.GET.get("cursor", ""))
    now = timezone.now()
    context = {
        "screen": screen,
        "face": screen.face,
        "nights": nights_of(request.user.company, now),
        "may_work": request.user.may(Can.WORK_CLAIMS),
        "queueing": queueing(screen.overview.newest_act, request.user, now),
        "refused": refused,
    }
    return show(request, "deductibles/holds.html", context, section="claims", page="holds", status=status)


@require_POST
@needs(Can.WORK_CLAIMS)
def hold_queue(request: SignedIn) -> HttpResponse:
    """Queue the lines for submission; ``ask`` shows first how many they are and what they bill."""
    if "ask" in request.POST or "ask" in request.GET:
        return _ask(request, "queue")
    return _bulk(request, holds.queue_holds, "queue", "queued for submission")


@require_POST
@needs(Can.WORK_CLAIMS)
def hold_unqueue(request: SignedIn) -> HttpResponse:
    """Take the ticked lines out of the queue, until tonight's submission has written them."""
    return _bulk(request, holds.unqueue_holds, "clear", "taken out of the queue")


@require_POST
@needs(Can.WORK_CLAIMS)
def hold_clear(request: SignedIn) -> HttpResponse:
    """Clear the lines off the page; only "Yes" clears (D-CLR-4)."""
    if request.POST.get("confirm") != "yes":
        return _ask(request, "clear")
    return _bulk(request, holds.clear_holds, "clear", "cleared off this page")


def _ask(request: SignedIn, box: str) -> HttpResponse:
    """The confirmation with its count and dollars (D-PAGE-4): in the page's window, or a page of its own."""
    choice = _choice(request, box)
    refused = _refused(request, choice)
    if refused is not None:
        return refused
    inside = bool(request.headers.get("HX-Request"))
    template = "deductibles/holds_confirm_form.html" if inside else "deductibles/holds_confirm.html"
    context = {"choice": choice, "screen": choice.screen, "inside": inside}
    return show(request, template, context, section="claims", page="holds")


def _choice(request: SignedIn, box: str) -> Choice:
    screen = HoldScreen(request, today=today_of(request))
    return Choice(screen, request.POST, box)


def _refused(request: SignedIn, choice: Choice) -> HttpResponse | None:
    """The page with why nothing can be done to these lines; None when something can."""
    try:
        if choice.ids:
            return None
        return _page(request, choice.screen, status=400, refused=_nothing(request, choice.box))
    except TooMany as problem:
        return _page(request, choice.screen, status=400, refused=str(problem))
    except Refused as problem:
        return _page(request, choice.screen, status=status_of(problem), refused=problem.sentence)


def _bulk(request: SignedIn, act: Callable[..., Done], box: str, said: str) -> HttpResponse:
    choice = _choice(request, box)
    refused = _refused(request, choice)
    if refused is not None:
        return refused
    expected = {"expected_count": choice.expected} if choice.all_matching else {}
    try:
        done = act(request.user.company, choice.ids, by=request.user, at=timezone.now(), **expected)
    except Hold.DoesNotExist as missing:
        raise Http404 from missing
    except Refused as problem:
        return _page(request, choice.screen, status=status_of(problem), refused=problem.sentence)
    _tell(request, done, said, choice)
    if len(done.skipped) > MOST_TOLD and done.act is not None:
        return redirect("deductibles:hold_act", done.act.pk)
    return redirect(choice.screen.address())


def _nothing(request: SignedIn, box: str) -> str:
    """Why nothing was done; a line has one box at most, and the other column's belong to the other button."""
    other = "Clear queue" if box == "queue" else "Queue for submission"
    if request.POST.getlist("clear" if box == "queue" else "queue"):
        return f"What was ticked stands under {other}, so nothing was done. Tick lines of the other column."
    return "Nothing was ticked, so nothing was done. Tick the lines first."


def _tell(request: SignedIn, done: Done, said: str, choice: Choice) -> None:
    more = " These were the first 5,000 that match; do it again for the rest." if choice.cut else ""
    if done.done:
        messages.success(request, f"{_claims(done.done)} {said}.{more}")
    if done.skipped:
        messages.warning(request, _skipped(done.skipped))


def _skipped(rows: list[Any]) -> str:
    told = "; ".join(f"{row.claim}: {row.why.rstrip('.')}" for row in rows[:MOST_TOLD])
    rest = len(rows) - MOST_TOLD
    were = "it was" if len(rows) == 1 else "they were"
    return f"{_claims(len(rows))} left as {were}. {told}{f'; and {rest} more' if rest > 0 else ''}."


def _claims(count: int) -> str:
    return "1 claim" if count == 1 else f"{count:,} claims"
