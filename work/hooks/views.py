"""Settings → Webhooks: where events go, how that does, the log of what went there, and sending it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused, Unfit
from work.hooks import actions, probe
from work.hooks.forms import EndpointForm, SinceForm, begins, typed_of
from work.hooks.models import HookDelivery, HookEndpoint
from work.hooks.screen import DeliveryScreen, EndpointScreen, lines_of

STATUS = {"role": 403, "unknown": 400}


def _show(request: SignedIn, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render a page with its moments in the company's time zone."""
    with timezone.override(request.user.company.zone):
        shown = {"section": "settings", "page": "webhooks", **context}
        return render(request, f"hooks/{template}.html", shown, status=status)


@require_safe
@needs(Can.SETTINGS)
def endpoint_list(request: SignedIn) -> HttpResponse:
    """Every endpoint of the company."""
    lines = lines_of(request.user)
    here = [line for line in lines if not line.row.removed_at]
    gone = [line for line in lines if line.row.removed_at]
    return _show(request, "list", {"lines": here, "removed": gone})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def endpoint_new(request: SignedIn) -> HttpResponse:
    """Add an endpoint; its secret is in this one answer and nowhere else."""
    form = EndpointForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _show(request, "edit", {"form": form})
    if not form.is_valid():
        return _show(request, "edit", {"form": form}, 400)
    user = request.user
    try:
        made, secret = actions.add_endpoint(user.company, form.said, by=user, at=timezone.now())
    except Unfit as unfit:
        form.take(unfit.wrong)
        return _show(request, "edit", {"form": form}, 400)
    except Refused as refused:
        return _show(request, "edit", {"form": form, "refused": refused.sentence}, 409)
    return _endpoint(request, made, secret=secret)


@never_cache
@require_safe
@needs(Can.SETTINGS)
def endpoint(request: SignedIn, key: int) -> HttpResponse:
    """One endpoint: how it does, its test, its secret's age, its log."""
    return _endpoint(request, _row(request, key))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def endpoint_edit(request: SignedIn, key: int) -> HttpResponse:
    """Change an endpoint; of two admins the second is told."""
    row = _row(request, key)
    if request.method != "POST":
        return _show(request, "edit", {"form": EndpointForm(initial=typed_of(row)), "row": row})
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return _show(request, "edit", {"form": form, "row": row}, 400)
    seen = form.cleaned_data["seen"]
    try:
        actions.change_endpoint(row, form.said, seen, by=request.user, at=timezone.now())
    except Unfit as unfit:
        form.take(unfit.wrong)
        return _show(request, "edit", {"form": form, "row": row}, 400)
    except Refused as refused:
        return _conflict(request, row.pk, form, refused)
    messages.success(request, "The webhook is saved.")
    return redirect("hooks:endpoint", row.pk)


def _conflict(request: SignedIn, key: int, form: EndpointForm, refused: Refused) -> HttpResponse:
    """Why nothing was saved; when somebody was first, what they saved beside what was typed."""
    row = _row(request, key)
    if refused.code != "stale":
        return _show(request, "edit", {"form": form, "row": row, "refused": refused.sentence}, 409)
    theirs, typed = typed_of(row), form.cleaned_data
    words = {"address": "Address", "description": "What it is for", "tickets": "Tickets", "claims": "Claims"}
    changes = [
        {"field": label, "theirs": _words(theirs[name]), "yours": _words(typed[name])}
        for name, label in words.items()
        if theirs[name] != typed[name]
    ]
    form.saw(str(row.version))
    return _show(request, "edit", {"form": form, "row": row, "conflict": True, "changes": changes}, 409)


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


@never_cache
@require_POST
@needs(Can.SETTINGS)
def endpoint_act(request: SignedIn, key: int, act: str) -> HttpResponse:
    """Do one thing to an endpoint: test, new secret, switch, remove, send again."""
    row = _row(request, key)
    if act not in _ACTS:
        said = f"This is not something one does to a webhook. It is one of: {', '.join(_ACTS)}."
        return _endpoint(request, row, 400, refused=said)
    try:
        return _ACTS[act](request, row)
    except Refused as refused:
        return _endpoint(request, _row(request, key), STATUS.get(refused.code, 409), refused=refused.sentence)


