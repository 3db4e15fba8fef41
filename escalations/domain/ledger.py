"""Why a ticket is due when it is: one line a date, counted or not (K19)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from escalations.domain.calendar import BusinessCalendar, in_utc
from escalations.domain.due import Due, compute
from escalations.domain.pauses import Pause, Stops, settle
from escalations.domain.promise import INSTANT, day_words
from escalations.domain.timetable import NOTHING, Table
from escalations.domain.units import Turnaround

NOT_COUNTED = "no"
HOLIDAY = "Holiday"


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One local date on the way to the due date.

    `counted` is "day 0" for the filing date, the number of the day ("1"), the time counted on that date
    ("6 h 1 min") for hour units, or "no"; `why` says what decided it.
    """

    date: date
    counted: str
    why: str


def ledger(
    turnaround: Turnaround,
    received_at: datetime,
    calendar: BusinessCalendar,
    pauses: Iterable[Pause] = (),
    now: datetime | None = None,
) -> tuple[LedgerLine, ...]:
    """The way from filing to due, day by day; takes what `compute` takes and raises what it raises (K19)."""
    pauses = tuple(pauses)
    received = in_utc(received_at, "received_at")
    due = compute(turnaround, received, calendar, pauses, now)
    if due.due_at is None or turnaround.max is None:
        return (_single_line(received, calendar, due),)
    way = _Way(turnaround, received, calendar, settle(pauses, received, now), due)
    return tuple(_LINES[turnaround.unit](way))


def _single_line(received: datetime, calendar: BusinessCalendar, due: Due) -> LedgerLine:
    local = received.astimezone(calendar.tz)
    if due.due_at is None:
        return LedgerLine(local.date(), NOT_COUNTED, "No time is stated, so no date is due")
    return LedgerLine(local.date(), "at once", f"Received {local:%H:%M}, due at that moment")


class _Way:
    """The dates from filing to due on a table, and the words for what happens on each."""

    def __init__(
        self,
        turnaround: Turnaround,
        received: datetime,
        calendar: BusinessCalendar,
        stops: Stops,
        due: Due,
    ):
        self.turnaround, self.received, self.calendar, self.stops = turnaround, received, calendar, stops
        self.expected_from = due.expected_from
        self.due_at: datetime = due.due_at or received
        self.table = _table_until(calendar, received, self.due_at)
        self.filed = self.table.day_of(received)
        self.last = max(self.table.day_of(self.due_at - INSTANT), self.filed)
        self._stop_starts = [start for start, _ in stops]
        self._stop_ends = [end for _, end in stops]

    def days(self) -> range:
        """Every date from filing to due, both included."""
        return range(self.filed, self.last + 1)

    def stopped(self, moment: datetime) -> bool:
        """Whether the clock stands still at `moment`."""
        index = bisect_right(self._stop_starts, moment) - 1
        return index >= 0 and moment < self.stops[index][1]

    def close(self, day: int) -> datetime:
        """The moment that decides whether a date counts: its close, or the midnight ending a closed one."""
        table = self.table
        return table.closes[table.rank[day] - 1] if table.is_business(day) else table.midnights[day + 1]

    def clock(self, moment: datetime, day: int) -> str:
        """The local time of `moment` on a date, 24:00 for the midnight that ends it."""
        if moment >= self.table.midnights[day + 1]:
            return "24:00"
        return f"{moment.astimezone(self.calendar.tz):%H:%M}"

    def hours(self, day: int) -> str:
        """What the calendar says of a date."""
        on = self.table.date_of(day)
        intervals = self.calendar.intervals(on)
        special = on in self.calendar.exceptions
        if not intervals:
            if special:
                return "Closed by a dated exception"
            return HOLIDAY if on in self.calendar.holidays else f"Closed on {on:%A}s"
        if not self.table.is_business(day):
            return "The clocks jump over its open hours"
        spans = " and ".join(f"{start:%H:%M}–{_end_words(end)}" for start, end in intervals)
        return f"Special hours, open {spans}" if special else f"Open {spans}"

    def mark(self, day: int, moment: datetime) -> str | None:
        """Whether a counted date is where the window opens or ends."""
        if moment == self.due_at:
            return f"Due at close, {self.clock(moment, day)}"
        if moment == self.expected_from:
            return f"Expected from, at close {self.clock(moment, day)}"
        return None

    def resumed(self, day: int) -> str | None:
        """The last resumption on a date."""
        index = bisect_left(self._stop_ends, self.table.midnights[day + 1]) - 1
        if index < 0 or self._stop_ends[index] <= self.table.midnights[day]:
            return None
        return f"Resumed {self.clock(self._stop_ends[index], day)}, running at close"

    def touched(self, day: int) -> bool:
        """Whether the clock stands still at some time of a date."""
        index = bisect_right(self._stop_ends, self.table.midnights[day])
        return index < len(self.stops) and self._stop_starts[index] < self.table.midnights[day + 1]

    def paused_line(self, day: int) -> LedgerLine:
        """A date that does not count because the clock stands still at its close (K9)."""
        why = f"Paused at close, {self.clock(self.close(day), day)}"
        return LedgerLine(self.table.date_of(day), NOT_COUNTED, why)

    def filing_line(self) -> LedgerLine:
        """Day 0 (K2)."""
        why = f"Received {self.clock(self.received, self.filed)}; the filing date never counts"
        return LedgerLine(self.table.date_of(self.filed), "day 0", why)


