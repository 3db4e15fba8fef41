"""Settings: publishing the draft, versions and their differences, files, and taking a change back (K13)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations.actions import policies as publishing
from escalations.actions import policy_drafts as drafts
from escalations.actions import policy_runs
from escalations.models import PolicyVersion, Reclocking
from escalations.policies import policy_in_force
from escalations.policy_edit import files
from escalations.policy_edit.desk import Desk
from escalations.policy_edit.preview import MoveScreen, PublishScreen, UndoScreen
from escalations.policy_edit.versions import VersionScreen, VersionsScreen, number_in
from patients.domain.intake import Wrong

MISSING = "Choose the file first. It is a YAML file, as the export makes one."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def publish(request: SignedIn) -> HttpResponse:
    """What the draft changes and does to open tickets; publishing it with a note."""
    if request.method != "POST":
        return _show_publish(request)
    company, now = request.user.company, timezone.now()
    note, over = request.POST.get("note", "")[:2000], request.POST.get("over_open") == "yes"
    token = request.POST.get("token", "")[:200]
    try:
        done = publishing.publish(company, note=note, over_open=over, token=token, by=request.user, at=now)
    except Wrong as wrong:
        return _show_publish(request, 400, note, over, wrong_note=wrong.sentence)
    except Refused as refused:
        return _show_publish(request, 409, note, over, refused=str(refused))
    messages.success(request, _published_words(done))
    if done.run is None:
        return redirect("policy:overview")
    policy_runs.ring(done.run)
    return redirect("policy:move", key=done.run.change_id)


def _published_words(done: publishing.Published) -> str:
    said = f"Version {done.version.number} is in force. Tickets filed from now on go by it"
    if done.moved is None:
        return f"{said}; open tickets keep theirs."
    if done.run is not None:
        return f"{said}. It is being put over {done.run.planned:,} open tickets; you may leave this page."
    moved = done.moved.moved
    return f"{said}, and so do open tickets: {moved:,} due date{'' if moved == 1 else 's'} moved."


def _show_publish(
    request: SignedIn,
    status: int = 200,
    note: str = "",
    over_open: bool = False,
    *,
    wrong_note: str = "",
    refused: str = "",
) -> HttpResponse:
    now = timezone.now()
    draft = drafts.draft_of(request.user.company)
    if draft is None:
        context = {"screen": None, "refused": refused}
        return _render(request, "policy_publish", context, status)
    seen = publishing.preview(request.user.company, draft, at=now)
    screen = PublishScreen(seen, request.user, now, note, over_open)
    screen.wrong_note = wrong_note
    return _render(request, "policy_publish", {"screen": screen, "draft": draft, "refused": refused}, status)


@require_safe
@needs(Can.SETTINGS)
def versions(request: SignedIn) -> HttpResponse:
    """Every version, newest first: who, when, why, and what it moved."""
    policy_in_force(request.user.company, at=timezone.now())
    screen = VersionsScreen(request.user.company, request.GET.get("before", ""))
    return _render(request, "policy_versions", {"screen": screen})


@require_safe
@needs(Can.SETTINGS)
def version(request: SignedIn, number: int) -> HttpResponse:
    """One version and what it says otherwise than another, in words."""
    found = _version(request, number)
    against = number_in(request.GET.get("against"))
    other = _version(request, against) if against else None
    return _render(
        request, "policy_version", {"screen": VersionScreen(Desk(request.user, timezone.now()), found, other)}
    )


def _version(request: SignedIn, number: int) -> PolicyVersion:
    policy_in_force(request.user.company, at=timezone.now())  # a company met for the first time has none yet
    rows = PolicyVersion.objects.visible_to(request.user).select_related("created_by", "publication")
    return get_object_or_404(rows, number=number)


@require_safe
@needs(Can.SETTINGS)
def file(request: SignedIn, number: int) -> HttpResponse:
    """A version as a YAML file."""
    company, found = request.user.company, _version(request, number)
    answer = HttpResponse(files.write_file(company, found), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{files.file_name(company, number)}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def import_file(request: SignedIn) -> HttpResponse:
    """Make the draft of a file; nothing is published by it."""
    if request.method != "POST":
        return _show_import(request)
    sent = request.FILES.get("file")
    if sent is None:
        return _show_import(request, 400, wrong=[MISSING])
    try:
        data = files.read_file(sent.read(files.MOST_BYTES + 1))
        instead = request.POST.get("instead") == "yes"
        by, at = request.user, timezone.now()
        drafts.import_draft(by.company, data, instead=instead, by=by, at=at)
    except files.Unreadable as refused:
        return _show_import(request, 400, wrong=refused.sentences)
    except Refused as refused:
        return _show_import(request, 409, wrong=[str(refused)])
    messages.success(
        request, "The draft is made of the file. Look at what it changes; nothing is published yet."
    )
    return redirect("policy:publish")


def _show_import(request: SignedIn, status: int = 200, wrong: list[str] | None = None) -> HttpResponse:
    desk = Desk(request.user, timezone.now())
    problems = [{"message": words} for words in wrong or []]
    return _render(request, "policy_import", {"desk": desk, "problems": problems}, status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def undo(request: SignedIn, key: int) -> HttpResponse:
    """Put the policy from before a change in force again and give open tickets back what they had."""
    rows = Reclocking.objects.visible_to(request.user).select_related("company")
    change = get_object_or_404(rows, pk=key, policy__isnull=False)
    now, status, refused = timezone.now(), 200, ""
    if request.method == "POST":
        try:
            done = publishing.undo(change, token=request.POST.get("token", "")[:200], by=request.user, at=now)
            return _undone(request, done)
        except Refused as problem:
            status, refused = 409, str(problem)
    try:
        screen = UndoScreen(publishing.preview_undo(change, at=now), request.user, now)
    except Refused as problem:
        if problem.code == "unknown":
            raise Http404 from None
        return _render(request, "policy_undo", {"screen": None, "refused": str(problem)}, 409)
    return _render(request, "policy_undo", {"screen": screen, "refused": refused}, status)


def _undone(request: SignedIn, done: Reclocking) -> HttpResponse:
    if done.unfinished:
        messages.success(request, "The rules from before are in force. Open tickets are given back theirs.")
        policy_runs.ring(done.run)
        return redirect("policy:move", key=done.pk)
    moved = f"{done.moved:,} due date{'' if done.moved == 1 else 's'}"
    messages.success(request, f"Undone: {moved} moved back.")
    return redirect("policy:overview")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def move(request: SignedIn, key: int) -> HttpResponse:
    """How far a version is on its way through open tickets, what it came to; goes on with a stopped one."""
    rows = Reclocking.objects.visible_to(request.user).select_related("policy", "undoes__policy", "by", "run")
    change = get_object_or_404(rows, pk=key, policy__isnull=False)
    if request.method != "POST":
        return _render(request, "policy_move", {"screen": MoveScreen(change)})
    try:
        policy_runs.ring(policy_runs.go_on(change, by=request.user, at=timezone.now()))
    except Refused as refused:
        return _render(request, "policy_move", {"screen": MoveScreen(change), "refused": str(refused)}, 409)
    messages.success(request, "It goes on.")
    return redirect("policy:move", key=key)


def _render(request: SignedIn, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {"section": "settings", "page": "policy", "home": reverse("policy:overview"), **context}
    return render(request, f"escalations/{template}.html", whole, status=status)
