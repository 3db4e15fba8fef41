"""Who is told that a ticket is due soon or late, one after the other, until somebody sees to it. Pure.

The assignee is told at once. Unless somebody acknowledges, the lead of their team is told after some
staffed hours, then the supervisors. A rung where nobody stands is passed at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.turnaround import Turnaround, compute

ASSIGNEE, LEAD, SUPERVISOR = "assignee", "lead", "supervisor"
RUNGS = (ASSIGNEE, LEAD, SUPERVISOR)


@dataclass(frozen=True)
class Rung:
    """One rung: who is told, and how many staffed hours after the rung before it (0: with it)."""

    who: str
    after_staffed_hours: int = 0


SHIPPED = (Rung(ASSIGNEE), Rung(LEAD, 1), Rung(SUPERVISOR, 1))
"""The ladder of a policy that says none."""


def climbs_at(
    ladder: tuple[Rung, ...], rung: int, told_at: datetime, calendar: BusinessCalendar
) -> datetime | None:
    """When the rung with this index is told, if the one before it was told at ``told_at``.

    ``None`` past the top. Hours count only while the company is open, so that nobody is woken for what the
    first person could not have seen.
    """
    if rung >= len(ladder):
        return None
    hours = ladder[rung].after_staffed_hours
    if hours == 0:
        return told_at
    return compute(Turnaround(None, hours, "staffed_hour"), told_at, calendar).due_at
