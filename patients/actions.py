"""Every change of a patient or payer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can
from accounts.steps import Refused
from patients.domain.intake import Wrong, read_all, text
from patients.history import Change, changes_since
from patients.models import CONTACT_FLAGS, ContactRefusal, Patient, PatientMark, Payer
from patients.payer_history import version_of


class Invalid(Exception):
    """What was typed cannot be kept: ``wrong`` says why, by field."""

    def __init__(self, wrong: dict[str, Wrong]) -> None:
        super().__init__("; ".join(problem.sentence for problem in wrong.values()))
        self.wrong = wrong


class Stale(Refused):
    """Somebody else changed the row since it was read: ``changes`` says who and what."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__("Somebody else changed this meanwhile. Compare, then decide.", "stale")
        self.changes = changes


_TWICE = {
    "patient_account_once": (
        "account_number",
        Wrong("taken", "Another patient has this account number. Look that patient up instead."),
    ),
    "payer_once": (
        "payer_id",
        Wrong("taken", "There already is a payer with this name and payer id. Change that one instead."),
    ),
}


def create_patient(values: dict[str, Any], *, by: User, at: datetime) -> Patient:
    """Add a patient to the actor's company from values that were read by the intake."""
    return _save(Patient(company_id=by.company_id, created_at=at, **values), by, "add patient")


def change_patient(
    patient: Patient, values: dict[str, Any], *, by: User, at: datetime, version: int | None = None
) -> Patient:
    """Change the given fields of a patient.

    ``version`` is the one that was read before changing; Stale when it is no longer the newest. Without it
    the change is made whatever happened meanwhile (the API changes only the fields it names).
    """
    return _change(patient, values, by, "change patient", version)


def refuse_contact(
    patient: Patient, channels: Iterable[str], *, reason: str, by: User | None, at: datetime
) -> Patient:
    """Keep that the patient refuses these channels: ``calls``, ``messages``, ``mail`` (R-DNC-1, R-DNC-2).

    A channel that is refused already stays as it was recorded. Invalid without a channel or a reason.
    """
    names, said = _read_wish(channels, reason)
    with transaction.atomic(), acting(by, "refuse contact"):
        patient = _locked(patient)
        new = [name for name in names if name not in patient.do_not_contact]
        ContactRefusal.objects.bulk_create(
            ContactRefusal(
                company_id=patient.company_id,
                patient=patient,
                channel=name,
                reason=said,
                refused_at=at,
                refused_by=by,
            )
            for name in new
        )
        return _flag(patient, new, True)


def allow_contact(
    patient: Patient, channels: Iterable[str], *, reason: str, by: User, at: datetime
) -> Patient:
    """Lift the refusal of these channels; Refused for all but supervisors (R-DNC-3)."""
    if not by.may(Can.DIRECT_TICKETS):
        raise Refused("Only a supervisor may lift a do-not-contact wish. Ask one to do it.", "role")
    names, said = _read_wish(channels, reason)
    with transaction.atomic(), acting(by, "allow contact"):
        patient = _locked(patient)
        ContactRefusal.objects.filter(patient=patient, channel__in=names, lifted_at=None).update(
            lifted_at=at, lifted_by=by, lifted_reason=said
        )
        return _flag(patient, names, False)


def _read_wish(channels: Iterable[str], reason: str) -> tuple[list[str], str]:
    asked = set(channels)
    clean, wrong = read_all({"reason": text("Reason", 300, required=True)}, {"reason": reason})
    if not asked or asked - CONTACT_FLAGS.keys():
        known = ", ".join(CONTACT_FLAGS)
        wrong["channels"] = Wrong("choice", f"Say which channel: at least one of {known}.")
    if wrong:
        raise Invalid(wrong)
    return [name for name in CONTACT_FLAGS if name in asked], clean["reason"]


