"""The pages' doors for files: uploading, adding to a ticket, fetching, removing."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations import actions, files_answer
from escalations.domain.policy import Question
from escalations.files import takes_files
from escalations.files_in_form import UPLOAD, drop, keep_all, read_all
from escalations.files_shown import Limits, file_field, find_file, find_ticket
from escalations.forms import ANSWER
from escalations.models import Ticket
from patients.domain.intake import Wrong

SECTION = {"section": "escalations"}
_QUESTION = re.compile(r"[a-z0-9_]{1,40}")
_NOTHING = Wrong("required", "Choose a file first.")
_NOTHING_DONE = "This was not attached."


@require_POST
@takes_files
@needs(Can.WORK_TICKETS)
def files_new(request: SignedIn) -> HttpResponse:
    """Keep files for a ticket that is not filed yet; without script this leads back to the form."""
    key = _question(request)
    sent = request.FILES.getlist(UPLOAD + key) + request.FILES.getlist("file")
    names, wrong = keep_all(
        request.user, request.POST.getlist(ANSWER + key), sent, request.POST.get("key", ""), timezone.now()
    )
    wrong = wrong if sent else _NOTHING
    if request.htmx:  # type: ignore[attr-defined]
        return _inside(request, key, names, wrong)
    if wrong is not None:
        return _page(request, wrong, _NOTHING_DONE, question=key, names=names)
    messages.success(request, _attached(len(sent)))
    asked = f"?{urlencode({ANSWER + key: names}, doseq=True)}" if key else ""
    return HttpResponseRedirect(reverse("escalations:new") + asked)


@require_POST
@takes_files
@needs(Can.WORK_TICKETS)
def ticket_files(request: SignedIn, number: str) -> HttpResponse:
    """Add files to a ticket; what cannot be kept is told, what can is added all the same."""
    ticket = find_ticket(request.user, number)
    sent = request.FILES.getlist("file")
    files, wrong = read_all(sent)
    try:
        actions.attach_to(ticket, files, by=request.user, at=timezone.now())
    except Wrong as full:
        files, wrong = [], full
    wrong = wrong if sent else _NOTHING
    if wrong is not None:
        title = "Not everything was attached." if files else _NOTHING_DONE
        return _page(request, wrong, title, ticket=ticket)
    messages.success(request, _attached(len(files)))
    return HttpResponseRedirect(f"{reverse('escalations:ticket', args=[ticket.number])}#files")


@require_safe
@needs(Can.READ_TICKETS)
def file_whole(request: SignedIn, name: str) -> HttpResponse:
    """The file as it came, to be saved."""
    return files_answer.whole(find_file(request.user, name, at=timezone.now()))


@require_safe
@needs(Can.READ_TICKETS)
def file_thumbnail(request: SignedIn, name: str) -> HttpResponse:
    """A picture, small."""
    small = files_answer.thumbnail(find_file(request.user, name, at=timezone.now()))
    if small is None:
        raise Http404
    return small


@require_POST
@needs(Can.WORK_TICKETS)
def file_remove(request: SignedIn, name: str) -> HttpResponse:
    """Take a file out of a form, and delete it unless a draft holds it; a filed ticket's stays."""
    at, key = timezone.now(), _question(request)
    file = find_file(request.user, name, at=at)
    if request.htmx and key:  # type: ignore[attr-defined]
        drop(request.user, name, at)
        left = [one for one in request.POST.getlist(ANSWER + key) if one != name]
        return _inside(request, key, left, None)
    try:
        actions.remove(file, by=request.user, at=at)
    except Refused as refused:
        problem = Wrong(refused.code, refused.sentence)
        return _page(request, problem, "This was not removed.", ticket=file.ticket, status=409)
    messages.success(request, "The file is removed.")
    return redirect("escalations:new")


def _question(request: SignedIn) -> str:
    """The key of the question the files answer; empty when none could be of this name."""
    key = request.POST.get("question", "")
    return key if _QUESTION.fullmatch(key) else ""


def _inside(request: SignedIn, key: str, names: list[str], wrong: Wrong | None) -> HttpResponse:
    said = wrong.sentence if wrong else ""
    question = Question(key, "", "file")
    field = file_field(request.user, question, names, ticket=_draft(request), wrong=said)
    status = _status(wrong) if wrong else 200
    return render(request, "escalations/files.html#inside", {"files": field}, status=status)


def _draft(request: SignedIn) -> Ticket | None:
    """The draft the form goes on with, whose files are in it already."""
    try:
        found = find_ticket(request.user, request.POST.get("draft_ticket", ""))
    except Http404:
        return None
    return found if found.status == "draft" else None


def _page(
    request: SignedIn, wrong: Wrong, title: str, *, ticket: Ticket | None = None, status: int = 0, **more: Any
) -> HttpResponse:
    """What was not done and why, with the field to try again; the page of those without script."""
    action = (
        reverse("escalations:ticket_files", args=[ticket.number]) if ticket else reverse("escalations:files")
    )
    context = {
        **SECTION,
        "page": "all" if ticket else "new",
        "title": title,
        "problems": [{"message": wrong.sentence, "href": "#ticket-files"}],
        "action": action,
        "ticket": ticket,
        "limits": Limits(),
        **more,
    }
    return render(request, "escalations/files.html", context, status=status or _status(wrong))


def _status(wrong: Wrong) -> int:
    return 413 if wrong.code == "too_large" else 400


def _attached(count: int) -> str:
    return "The file is attached." if count == 1 else f"{count} files are attached."
