"""How long a cycle took in the unit its turnaround counts in: the engine's counting, read backwards (K2–K9).

A length says exactly what the due date says: a cycle that ended within N of its unit was in time for a
turnaround of N, one that took more was late. Pauses that stop the clock are cut out as they move the due
date.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from escalations.domain.calendar import BusinessCalendar, in_utc
from escalations.domain.due import HOUR
from escalations.domain.pauses import Pause, Stops, settle
from escalations.domain.timetable import NOTHING, Table
from escalations.domain.units import unit_words

MEASURED_IN = {
    "business_day": "business_day",
    "week": "business_day",
    "business_hour": "business_hour",
    "staffed_hour": "staffed_hour",
    "clock_hour": "clock_hour",
    "immediate": "clock_hour",
    "none": "business_day",
}
"""The unit in which a turnaround's tickets are measured. A week is told in business days; what is immediate
in hours of the clock, for it counts at night too; what states no time in business days."""


def length(
    unit: str,
    received_at: datetime,
    ended_at: datetime,
    calendar: BusinessCalendar,
    pauses: Iterable[Pause] = (),
) -> float:
    """How much of its unit a cycle took: the business day on which it ended, or hours.

    The business days are counted as K2 counts them: 0 before the close of a filing date that is no
    business date's due day, 1 up to the close of the first business date after it, and so on.
    """
    received, ended = in_utc(received_at, "received_at"), in_utc(ended_at, "ended_at")
    stops = settle(pauses, received, ended) if pauses else ()
    count = _COUNT[MEASURED_IN[unit]]
    table = calendar.tables.covering(received)
    while True:  # ends: each table is longer than the last, up to the horizon
        try:
            return count(table, received, max(ended, received), stops)
        except IndexError:
            table = calendar.tables.longer(table)


def said(unit: str, number: float) -> str:
    """A length with its unit: "6 business days", "31.5 business hours"."""
    shown = f"{number:,.1f}".removesuffix(".0")
    return f"{shown} {unit_words(MEASURED_IN[unit], 1 if shown == '1' else 2)}"


def _business_days(table: Table, received: datetime, ended: datetime, stops: Stops) -> float:
    """The first business day after filing whose close is not before the end; day 0 on the filing date."""
    filed = table.day_of(received)
    if table.day_of(ended) <= filed:
        return 0
    first = table.rank[filed]
    reached = bisect_left(table.closes, ended)
    if reached >= len(table.closes):
        raise IndexError
    paused = 0
    for start, end in stops:
        since = max(bisect_left(table.closes, start), first)
        paused += max(min(bisect_left(table.closes, end), reached) - since, 0)
    return max(reached - first - paused + 1, 0)


def _business_hours(table: Table, received: datetime, ended: datetime, stops: Stops) -> float:
    start = table.open_moment(received)
    return _hours(table.counted, start, ended, stops)


def _staffed_hours(table: Table, received: datetime, ended: datetime, stops: Stops) -> float:
    return _hours(table.staffed, received, ended, stops)


def _clock_hours(table: Table, received: datetime, ended: datetime, stops: Stops) -> float:
    return _hours(lambda moment: moment - received, received, ended, stops)


def _hours(measure: Callable[[datetime], timedelta], start: datetime, ended: datetime, stops: Stops) -> float:
    """The counted time from start to end without the stops, in hours; nothing for an end before the start."""
    if ended <= start:
        return 0
    counted = measure(ended) - measure(start)
    for since, until in stops:
        since, until = max(since, start), min(until, ended)
        if since < until:
            counted -= measure(until) - measure(since)
    return max(counted, NOTHING) / HOUR


_COUNT: dict[str, Callable[[Table, datetime, datetime, Stops], float]] = {
    "business_day": _business_days,
    "business_hour": _business_hours,
    "staffed_hour": _staffed_hours,
    "clock_hour": _clock_hours,
}
