"""Submissions: the 837P files, what was in them, and their bytes."""

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
from deductibles.actions import sending, unclear
from deductibles.downloads import attachment
from deductibles.models import SubmissionFile
from deductibles.submissions_screen import SubmissionsScreen
from deductibles.views.showing import show, status_of, turn

MOST_ITEMS = 500
MOST_OF_FILE = 6_000


@require_safe
@needs(Can.READ_CLAIMS)
def submission_list(request: SignedIn) -> HttpResponse:
    """Every file that was written, newest first."""
    screen = SubmissionsScreen(request)
    if screen.opening:
        return redirect(screen.opening)
    turn(screen, request.GET.get("cursor", ""))
    context = {"screen": screen, "face": screen.face, "disarmed": sending.disarmed(request.user.company)}
    return show(request, "deductibles/submissions.html", context, section="claims", page="submissions")


@require_safe
@needs(Can.READ_CLAIMS)
def submission_page(request: SignedIn, key: int) -> HttpResponse:
    """One file: its hand-over, its claims, its first lines."""
    return _show(request, key)


@require_POST
@needs(Can.WORK_CLAIMS)
def submission_steps(request: SignedIn, key: int) -> HttpResponse:
    """What a biller found out about a file of unclear hand-over; a refusal shows it as it is now."""
    submission = get_object_or_404(queries.submissions(request.user), pk=key)
    act = request.POST.get("act", "")
    try:
        row = unclear.settle(submission, act, by=request.user, at=timezone.now())
    except Refused as refused:
        return _show(request, key, status=status_of(refused), refused=refused.sentence)
    messages.success(request, row.detail)
    return redirect("deductibles:submission", key)


def _show(request: SignedIn, key: int, *, status: int = 200, refused: str = "") -> HttpResponse:
    submission = get_object_or_404(queries.submissions(request.user), pk=key)
    items = submission.items.select_related("claim__patient").order_by("pk")[:MOST_ITEMS]
    content = get_object_or_404(SubmissionFile, submission=submission).content
    context = {
        "submission": submission,
        "items": list(items),
        "opening": content[:MOST_OF_FILE].replace("~\n", "~").replace("~", "~\n"),
        "cut": len(content) > MOST_OF_FILE,
        "refused": refused,
        "may_settle": submission.is_unclear and request.user.may(Can.WORK_CLAIMS),
    }
    template = "deductibles/submission.html"
    return show(request, template, context, section="claims", page="submissions", status=status)


@require_safe
@needs(Can.READ_CLAIMS)
def submission_file(request: SignedIn, key: int) -> HttpResponse:
    """The bytes as they were or will be handed over."""
    submission = get_object_or_404(queries.submissions(request.user), pk=key)
    return attachment(get_object_or_404(SubmissionFile, submission=submission).content, submission.filename)
