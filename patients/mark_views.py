"""What a patient is marked with: set a mark, lift it, and what was recorded before (R-STOP-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedIn, needs
from accounts.roles import Can
from accounts.steps import Refused
from patients import actions, reading
from patients.forms import MarkForm
from patients.models import Door, Patient, PatientMark
from patients.showing import asked_for, patient_of, show, way_back

MEANS = {
    PatientMark.Kind.COMPASSIONATE_CARE: "While an application is under way no claim of the patient is "
    "stopped, by nobody and for no reason. Everybody who looks at the patient sees it.",
}
"""What each mark does, for whoever sets it."""


@dataclass
class Marking:
    """One kind of mark on the page: the one in force, or the form that sets it."""

    kind: PatientMark.Kind
    in_force: PatientMark | None
    form: MarkForm

    @property
    def means(self) -> str:
        """What the mark does."""
        return MEANS[self.kind]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Can.WRITE_PATIENTS)
def patient_marks(request: SignedIn, key: int) -> HttpResponse:
    """Set a mark, or lift one (supervisors); whoever came from a form goes back to it."""
    patient = patient_of(request, key)
    at = timezone.now()
    reading.note(request.user, patient, Door.PAGE, at)
    if request.method != "POST":
        return _page(request, patient)
    lifts = request.POST.get("do") == "lift"
    form = MarkForm(request.POST)
    act = actions.lift_mark if lifts else actions.mark_patient
    try:
        mark = act(patient, form.typed()[0], reason=form.typed()[1], by=request.user, at=at)
    except actions.Invalid as invalid:
        form.take(invalid.wrong)
        return _page(request, patient, form, status=400)
    except Refused as refused:
        if refused.code == "role":
            raise PermissionDenied(refused.sentence) from refused
        return _page(request, patient, refused=refused.sentence, status=409)
    messages.success(request, "Lifted." if lifts else _recorded(mark, at))
    return redirect(way_back(request, patient))


def _recorded(mark: PatientMark, at: datetime) -> str:
    """What is said of a mark that was set now, or stood already."""
    if mark.set_at == at:
        return "Marked. It is shown wherever the patient appears."
    return f"The patient was marked already, by {mark.set_by or 'Holdline'}. That mark stays as it is."


def _page(
    request: SignedIn,
    patient: Patient,
    sent: MarkForm | None = None,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    rows = patient.marks.select_related("set_by", "lifted_by").order_by("-set_at", "-id")[:50]
    history = list(rows)
    in_force = {row.kind: row for row in history if row.lifted_at is None}
    asked = _kind_of(sent)
    context: dict[str, Any] = {
        "section": "patients",
        "page": "all",
        "patient": patient,
        "markings": [
            Marking(kind, in_force.get(kind), sent if sent and asked == kind else _blank(kind))
            for kind in PatientMark.Kind
        ],
        "refused": refused,
        "next": asked_for(request),
        "may_lift": request.user.may(Can.DIRECT_TICKETS),
        "history": history,
    }
    return show(request, "patients/marks.html", context, status=status)


def _kind_of(sent: MarkForm | None) -> str:
    """Which mark a form is about; one that names none is shown again with the first."""
    kind = sent.typed()[0] if sent else ""
    return kind if kind in PatientMark.Kind.values else PatientMark.Kind.values[0]


def _blank(kind: str) -> MarkForm:
    return MarkForm(initial={"kind": kind}, auto_id=f"{kind}_%s")
