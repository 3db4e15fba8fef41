"""How long held claims waited until their deductible was met, and which of those curves speaks for a claim.
Pure.

A curve is Kaplan and Meier's: holds that ended otherwise (by time, by hand, payer changed), and those still
held, count for as long as they were watched and say nothing about what came after. Days are counted from
the grid date on which a hold began, or the last one before it, so that a curve falls on the days on which a
payer is asked (``cadence``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from deductibles.domain import cadence

ENOUGH = 30
"""Deductibles seen met before a curve says anything."""
ENOUGH_WATCHED = 5
"""Claims that were still watched on a day, without which a curve says nothing about what follows it."""

_LIMITS = (Decimal(250), Decimal(500), Decimal(1000), Decimal(2000))
BANDS = ("250", "500", "1000", "2000", "more")
"""What remained when the hold began, by its upper limit in dollars."""
BAND_WORDS = {
    "250": "up to $250",
    "500": "$250 to $500",
    "1000": "$500 to $1,000",
    "2000": "$1,000 to $2,000",
    "more": "more than $2,000",
}


class Key(NamedTuple):
    """Whose curve: a payer's claims of one band held in one month, and wider with each None.

    ``month`` is that of the calendar, 1 to 12, whatever the year: deductibles begin anew with the plan year.
    """

    payer: int | None = None
    band: str | None = None
    month: int | None = None


COMPANY = Key()


def band_of(remaining: Decimal | None) -> str | None:
    """The band of an amount that remained; None for one that nobody knows."""
    return None if remaining is None else BANDS[bisect_left(_LIMITS, remaining)]


def widening(payer: int | None, band: str | None, started_on: date) -> list[Key]:
    """The curves that may speak for a claim, the closest first."""
    keys = []
    if payer is not None and band is not None:
        keys += [Key(payer, band, started_on.month), Key(payer, band)]
    if payer is not None:
        keys.append(Key(payer))
    return [*keys, COMPANY]


def day_zero(started_on: date, anchor_on: date) -> date:
    """The grid date on which the hold began, or the last one before it (D-CHK-3)."""
    return started_on - timedelta(days=(started_on - anchor_on).days % cadence.EVERY)


@dataclass(frozen=True)
class Curve:
    """One curve: after each of ``days`` that share of claims was ``unmet`` still, of ``claims`` watched.

    ``met`` of them were seen met. ``watched`` are those that were still watched on each of the days.
    """

    key: Key
    claims: int
    met: int
    days: tuple[int, ...]
    watched: tuple[int, ...]
    unmet: tuple[float, ...]

    @property
    def says_enough(self) -> bool:
        """Whether it rests on enough to be said."""
        return self.met >= ENOUGH

    def unmet_after(self, day: int) -> float:
        """The share whose deductible was not met up to and with this day."""
        place = bisect_right(self.days, day)
        return self.unmet[place - 1] if place else 1.0

    def reaches(self, day: int) -> bool:
        """Whether enough claims were still watched after this day to say what follows."""
        place = bisect_right(self.days, day)
        return place < len(self.days) and self.watched[place] >= ENOUGH_WATCHED

    def chance(self, *, after: int, until: int) -> float | None:
        """The chance that a claim unmet after the one day is met up to and with the other; None if
        unknown."""
        still = self.unmet_after(after)
        if not self.reaches(after) or still <= 0:
            return None
        return 1 - self.unmet_after(max(until, after)) / still

    def days_expected(self, *, after: int, until: int) -> float | None:
        """How many days more it waits on average, at most until the other day; None if unknown."""
        still = self.unmet_after(after)
        if not self.reaches(after) or still <= 0:
            return None
        return sum(self.unmet_after(day) for day in range(after, until)) / still


def choose(curves: Mapping[Key, Curve], keys: Iterable[Key], day: int) -> Curve | None:
    """The closest curve that says enough and reaches beyond ``day``; None is "not enough history"."""
    for key in keys:
        curve = curves.get(key)
        if curve is not None and curve.says_enough and curve.reaches(day):
            return curve
    return None
