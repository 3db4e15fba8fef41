"""Editing the business calendar: what was typed becomes a calendar, or what is wrong with it (K1). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from types import MappingProxyType
from typing import Any

from escalations.domain.calendar import (
    MIDNIGHT,
    MOST_INTERVALS,
    WEEKDAYS,
    BusinessCalendar,
    CalendarError,
    Intervals,
)
from escalations.domain.timetable import FIRST_YEAR, LAST_YEAR

HOLIDAY, EXCEPTION = "holiday", "exception"
LONGEST_NAME = 60
MOST_ROWS = 600
"""Dates that one calendar may name, holidays and exceptions together."""

_DASH = re.compile(r"\s*(?:-|–|—|\bto\b|\buntil\b)\s*", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,|;|\band\b)\s*", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))?\s*([ap])?\.?m?\.?", re.IGNORECASE | re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class NamedCalendar:
    """A calendar with what its holidays and exceptions are called.

    A date without a name of its own is called as the shipped holidays say, if they know it.
    """

    rules: BusinessCalendar
    names: Mapping[date, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: Any) -> NamedCalendar:
        """Read a calendar version's data: the contract's ``calendar`` object, and ``names`` by date."""
        plain = {key: part for key, part in value.items() if key != "names"}
        names = {date.fromisoformat(on): str(name) for on, name in value.get("names", {}).items()}
        return cls(BusinessCalendar.from_json(plain), MappingProxyType(names))

    def to_json(self) -> dict[str, Any]:
        """The data of a version; ``names`` only where there are some."""
        named = {on.isoformat(): name for on, name in sorted(self.names.items())}
        return self.rules.to_json() | ({"names": named} if named else {})


Known = Callable[[date], str]
"""What a date is called where nobody named it; empty for an ordinary one."""


@dataclass(frozen=True)
class DateRow:
    """One date as it was typed: a holiday, or an exception with its hours (empty: closed)."""

    kind: str
    on: str = ""
    hours: str = ""
    name: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed into it."""
        return not (self.on.strip() or self.hours.strip() or self.name.strip())

    @property
    def year(self) -> int | None:
        """The year of its date; ``None`` for a date that cannot be read."""
        try:
            return read_date(self.on).year
        except CalendarError:
            return None


@dataclass(frozen=True)
class Typed:
    """The whole form: the zone, the hours of seven weekdays Monday first, and the dates."""

    zone: str
    hours: tuple[str, ...]
    rows: tuple[DateRow, ...]

    @classmethod
    def of(cls, calendar: NamedCalendar, known: Known) -> Typed:
        """A calendar as its form shows it; holidays without a name of their own have the ``known`` one."""
        rules, names = calendar.rules, calendar.names
        holidays = [
            DateRow(HOLIDAY, on.isoformat(), "", names.get(on) or known(on)) for on in sorted(rules.holidays)
        ]
        special = [
            DateRow(
                EXCEPTION,
                on.isoformat(),
                hours_words(day, closed=""),
                "" if on in rules.holidays else names.get(on, ""),
            )
            for on, day in sorted(rules.exceptions.items())
        ]
        return cls(
            rules.zone, tuple(hours_words(day, closed="") for day in rules.hours), (*holidays, *special)
        )

    def of_kind(self, kind: str) -> list[tuple[int, DateRow]]:
        """The rows of a kind, each with its place among all rows."""
        return [(number, row) for number, row in enumerate(self.rows) if row.kind == kind]

    def with_rows(self, rows: Iterable[DateRow]) -> Typed:
        """The same form with other dates."""
        return replace(self, rows=tuple(rows))


Wrong = dict[str, str]
"""What is wrong, by field: ``zone``, ``hours``, ``mon`` … ``sun``, and ``on.3``, ``hours.3``, ``name.3`` of
row 3."""


def read_typed(typed: Typed, known: Known) -> tuple[NamedCalendar | None, Wrong]:
    """The calendar that was typed; or ``None`` and everything that stands against it, by field.

    A holiday's name that is ``known`` is not kept, so that it goes on being called as the shipped list says.
    """
    wrong: Wrong = {}
    hours = tuple(_read_day(said, name, wrong) for name, said in zip(WEEKDAYS, typed.hours, strict=True))
    if not any(hours) and not any(name in wrong for name in WEEKDAYS):
        wrong["hours"] = "Give at least one weekday open hours: no deadline ends while all is closed."
    holidays, exceptions, names = _read_rows(typed.rows, wrong)
    try:
        rules = BusinessCalendar(typed.zone.strip(), hours, frozenset(holidays), exceptions)
    except CalendarError as refused:
        if refused.field == "zone" or not wrong:
            wrong.setdefault(refused.field if refused.field == "zone" else "hours", refused.message)
        return None, wrong
    own = {on: name for on, name in names.items() if on not in holidays or name != known(on)}
    return (None, wrong) if wrong else (NamedCalendar(rules, own), {})


def _read_day(said: str, name: str, wrong: Wrong) -> Intervals:
    try:
        return read_hours(said)
    except CalendarError as refused:
        wrong[name] = refused.message
        return ()


def _read_rows(
    rows: Sequence[DateRow], wrong: Wrong
) -> tuple[set[date], dict[date, Intervals], dict[date, str]]:
    holidays: set[date] = set()
    exceptions: dict[date, Intervals] = {}
    names: dict[date, str] = {}
    for number, row in enumerate(rows):
        if row.is_blank:
            continue
        on = _read_on(row, number, holidays if row.kind == HOLIDAY else exceptions, wrong)
        name = _read_name(row, number, wrong)
        hours = _read_day(row.hours, f"hours.{number}", wrong)
        if on is None:
            continue
        if row.kind == HOLIDAY:
            holidays.add(on)
        else:
            exceptions[on] = hours
        if name:
            names[on] = name
    if len(holidays) + len(exceptions) > MOST_ROWS:
        wrong["rows"] = f"Name at most {MOST_ROWS} dates; take out years that are over."
    return holidays, exceptions, names


