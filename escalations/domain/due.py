"""When a ticket is expected and when it is due (K2–K9, K11).

Each unit counts with one function `(table, received, number, stops) -> moment`. A number past the table's
end raises IndexError; the table is then laid out further, until the horizon refuses.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from escalations.domain.calendar import BusinessCalendar, in_utc
from escalations.domain.pauses import Pause, Stops, settle
from escalations.domain.refusals import HorizonError
from escalations.domain.timetable import HORIZON_END, HORIZON_SENTENCE, Table
from escalations.domain.units import Turnaround

HOUR = timedelta(hours=1)


class Due(NamedTuple):
    """The window of an answer, as aware UTC moments. Only `due_at` can be breached (K3).

    `expected_from` is None when the turnaround states no minimum; both are None when it states no time (K8).
    """

    expected_from: datetime | None
    due_at: datetime | None


def compute(
    turnaround: Turnaround,
    received_at: datetime,
    calendar: BusinessCalendar,
    pauses: Iterable[Pause] = (),
    now: datetime | None = None,
) -> Due:
    """When a ticket received at `received_at` (K18: not when it was typed in) is expected and due.

    `pauses` may overlap. One that has not ended is taken to end at `now`, so the answer means "if resumed
    now" (K9); without `now` it raises TurnaroundError. Raises TimeRuleError for a naive datetime and
    HorizonError when the answer lies outside the calendar's years.
    """
    received = in_utc(received_at, "received_at")
    table = calendar.tables.covering(received)
    if turnaround.max is None:
        return Due(None, received if turnaround.unit == "immediate" else None)
    stops = settle(pauses, received, now) if pauses else ()
    count = COUNT[turnaround.unit]
    while True:  # ends: each table is longer than the last, up to the horizon
        try:
            due_at = count(table, received, turnaround.max, stops)
            if turnaround.min is None:
                return Due(None, due_at)
            return Due(count(table, received, turnaround.min, stops), due_at)
        except IndexError:
            table = calendar.tables.longer(table)


def business_days(table: Table, received: datetime, number: int, stops: Stops = ()) -> datetime:
    """Close of business on day `number`; the local filing date is day 0 whatever the hour (K2).

    A date counts only if the clock runs at its close (K9).
    """
    first = table.rank[table.day_of(received)]
    index = first + number - 1
    if stops:
        index = _past(table.closes, first, index, stops)
    return table.closes[index]


def weeks(table: Table, received: datetime, number: int, stops: Stops = ()) -> datetime:
    """Close of business `number` weeks after filing, rolled back to a business date (K6).

    Never before the first business date after filing. With pauses, a calendar date counts only if the clock
    runs at its end (the close of a business date, the midnight that ends a closed one), and a date paused
    at its close is passed over forwards, so that a pause never moves the date earlier.
    """
    filed = table.day_of(received)
    day = filed + 7 * number
    if stops:
        day = _past(_Ends(table), filed + 1, day, stops)
    index = max(table.rank[day] - 1, table.rank[filed])
    for start, end in stops:
        if start <= table.closes[index] < end:
            index = bisect_left(table.closes, end)
    return table.closes[index]


def business_hours(table: Table, received: datetime, number: int, stops: Stops = ()) -> datetime:
    """`number` business hours from the next open moment; a business date is worth 24 (K4)."""
    if not stops:
        return table.clock_after(received, number)
    start = table.open_moment(received)
    target = _stretched(table.counted, start, table.clock(start) + HOUR * number, stops)
    return table.clock_moment(target, start)


def staffed_hours(table: Table, received: datetime, number: int, stops: Stops = ()) -> datetime:
    """`number` hours of open time (K4)."""
    target = table.staffed(received) + HOUR * number
    if stops:
        target = _stretched(table.staffed, received, target, stops)
    return table.staffed_moment(target)


def clock_hours(table: Table, received: datetime, number: int, stops: Stops = ()) -> datetime:
    """`number` real hours, every day (K5)."""
    try:
        due_at = received + HOUR * number
        for start, end in stops:
            if start >= due_at:
                break
            due_at += end - start
    except OverflowError:
        due_at = HORIZON_END
    if due_at >= HORIZON_END:
        raise HorizonError("max", f"{HORIZON_SENTENCE}; this would end later.")
    return due_at


COUNT: dict[str, Callable[[Table, datetime, int, Stops], datetime]] = {
    "business_day": business_days,
    "week": weeks,
    "business_hour": business_hours,
    "staffed_hour": staffed_hours,
    "clock_hour": clock_hours,
}


class _Ends:
    """The last moment of each date of a table: its close, or the midnight that ends a closed date."""

    def __init__(self, table: Table):
        self._table = table

    def __len__(self) -> int:
        return len(self._table.rank)

    def __getitem__(self, day: int) -> datetime:
        table = self._table
        if table.is_business(day):
            return table.closes[table.rank[day] - 1]
        return table.midnights[day + 1]


def _past(ends, first: int, index: int, stops: Stops) -> int:
    """The place in `ends` that `index` moves to when those from `first` on inside a stop do not count."""
    for start, end in stops:
        paused = max(bisect_left(ends, start), first)
        if paused > index:
            break
        index += max(bisect_left(ends, end) - paused, 0)
    return index


def _stretched(
    measure: Callable[[datetime], timedelta], start: datetime, target: timedelta, stops: Stops
) -> timedelta:
    """`target` plus the counted time that stops cut out of the way to it (K9)."""
    for since, until in stops:
        if until <= start:
            continue
        reached = measure(max(since, start))
        if reached >= target:
            break
        target += measure(until) - reached
    return target
