"""Resolving and reopening: the second and later cycles of a ticket's clock (K11)."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from escalations.domain.calendar import BusinessCalendar, in_utc
from escalations.domain.due import Due, compute
from escalations.domain.pauses import Pause
from escalations.domain.refusals import TurnaroundError
from escalations.domain.units import Turnaround

REOPEN_TARGET = Turnaround(None, 2, "business_day")


class Cycle(NamedTuple):
    """What a cycle's clock is computed from; `ledger` and `compute` take the same three values."""

    turnaround: Turnaround
    received_at: datetime
    pauses: tuple[Pause, ...]

    def due(self, calendar: BusinessCalendar, now: datetime | None = None) -> Due:
        """The window of this cycle."""
        return compute(self.turnaround, self.received_at, calendar, self.pauses, now)


def on_reopen_target(number: int, clock_from: datetime, opened_at: datetime, unit: str) -> bool:
    """Whether a cycle runs on the reopen target, which no change of type replaces (K11).

    Such a cycle counts from its own opening; one that was met before counts from filing, and an immediate
    one is due again as it is reopened.
    """
    return number > 1 and clock_from == opened_at and unit != "immediate"


def second_cycle(
    first: Cycle,
    *,
    resolved_at: datetime,
    reopened_at: datetime,
    breached: bool,
    target: Turnaround = REOPEN_TARGET,
) -> Cycle:
    """The clock of a reopened ticket (K11).

    Met when resolved: the same turnaround from the same filing, the closed stretch being a pause. Already
    breached when resolved: the reopen `target`, counted from reopening. An immediate ticket is due again
    when it is reopened (K7).
    """
    resolved, reopened = in_utc(resolved_at, "resolved_at"), in_utc(reopened_at, "reopened_at")
    if reopened < resolved:
        raise TurnaroundError("reopened_at", "A ticket cannot be reopened before it was resolved.")
    if first.turnaround.unit == "immediate":
        return Cycle(first.turnaround, reopened, ())
    if breached:
        return Cycle(target, reopened, ())
    # A wait that was still open when the ticket was resolved ends there: the closed stretch takes over.
    kept = tuple(pause if pause.end else Pause(pause.start, resolved) for pause in first.pauses)
    return Cycle(first.turnaround, first.received_at, (*kept, Pause(resolved, reopened)))


def reopen(
    turnaround: Turnaround,
    received_at: datetime,
    calendar: BusinessCalendar,
    pauses: Iterable[Pause] = (),
    *,
    first: Due,
    resolved_at: datetime,
    reopened_at: datetime,
    target: Turnaround = REOPEN_TARGET,
) -> Due:
    """The window of cycle 2; cycle 1 was met when resolved by `first.due_at` (K11)."""
    breached = first.due_at is not None and in_utc(resolved_at, "resolved_at") > first.due_at
    cycle = second_cycle(
        Cycle(turnaround, received_at, tuple(pauses)),
        resolved_at=resolved_at,
        reopened_at=reopened_at,
        breached=breached,
        target=target,
    )
    return cycle.due(calendar)
