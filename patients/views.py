"""The patient's pages: find, add, read, change."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from patients import actions
from patients.forms import PatientForm, form_of
from patients.models import Patient
from patients.queries import find_patients

SECTION = {"section": "patients", "page": "all"}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.READ_PATIENTS)
def patient_list(request: SignedIn) -> HttpResponse:
    """Find patients by name, account number, phone or date of birth.

    What is sought is posted, so that no patient's name gets into an address or a log (I8).
    """
    sought = request.POST.get("q", "").replace("\x00", "")[:100]
    rows = find_patients(request.user, sought)[:200]
    return render(request, "patients/list.html", {**SECTION, "patients": list(rows), "sought": sought})


@require_safe
@needs(Can.READ_PATIENTS)
def patient_page(request: SignedIn, key: int) -> HttpResponse:
    """One patient: who it is and what is known."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=key)
    return render(request, "patients/patient.html", {**SECTION, "patient": patient})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PATIENTS)
def patient_new(request: SignedIn) -> HttpResponse:
    """Add a patient, then go back to what was being filed."""
    form = PatientForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        patient = _kept(
            form, lambda: actions.create_patient(form.cleaned_data, by=request.user, at=timezone.now())
        )
        if patient is not None:
            return redirect(_next(request, patient))
    context = {**SECTION, "form": form, "next": request.GET.get("next", ""), "title": "New patient"}
    return render(request, "patients/form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PATIENTS)
def patient_edit(request: SignedIn, key: int) -> HttpResponse:
    """Change what is known of a patient."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=key)
    form = PatientForm(request.POST) if request.method == "POST" else form_of(patient)
    if request.method == "POST" and form.is_valid():

        def change() -> Patient:
            return actions.change_patient(patient, form.cleaned_data, by=request.user, at=timezone.now())

        if _kept(form, change) is not None:
            return redirect("patients:patient", key)
    context = {**SECTION, "form": form, "patient": patient, "title": "Change patient"}
    return render(request, "patients/form.html", context, status=400 if form.errors else 200)


def _kept(form: PatientForm, save: Any) -> Patient | None:
    try:
        return save()
    except actions.Invalid as invalid:
        for name, problem in invalid.wrong.items():
            form.add_error(name, problem.sentence)
        return None


def _next(request: SignedIn, patient: Patient) -> str:
    """Back to the form that sent the person here, with the new patient chosen."""
    target = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return f"{target}{'&' if '?' in target else '?'}{urlencode({'patient': patient.pk})}"
    return reverse("patients:patient", args=[patient.pk])
