"""The arithmetic of reports: periods of local dates, shares with their denominators, the middle and the tail.

A period is two local dates of the company, both within it; weeks start on Monday. A share of fewer than
five cases is never said in per cent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FEWEST = 5
"""Below so many cases there is no percentage and no percentile: "3 of 4" instead."""
LONGEST = 731
"""A report covers so many days at most: two years."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)

HALF, NINE_TENTHS = 50, 90
AGES = ((0, "0–2"), (3, "3–5"), (6, "6–10"), (11, "11–20"), (21, "21–45"), (46, "over 45"))
"""The bands of age in business days: from which day on, and how the band is said."""


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


def _said(on: date) -> str:
    return f"{on.day} {on:%B} {on.year}"


def monday_of(on: date) -> date:
    """The Monday of a date's week."""
    return on - timedelta(days=on.weekday())


def _weeks_back(number: int) -> Callable[[date], Period]:
    """This week and the ones before it, so many in all."""
    return lambda today: Period(monday_of(today) - (number - 1) * WEEK, today)


def _quarter_of(on: date) -> date:
    return date(on.year, (on.month - 1) // 3 * 3 + 1, 1)


def _last_quarter(today: date) -> Period:
    last = _quarter_of(today) - timedelta(days=1)
    return Period(_quarter_of(last), last)


PRESETS: dict[str, tuple[str, Callable[[date], Period]]] = {
    "this-week": ("This week", _weeks_back(1)),
    "last-4-weeks": ("Last 4 weeks", _weeks_back(4)),
    "last-8-weeks": ("Last 8 weeks", _weeks_back(8)),
    "quarter": ("This quarter", lambda today: Period(_quarter_of(today), today)),
    "last-quarter": ("Last quarter", _last_quarter),
}
USUAL = "last-8-weeks"


def share(part: int, whole: int) -> str:
    """A part of a whole: "75%", "3 of 4" for few, "–" of nothing.

    A hundred per cent is all of them and nothing per cent is none: 199 of 200 are 99%.
    """
    if whole == 0:
        return "–"
    if whole < FEWEST:
        return f"{part} of {whole}"
    percent = math.floor(100 * part / whole + 0.5)
    if part < whole:
        percent = min(percent, 99)
    if part > 0:
        percent = max(percent, 1)
    return f"{percent}%"


def percentile(values: Sequence[Any], percent: int) -> Any:
    """The smallest of the values, which are sorted, that ``percent`` of them do not exceed (nearest rank).

    Raises ``ValueError`` for no values.
    """
    if not values:
        raise ValueError("Nothing has no percentile.")
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)]


def plural(number: int, noun: str, several: str = "") -> str:
    """A number with its noun: "1 ticket", "1,204 tickets"."""
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"


def length_words(length: timedelta) -> str:
    """A length of elapsed time: "3 d 4 h", "2 h 5 min", "40 min"."""
    minutes = int(length.total_seconds()) // 60
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    said = [f"{number:,} {unit}" for number, unit in parts if number]
    return " ".join(said[:2]) or "0 min"
