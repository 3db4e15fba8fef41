"""A year of a calendar as twelve months, a word for every day."""

from __future__ import annotations

import calendar as months_of
from dataclasses import dataclass
from datetime import date

from escalations.domain.calendar_edit import NamedCalendar
from escalations.domain.calendar_words import KINDS, OPEN, Day, day_of
from escalations.policies import date_name

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Cell:
    """One day: what it is, whether it is today, and whether it is another than in the calendar in force."""

    day: Day
    today: bool = False
    changed: bool = False

    @property
    def words(self) -> str:
        """All of it for whoever does not see the colours."""
        more = [word for word, holds in (("today", self.today), ("changed", self.changed)) if holds]
        return ", ".join([self.day.words.lower() if self.day.kind == OPEN else self.day.words, *more])


@dataclass(frozen=True)
class Month:
    """One month: weeks of seven cells, ``None`` outside it, and its notable days in words."""

    name: str
    weeks: list[list[Cell | None]]
    notes: list[Day]


@dataclass(frozen=True)
class Year:
    """The year with its neighbours and what it adds up to."""

    number: int
    months: list[Month]
    open_days: int
    holidays: int
    changed: int

    weekdays = _WEEKDAYS
    kinds = tuple(KINDS.items())

    @property
    def before(self) -> int:
        """The year before."""
        return self.number - 1

    @property
    def after(self) -> int:
        """The year after."""
        return self.number + 1


def year_of(calendar: NamedCalendar, number: int, today: date, in_force: NamedCalendar | None = None) -> Year:
    """Lay out a year; ``in_force`` marks the days that are another there."""
    cells = {}
    for month in range(1, 13):
        for on in (date(number, month, day + 1) for day in range(months_of.monthrange(number, month)[1])):
            day = day_of(calendar, on, date_name)
            changed = in_force is not None and day_of(in_force, on, date_name) != day
            cells[on] = Cell(day, on == today, changed)
    found = [_month(number, month, cells) for month in range(1, 13)]
    named = [on for on in calendar.rules.holidays if on.year == number]
    opened = sum(1 for cell in cells.values() if cell.day.hours)
    return Year(number, found, opened, len(named), sum(cell.changed for cell in cells.values()))


def _month(year: int, month: int, cells: dict[date, Cell]) -> Month:
    weeks = months_of.Calendar().monthdatescalendar(year, month)
    shown = [[cells[on] if on.month == month else None for on in week] for week in weeks]
    days = [cell.day for week in shown for cell in week if cell is not None]
    notes = [day for day in days if day.name or day.kind not in (OPEN, "closed")]
    return Month(f"{date(year, month, 1):%B}", shown, notes)
