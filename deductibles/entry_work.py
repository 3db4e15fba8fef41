"""What the buttons inside the claim form do before it is shown again: each works without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from accounts.steps import Refused
from deductibles.actions import finding
from deductibles.actions.moves import Invalid as ClaimInvalid
from deductibles.entry_screen import EntryScreen
from deductibles.forms.claim import CHARGE, coverages_asked, rows_asked
from deductibles.forms.rows import add_coverage, move_coverage, remove_charge, remove_coverage
from patients import actions as patient_actions
from patients import reading
from patients.forms import PatientForm
from patients.models import Door, Patient, Payer, PayerKind
from patients.queries import same_person

FULL = "This claim has three coverages already. Remove one, then take this one."


def press(screen: EntryScreen) -> int:
    """Do what the pressed button says to the typed fields; the status to answer with."""
    work = WORK.get(screen.do)
    return work(screen, screen.about) if work is not None and screen.data is not None else 200


def _move(screen: EntryScreen, rank: str) -> int:
    move_coverage(screen.data, rank, up=screen.do == "coverage-up")
    screen.focus = f"coverages-{rank}-payer"
    return 200


def _remove_coverage(screen: EntryScreen, rank: str) -> int:
    data: Any = screen.data
    remove_coverage(data, rank)
    data["coverages"] = str(max(1, coverages_asked(data) - 1))
    screen.focus = "coverages-primary-payer"
    return 200


def _add_coverage(screen: EntryScreen, _: str) -> int:
    shown = coverages_asked(screen.data or {})
    screen.focus = f"coverages-{('primary', 'secondary', 'tertiary')[shown - 1]}-payer"
    return 200


def _remove_charge(screen: EntryScreen, line: str) -> int:
    data: Any = screen.data
    rows = rows_asked(data)
    if re.fullmatch(r"[0-9]{1,2}", line, re.ASCII) and 1 <= int(line) <= rows:
        remove_charge(data, int(line), rows)
        screen.focus = f"charges-{int(line) - 1}-{CHARGE[0]}"
    return 200


# --- Patient Details ----------------------------------------------------------------------------------


def _add_patient(screen: EntryScreen, _: str) -> int:
    """Add a patient in the middle of a claim; asks once when the person may be there already."""
    data: Any = screen.data
    form = screen.new_patient = PatientForm(data, prefix="new")
    if not form.is_valid():
        return 400
    screen.twins = _unseen_twins(screen, form.cleaned_data)
    if screen.twins:
        return 409
    try:
        patient = patient_actions.create_patient(form.cleaned_data, by=screen.user, at=screen.at)
    except patient_actions.Invalid as invalid:
        form.take(invalid.wrong)
        return 400
    data["patient"], data["sought"] = str(patient.pk), ""
    vars(screen).pop("patient", None)
    screen.new_patient = PatientForm(prefix="new")
    screen.said, screen.focus = "The patient was added.", "find-insurance"
    return 200


def _unseen_twins(screen: EntryScreen, typed: dict[str, Any]) -> list[Patient]:
    """Who has this name and date of birth already and was not shown to the person yet."""
    known = set(screen.request.POST.get("known", "")[:200].split(","))
    twins = same_person(screen.user, typed["first_name"], typed["last_name"], typed["date_of_birth"])
    if twins:
        reading.note_search(screen.user, len(twins), Door.CLAIM, screen.at)
    return twins if {str(twin.pk) for twin in twins} - known else []


def _find_insurance(screen: EntryScreen, _: str) -> int:
    """Ask AR Boost which coverages the patient has (D-HOLD-1); an outage is said, and entry goes on."""
    if screen.patient is None:
        screen.trouble = "Choose the patient first: Insurance Finder asks about a person."
        return 400
    found = finding.find_insurance(screen.patient, by=screen.user, at=screen.at)
    screen.finding = found
    screen.focus = "found-insurance"
    return 200


def _take(screen: EntryScreen, place: str) -> int:
    """Write a found coverage into the claim, with the payer of ours that it names or is said to name."""
    found, data = screen.finding, screen.data
    shape = re.fullmatch(r"[0-9]{1,2}", place, re.ASCII)
    if found is None or data is None or not shape or int(place) >= len(found.candidates):
        screen.trouble = "This coverage is not among those found today. Press Find Insurance again."
        return 409
    try:
        payer = _payer_of(screen, int(place))
    except (ClaimInvalid, patient_actions.Invalid, Refused) as problem:
        screen.trouble = f"This payer could not be used. {problem}"
        return 400
    if payer is None:
        screen.trouble = "Say which payer this is: one of yours, or a new one."
        return 400
    vars(screen).pop("payers", None)
    vars(screen).pop("candidates", None)
    said = screen.candidates[int(place)]
    rank = add_coverage(
        data,
        {
            "payer": str(payer.pk),
            "member_id": said.member_id,
            "group_number": said.group_number,
            "relationship": said.relationship,
        },
    )
    screen.trouble = "" if rank else FULL
    screen.focus = "found-insurance"
    screen.said = f"{payer.name} is the {rank} coverage." if rank else ""
    return 200 if rank else 409


def _payer_of(screen: EntryScreen, place: int) -> Payer | None:
    found = screen.finding
    assert found is not None
    one = screen.candidates[place]
    if one.payer is not None:
        return one.payer
    chosen = screen.sent(f"found-{place}-payer")
    if chosen == "new":
        kind = screen.sent(f"found-{place}-kind")
        kind = kind if kind in PayerKind.values else one.kind
        return finding.add_payer(found, place, kind, by=screen.user, at=screen.at)
    payer = next((row for row in screen.payers if str(row.pk) == chosen), None)
    if payer is not None:
        finding.take_payer(found, place, payer)
    return payer


WORK: dict[str, Callable[[EntryScreen, str], int]] = {
    "coverage-up": _move,
    "coverage-down": _move,
    "coverage-remove": _remove_coverage,
    "coverage-add": _add_coverage,
    "charge-remove": _remove_charge,
    "add-patient": _add_patient,
    "find-insurance": _find_insurance,
    "take": _take,
}