def _table_until(calendar: BusinessCalendar, received: datetime, due_at: datetime) -> Table:
    table = calendar.tables.covering(received)
    while table.end <= due_at:
        table = calendar.tables.longer(table)
    return table


def _end_words(end) -> str:
    return "24:00" if not (end.hour or end.minute) else f"{end:%H:%M}"


def _business_day_lines(way: _Way) -> Iterator[LedgerLine]:
    number = 0
    for day in way.days():
        if day == way.filed:
            yield way.filing_line()
        elif not way.table.is_business(day):
            yield LedgerLine(way.table.date_of(day), NOT_COUNTED, way.hours(day))
        elif way.stopped(way.close(day)):
            yield way.paused_line(day)
        else:
            number += 1
            why = way.mark(day, way.close(day)) or way.resumed(day) or way.hours(day)
            yield LedgerLine(way.table.date_of(day), str(number), why)


def _week_lines(way: _Way) -> Iterator[LedgerLine]:
    number = 0
    for day in way.days():
        if day == way.filed:
            yield way.filing_line()
        elif way.stopped(way.close(day)):
            yield way.paused_line(day)
        else:
            number += 1
            yield LedgerLine(way.table.date_of(day), str(number), _week_why(way, day, number))


def _week_why(way: _Way, day: int, number: int) -> str:
    mark = way.mark(day, way.close(day)) if way.table.is_business(day) else None
    target = 7 * (way.turnaround.max or 0)
    if mark is None or day != way.last or number == target:
        return mark or way.resumed(day) or way.hours(day)
    if number < target:
        return f"{mark}: the last business date up to day {target}"
    return f"{mark}: the first business date the clock runs on after filing"


def _hour_lines(way: _Way) -> Iterator[LedgerLine]:
    start = _start(way)
    counted = _counted_by_day(way, start)
    for day in way.days():
        time = counted.get(day, NOTHING)
        why = "; ".join(_hour_whys(way, day, start, time))
        yield LedgerLine(way.table.date_of(day), _hours_words(time) if time else NOT_COUNTED, why)


def _start(way: _Way) -> datetime:
    if way.turnaround.unit == "clock_hour":
        return way.received
    return way.table.open_moment(way.received)


def _counted_by_day(way: _Way, start: datetime) -> dict[int, timedelta]:
    """The time counted on each date: the way from `start` to due without its stops, cut at midnights."""
    counted: dict[int, timedelta] = {}
    for since, until in _running(start, way.due_at, way.stops):
        for day in range(way.table.day_of(since), way.table.day_of(until - INSTANT) + 1):
            low = max(since, way.table.midnights[day])
            high = min(until, way.table.midnights[day + 1])
            time = _reached(way, day, high, start) - _reached(way, day, low, start)
            counted[day] = counted.get(day, NOTHING) + time
    return counted


def _running(start: datetime, due_at: datetime, stops: Stops) -> Iterator[tuple[datetime, datetime]]:
    for since, until in stops:
        if since >= due_at:
            break
        if since > start:
            yield start, since
        start = max(start, until)
    if start < due_at:
        yield start, due_at


def _reached(way: _Way, day: int, moment: datetime, start: datetime) -> timedelta:
    """How far the unit's own count has come at `moment` of a date."""
    table, unit = way.table, way.turnaround.unit
    if unit == "clock_hour":
        return moment - way.received
    if unit == "staffed_hour":
        return table.staffed(moment)
    return table.clock(moment) if moment == start else table.counted(moment)


def _hour_whys(way: _Way, day: int, start: datetime, time: timedelta) -> Iterator[str]:
    table = way.table
    since, until = table.midnights[day], table.midnights[day + 1]
    if day == way.filed:
        yield f"Received {way.clock(way.received, day)}"
        if start != way.received:
            yield _start_words(way, start)
    if way.turnaround.unit != "clock_hour" and not table.is_business(day):
        yield way.hours(day)
    elif way.touched(day):
        yield "Paused for part of it" if time else "Paused"
    elif since < start < until and day != way.filed:
        yield f"Counted from {way.clock(start, day)}"
    elif day not in (way.filed, way.last):
        yield _full_words(way, day)
    if way.expected_from not in (None, way.due_at) and since < way.expected_from <= until:
        yield f"Expected from {way.clock(way.expected_from, day)}"
    if day == way.last:
        yield f"Due {way.clock(way.due_at, day)}"


def _start_words(way: _Way, start: datetime) -> str:
    local = start.astimezone(way.calendar.tz)
    year = way.table.date_of(way.filed).year
    return f"closed then, so the clock starts {day_words(local.date(), year)}, {local:%H:%M}"


def _full_words(way: _Way, day: int) -> str:
    if way.turnaround.unit == "clock_hour":
        return "Every hour counts"
    if way.turnaround.unit == "staffed_hour":
        return way.hours(day)
    return "A business date, worth 24 hours"


def _hours_words(time: timedelta) -> str:
    """A length of time in hours: "24 h", "6 h 1 min", "20 s"."""
    hours, rest = divmod(time, timedelta(hours=1))
    minutes, rest = divmod(rest, timedelta(minutes=1))
    seconds = f"{rest.total_seconds():.6f}".rstrip("0").rstrip(".")
    parts = [(str(hours), "h"), (str(minutes), "min"), (seconds, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number != "0")


_LINES = {
    "business_day": _business_day_lines,
    "week": _week_lines,
    "business_hour": _hour_lines,
    "staffed_hour": _hour_lines,
    "clock_hour": _hour_lines,
}
