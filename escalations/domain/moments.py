"""The moments a ticket's clock comes to under a calendar and a policy (K2–K9, K15). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.due import compute
from escalations.domain.pauses import Pause
from escalations.domain.standing import warn_at
from escalations.domain.units import Turnaround

UNDATED = datetime(2200, 1, 1, tzinfo=UTC)
"""Where a ticket without a date stands in a list by due date, unless it is urgent (K8)."""


class Moments(NamedTuple):
    """What a ticket keeps of its clock: aware UTC moments, in the names of its columns.

    ``late_from`` is ``due_at``, with the grace of an immediate ticket (K7), ``due_order`` its place in lists.
    """

    unit: str
    expected_from: datetime | None
    due_at: datetime | None
    warn_at: datetime | None
    late_from: datetime | None
    due_order: datetime


class Rules:
    """A calendar with what a policy says of warnings and grace; asked for many tickets, it works out each
    warning once."""

    def __init__(
        self, calendar: BusinessCalendar, warnings: Mapping[str, Turnaround], grace: timedelta
    ) -> None:
        self.calendar, self.warnings, self.grace = calendar, warnings, grace
        self._warned: dict[tuple[str, datetime], datetime] = {}

    def moments(
        self,
        turnaround: Turnaround,
        clock_from: datetime,
        pauses: Iterable[Pause] = (),
        *,
        urgent: bool,
        now: datetime | None = None,
    ) -> Moments:
        """The moments of one clock; raises what :func:`compute` raises."""
        due = compute(turnaround, clock_from, self.calendar, pauses, now)
        unit, due_at = turnaround.unit, due.due_at
        if due_at is None:
            return Moments(unit, due.expected_from, None, None, None, clock_from if urgent else UNDATED)
        late_from = due_at + self.grace if unit == "immediate" else due_at
        return Moments(unit, due.expected_from, due_at, self._warning(unit, due_at), late_from, due_at)

    def _warning(self, unit: str, due_at: datetime) -> datetime | None:
        lead = self.warnings.get(unit)
        if lead is None:
            return None
        found = self._warned.get((unit, due_at))
        if found is None:
            found = self._warned[unit, due_at] = warn_at(due_at, lead, self.calendar)
        return found