def _read_on(row: DateRow, number: int, known: Iterable[date], wrong: Wrong) -> date | None:
    try:
        on = read_date(row.on)
        if on in known:
            what = "a holiday" if row.kind == HOLIDAY else "an exception"
            raise CalendarError("on", f"{on.isoformat()} is given as {what} twice.")
        return on
    except CalendarError as refused:
        wrong[f"on.{number}"] = refused.message
        return None


def _read_name(row: DateRow, number: int, wrong: Wrong) -> str:
    name = " ".join(row.name.split()) if not _UNPRINTABLE.search(row.name) else row.name
    if len(name) > LONGEST_NAME:
        wrong[f"name.{number}"] = f"Give at most {LONGEST_NAME} characters."
    elif _UNPRINTABLE.search(name):
        wrong[f"name.{number}"] = "This holds a character that cannot be written."
    return name


def read_date(said: str) -> date:
    """A date as in 2026-05-25; CalendarError for one that does not exist or that no calendar reaches."""
    text = said.strip()
    if not text:
        raise CalendarError("on", "Give the date.")
    if not _DATE.fullmatch(text):
        raise CalendarError("on", f"{_quoted(said)} is not a date; write it as in 2026-05-25.")
    try:
        on = date.fromisoformat(text)
    except ValueError:
        raise CalendarError("on", f"There is no {text} in the calendar.") from None
    if not FIRST_YEAR < on.year < LAST_YEAR:
        raise CalendarError("on", f"Give a date between {FIRST_YEAR + 1} and {LAST_YEAR - 1}.")
    return on


def read_hours(said: str) -> Intervals:
    """Open hours as people write them: "09:00–12:00, 13:00–18:00"; empty or "closed" for none.

    Raises CalendarError with a sentence for times there are not, intervals that overlap or end before they
    start.
    """
    text = said.strip()
    if not text or text.casefold() in ("closed", "–", "-"):
        return ()
    if len(text) > 400:
        raise CalendarError("hours", f"Give at most {MOST_INTERVALS} open intervals a day.")
    found = sorted(_pair(part) for part in _AND.split(text) if part)
    if len(found) > MOST_INTERVALS:
        raise CalendarError("hours", f"Give at most {MOST_INTERVALS} open intervals a day.")
    for before, after in zip(found, found[1:], strict=False):
        if before[1] == MIDNIGHT or after[0] < before[1]:
            raise CalendarError("hours", f"{hours_words([after])} overlaps {hours_words([before])}.")
    return tuple(found)


def _pair(said: str) -> tuple[time, time]:
    parts = _DASH.split(said.strip())
    if len(parts) != 2 or not all(parts):
        raise CalendarError(
            "hours", f"{_quoted(said)} is no interval; write when it opens and closes, as in 09:00–18:00."
        )
    start, end = (_clock(part) for part in parts)
    closes = MIDNIGHT if end is None else end
    if start is None or (closes <= start and closes != MIDNIGHT):
        raise CalendarError("hours", f"{said.strip()} must end after it starts.")
    return start, closes


def _clock(said: str) -> time | None:
    """A time of day; ``None`` for 24:00, the end of the day."""
    found = _CLOCK.fullmatch(said.strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if found and found[3] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    elif found and found[3]:
        hour = 99
    if (hour, minute) == (24, 0):
        return None
    if hour > 23 or minute > 59:
        raise CalendarError("hours", f"{_quoted(said)} is not a time of day; write it as in 09:00.")
    return time(hour, minute)


def hours_words(intervals: Iterable[tuple[time, time]], closed: str = "closed") -> str:
    """Open hours as they are written: "09:00–12:00, 13:00–18:00"."""
    said = [
        f"{start:%H:%M}–{'24:00' if end == MIDNIGHT else format(end, '%H:%M')}" for start, end in intervals
    ]
    return ", ".join(said) or closed


def with_holidays(typed: Typed, offered: Mapping[date, str]) -> tuple[Typed, int]:
    """The form with these holidays added, and how many it did not have; the rows stay sorted by date."""
    known = {row.on.strip() for row in typed.rows if row.kind == HOLIDAY}
    new = [
        DateRow(HOLIDAY, on.isoformat(), "", name)
        for on, name in offered.items()
        if on.isoformat() not in known
    ]
    kept = [row for row in typed.rows if not row.is_blank]
    holidays = sorted((row for row in [*kept, *new] if row.kind == HOLIDAY), key=lambda row: row.on)
    return typed.with_rows([*holidays, *(row for row in kept if row.kind == EXCEPTION)]), len(new)


def rows_to_json(rows: Iterable[DateRow]) -> list[list[str]]:
    """Rows as a form carries those it does not show."""
    return [[row.kind, row.on, row.hours, row.name] for row in rows]


def rows_from_json(value: Any) -> Iterator[DateRow]:
    """Those rows; ValueError for anything else."""
    if not isinstance(value, list) or len(value) > MOST_ROWS:
        raise ValueError("no rows")
    for row in value:
        if not isinstance(row, list) or len(row) != 4 or not all(isinstance(one, str) for one in row):
            raise ValueError("no row")
        if row[0] not in (HOLIDAY, EXCEPTION) or any(_UNPRINTABLE.search(one) for one in row):
            raise ValueError("no row")
        yield DateRow(*row)


def _quoted(said: str) -> str:
    text = _UNPRINTABLE.sub("", said.strip())
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
