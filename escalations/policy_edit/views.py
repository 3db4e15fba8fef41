"""Settings: the escalation rules: types, questions and rules as forms of one draft (K13)."""

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
from escalations.domain.policy_typed import Edited
from escalations.models import PolicyDraft, PolicyVersion
from escalations.policy_edit.asked import Torn, act_in
from escalations.policy_edit.desk import EVERY, Desk, part_of
from escalations.policy_edit.newtype import NewType
from escalations.policy_edit.overview import Overview
from escalations.policy_edit.parts import PartForm, QuestionForm, RuleForm
from escalations.policy_edit.types import TypeForm

INCOMPLETE = "This form did not arrive whole, so nothing was saved. Look it over and save it again."
Form = TypeForm | PartForm


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def overview(request: SignedIn) -> HttpResponse:
    """The types, the draft and what was published; begins the draft, brings it up to date, throws it away."""
    if request.method != "POST":
        return _show_overview(request)
    company, by, at = request.user.company, request.user, timezone.now()
    act = request.POST.get("do", "")
    try:
        if act == "begin":
            drafts.begin_draft(company, _version(request), by=by, at=at)
            said = "A draft is begun. Nothing changes for anybody until you publish it."
        elif act == "update":
            drafts.bring_up_to_date(company, by=by, at=at)
            said = "The draft has what was published meanwhile."
        elif act == "discard":
            drafts.discard_draft(company, revision=_number(request.POST.get("revision")), by=by, at=at)
            said = "The draft is thrown away."
        else:
            return _show_overview(request, status=400, refused=INCOMPLETE)
    except Refused as refused:
        return _show_overview(request, status=409, refused=str(refused))
    messages.success(request, said)
    return redirect("policy:overview")


def _number(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdigit() and len(said) <= 9 else 0


def _version(request: SignedIn) -> PolicyVersion | None:
    """The version a draft is begun from; ``None`` for the one in force."""
    number = request.POST.get("version", "")
    if not number:
        return None
    found = PolicyVersion.objects.visible_to(request.user).filter(number=_number(number)).first()
    if found is None:
        raise Http404
    return found


def _show_overview(request: SignedIn, *, status: int = 200, **more: Any) -> HttpResponse:
    screen = Overview(Desk(request.user, timezone.now()))
    return _render(request, "policy", {"screen": screen, **more}, status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def type_page(request: SignedIn, key: str) -> HttpResponse:
    """A type; saving keeps it in the draft, its other buttons save it and move a row."""
    form = _type_form(request, key)
    if request.method != "POST":
        return _show(request, "policy_type", form)
    act, which, place = act_in(request.POST)
    try:
        form.said = form.typed(request.POST)
    except Torn:
        return _show(request, "policy_type", form, 400, refused=INCOMPLETE)
    if act == "remove" and which == "type" and key != EVERY:
        return _save(request, "policy_type", form, Edited({}), gone=True)
    return _save(request, "policy_type", form, form.read(act, which, place))


def _type_form(request: SignedIn, key: str) -> TypeForm:
    desk = Desk(request.user, timezone.now())
    kind = desk.kind(key)
    if kind is None:
        raise Http404
    return TypeForm(desk, key, kind)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def question(request: SignedIn, key: str, question: str = "") -> HttpResponse:
    """One question of a type, or a new one."""
    return _part(request, "policy_question", _part_form(request, QuestionForm, key, question))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def rule(request: SignedIn, key: str, rule: str = "") -> HttpResponse:
    """One rule of a type or of every type, or a new one."""
    return _part(request, "policy_rule", _part_form(request, RuleForm, key, rule))


def _part_form(request: SignedIn, kind_of_form: Any, key: str, name: str) -> PartForm:
    desk = Desk(request.user, timezone.now())
    kind = desk.kind(key)
    if kind is None or (key == EVERY and kind_of_form is QuestionForm):
        raise Http404
    form: PartForm = kind_of_form(desk, key, kind, name)
    if name and not form.row:
        raise Http404
    return form


def _part(request: SignedIn, template: str, form: PartForm) -> HttpResponse:
    if request.method != "POST":
        return _show(request, template, form)
    try:
        only_moved = form.take(request.POST, *act_in(request.POST))
    except Torn:
        return _show(request, template, form, 400, refused=INCOMPLETE)
    form_seen = request.POST.get("seen", "")[:40]
    if only_moved:
        form.seen = form_seen
        return _show(request, template, form, unsaved=True)
    return _save(request, template, form, form.read())


def _save(request: SignedIn, template: str, form: Form, done: Edited, *, gone: bool = False) -> HttpResponse:
    """Keep the form in the draft; what cannot be used, or was overtaken, is shown as it was typed."""
    seen = request.POST.get("seen", "")[:40]
    if seen != form.seen:
        return _show(request, template, form, 409, conflict=_conflict(form))
    if done.faults:
        return _show(request, template, form, 400, unsaved=True)
    by, at, new = request.user, timezone.now(), None if gone else form.as_part(done.row)
    try:
        draft = drafts.change_draft(by.company, part_of(form.key), lambda row: new, seen=seen, by=by, at=at)
    except Refused as refused:
        if refused.code == "unknown":
            raise Http404 from None
        return _show(request, template, form, 409, conflict=_conflict(form))
    messages.success(request, _saved_words(draft))
    return redirect("policy:overview" if gone else form.after)


def _saved_words(draft: PolicyDraft | None) -> str:
    return (
        "Kept in the draft. Nothing changes for anybody until it is published."
        if draft
        else "Nothing changed."
    )


def _conflict(form: Form) -> dict[str, Any]:
    """Who saved it meanwhile, and what is saved beside what was typed."""
    who, _, when = form.desk.last.partition(", ")
    return {"who": who or "Somebody", "when": when, "changes": form.differences()}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def type_new(request: SignedIn) -> HttpResponse:
    """A new type, begun as a copy of another."""
    form = NewType(Desk(request.user, timezone.now()), request.POST if request.method == "POST" else None)
    if request.method != "POST" or form.row is None:
        return _show(request, "policy_type_new", form, 400 if request.method == "POST" else 200)
    try:
        drafts.add_type(request.user.company, form.row, by=request.user, at=timezone.now())
    except Refused as refused:
        return _show(request, "policy_type_new", form, 409, refused=str(refused))
    messages.success(request, f"{form.row['name']} is in the draft. Look through its questions and rules.")
    return redirect("policy:type", key=form.row["key"])


def _show(request: SignedIn, template: str, form: Any, status: int = 200, **more: Any) -> HttpResponse:
    return _render(request, template, {"form": form, "desk": form.desk, **more}, status)


def _render(request: SignedIn, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    whole = {"section": "settings", "page": "policy", **context}
    return render(request, f"escalations/{template}.html", whole, status=status)
