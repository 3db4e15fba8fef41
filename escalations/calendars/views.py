"""Settings: the business calendar, its changes with what they move, and the undoing (K1, K14)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations.actions import reclocking
from escalations.calendars.asked import Asked, Torn, read_asked, rearranged, year_in
from escalations.calendars.preview import PreviewScreen
from escalations.calendars.screen import CalendarScreen, Tried
from escalations.domain.calendar_edit import Typed
from escalations.domain.turnaround import TimeRuleError
from escalations.models import Reclocking

INCOMPLETE = "This form did not arrive whole, so nothing was done. Look it over and send it again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def calendar(request: SignedIn) -> HttpResponse:
    """The calendar's year and form. Saving shows first what would move; only then it can be applied."""
    this_year = timezone.now().astimezone(request.user.company.zone).year
    plain = Asked(Typed("", ("",) * 7, ()), year_in(request.GET.get("year"), this_year))
    if request.method != "POST":
        return _show(request, CalendarScreen(request.user, plain, timezone.now()))
    try:
        asked = read_asked(request.POST, plain.year)
    except Torn:
        screen = CalendarScreen(request.user, plain, timezone.now())
        return _show(request, screen, status=400, refused=INCOMPLETE)
    table = request.FILES.get("table")
    moved = rearranged(asked, table.read() if table else b"")
    if moved is not None:
        screen = CalendarScreen(request.user, moved[0], timezone.now(), typed=True)
        # Rows that were only moved are not judged yet, but for the button that was pressed.
        screen.wrong = {**screen.wrong, **moved[1]} if moved[1] else {}
        return _show(request, screen, status=400 if moved[1] else 200)
    return _answer(request, asked)


def _answer(request: SignedIn, asked: Asked) -> HttpResponse:
    """Preview, try or apply what was typed; what cannot be read is shown with what is wrong."""
    screen = CalendarScreen(request.user, asked, timezone.now(), typed=True)
    if screen.calendar is None:
        return _show(request, screen, status=400)
    if asked.act == "try":
        screen.tried = Tried(request.user, asked, screen.calendar, screen.now)
        screen.wrong = screen.tried.wrong
        return _show(request, screen, status=400 if screen.wrong else 200)
    if screen.is_overtaken:
        return _show(request, screen, status=409, conflict=screen.conflict)
    return _apply(request, screen) if asked.act == "apply" else _preview(request, screen)


def _preview(request: SignedIn, screen: CalendarScreen, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show what would move; nothing is written."""
    assert screen.calendar is not None
    try:
        seen = reclocking.preview(request.user.company, screen.calendar, at=screen.now)
    except TimeRuleError as refused:
        screen.wrong = {
            "hours": f"With so few open hours a ticket that runs could not be due. {refused.message}"
        }
        return _show(request, screen, status=400)
    screen.preview = PreviewScreen(seen, request.user, screen.now)
    return _show(request, screen, status=status, **more)


def _apply(request: SignedIn, screen: CalendarScreen) -> HttpResponse:
    """Do what was shown, or show again what would move now."""
    assert screen.calendar is not None
    company, token = request.user.company, screen.asked.token
    try:
        done = reclocking.change_calendar(
            company, screen.calendar, token=token, by=request.user, at=screen.now
        )
    except Refused as refused:
        fresh = CalendarScreen(request.user, screen.asked, timezone.now(), typed=True)
        if fresh.is_overtaken:
            return _show(request, fresh, status=409, conflict=fresh.conflict)
        return _preview(request, fresh, status=409, refused=str(refused))
    messages.success(request, f"Saved: {_done_words(done)} Tickets filed from now on go by it.")
    return redirect(f"{reverse('calendars:calendar')}?year={screen.asked.year}")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def undo(request: SignedIn, key: int) -> HttpResponse:
    """Put the calendar from before a change in force again, after showing what that moves."""
    change = get_object_or_404(Reclocking.objects.visible_to(request.user), pk=key, calendar__isnull=False)
    now, status, refused = timezone.now(), 200, ""
    if request.method == "POST":
        try:
            token = request.POST.get("token", "")[:200]
            done = reclocking.undo_change(change, token=token, by=request.user, at=now)
            messages.success(request, f"Undone: {_done_words(done)}")
            return redirect("calendars:calendar")
        except Refused as problem:
            status, refused = 409, str(problem)
    try:
        before = reclocking.calendar_before(change)
        seen = PreviewScreen(reclocking.preview(request.user.company, before, at=now), request.user, now)
    except Refused as problem:
        return _show_undo(request, None, str(problem), status=409)
    return _show_undo(request, seen, refused, status=status)


def _done_words(done: Reclocking) -> str:
    if not done.moved:
        return "no clock moved."
    late = f", {done.breaches:,} of them late by it" if done.breaches else ""
    return f"{done.moved:,} clock{'' if done.moved == 1 else 's'} moved{late}."


def _show_undo(request: SignedIn, seen: PreviewScreen | None, refused: str, *, status: int) -> HttpResponse:
    context = {"section": "settings", "page": "calendar", "preview": seen, "refused": refused}
    return render(request, "escalations/calendar_undo.html", context, status=status)


def _show(request: SignedIn, screen: CalendarScreen, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"section": "settings", "page": "calendar", "screen": screen, **more}
    return render(request, "escalations/calendar.html", context, status=status)
