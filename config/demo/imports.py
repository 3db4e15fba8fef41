"""Files of the demo that somebody brought: claims and tickets of the system before, some rows wrong."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from patients.imports import actions, running
from patients.models import Import, Patient, Payer

BROUGHT_BEFORE = timedelta(days=2, hours=3)
IMPORTED_AFTER = timedelta(minutes=6)
_VISIT = {
    "Place of service": "11",
    "Diagnoses": "R55",
    "Procedure code": "99284",
    "Units": "1",
    "Amount": "310.00",
}


def bring_files(biller: User, chief: User, patients: Sequence[Patient], *, now: datetime) -> None:
    """Bring both files two days ago, look at them, and import the good rows."""
    payer = Payer.objects.filter(company=biller.company, kind="commercial").earliest("pk")
    at = now - BROUGHT_BEFORE
    _import("claims", "visits-of-the-old-system.csv", _claims(patients, payer, at), by=biller, at=at)
    at += timedelta(hours=1)
    _import("tickets", "open-cases.csv", _tickets(patients, at), by=chief, at=at)


def _import(kind: str, name: str, rows: Sequence[Mapping[str, str]], *, by: User, at: datetime) -> Import:
    row, _ = actions.bring(kind, _table(rows), name, by=by, at=at)
    running.work_on(row.pk, at=at)
    row.refresh_from_db()
    at += IMPORTED_AFTER
    actions.start(row, whole=False, by=by, at=at)
    running.work_on(row.pk, at=at)
    return row


def _table(rows: Sequence[Mapping[str, str]]) -> bytes:
    names = list(dict.fromkeys(name for one in rows for name in one))
    written = io.StringIO()
    writer: Any = csv.DictWriter(written, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def _named(patient: Patient) -> dict[str, str]:
    return {
        "Account number": patient.account_number,
        "Patient last name": patient.last_name,
        "Patient first name": patient.first_name,
        "Patient date of birth": patient.date_of_birth.isoformat(),
    }


def _claims(patients: Sequence[Patient], payer: Payer, at: datetime) -> list[dict[str, str]]:
    """Three visits, one of them with two charge lines; a member id that was rounded, a patient nobody has."""
    rows = []
    for place, patient in enumerate(patients[:4]):
        served = (at - timedelta(days=4 + place)).date()
        billed = {"Primary payer id": payer.payer_id, "Primary member id": f"OLD{70_013 + place}"}
        rows.append(
            {"Claim number": f"V-{2207 + place}", **_named(patient), "Date of service": served.isoformat(),
             **billed, **_VISIT}
        )  # fmt: skip
    rows.insert(1, {"Claim number": "V-2207", "Procedure code": "93000", "Units": "1", "Amount": "48.00"})
    rows[3] = {**rows[3], "Primary member id": "1.23E+08"}
    rows.append({**rows[0], "Claim number": "V-2215", "Account number": "", "Patient last name": "Mirandola"})
    return rows


def _tickets(patients: Sequence[Patient], at: datetime) -> list[dict[str, str]]:
    """One that still runs, one that was resolved in time, and one that no rule lets be filed."""
    asked = {"Type": "Itemized Bill", "Channel": "phone", "Caller": "patient", "Answer: recipient": "patient",
             "Answer: account_status": "paid"}  # fmt: skip

    def said(**before: int) -> str:
        return (at - timedelta(**before)).isoformat(" ", "minutes")

    return [
        {"Their number": "CRM-881", **_named(patients[4]), "Received at": said(days=2), **asked,
         "Note": "Asked for it by post."},
        {"Their number": "CRM-862", **_named(patients[5]), "Received at": said(days=12), **asked,
         "Resolved at": said(days=8), "Outcome": "Itemized bill sent", "Note": "For the tax adviser."},
        {"Their number": "CRM-870", **_named(patients[6]), "Received at": said(days=3), **asked,
         "Answer: recipient": "insurer", "Note": "For the insurer."},
    ]  # fmt: skip
