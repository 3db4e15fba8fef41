"""Submissions: the 837P files, what was in them, and their bytes."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from deductibles import queries
from deductibles.downloads import attachment
from deductibles.models import SubmissionFile
from deductibles.submissions_screen import SubmissionsScreen
from deductibles.views.showing import show, turn

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
    context = {"screen": screen, "face": screen.face}
    return show(request, "deductibles/submissions.html", context, section="claims", page="submissions")


@require_safe
@needs(Can.READ_CLAIMS)
def submission_page(request: SignedIn, key: int) -> HttpResponse:
    """One file: its hand-over, its claims, its first lines."""
    submission = get_object_or_404(queries.submissions(request.user), pk=key)
    items = submission.items.select_related("claim__patient").order_by("pk")[:MOST_ITEMS]
    content = get_object_or_404(SubmissionFile, submission=submission).content
    context = {
        "submission": submission,
        "items": list(items),
        "opening": content[:MOST_OF_FILE].replace("~\n", "~").replace("~", "~\n"),
        "cut": len(content) > MOST_OF_FILE,
    }
    return show(request, "deductibles/submission.html", context, section="claims", page="submissions")


@require_safe
@needs(Can.READ_CLAIMS)
def submission_file(request: SignedIn, key: int) -> HttpResponse:
    """The bytes as they were or will be handed over."""
    submission = get_object_or_404(queries.submissions(request.user), pk=key)
    return attachment(get_object_or_404(SubmissionFile, submission=submission).content, submission.filename)
