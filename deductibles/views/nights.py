"""Runs: how the nights went, what is under way, and starting one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles import starting
from deductibles.forms.settings import NightForm
from deductibles.night_screen import said_of
from deductibles.payer_alerts import alerts_for
from deductibles.run_screen import RunScreen
from deductibles.runs_screen import RunsScreen
from deductibles.views.showing import show, status_of, today_of, turn
from work.models import Run


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.READ_NIGHTS)
def run_list(request: SignedIn) -> HttpResponse:
    """Every night, newest first; supervisors and admins start one here."""
    form = NightForm(request.POST if request.method == "POST" else None, initial={"kind": "check"})
    if request.method == "POST":
        return _start(request, form)
    return _show(request, form)


def _start(request: SignedIn, form: NightForm) -> HttpResponse:
    if not request.user.may(Can.START_NIGHTS):
        raise PermissionDenied(refusal(Can.START_NIGHTS))
    company, at = request.user.company, timezone.now()
    values, wrong = form.read()
    form.take(wrong)
    if wrong:
        return _show(request, form, status=400)
    try:
        run = starting.start(company, values["kind"], values["target_date"], by=request.user, at=at)
    except Refused as refused:
        return _show(request, form, refused=refused.sentence, status=status_of(refused))
    messages.add_message(request, messages.ERROR if run.state == "failed" else messages.SUCCESS, said_of(run))
    return redirect("deductibles:run", run.pk)


def _show(request: SignedIn, form: NightForm, *, status: int = 200, **more: Any) -> HttpResponse:
    screen = RunsScreen(request, now=timezone.now())
    if screen.opening:
        return redirect(screen.opening)
    turn(screen, request.GET.get("cursor", ""))
    context = {
        "form": form,
        "screen": screen,
        "face": screen.face,
        "alerts": alerts_for(request.user),
        "may_start": request.user.may(Can.START_NIGHTS),
        "today": today_of(request),
        **more,
    }
    return show(request, "deductibles/runs.html", context, section="settings", page="runs", status=status)


@require_safe
@needs(Can.READ_NIGHTS)
def run_page(request: SignedIn, key: int) -> HttpResponse:
    """How one night went, what it set aside, and what starting it again does."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=key)
    screen = RunScreen(run, request.user, today=today_of(request), now=timezone.now())
    context = {"run": run, "screen": screen}
    return show(request, "deductibles/run.html", context, section="settings", page="runs")
