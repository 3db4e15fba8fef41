"""Settings: what holds beside the types, and the questions of "Which ticket?", in one draft (R-X-9, K13)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from escalations.actions import policy_drafts as drafts
from escalations.policy_edit.asked import Torn
from escalations.policy_edit.desk import Desk
from escalations.policy_edit.general import (
    ForkForm,
    ForksForm,
    GeneralForm,
    NamesForm,
    OrderForm,
    PlainForm,
)

INCOMPLETE = "This form did not arrive whole, so nothing was saved. Look it over and save it again."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def general(request: SignedIn) -> HttpResponse:
    """Limits, the reopen target, warnings, reasons to wait."""
    return _edit(request, "policy_general", GeneralForm(Desk(request.user, timezone.now())))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def which(request: SignedIn) -> HttpResponse:
    """The questions of "Which ticket?" in their order; its buttons move one of them."""
    return _edit(request, "policy_which", ForksForm(Desk(request.user, timezone.now())))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def order(request: SignedIn) -> HttpResponse:
    """In which order the types are offered."""
    return _edit(request, "policy_order", OrderForm(Desk(request.user, timezone.now())))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def names(request: SignedIn) -> HttpResponse:
    """What lists and articles are called; new ones, and those that are taken out."""
    return _edit(request, "policy_names", NamesForm(Desk(request.user, timezone.now())))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def fork(request: SignedIn, fork: str = "") -> HttpResponse:
    """One question of "Which ticket?", or a new one."""
    form = ForkForm(Desk(request.user, timezone.now()), fork)
    if fork and not form.row:
        raise Http404
    return _edit(request, "policy_fork", form)


def _edit(request: SignedIn, template: str, form: PlainForm) -> HttpResponse:
    if request.method != "POST":
        return _show(request, template, form)
    try:
        form.take(request.POST)
    except Torn:
        return _show(request, template, form, 400, refused=INCOMPLETE)
    done, seen = form.read(request.POST.get("do", "")[:200]), request.POST.get("seen", "")[:40]
    if seen != form.seen:
        return _show(request, template, form, 409, conflict=_conflict(form))
    if done.faults:
        return _show(request, template, form, 400)
    by, at, new = request.user, timezone.now(), form.as_part(done.row)
    try:
        draft = drafts.change_draft(
            by.company, form.part, lambda old: new, seen=seen, by=by, at=at, follow=form.follow
        )
    except Refused:
        return _show(request, template, form, 409, conflict=_conflict(form))
    said = "Kept in the draft. Nothing changes for anybody until it is published."
    messages.success(request, said if draft else "Nothing changed.")
    return redirect(form.after)


def _conflict(form: PlainForm) -> dict[str, Any]:
    """Who saved it meanwhile, and what is saved beside what was typed."""
    who, _, when = form.desk.last.partition(", ")
    return {"who": who or "Somebody", "when": when, "changes": form.differences()}


def _show(request: SignedIn, template: str, form: PlainForm, status: int = 200, **more: Any) -> HttpResponse:
    return _render(request, template, {"form": form, "desk": form.desk, **more}, status)


def _render(request: SignedIn, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {"section": "settings", "page": "policy", **context}
    return render(request, f"escalations/{template}.html", whole, status=status)
