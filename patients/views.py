"""The patient's pages: find, add, read, change, and how the patient may be contacted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from patients import actions, reading
from patients.banners import CARE, banners_of, with_banners
from patients.domain.zones import BY_STATE, NAMES, zone_is_sure, zone_of
from patients.forms import ContactForm, PatientForm, patient_form_of
from patients.models import CONTACT_FLAGS, Door, Patient
from patients.queries import MOST, find_patients, same_person
from patients.showing import asked_for, kept, patient_of, save_change, show, way_back

SECTION = {"section": "patients", "page": "all"}
PANELS = (
    ("Escalations", "escalations:of_patient", Can.READ_TICKETS),
    ("Claims", "deductibles:of_patient", Can.READ_CLAIMS),
)
"""The panels of a patient's page, loaded by address: this room may not import what they show."""
BESIDE = (("Live transfer", "escalations:transfers", Can.WORK_TICKETS),)
"""The panels beside it, addressed by ``?patient=``."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.READ_PATIENTS)
def patient_list(request: SignedIn) -> HttpResponse:
    """Find patients; with nothing sought, the ones this person read last.

    What is sought is posted, so that no patient's name gets into an address or a log (I8).
    """
    sought = request.POST.get("q", "").replace("\x00", "")[:100]
    context: dict[str, Any] = {**SECTION, "sought": sought, "most": MOST}
    if sought.strip():
        found: list[Any] = with_banners(find_patients(request.user, sought))
        reading.note_search(request.user, len(found), Door.PAGE, timezone.now())
        context["patients"] = [row for row in found if not row.near]
        context["near"] = [row for row in found if row.near]
    else:
        context["recent"] = with_banners(reading.recently_read(request.user))
    return show(request, "patients/list.html", context)


@require_safe
@needs(Can.READ_PATIENTS)
def patient_page(request: SignedIn, key: int) -> HttpResponse:
    """One patient: who it is, what must be seen, and the panels this person may read."""
    patient, user = patient_of(request, key), request.user
    reading.note(user, patient, Door.PAGE, timezone.now())
    banners = banners_of([patient]).get(patient.pk, [])
    context = {
        **SECTION,
        "patient": patient,
        "clock": clock_of(patient, user.company.zone, timezone.now()),
        "age": age_of(patient.date_of_birth, timezone.localdate(timezone=user.company.zone)),
        "banners": banners,
        "in_care": any(banner.title == CARE for banner in banners),
        "panels": [(title, reverse(name, args=[key])) for title, name, can in PANELS if user.may(can)],
        "beside": [(title, f"{reverse(name)}?patient={key}") for title, name, can in BESIDE if user.may(can)],
        "may_file": user.may(Can.WORK_TICKETS),
        "may_bill": user.may(Can.WORK_CLAIMS),
        "refused": patient.do_not_contact,
        "channels": list(CONTACT_FLAGS),
        "readers": reading.readers_of(patient) if user.may(Can.DIRECT_TICKETS) else None,
    }
    return show(request, "patients/patient.html", context)


def clock_of(patient: Patient, company: ZoneInfo, at: datetime) -> dict[str, Any]:
    """The time where the patient is, the zone's name, and whether it is the state's only."""
    zone = zone_of(patient.time_zone, patient.state, company)
    known = bool(patient.time_zone or patient.state in BY_STATE)
    name = NAMES.get(zone.key, zone.key.rpartition("/")[2].replace("_", " "))
    sure = zone_is_sure(patient.time_zone, patient.state)
    return {"time": f"{at.astimezone(zone):%H:%M}", "name": name, "sure": sure, "known": known}


def age_of(born_on: date, today: date) -> int:
    """Full years of life on a day."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PATIENTS)
