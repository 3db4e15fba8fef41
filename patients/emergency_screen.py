"""What the page of emergency reading shows: each opening, its reason, and whom its person read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from accounts.emergency import LASTS, lasting_of
from accounts.models import EmergencyReading, User
from accounts.roles import Can, may
from patients.models import Patient, PatientReading

MOST = 30
MOST_READINGS = 2_000
"""Openings on the page, and readings looked at for them."""


@dataclass
class Opening:
    """One opening with the patients who were read in it, each once, in the order they were read."""

    row: EmergencyReading
    over_at: datetime
    lasts: bool
    patients: dict[int, Patient] = field(default_factory=dict)


class EmergencyScreen:
    """The page, in three queries at most beside who is asking."""

    def __init__(self, user: User, *, now: datetime) -> None:
        self.user, self.now = user, now
        self.minutes = int(LASTS.total_seconds()) // 60

    @property
    def may_open(self) -> bool:
        """Whether this person may open the pages."""
        return may(self.user.role, Can.BREAK_GLASS)

    @property
    def names_patients(self) -> bool:
        """Whether patients are named here: to who may read them anyway."""
        return may(self.user.role, Can.READ_PATIENTS)

    @cached_property
    def own(self) -> EmergencyReading | None:
        """What this person has open, in whichever session."""
        return lasting_of(self.user, self.now).order_by("-id").first() if self.may_open else None

    @cached_property
    def openings(self) -> list[Opening]:
        """The newest first."""
        rows = EmergencyReading.objects.visible_to(self.user).select_related("person").order_by("-id")[:MOST]
        found = [self._opening(row) for row in rows]
        for reading in self._readings(found):
            for one in found:
                if one.row.person_id == reading.user_id and one.row.opened_at <= reading.at <= one.over_at:
                    one.patients.setdefault(reading.patient_id, reading.patient)
                    break
        return found

    def _opening(self, row: EmergencyReading) -> Opening:
        over_at = row.ended_at or row.ends_at
        return Opening(row, over_at, over_at > self.now)

    def _readings(self, found: list[Opening]) -> Any:
        if not found:
            return ()
        rows = PatientReading.objects.visible_to(self.user).select_related("patient")
        theirs = rows.filter(
            user__in={one.row.person_id for one in found},
            at__gte=found[-1].row.opened_at,
        )
        return theirs.order_by("-at", "-id")[:MOST_READINGS]
