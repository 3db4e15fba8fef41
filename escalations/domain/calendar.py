"""The business calendar: zone, weekly hours, holidays and dated exceptions (K1)."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from escalations.domain.refusals import CalendarError, HorizonError, TimeRuleError
from escalations.domain.timetable import Spans, Tables

__all__ = ["WEEKDAYS", "BusinessCalendar", "CalendarError", "HorizonError", "TimeRuleError", "tables"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0)

# Bounds on what is typed or sent, so that no calendar takes long to lay out.
MOST_INTERVALS = 24
MOST_DATES = 5000

Intervals = tuple[tuple[time, time], ...]

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Names that mean something else on every machine, or are no place.
_NOT_ZONES = {"localtime", "posixrules", "Factory", "posix", "right"}


@dataclass(frozen=True)
class BusinessCalendar:
    """When a company is open (K1).

    `zone` is an IANA name. `hours` holds, Monday first, the open intervals of each weekday as wall clock
    times; a closing `time(0)` is the midnight that ends the date. `holidays` are closed local dates.
    `exceptions` give the hours of single dates (none: closed) and win over holidays.

    Raises CalendarError, naming the field, for a calendar that cannot be kept: an unknown zone, intervals
    that overlap or end before they start, or no open time at all.
    """

    zone: str
    hours: tuple[Intervals, ...]
    holidays: frozenset[date] = frozenset()
    exceptions: Mapping[date, Intervals] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _zone(self.zone)
        if not isinstance(self.hours, list | tuple) or len(self.hours) != 7:
            raise CalendarError("hours", "Give the hours of seven weekdays, Monday first.")
        hours = tuple(
            _intervals(day, f"hours.{name}") for name, day in zip(WEEKDAYS, self.hours, strict=True)
        )
        exceptions = {
            _day(on, "exceptions"): _intervals(day, f"exceptions.{on}") for on, day in self.exceptions.items()
        }
        if not any(hours) and not any(exceptions.values()):
            raise CalendarError(
                "hours", "Give at least one open interval: no deadline ends while all is closed."
            )
        object.__setattr__(self, "hours", hours)
        object.__setattr__(self, "holidays", frozenset(_day(on, "holidays") for on in self.holidays))
        object.__setattr__(self, "exceptions", MappingProxyType(exceptions))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self):
        return type(self), (self.zone, self.hours, self.holidays, dict(self.exceptions))

    @cached_property
    def _hash(self) -> int:
        return hash((self.zone, self.hours, self.holidays, frozenset(self.exceptions.items())))

    @cached_property
    def tz(self) -> ZoneInfo:
        """The zone's rules."""
        return ZoneInfo(self.zone)

    @cached_property
    def tables(self) -> Tables:
        """The laid out calendar, shared by all equal calendars of the process."""
        return _shared_tables(self)

    @cached_property
    def _weekly(self) -> tuple[Spans, ...]:
        return tuple(_spans(intervals) for intervals in self.hours)

    @classmethod
    def from_json(cls, value: Any) -> "BusinessCalendar":
        """Read the contract's `calendar` object; CalendarError names the field and says what is wrong.

        `{"zone", "hours": {"mon": [["09:00", "18:00"]], …}, "holidays": ["2026-05-25"],
        "exceptions": [{"date", "hours": [["09:00", "13:00"]]}]}`; a weekday left out is closed, an end of
        "24:00" is midnight.
        """
        _keys(value, "calendar", ("zone", "hours"), ("holidays", "exceptions"))
        hours = value["hours"]
        _keys(hours, "hours", (), WEEKDAYS)
        return cls(
            zone=value["zone"],
            hours=tuple(_read_intervals(hours.get(name, []), f"hours.{name}") for name in WEEKDAYS),
            holidays=frozenset(_read_holidays(value.get("holidays", []))),
            exceptions=_read_exceptions(value.get("exceptions", [])),
        )

    def to_json(self) -> dict[str, Any]:
        """The contract's `calendar` object; `from_json` reads back an equal calendar."""
        return {
            "zone": self.zone,
            "hours": {
                name: _write_intervals(day) for name, day in zip(WEEKDAYS, self.hours, strict=True) if day
            },
            "holidays": [on.isoformat() for on in sorted(self.holidays)],
            "exceptions": [
                {"date": on.isoformat(), "hours": _write_intervals(day)}
                for on, day in sorted(self.exceptions.items())
            ],
        }

    def intervals(self, on: date) -> Intervals:
        """The open intervals of a local date as wall clock times; empty when closed (K1)."""
        special = self.exceptions.get(on)
        if special is not None:
            return special
        return () if on in self.holidays else self.hours[on.weekday()]

    def spans(self, on: date) -> Spans:
        """The open intervals of a local date as time since midnight; 24 hours is the end of the date."""
        special = self.exceptions.get(on)
        if special is not None:
            return _spans(special)
        return () if on in self.holidays else self._weekly[on.weekday()]

    def is_business(self, on: date) -> bool:
        """Whether the date has open time (K2). HorizonError outside the calendar's years."""
        table = self.tables.on(on)
        return table.is_business(table.day_on(on))

    def close_of(self, on: date) -> datetime:
        """Close of business on a local date, in UTC (K2). CalendarError when that date is closed."""
        table = self.tables.on(on)
        day = table.day_on(on)
        if not table.is_business(day):
            raise CalendarError("date", f"{on.isoformat()} is closed, so it has no close of business.")
        return table.closes[table.rank[day] - 1]

    def business_days_between(self, since: date, until: date) -> int:
        """How many business dates lie after `since`, up to and including `until` (K2: `since` is day 0)."""
        self.tables.on(since)
        table = self.tables.on(until)
        return table.rank[table.day_on(until)] - table.rank[table.day_on(since)]

    def is_open(self, at: datetime) -> bool:
        """Whether `at` is inside an open interval; the moment of closing is not."""
        return self.open_moment(at) == at

    def open_moment(self, at: datetime) -> datetime:
        """`at` when it is open, else the next opening, in UTC (K4). HorizonError when there is none."""
        moment = in_utc(at, "at")
        table = self.tables.covering(moment, "at")
        while True:  # ends: each table is longer than the last, up to the horizon
            try:
                return table.open_moment(moment)
            except IndexError:
                table = self.tables.longer(table, "at")

    def last_open_moment(self, at: datetime) -> datetime | None:
        """`at` when it is open, else the last minute before it that was, in UTC; None when there is none."""
        moment = in_utc(at, "at")
        table = self.tables.covering(moment, "at")
        while True:
            index = bisect_right(table.opens, moment) - 1
            if index >= 0:
                shuts = table.shuts[index]
                return moment if moment < shuts else shuts - timedelta(minutes=1)
            try:
                table = self.tables.earlier(table, "at")
            except HorizonError:
                return None


