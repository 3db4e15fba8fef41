"""The payers' pages: billers and admins change them, supervisors read them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from patients import actions, payer_effects
from patients.forms import PayerForm, payer_form_of
from patients.models import Payer
from patients.payer_screen import PayerScreen
from patients.showing import kept, save_change, show

MOST = 500
"""Payers on the list: more than a company deals with; the list says so when there are more."""


def _place(request: SignedIn) -> dict[str, str]:
    """Under Settings for who changes settings, under Claims for the others."""
    return {"section": "settings" if request.user.may(Can.SETTINGS) else "claims", "page": "payers"}


def _payer(request: SignedIn, key: int) -> Payer:
    return get_object_or_404(Payer.objects.visible_to(request.user).select_related("company"), pk=key)


@require_safe
@needs(Can.READ_PAYERS)
def payer_list(request: SignedIn) -> HttpResponse:
    """Every payer with what it does differently from the company's settings."""
    rows = list(Payer.objects.visible_to(request.user).order_by("name", "payer_id", "id")[: MOST + 1])
    context = {
        **_place(request),
        "payers": rows[:MOST],
        "more": len(rows) > MOST,
        "numbers": payer_effects.numbers_of(request.user.company_id),
        "may_write": request.user.may(Can.WRITE_PAYERS),
    }
    return show(request, "payers/list.html", context)


@require_safe
@needs(Can.READ_PAYERS)
def payer_page(request: SignedIn, key: int) -> HttpResponse:
    """One payer: which rule applies to its claims, what is held for it, who changed what."""
    return _page(request, _payer(request, key))


def _page(request: SignedIn, payer: Payer, *, status: int = 200, refused: str = "") -> HttpResponse:
    context = {
        **_place(request),
        "screen": PayerScreen(payer, at=timezone.now()),
        "payer": payer,
        "refused": refused,
        "may_write": request.user.may(Can.WRITE_PAYERS),
        "reads_claims": request.user.may(Can.READ_CLAIMS),
    }
    return show(request, "payers/payer.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PAYERS)
def payer_new(request: SignedIn) -> HttpResponse:
    """Add a payer."""
    form = PayerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        payer = kept(form, lambda: actions.create_payer(form.cleaned_data, by=request.user, at=at))
        if payer is not None:
            messages.success(request, f"{payer.name} is added.")
            return redirect("payers:payer", payer.pk)
    numbers = payer_effects.numbers_of(request.user.company_id)
    context = {**_place(request), "form": form, "title": "New payer", "numbers": numbers}
    return show(request, "payers/form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PAYERS)
def payer_edit(request: SignedIn, key: int) -> HttpResponse:
    """Change a payer, shown first what that does; of two at once the second is told of the first."""
    payer, at = _payer(request, key), timezone.now()
    if request.method != "POST":
        return _edit(request, payer, payer_form_of(payer), 200)
    form = PayerForm(request.POST)
    if "preview" in request.POST:
        found = payer_effects.effect_of(payer, form.cleaned_data, at=at) if form.is_valid() else None
        return _edit(request, payer, form, 400 if form.errors else 200, effect=found)

    def save(version: int) -> Payer:
        return actions.change_payer(payer, form.cleaned_data, by=request.user, at=at, version=version)

    status, more = save_change(form, payer, save)
    if status == 302:
        messages.success(request, f"{payer.name} is saved. Held claims follow it from tonight’s check on.")
        return redirect("payers:payer", payer.pk)
    return _edit(request, payer, form, status, **more)


def _edit(request: SignedIn, payer: Payer, form: PayerForm, status: int, **more: Any) -> HttpResponse:
    numbers = payer_effects.numbers_of(request.user.company_id)
    context = {**_place(request), "form": form, "payer": payer, "title": "Change payer", "numbers": numbers}
    return show(request, "payers/form.html", {**context, **more}, status=status)


@require_POST
@needs(Can.WRITE_PAYERS)
def payer_revert(request: SignedIn, key: int) -> HttpResponse:
    """Put a payer back to an earlier version; refused when somebody changed it since the page was shown."""
    payer = _payer(request, key)
    to, seen = (_number(request.POST.get(name, "")) for name in ("to", "version"))
    try:
        actions.revert_payer(payer, to, by=request.user, at=timezone.now(), version=seen)
    except Refused as refused:
        payer.refresh_from_db()
        return _page(request, payer, status=409, refused=refused.sentence)
    except actions.Invalid as invalid:
        payer.refresh_from_db()
        return _page(request, payer, status=400, refused=" ".join(w.sentence for w in invalid.wrong.values()))
    messages.success(request, f"{payer.name} is as it was in version {to}. Nothing else was changed.")
    return redirect("payers:payer", payer.pk)


def _number(sent: str) -> int:
    """A version as a form sends it; 0, which no row has, for anything else."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0
