"""Runs: how the nights went, and starting one."""

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
from deductibles import nightly, queries
from deductibles.forms.settings import NightForm
from deductibles.night_screen import figures_of, said_of
from deductibles.views.showing import links, paged, show, status_of, today_of
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
        run = nightly.start_night(company, values["kind"], values["target_date"], by=request.user, at=at)
    except Refused as refused:
        return _show(request, form, refused=refused.sentence, status=status_of(refused))
    messages.add_message(request, messages.ERROR if run.state == "failed" else messages.SUCCESS, said_of(run))
    return redirect("deductibles:run", run.pk)


def _show(request: SignedIn, form: NightForm, *, status: int = 200, **more: Any) -> HttpResponse:
    page = paged(request, queries.runs(request.user))
    context = {
        "form": form,
        "runs": page.rows,
        **links(request, page),
        "may_start": request.user.may(Can.START_NIGHTS),
        "today": today_of(request),
        "zone": request.user.company.time_zone,
        **more,
    }
    return show(request, "deductibles/runs.html", context, section="settings", page="runs", status=status)


@require_safe
@needs(Can.READ_NIGHTS)
def run_page(request: SignedIn, key: int) -> HttpResponse:
    """How one night went, and what it set aside."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=key)
    files = queries.submissions(request.user).filter(run=run)[:50]
    context = {
        "run": run,
        "said": said_of(run),
        "figures": figures_of(run),
        "submissions": list(files) if request.user.may(Can.READ_CLAIMS) else [],
    }
    return show(request, "deductibles/run.html", context, section="settings", page="runs")
