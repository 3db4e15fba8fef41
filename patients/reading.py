"""Who read which patient: kept in the same request, by one cheap statement; if it fails, so does the reading.

Trust: reading a patient's page is audited too. Every view that shows a patient calls :func:`note` before it
answers; every view that lists patients calls :func:`note_search`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Subquery

from accounts.emergency import over_by
from accounts.models import EmergencyReading, User
from patients.models import Door, Patient, PatientReading, PatientSearch

RECENT = 8
_KEEP = (
    "INSERT INTO patients_patientreading (company_id, patient_id, user_id, door, at, minute)"
    " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
"""One statement and nothing else: bulk_create would add a transaction of its own to every page."""
_LOOKED_BACK = 100


def note(user: User, patient: Patient, door: Door | str, at: datetime) -> None:
    """Keep that ``user`` read ``patient`` through ``door``; a second time in the same minute adds nothing."""
    minute = at.replace(second=0, microsecond=0)
    values: list[Any] = [user.company_id, patient.pk, user.pk, Door(door).value, at, minute]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)


def note_search(user: User, hits: int, door: Door | str, at: datetime) -> None:
    """Keep that ``user`` searched and how many patients were shown; never what was typed (I8)."""
    PatientSearch.objects.create(company_id=user.company_id, user=user, door=Door(door), at=at, hits=hits)


@dataclass(frozen=True)
class Read:
    """One line of "Read by"; ``reason`` is that of an emergency in which it was read."""

    who: str
    door: str
    at: datetime
    reason: str = ""


def readers_of(patient: Patient, *, most: int = 20) -> list[Read]:
    """Who read this patient, newest first."""
    rows: Any = patient.readings.select_related("user").annotate(reason=reason_of_reading())
    newest = rows.order_by("-at", "-id")[:most]
    return [Read(str(row.user), row.get_door_display(), row.at, row.reason or "") for row in newest]


def reason_of_reading() -> Any:
    """The reason of the emergency a reading falls into, as an expression over the reading; null for none."""
    opened = EmergencyReading.objects.annotate(over_at=over_by())
    theirs = opened.filter(
        company=OuterRef("company"),
        person=OuterRef("user"),
        opened_at__lte=OuterRef("at"),
        over_at__gte=OuterRef("at"),
    )
    return Subquery(theirs.order_by("-opened_at").values("reason")[:1])


def recently_read(user: Any) -> list[Patient]:
    """The patients this person read last, newest first, each once."""
    rows = PatientReading.objects.visible_to(user).filter(user=user).order_by("-at", "-id")
    keys = list(dict.fromkeys(rows.values_list("patient_id", flat=True)[:_LOOKED_BACK]))[:RECENT]
    found = Patient.objects.visible_to(user).in_bulk(keys)
    return [found[key] for key in keys if key in found]
