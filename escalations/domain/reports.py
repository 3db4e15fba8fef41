"""The arithmetic of reports: their periods, shares with their denominators, the middle and the tail.

Weeks start on Monday. A share of fewer than five cases is never said in per cent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from tables.periods import DAY, WEEK, Period, Periods, monday_of

FEWEST = 5
"""Below so many cases there is no percentage and no percentile: "3 of 4" instead."""
LONGEST = 731
"""A report covers so many days at most: two years."""
HALF, NINE_TENTHS = 50, 90
AGES = ((0, "0–2"), (3, "3–5"), (6, "6–10"), (11, "11–20"), (21, "21–45"), (46, "over 45"))
"""The bands of age in business days: from which day on, and how the band is said."""


def _weeks_back(number: int) -> Callable[[date], Period]:
    """This week and the ones before it, so many in all."""
    return lambda today: Period(monday_of(today) - (number - 1) * WEEK, today)


def _quarter_of(on: date) -> date:
    return date(on.year, (on.month - 1) // 3 * 3 + 1, 1)


def _last_quarter(today: date) -> Period:
    last = _quarter_of(today) - DAY
    return Period(_quarter_of(last), last)


PRESETS: dict[str, tuple[str, Callable[[date], Period]]] = {
    "this-week": ("This week", _weeks_back(1)),
    "last-4-weeks": ("Last 4 weeks", _weeks_back(4)),
    "last-8-weeks": ("Last 8 weeks", _weeks_back(8)),
    "quarter": ("This quarter", lambda today: Period(_quarter_of(today), today)),
    "last-quarter": ("Last quarter", _last_quarter),
}
PERIODS = Periods(
    PRESETS, "last-8-weeks", LONGEST, "A report covers two years at most. Choose a shorter period."
)


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