def tables(calendar: BusinessCalendar) -> Tables:
    """The precomputed lists of a calendar: laid out once, shared by equal calendars, longer on demand."""
    return calendar.tables


@lru_cache(maxsize=128)
def _shared_tables(calendar: BusinessCalendar) -> Tables:
    return Tables(calendar)


def in_utc(moment: Any, name: str) -> datetime:
    """An aware datetime as UTC; TimeRuleError naming the field for anything else."""
    if not isinstance(moment, datetime):
        raise TimeRuleError(name, "Give a date and time.")
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() is None:
        raise TimeRuleError(name, "Give the time with its offset from UTC, as in 2026-05-20T10:00:00-05:00.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise HorizonError(name, "That time is outside the years a calendar reaches.") from None


def _spans(intervals: Intervals) -> Spans:
    return tuple((_since_midnight(start), _until(end)) for start, end in intervals)


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute)


def _until(clock: time) -> timedelta:
    return timedelta(days=1) if clock == MIDNIGHT else _since_midnight(clock)


# Validation


def _zone(zone: Any) -> None:
    known = isinstance(zone, str) and len(zone) <= 64 and _ZONE.fullmatch(zone)
    if known and zone.split("/")[0] not in _NOT_ZONES:
        try:
            ZoneInfo(zone)
            return
        except (LookupError, ValueError, OSError):
            pass
    raise CalendarError("zone", f"{_shown(zone)} is not a time zone; write one as in America/Chicago.")


