"""Settings, Company: what the company says of itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import company_actions as actions
from accounts.access import SignedIn, needs
from accounts.company_actions import Said, said_of, seen_of
from accounts.forms import SeenForm, only_seen
from accounts.models import Company
from accounts.roles import Can
from accounts.steps import Refused, Unfit

SECTION = {"section": "settings", "page": "company"}
LABELS = {
    "name": "Name",
    "time_zone": "Time zone",
    "is_ambulance": "Bills ambulance trips",
    "itemized_bill_address": "Address for itemized bills",
}
_OFF = {"autocomplete": "off"}


class CompanyForm(SeenForm):
    """The four things a company says of itself."""

    name = forms.CharField(
        max_length=120, validators=[only_seen], widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": "Enter the name, as patients and insurers know it."},
    )  # fmt: skip
    time_zone = forms.CharField(
        max_length=64, label=LABELS["time_zone"],
        widget=forms.TextInput(attrs={**_OFF, "list": "zones", "spellcheck": "false"}),
        error_messages={"required": actions.NO_ZONE},
    )  # fmt: skip
    is_ambulance = forms.BooleanField(required=False, label=LABELS["is_ambulance"])
    itemized_bill_address = forms.EmailField(
        required=False, max_length=254, label=LABELS["itemized_bill_address"],
        error_messages={"invalid": "This is no mail address. It looks like bills@example.com."},
    )  # fmt: skip

    @property
    def said(self) -> Said:
        """What a valid form says."""
        return Said(**{name: self.cleaned_data[name] for name in LABELS})


def zones() -> list[str]:
    """The zones that are offered: those of the Americas and the Pacific; any other may be typed."""
    return sorted(name for name in available_timezones() if name.startswith(("America/", "Pacific/")))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.SETTINGS)
def company(request: SignedIn) -> HttpResponse:
    """Read and change the company; the second of two admins is told."""
    found = Company.objects.get(pk=request.user.company_id)
    if request.method != "POST":
        return _show(request, CompanyForm(initial={**asdict(said_of(found)), "seen": seen_of(found)}))
    form = CompanyForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=400)
    try:
        actions.change_company(form.said, seen=form.cleaned_data["seen"], by=request.user)
    except Unfit as unfit:
        form.take(unfit.wrong)
        return _show(request, form, status=400)
    except Refused as refused:
        if refused.code != "stale":
            raise
        form.saw(seen_of(found))
        return _show(request, form, status=409, conflict=_conflict(found, form))
    messages.success(request, "The company is saved.")
    return redirect("company")


def _conflict(found: Company, form: CompanyForm) -> dict[str, Any]:
    kept, typed = asdict(said_of(found)), asdict(form.said)
    changes = [
        {"field": label, "theirs": _word(kept[name]), "yours": _word(typed[name])}
        for name, label in LABELS.items()
        if kept[name] != typed[name]
    ]
    return {"who": "Another admin", "when": "", "changes": changes}


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _show(request: SignedIn, form: CompanyForm, *, status: int = 200, **more: Any) -> HttpResponse:
    shown = {**SECTION, "form": form, "zones": zones(), "key": request.user.company.key, **more}
    return render(request, "accounts/company.html", shown, status=status)
