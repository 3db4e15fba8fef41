"""What a calendar says of a date, and what one says otherwise than another, in words (K1, K14). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from escalations.domain.calendar import BusinessCalendar, Intervals
from escalations.domain.calendar_edit import NamedCalendar, hours_words

OPEN, CLOSED, HOLIDAY, HALF, SPECIAL = "open", "closed", "holiday", "half", "special"
KINDS = {
    OPEN: "Open",
    CLOSED: "Closed",
    HOLIDAY: "Holiday",
    HALF: "Half day",
    SPECIAL: "Open specially",
}
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

NameOf = Callable[[NamedCalendar, date], str]


@dataclass(frozen=True)
class Day:
    """One date of a calendar: what kind of day it is, its hours in words, and what it is called."""

    on: date
    kind: str
    hours: str
    name: str

    @property
    def words(self) -> str:
        """The day in words: "Half day, 09:00–13:00, Christmas Eve"."""
        return ", ".join(part for part in (KINDS[self.kind], self.hours, self.name) if part)


def day_of(calendar: NamedCalendar, on: date, name_of: NameOf) -> Day:
    """What the calendar says of a date."""
    rules = calendar.rules
    intervals = rules.intervals(on)
    kind = kind_of(rules, on)
    named = on in rules.holidays or on in rules.exceptions
    hours = hours_words(intervals) if intervals else ""
    return Day(on, kind, hours, name_of(calendar, on) if named else "")


def kind_of(rules: BusinessCalendar, on: date) -> str:
    """Open as every week, closed, a holiday, a half day, or open specially."""
    usual, now = rules.hours[on.weekday()], rules.intervals(on)
    if on in rules.exceptions:
        if not now:
            return CLOSED
        if now == usual and on not in rules.holidays:
            return OPEN
        return HALF if usual and _length(now) < _length(usual) else SPECIAL
    if on in rules.holidays:
        return HOLIDAY
    return OPEN if now else CLOSED


def _length(intervals: Intervals) -> timedelta:
    def since(clock: object) -> timedelta:
        return timedelta(hours=getattr(clock, "hour", 0), minutes=getattr(clock, "minute", 0))

    return sum(((since(end) or timedelta(days=1)) - since(start) for start, end in intervals), timedelta())


def differences(old: NamedCalendar, new: NamedCalendar, name_of: NameOf) -> list[str]:
    """What the new calendar says otherwise, a sentence each: zone, weekdays, then dates in their order."""
    said = []
    if old.rules.zone != new.rules.zone:
        said.append(f"Time zone: {new.rules.zone} instead of {old.rules.zone}")
    for name, was, will in zip(DAYS, old.rules.hours, new.rules.hours, strict=True):
        if was != will:
            said.append(f"{name}: {hours_words(will)} instead of {hours_words(was)}")
    return said + [line for on in _named(old, new) if (line := _difference(old, new, on, name_of))]


def _named(old: NamedCalendar, new: NamedCalendar) -> Sequence[date]:
    calendars = (old.rules, new.rules)
    return sorted({on for one in calendars for on in (*one.holidays, *one.exceptions)})


def _difference(old: NamedCalendar, new: NamedCalendar, on: date, name_of: NameOf) -> str:
    was, will = _said_of(old, on, name_of), _said_of(new, on, name_of)
    if _is_named(old, on) == _is_named(new, on) and was == will:
        return ""
    if was[0] == will[0] and was[1] == will[1]:
        return f"{day_words(on)}: called “{will[2]}”" if will[2] else f"{day_words(on)}: without a name"
    name = f" ({will[2]})" if will[2] else ""
    return f"{day_words(on)}: {_plain(will)}{name} instead of {_plain(was)}"


def _is_named(calendar: NamedCalendar, on: date) -> bool:
    return on in calendar.rules.holidays or on in calendar.rules.exceptions


def _said_of(calendar: NamedCalendar, on: date, name_of: NameOf) -> tuple[str, str, str]:
    day = day_of(calendar, on, name_of)
    return day.kind, day.hours, day.name


def _plain(said: tuple[str, str, str]) -> str:
    kind, hours, _ = said
    if kind == OPEN:
        return "open"
    return f"{KINDS[kind].lower()}, {hours}" if hours else KINDS[kind].lower()


def day_words(on: date) -> str:
    """A date in a sentence: "Fri 27 Nov 2026"."""
    return f"{on:%a} {on.day} {on:%b} {on.year}"