def _test(request: SignedIn, row: HookEndpoint) -> HttpResponse:
    steps = actions.try_out(row, by=request.user, at=timezone.now())
    failed = next((step for step in steps if step.state == probe.FAILED), None)
    if failed:
        messages.error(request, f"The test ended here: {failed.name}.")
    else:
        messages.success(request, "Every step of the test went well.")
    return redirect(f"{reverse('hooks:endpoint', args=[row.pk])}#test")


def _rotate(request: SignedIn, row: HookEndpoint) -> HttpResponse:
    secret = actions.rotate(row, by=request.user, at=timezone.now())
    return _endpoint(request, _row(request, row.pk), secret=secret)


def _end_overlap(request: SignedIn, row: HookEndpoint) -> HttpResponse:
    actions.end_overlap(row, by=request.user, at=timezone.now())
    return _said(request, row, "Only the newer secret signs from now on.")


def _on(request: SignedIn, row: HookEndpoint) -> HttpResponse:
    actions.switch_on(row, by=request.user, at=timezone.now())
    return _said(request, row, "The webhook is on. What waited goes out within seconds.")


def _off(request: SignedIn, row: HookEndpoint) -> HttpResponse:
    actions.switch_off(row, by=request.user, at=timezone.now())
    return _said(request, row, "The webhook is off. What waits for it is kept.")


def _remove(request: SignedIn, row: HookEndpoint) -> HttpResponse:
    waited = actions.remove(row, by=request.user, at=timezone.now())
    also = f" {waited:,} that waited will not be sent." if waited else ""
    messages.warning(request, f"The webhook is removed and its secret forgotten.{also}")
    return redirect("hooks:list")


def _replay_failed(request: SignedIn, row: HookEndpoint) -> HttpResponse:
    form = SinceForm(request.POST)
    if not form.is_valid():
        return _endpoint(request, row, 400, since_form=form)
    since = begins(form.cleaned_data["since"], request.user.company.zone)
    count = actions.replay_failed(row, since, by=request.user, at=timezone.now())
    said = f"{count:,} given up since then {'is' if count == 1 else 'are'} sent again."
    return _said(request, row, said if count else "Nothing that happened since then was given up.", "#log")


_ACTS: dict[str, Callable[[SignedIn, HookEndpoint], HttpResponse]] = {
    "test": _test,
    "rotate": _rotate,
    "end-earlier": _end_overlap,
    "on": _on,
    "off": _off,
    "remove": _remove,
    "replay": _replay_failed,
}


@require_safe
@needs(Can.SETTINGS)
def delivery(request: SignedIn, key: int) -> HttpResponse:
    """One delivery: what was sent, and every attempt."""
    return _delivery(request, _sent(request, key))


@require_POST
@needs(Can.SETTINGS)
def delivery_replay(request: SignedIn, key: int) -> HttpResponse:
    """Send one delivery again, or now."""
    row = _sent(request, key)
    try:
        actions.replay(row, by=request.user, at=timezone.now())
    except Refused as refused:
        return _delivery(
            request, _sent(request, key), STATUS.get(refused.code, 409), refused=refused.sentence
        )
    messages.success(request, "It is sent within seconds, under the same id.")
    return redirect("hooks:delivery", row.pk)


def _row(request: SignedIn, key: int) -> HookEndpoint:
    rows = HookEndpoint.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("health__tested_by", "changed_by", "off_by", "company"), pk=key
    )


def _sent(request: SignedIn, key: int) -> HookDelivery:
    rows = HookDelivery.objects.visible_to(request.user).select_related("endpoint", "asked_by")
    return get_object_or_404(rows, pk=key)


def _endpoint(request: SignedIn, row: HookEndpoint, status: int = 200, **more: Any) -> HttpResponse:
    asked = {name: str(value).replace("\0", "") for name, value in request.GET.items()}
    context = {"screen": EndpointScreen(row, timezone.now(), asked), "since_form": SinceForm(), **more}
    return _show(request, "endpoint", context, status)


def _delivery(request: SignedIn, row: HookDelivery, status: int = 200, **more: Any) -> HttpResponse:
    return _show(request, "delivery", {"screen": DeliveryScreen(row, timezone.now()), **more}, status)


def _said(request: SignedIn, row: HookEndpoint, words: str, place: str = "") -> HttpResponse:
    messages.success(request, words)
    return redirect(f"{reverse('hooks:endpoint', args=[row.pk])}{place}")
