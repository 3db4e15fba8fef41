"""The period that a report is asked for: two local dates of the company, by a name or typed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2000, 2099
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class Period:
    """The local dates from ``first`` to ``last``, both counted."""

    first: date
    last: date

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The stretch ``[start, end)`` in which the period's moments lie."""
        start = datetime.combine(self.first, time(), zone)
        return start, datetime.combine(self.last + DAY, time(), zone)

    @property
    def weeks(self) -> list[date]:
        """The Mondays of every week the period touches."""
        found, monday = [], monday_of(self.first)
        while monday <= self.last:
            found.append(monday)
            monday += WEEK
        return found

    @property
    def words(self) -> str:
        """The period as it is said: "2 to 29 November 2026"."""
        first, last = self.first, self.last
        if first == last:
            return _said(last)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day} to {_said(last)}"
        return f"{_said(first) if first.year != last.year else f'{first.day} {first:%B}'} to {_said(last)}"

    @property
    def dates(self) -> dict[str, str]:
        """The period as two dates, for an address that must mean the same tomorrow."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def _said(on: date) -> str:
    return f"{on.day} {on:%B} {on.year}"


def monday_of(on: date) -> date:
    """The Monday of a date's week."""
    return on - timedelta(days=on.weekday())


def month_of(on: date, back: int = 0) -> date:
    """The first day of the month, so many months before that of ``on``."""
    months = on.year * 12 + on.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


class Fault(NamedTuple):
    """What was not understood: ``code`` for programs, ``sentence`` for people."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Chosen:
    """The period that was asked for: the name it has, if any, and what was not understood of it, by field."""

    name: str
    period: Period
    wrong: Mapping[str, Fault] = field(default_factory=dict)


@dataclass(frozen=True)
class Periods:
    """What one kind of page may be asked for.

    ``named`` are words and days by name, ``usual`` is the one without any; ``longest`` is how many days two
    dates may cover, ``too_long`` what is said beyond.
    """

    named: Mapping[str, tuple[str, Callable[[date], Period]]]
    usual: str
    longest: int
    too_long: str

    def read(self, given: Mapping[str, str], *, today: date) -> Chosen:
        """The period by its name, or by two dates; a wrong one is said, and the usual one stands for it."""
        name = given.get("period", "")
        usual = self._of(self.usual, today)
        if name in self.named:
            return self._of(name, today)
        if name:
            said = f"A period is one of: {', '.join(self.named)}."
            return Chosen(usual.name, usual.period, {"period": Fault("choice", said)})
        if not (given.get("from") or given.get("to")):
            return usual
        wrong: dict[str, Fault] = {}
        first = _day("first", "from", given, wrong)
        last = _day("last", "to", given, wrong) if given.get("to") else today
        if first is None or last is None:
            return Chosen(usual.name, usual.period, wrong)
        if last < first:
            said = "The period ends before it begins. Choose a later last day."
            return Chosen(usual.name, usual.period, {"to": Fault("range", said)})
        if (last - first).days >= self.longest:
            return Chosen(usual.name, usual.period, {"to": Fault("range", self.too_long)})
        return Chosen("", Period(first, last))

    def _of(self, name: str, today: date) -> Chosen:
        return Chosen(name, self.named[name][1](today))

    def state_of(self, chosen: Chosen) -> dict[str, str]:
        """What an address says of it; nothing of the usual one."""
        if not chosen.name:
            return chosen.period.dates
        return {} if chosen.name == self.usual else {"period": chosen.name}


def _day(end: str, name: str, given: Mapping[str, str], wrong: dict[str, Fault]) -> date | None:
    """A date as it was typed."""
    said = given.get(name, "")
    try:
        found = date.fromisoformat(said) if len(said) == 10 and said.isascii() else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        wrong[name] = Fault("date", f"The {end} day is a date such as 2026-05-20.")
        return None
    return found
