"""Settings, Runs: all background work, and what is done by the clock."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from config.runs.routines_screen import RoutinesScreen
from config.runs.screen import WorkScreen
from deductibles.views.showing import show, turn


@require_safe
@needs(Can.READ_NIGHTS)
def work_list(request: SignedIn) -> HttpResponse:
    """Every piece of background work that this person may see, the newest first."""
    screen = WorkScreen(request, now=timezone.now())
    if screen.opening:
        return redirect(screen.opening)
    turn(screen, request.GET.get("cursor", ""))
    context = {"screen": screen, "face": screen.face, "may_start": request.user.may(Can.START_NIGHTS)}
    return show(request, "runs/list.html", context, section="settings", page="runs")


@require_safe
@needs(Can.START_NIGHTS)
def routines(request: SignedIn) -> HttpResponse:
    """What is done by the clock: when it last was, how long it took, and what is overdue."""
    screen = RoutinesScreen(request.user, now=timezone.now())
    context = {"screen": screen, "may_start": True}
    return show(request, "runs/routines.html", context, section="settings", page="runs")