def _intervals(intervals: Iterable, name: str) -> Intervals:
    kept = tuple(sorted((_pair(pair, name) for pair in _listed(intervals, name)), key=lambda pair: pair[0]))
    if len(kept) > MOST_INTERVALS:
        raise CalendarError(name, f"Give at most {MOST_INTERVALS} open intervals a day.")
    for (_, end), (start, _) in zip(kept, kept[1:], strict=False):
        if end == MIDNIGHT or start < end:
            raise CalendarError(
                name, f"The interval that starts at {start:%H:%M} overlaps the one before it."
            )
    return kept


def _pair(pair: Any, name: str) -> tuple[time, time]:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise CalendarError(name, 'Give each interval as a start and an end, as in ["09:00", "18:00"].')
    start, end = pair
    for clock in pair:
        if not isinstance(clock, time) or clock.tzinfo or clock.second or clock.microsecond:
            raise CalendarError(name, "Give opening and closing times of the local clock in whole minutes.")
    if end != MIDNIGHT and end <= start:
        raise CalendarError(name, f"The interval {start:%H:%M}–{end:%H:%M} must end after it starts.")
    return start, end


def _day(on: Any, name: str) -> date:
    if type(on) is not date:
        raise CalendarError(name, "Give dates as in 2026-05-25.")
    return on


# The contract's JSON


def _keys(value: Any, name: str, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    if not isinstance(value, dict):
        raise CalendarError(name, f"Give {name} as an object with named fields.")
    unknown = [key for key in value if key not in required and key not in optional]
    if unknown:
        raise CalendarError(name, f"{_shown(unknown[0])} is not a field of {name}.")
    missing = [key for key in required if key not in value]
    if missing:
        raise CalendarError(missing[0], f"The field {missing[0]} is required.")


def _listed(value: Any, name: str, most: int = MOST_DATES) -> list | tuple:
    if not isinstance(value, list | tuple):
        raise CalendarError(name, f"Give {name} as a list.")
    if len(value) > most:
        raise CalendarError(name, f"Give at most {most} entries.")
    return value


def _read_intervals(value: Any, name: str) -> Intervals:
    pairs = []
    for pair in _listed(value, name):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise CalendarError(name, 'Give each interval as a start and an end, as in ["09:00", "18:00"].')
        end = MIDNIGHT if pair[1] == "24:00" else _read_clock(pair[1], name)
        if end == MIDNIGHT and pair[1] != "24:00":
            raise CalendarError(name, "An interval cannot end at 00:00; write 24:00 for the end of the day.")
        pairs.append((_read_clock(pair[0], name), end))
    return tuple(pairs)


def _read_clock(value: Any, name: str) -> time:
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise CalendarError(name, f"{_shown(value)} is not a time of day; write it as in 09:00.")
    return time.fromisoformat(value)


def _read_holidays(value: Any) -> list[date]:
    return [_read_date(on, "holidays") for on in _listed(value, "holidays")]


def _read_exceptions(value: Any) -> dict[date, Intervals]:
    exceptions: dict[date, Intervals] = {}
    for entry in _listed(value, "exceptions"):
        _keys(entry, "exceptions", ("date", "hours"), ())
        on = _read_date(entry["date"], "exceptions")
        if on in exceptions:
            raise CalendarError("exceptions", f"{on.isoformat()} is given twice.")
        exceptions[on] = _read_intervals(entry["hours"], "exceptions")
    return exceptions


def _read_date(value: Any, name: str) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise CalendarError(name, f"{_shown(value)} is not a date; write it as in 2026-05-25.")


def _write_intervals(intervals: Intervals) -> list[list[str]]:
    return [[f"{start:%H:%M}", "24:00" if end == MIDNIGHT else f"{end:%H:%M}"] for start, end in intervals]


def _shown(value: Any) -> str:
    """What was typed, short enough to repeat."""
    text = value if isinstance(value, str) else repr(value)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
