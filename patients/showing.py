"""What the pages of patients and payers share: the company's zone, forms that keep what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts.access import SignedIn
from patients import actions
from patients.forms import ReadForm
from patients.history import side_by_side
from patients.models import Patient

INCOMPLETE = "This form did not arrive whole, so nothing was saved. Look it over and save it again."


def show(request: SignedIn, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render a page with its moments in the company's time zone."""
    with timezone.override(request.user.company.zone):
        return render(request, template, context, status=status)


def patient_of(request: SignedIn, key: int) -> Patient:
    """The patient in the address, of this person's company, or 404."""
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=key)


def asked_for(request: SignedIn) -> str:
    """The address of ours to come back to, or nothing."""
    target = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else ""


def way_back(request: SignedIn, patient: Patient) -> str:
    """Back to the form that sent the person here, with the patient chosen; else to the patient."""
    if target := asked_for(request):
        return f"{target}{'&' if '?' in target else '?'}{urlencode({'patient': patient.pk})}"
    return reverse("patients:patient", args=[patient.pk])


def kept(form: ReadForm, save: Callable[[], Any]) -> Any:
    """What was saved; or None, with what is wrong beside its field."""
    try:
        return save()
    except actions.Invalid as invalid:
        form.take(invalid.wrong)
        return None


def save_change(form: ReadForm, row: Any, save: Callable[[int], Any]) -> tuple[int, dict[str, Any]]:
    """Save a form about a row as it was when it was shown: the status, and what to say of it.

    302 when it was saved. 409 names who changed what meanwhile; the form keeps what was typed and is from
    then on about the newest version, so that saving again saves over it knowingly.
    """
    version = form.read_version()
    if version is None:
        form.seen(row.version)
        return 400, {"incomplete": INCOMPLETE}
    if not form.is_valid():
        return 400, {}
    try:
        return (302, {}) if kept(form, lambda: save(version)) is not None else (400, {})
    except actions.Stale as stale:
        row.refresh_from_db()
        form.seen(row.version)
        return 409, {"conflict": conflict_of(row, stale, form.cleaned_data)}


def conflict_of(row: Any, stale: actions.Stale, typed: dict[str, Any]) -> dict[str, Any]:
    """Who changed the row meanwhile, when, and their values beside what was typed."""
    last = stale.changes[-1].at.astimezone(row.company.zone) if stale.changes else None
    return {
        "who": ", ".join(dict.fromkeys(change.who for change in stale.changes)),
        "when": f"{last.day} {last:%B %Y, %H:%M}" if last else "",
        "changes": side_by_side(row, stale.changes, typed),
    }
