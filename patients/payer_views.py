"""The payers' pages: billers and admins change them, supervisors read them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from patients import actions
from patients.forms import PayerForm, payer_form_of
from patients.models import Payer
from patients.showing import kept, save_change, show

MOST = 500
"""Payers on the list: more than a company deals with; the list says so when there are more."""


def _place(request: SignedIn) -> dict[str, str]:
    """Under Settings for who changes settings, under Claims for the others."""
    return {"section": "settings" if request.user.may(Can.SETTINGS) else "claims", "page": "payers"}


@require_safe
@needs(Can.READ_PAYERS)
def payer_list(request: SignedIn) -> HttpResponse:
    """Every payer with what it does differently from the company's settings."""
    rows = list(Payer.objects.visible_to(request.user).order_by("name", "payer_id", "id")[: MOST + 1])
    context = {
        **_place(request),
        "payers": rows[:MOST],
        "more": len(rows) > MOST,
        "may_write": request.user.may(Can.WRITE_PAYERS),
    }
    return show(request, "payers/list.html", context)


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
            return redirect("payers:list")
    context = {**_place(request), "form": form, "title": "New payer"}
    return show(request, "payers/form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PAYERS)
def payer_edit(request: SignedIn, key: int) -> HttpResponse:
    """Change a payer; of two at once the second is told what the first changed."""
    payer = get_object_or_404(Payer.objects.visible_to(request.user), pk=key)
    if request.method != "POST":
        return _edit(request, payer, payer_form_of(payer), 200)
    form, at = PayerForm(request.POST), timezone.now()

    def save(version: int) -> Payer:
        return actions.change_payer(payer, form.cleaned_data, by=request.user, at=at, version=version)

    status, more = save_change(form, payer, save)
    if status == 302:
        messages.success(request, f"{payer.name} is saved. Decisions from now on follow it.")
        return redirect("payers:list")
    return _edit(request, payer, form, status, **more)


def _edit(request: SignedIn, payer: Payer, form: PayerForm, status: int, **more: Any) -> HttpResponse:
    context = {**_place(request), "form": form, "payer": payer, "title": "Change payer", **more}
    return show(request, "payers/form.html", context, status=status)
