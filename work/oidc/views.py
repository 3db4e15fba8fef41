"""Settings → Sign-in provider: what it is, whether it works, and trying it oneself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import provider_actions as actions
from accounts.access import SignedIn, needs
from accounts.by_provider import asked_again
from accounts.models import SignInProvider
from accounts.roles import Can
from accounts.steps import Refused, Unfit
from work.hooks.probe import FAILED
from work.oidc import probe
from work.oidc.door import lead
from work.oidc.flow import TRY
from work.oidc.forms import LABELS, ProviderForm, typed_of
from work.oidc.screen import ProviderScreen

PASSWORDS_AGAIN = (
    "Passwords and passkeys sign in again. What was changed makes it another provider: try it yourself once "
    "more before you switch them off."
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
@asked_again(allow_get=True)
def page(request: SignedIn) -> HttpResponse:
    """The company's provider; POST sets or changes it, and tells the second of two admins."""
    row = actions.provider_of(request.user.company_id)
    if request.method != "POST":
        return _show(request, row, ProviderForm(initial=typed_of(row)))
    form = ProviderForm(request.POST)
    if not form.is_valid():
        return _show(request, row, form, 400)
    try:
        saved = actions.save_provider(
            form.said, seen=form.cleaned_data["seen"], by=request.user, at=timezone.now()
        )
    except Unfit as unfit:
        form.take(unfit.wrong)
        return _show(request, row, form, 400)
    except Refused as refused:
        return _conflict(request, form, refused)
    if row is not None and row.alone and not saved.alone:
        messages.warning(request, PASSWORDS_AGAIN)
    messages.success(request, "The provider is saved.")
    return redirect("sign_in:page")


def _conflict(request: SignedIn, form: ProviderForm, refused: Refused) -> HttpResponse:
    """Why nothing was saved; when somebody was first, what they saved beside what was typed."""
    row = actions.provider_of(request.user.company_id)
    if refused.code != "stale":
        return _show(request, row, form, 409, refused=refused.sentence)
    theirs, yours = typed_of(row), {**form.cleaned_data, "domains": ", ".join(form.cleaned_data["domains"])}
    changes = [
        {"field": label, "theirs": _word(theirs.get(name, "")), "yours": _word(yours[name])}
        for name, label in LABELS.items()
        if theirs.get(name, "") != yours[name]
    ]
    form.saw(str(row.version) if row else "")
    return _show(request, row, form, 409, conflict=True, changes=changes)


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value or "–")


@never_cache
@require_POST
@needs(Can.SETTINGS)
@asked_again()
def act(request: SignedIn, act: str) -> HttpResponse:
    """Do one thing to the provider: test it, try a sign-in, remove it."""
    row = actions.provider_of(request.user.company_id)
    if row is None:
        raise Http404("There is no provider.")
    if act not in _ACTS:
        said = f"This is not something one does to a provider. It is one of: {', '.join(_ACTS)}."
        return _show(request, row, ProviderForm(initial=typed_of(row)), 400, refused=said)
    try:
        return _ACTS[act](request, row)
    except Refused as refused:
        form = ProviderForm(initial=typed_of(row))
        return _show(request, row, form, 409, refused=refused.sentence)


def _test(request: SignedIn, row: SignInProvider) -> HttpResponse:
    steps = probe.try_out(row, by=request.user, at=timezone.now())
    failed = next((step for step in steps if step.state == FAILED), None)
    if failed:
        messages.error(request, f"The test ended here: {failed.name}.")
    else:
        messages.success(request, "Every step of the test went well.")
    return redirect("sign_in:page")


def _try(request: SignedIn, row: SignInProvider) -> HttpResponse:
    return lead(request, row, TRY)


def _remove(request: SignedIn, row: SignInProvider) -> HttpResponse:
    actions.remove_provider(row, by=request.user)
    messages.success(request, "The provider is removed. Passwords and passkeys sign in.")
    return redirect("sign_in:page")


_ACTS = {"test": _test, "try": _try, "remove": _remove}


def _show(
    request: SignedIn, row: SignInProvider | None, form: ProviderForm, status: int = 200, **more: Any
) -> HttpResponse:
    screen = ProviderScreen(row, request.user, timezone.now())
    with timezone.override(request.user.company.zone):
        shown = {"section": "settings", "page": "sign-in", "screen": screen, "row": row, "form": form, **more}
        return render(request, "accounts/provider.html", shown, status=status)
