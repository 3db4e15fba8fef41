"""Choosing the hours and the holidays of a desk as a whole: what is offered, and what it comes to (K1).

The business calendar's own page edits dates; here somebody says which list of holidays they keep, which of it
they do not, and what they add. What is over stays as it is: only this year and those ahead are made anew.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from escalations.calendars.lists import FEDERAL, listed
from escalations.domain.calendar import WEEKDAYS
from escalations.domain.calendar_edit import HOLIDAY, DateRow, NamedCalendar, Typed, read_typed
from escalations.policies import YEARS_AHEAD, holiday_name

NONE = "none"
"""The choice of no list at all."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
USUAL = ("09:00–18:00",) * 5 + ("", "")
"""Monday to Friday, nine to six: what Holdline begins with, and what its own examples count by."""
ALWAYS = ("00:00–24:00",) * 7
_OBSERVED = re.compile(r"\s*\((?:observed|estimated|observed, estimated)\)$")


@dataclass(frozen=True)
class Chosen:
    """Which list is kept, and which of its holidays are not, by name."""

    region: str = FEDERAL
    without: frozenset[str] = frozenset()

    @property
    def is_none(self) -> bool:
        """Whether no list is kept."""
        return self.region == NONE


@dataclass(frozen=True)
class Offered:
    """A holiday of a list: its name, when it is this year and next, and whether it is kept."""

    name: str
    dates: tuple[tuple[date, ...], tuple[date, ...]]
    kept: bool


def plain_name(name: str) -> str:
    """A holiday's name without the word that its day was moved."""
    return _OBSERVED.sub("", name)


def offered(chosen: Chosen, year: int) -> list[Offered]:
    """The holidays of a list this year and next, in the order of the year they first come in."""
    found: dict[str, tuple[list[date], list[date]]] = {}
    for place, shown in enumerate((year, year + 1)):
        for on, name in listed(chosen.region, str(shown)).items():
            found.setdefault(plain_name(name), ([], []))[place].append(on)
    return [
        Offered(name, (tuple(now), tuple(after)), name not in chosen.without)
        for name, (now, after) in found.items()
    ]


def days_of(chosen: Chosen, year: int) -> dict[date, str]:
    """Every day that the choice closes, from this year on as far as a calendar is laid out ahead."""
    found: dict[date, str] = {}
    for ahead in range(year, year + YEARS_AHEAD + 1):
        found |= listed(chosen.region, str(ahead))
    return {on: name for on, name in found.items() if plain_name(name) not in chosen.without}


def chosen_in(calendar: NamedCalendar, region: str, year: int) -> Chosen:
    """The choice of a list that this calendar comes the closest to: what it does not close is left out."""
    closed = calendar.rules.holidays
    kept, missing = set[str](), set[str]()
    for one in offered(Chosen(region), year):
        days = (*one.dates[0], *one.dates[1])
        (kept if any(on in closed for on in days) else missing).add(one.name)
    return Chosen(region, frozenset(missing - kept))


def own_rows(calendar: NamedCalendar, region: str, year: int) -> list[DateRow]:
    """The holidays of this calendar from this year on that its list does not have."""
    every = days_of(Chosen(region), year)
    rows = Typed.of(calendar, holiday_name).of_kind(HOLIDAY)
    return [row for _, row in rows if (row.year or 0) >= year and date.fromisoformat(row.on) not in every]


def with_hours(calendar: NamedCalendar, zone: str, hours: Sequence[str]) -> Typed:
    """The calendar's form with other hours and another zone."""
    return replace(Typed.of(calendar, holiday_name), zone=zone, hours=tuple(hours))


def with_holidays(calendar: NamedCalendar, chosen: Chosen, own: Sequence[DateRow], year: int) -> Typed:
    """The calendar's form with the holidays of a choice and one's own, first; what is over stays.

    A day of the list that is also one's own is called as one calls it.
    """
    typed = Typed.of(calendar, holiday_name)
    mine = {row.on.strip() for row in own}
    before = [row for row in typed.rows if row.kind == HOLIDAY and (row.year or 0) < year]
    rest = [row for row in typed.rows if row.kind != HOLIDAY]
    new = [DateRow(HOLIDAY, on.isoformat(), "", name) for on, name in sorted(days_of(chosen, year).items())]
    others = [row for row in (*before, *new) if row.on not in mine]
    return typed.with_rows([*own, *others, *rest])


def read(typed: Typed) -> tuple[NamedCalendar | None, Mapping[str, str]]:
    """The calendar that was chosen; or ``None`` and what is wrong, as :func:`read_typed` tells it."""
    return read_typed(typed, holiday_name)


def own_wrong(wrong: Mapping[str, str], count: int) -> dict[int, str]:
    """What is wrong with each of one's own rows, which stand first: by its place, all of it."""
    return {
        place: " ".join(wrong[key] for key in (f"on.{place}", f"name.{place}") if key in wrong)
        for place in range(count)
        if {f"on.{place}", f"name.{place}"} & wrong.keys()
    }


def hours_wrong(wrong: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with zone and hours, by field."""
    return {name: wrong[name] for name in ("zone", "hours", *WEEKDAYS) if name in wrong}


def week_words(hours: Collection[str]) -> str:
    """A week in words, weekdays of the same hours together: "Monday to Friday 09:00–18:00"."""
    said, week = [], list(hours)
    start = 0
    while start < len(week):
        end = start
        while end + 1 < len(week) and week[end + 1] == week[start]:
            end += 1
        if week[start]:
            days = DAYS[start] if start == end else f"{DAYS[start]} to {DAYS[end]}"
            said.append(f"{days} {week[start]}")
        start = end + 1
    return ", ".join(said) or "never open"