def mark_patient(patient: Patient, kind: str, *, reason: str, by: User | None, at: datetime) -> PatientMark:
    """Mark that something holds for a patient until it is lifted, as an application for Compassionate Care
    does (R-STOP-2).

    A patient who is marked already keeps the first mark, which is given back. Invalid for a kind nobody
    knows, or without a reason.
    """
    said = _read_mark(kind, reason)
    with transaction.atomic(), acting(by, "mark patient"):
        found = _mark_in_force(_locked(patient), kind)
        return found or PatientMark.objects.create(
            company_id=patient.company_id, patient=patient, kind=kind, reason=said, set_at=at, set_by=by
        )


def lift_mark(patient: Patient, kind: str, *, reason: str, by: User, at: datetime) -> PatientMark:
    """Lift the mark that is in force; Refused for all but supervisors, and when none is in force."""
    if not by.may(Can.DIRECT_TICKETS):
        raise Refused("Only a supervisor may lift a mark. Ask one to do it.", "role")
    said = _read_mark(kind, reason)
    with transaction.atomic(), acting(by, "lift mark"):
        found = _mark_in_force(_locked(patient), kind)
        if found is None:
            raise Refused("The patient is not marked with it any more, so there is nothing to lift.")
        found.lifted_at, found.lifted_by, found.lifted_reason = at, by, said
        found.save(update_fields=["lifted_at", "lifted_by", "lifted_reason"])
        return found


def _read_mark(kind: str, reason: str) -> str:
    clean, wrong = read_all({"reason": text("Reason", 300, required=True)}, {"reason": reason})
    if kind not in PatientMark.Kind.values:
        known = ", ".join(PatientMark.Kind.values)
        wrong["kind"] = Wrong("choice", f"Say what is marked: one of {known}.")
    if wrong:
        raise Invalid(wrong)
    return str(clean["reason"])


def _mark_in_force(patient: Patient, kind: str) -> PatientMark | None:
    return patient.marks.select_related("set_by").filter(kind=kind, lifted_at=None).first()


def _locked(row: Any) -> Any:
    return type(row).objects.select_for_update().get(pk=row.pk)


def _flag(patient: Patient, channels: list[str], refused: bool) -> Patient:
    flags = [CONTACT_FLAGS[name] for name in channels]
    for flag in flags:
        setattr(patient, flag, refused)
    if flags:
        patient.save(update_fields=flags)
    return patient


def create_payer(values: dict[str, Any], *, by: User, at: datetime) -> Payer:
    """Add a payer to the actor's company."""
    return _save(Payer(company_id=by.company_id, **values), by, "add payer")


def change_payer(
    payer: Payer, values: dict[str, Any], *, by: User, at: datetime, version: int | None = None
) -> Payer:
    """Change the given fields of a payer; Stale as for a patient."""
    return _change(payer, values, by, "change payer", version)


def revert_payer(payer: Payer, to: int, *, by: User, at: datetime, version: int | None = None) -> Payer:
    """Put a payer back to what it was in an earlier version; Stale as for any change.

    Refused for a version that never was.
    """
    earlier = version_of(payer, to)
    if earlier is None:
        raise Refused("There is no such version of this payer any more.", "state")
    return _change(payer, earlier, by, f"put back version {to} of payer", version)


def _change(row: Any, values: dict[str, Any], by: User, act: str, version: int | None) -> Any:
    """Save what differs from the newest version; ``row`` shows the result."""
    with transaction.atomic():
        newest = _locked(row)
        if version not in (None, newest.version):
            raise Stale(changes_since(newest, version or 0))
        changed = [name for name, value in values.items() if getattr(newest, name) != value]
        for name, value in values.items():
            setattr(row, name, value)
        row.version = newest.version + bool(changed)
        return _save(row, by, act, [*changed, "version"]) if changed else row


def _save(row: Any, by: User, act: str, fields: list[str] | None = None) -> Any:
    try:
        with transaction.atomic(), acting(by, act):
            row.save(update_fields=fields)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name in _TWICE:
            field, problem = _TWICE[name]
            raise Invalid({field: problem}) from error
        raise
    return row
