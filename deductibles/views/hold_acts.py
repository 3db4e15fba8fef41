"""What a line of the Hold page opens to, the report of what was done to many lines, and its undo."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from deductibles import queries
from deductibles.actions import holds
from deductibles.hold_acts import Report, acts_of
from deductibles.hold_history import HoldHistory
from deductibles.views.showing import show, status_of, today_of


@require_safe
@needs(Can.READ_CLAIMS)
def hold_history(request: SignedIn, key: int) -> HttpResponse:
    """The checks of one line: below it on the page, or as a page of its own."""
    hold = get_object_or_404(queries.holds(request.user), pk=key)
    history = HoldHistory(hold, today_of(request), request.user.company.zone)
    inside = bool(request.headers.get("HX-Request"))
    template = "deductibles/hold_checks.html" if inside else "deductibles/hold_history.html"
    return show(request, template, {"history": history, "hold": hold}, section="claims", page="holds")


@require_safe
@needs(Can.READ_CLAIMS)
def hold_act(request: SignedIn, key: int) -> HttpResponse:
    """What was done to many lines: how many, what they bill, and why some were left as they were."""
    return _report(request, key)


def _report(request: SignedIn, key: int, *, status: int = 200, refused: str = "") -> HttpResponse:
    act = get_object_or_404(acts_of(request.user), pk=key)
    report = Report(act, request.user, timezone.now())
    context = {"report": report, "act": act, "refused": refused}
    return show(request, "deductibles/hold_act.html", context, section="claims", page="holds", status=status)


@require_POST
@needs(Can.WORK_CLAIMS)
def hold_undo(request: SignedIn, key: int) -> HttpResponse:
    """Take back a queueing until the submission run; what was submitted meanwhile is told by number."""
    act = get_object_or_404(acts_of(request.user), pk=key)
    try:
        done = holds.undo(act, by=request.user, at=timezone.now())
    except Refused as problem:
        return _report(request, key, status=status_of(problem), refused=problem.sentence)
    said = "1 claim is" if done.done == 1 else f"{done.done:,} claims are"
    messages.success(request, f"{said} on hold again.")
    if done.skipped and done.act is not None:
        return redirect("deductibles:hold_act", done.act.pk)
    return redirect("deductibles:holds")