def patient_new(request: SignedIn) -> HttpResponse:
    """Add a patient, then go back to what was being filed; asks when the person may be there already."""
    form, twins = PatientForm(request.POST if request.method == "POST" else None), []
    if not form.is_bound:
        form.fields["first_name"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        twins = _unseen_twins(request, form.cleaned_data)
        if not twins:
            at = timezone.now()
            patient = kept(form, lambda: actions.create_patient(form.cleaned_data, by=request.user, at=at))
            if patient is not None:
                return redirect(way_back(request, patient))
    context = {
        **SECTION,
        "form": form,
        "next": asked_for(request),
        "leave": asked_for(request) or reverse("patients:list"),
        "title": "New patient",
        "twins": [{"patient": twin, "url": way_back(request, twin)} for twin in twins],
        "known": ",".join(str(twin.pk) for twin in twins) or request.POST.get("known", ""),
    }
    return show(request, "patients/form.html", context, status=_status(form, twins))


def _status(form: PatientForm, twins: list[Patient]) -> int:
    return 409 if twins else 400 if form.errors else 200


def _unseen_twins(request: SignedIn, typed: dict[str, Any]) -> list[Patient]:
    """Who has this name and date of birth already and was not shown to the person yet."""
    known = set(request.POST.get("known", "")[:200].split(","))
    twins = same_person(request.user, typed["first_name"], typed["last_name"], typed["date_of_birth"])
    if twins:
        reading.note_search(request.user, len(twins), Door.PAGE, timezone.now())
    return twins if {str(twin.pk) for twin in twins} - known else []


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PATIENTS)
def patient_edit(request: SignedIn, key: int) -> HttpResponse:
    """Change what is known of a patient; of two at once the second is told what the first changed."""
    patient, user, at = patient_of(request, key), request.user, timezone.now()
    reading.note(user, patient, Door.PAGE, at)
    if request.method != "POST":
        return _edit(request, patient, patient_form_of(patient), 200)
    form = PatientForm(request.POST)

    def save(version: int) -> Patient:
        return actions.change_patient(patient, form.cleaned_data, by=user, at=at, version=version)

    status, more = save_change(form, patient, save)
    if status == 302:
        messages.success(request, "Saved.")
        return redirect(asked_for(request) or reverse("patients:patient", args=[key]))
    return _edit(request, patient, form, status, **more)


def _edit(request: SignedIn, patient: Patient, form: PatientForm, status: int, **more: Any) -> HttpResponse:
    way = {
        "next": asked_for(request),
        "leave": asked_for(request) or reverse("patients:patient", args=[patient.pk]),
    }
    context = {**SECTION, "form": form, "patient": patient, "title": "Change patient", **way, **more}
    return show(request, "patients/form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PATIENTS)
def patient_contact(request: SignedIn, key: int) -> HttpResponse:
    """Which channels the patient refuses: record one, lift one (supervisors), and what was before."""
    patient = patient_of(request, key)
    reading.note(request.user, patient, Door.PAGE, timezone.now())
    if request.method != "POST":
        return _contact(request, patient)
    lifts = request.POST.get("do") == "allow"
    form = ContactForm(request.POST, offered=list(CONTACT_FLAGS))
    channels, reason = form.typed()
    act = actions.allow_contact if lifts else actions.refuse_contact
    try:
        act(patient, channels, reason=reason, by=request.user, at=timezone.now())
    except actions.Invalid as invalid:
        form.take(invalid.wrong)
        return _contact(request, patient, status=400, **{"lifting" if lifts else "refusing": form})
    except Refused as refused:
        raise PermissionDenied(refused.sentence) from refused
    messages.success(request, "Lifted." if lifts else "Recorded. It is shown wherever the patient appears.")
    return redirect("patients:patient", key)


def _contact(request: SignedIn, patient: Patient, *, status: int = 200, **forms: ContactForm) -> HttpResponse:
    """The page with its two forms: each offers the channels it can still do something about."""
    refused = patient.do_not_contact
    shown = {
        "refusing": ContactForm(offered=[name for name in CONTACT_FLAGS if name not in refused]),
        "lifting": ContactForm(offered=refused, prefix=None, auto_id="lift_%s"),
        **forms,
    }
    rows = patient.refusals.select_related("refused_by", "lifted_by").order_by("-refused_at", "-id")[:50]
    context = {
        **SECTION,
        **shown,
        "patient": patient,
        "refused": refused,
        "all_refused": len(refused) == len(CONTACT_FLAGS),
        "may_lift": request.user.may(Can.DIRECT_TICKETS),
        "history": list(rows),
    }
    return show(request, "patients/contact.html", context, status=status)
