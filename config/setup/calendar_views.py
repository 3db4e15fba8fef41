"""The two steps that a calendar begins with: the hours of the desk, and its holidays (K1)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from config.setup import marks
from config.setup.calendar_screens import HolidaysScreen, HoursScreen
from config.setup.strip import is_guided
from config.setup.views import go_on
from escalations.actions import reclocking
from escalations.domain.calendar_edit import NamedCalendar
from escalations.domain.turnaround import TimeRuleError

MOVES = (
    "Tickets are running, and this would move the dates of some. What it moves is shown before it is "
    "saved, in the business calendar: change it there."
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def hours(request: SignedIn) -> HttpResponse:
    """When the desk is open; POST fills in a usual week, or saves."""
    screen = HoursScreen(request.user, timezone.now(), request.POST if request.method == "POST" else None)
    if request.method != "POST" or screen.only_filled:
        return _show(request, "hours", screen)
    if screen.calendar is None:
        return _show(request, "hours", screen, status=400)
    return _save(request, "hours", screen, screen.calendar, {})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def holidays(request: SignedIn) -> HttpResponse:
    """When the desk is closed; POST shows another list, or saves."""
    screen = HolidaysScreen(request.user, timezone.now(), request.POST if request.method == "POST" else None)
    if request.method != "POST" or screen.only_shown:
        return _show(request, "holidays", screen)
    if screen.calendar is None:
        return _show(request, "holidays", screen, status=400)
    return _save(request, "holidays", screen, screen.calendar, {"list": screen.chosen.region})


def _save(
    request: SignedIn, step: str, screen: Any, calendar: NamedCalendar, said: dict[str, str]
) -> HttpResponse:
    """Put the calendar in force where no running clock moves by it, and note the step as done."""
    user, at = request.user, screen.now
    try:
        if calendar.to_json() != screen.in_force.to_json():
            seen = reclocking.preview(user.company, calendar, at=at)
            if seen.outlook.moved:
                return _show(request, step, screen, status=409, refused=MOVES, elsewhere=True)
            reclocking.change_calendar(user.company, calendar, token=seen.token, by=user, at=at)
    except TimeRuleError as unfit:
        return _show(request, step, screen, status=400, refused=unfit.message)
    except Refused as refused:
        return _show(request, step, screen, status=409, refused=refused.sentence)
    marks.keep(step, by=user, at=at, said=said)
    messages.success(request, "The desk hours are saved." if step == "hours" else "The holidays are saved.")
    return go_on(request, step) if is_guided(request) else redirect(f"setup:{step}")


def _show(request: SignedIn, step: str, screen: Any, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = {"section": "settings", "page": "setup", "screen": screen, **more}
    with timezone.override(request.user.company.zone):
        return render(request, f"setup/{step}.html", shown, status=status)
