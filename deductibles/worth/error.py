"""How earlier forecasts fared: each day of each against what came of the claims it was about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deductibles.models import Forecast
from deductibles.worth.drawing import AHEAD
from deductibles.worth.forecasting import happened
from deductibles.worth.history import History, number_of
from deductibles.worth.kept import HIGH, LOW, MIDDLE, TOP

LOOKS_BACK = 60
"""Days back from which forecasts are compared; those that were not made then are made now, of what was
known."""
ENOUGH_FORECASTS = 14
"""Forecasts that were compared on a week of days at least, before their error is said."""
A_WEEK = 7


@dataclass
class _Sums:
    """What adds up over days: how many, how many at or below P90, within the band, and by how much off."""

    days: int = 0
    under: int = 0
    inside: int = 0
    off: float = 0.0
    actual: float = 0.0

    def add(self, quantiles: Any, actual: Any) -> None:
        """Compare one forecast's days, as far as they are over, with what happened."""
        import numpy

        rows = numpy.asarray(quantiles)[:, : len(actual)]
        self.days += len(actual)
        self.under += int((actual <= rows[HIGH]).sum())
        self.inside += int(((actual >= rows[LOW]) & (actual <= rows[TOP])).sum())
        self.off += float(numpy.abs(actual - rows[MIDDLE]).sum())
        self.actual += float(actual.sum())

    @property
    def as_json(self) -> dict[str, Any] | None:
        if not self.days:
            return None
        return {
            "days": self.days,
            "under": round(self.under / self.days, 4),
            "inside": round(self.inside / self.days, 4),
            "off": round(self.off / self.days, 2),
            "mean": round(self.actual / self.days, 2),
        }


def error_of(history: History, rows: Sequence[Forecast], until: int, payer: int) -> dict[str, Any]:
    """The error of these forecasts of one payer, or of the company, over the days up to ``until``.

    ``weeks`` is the same by how far ahead a day was; ``track`` what was said of each day a week before, and
    what happened.
    """
    sums = {kind: _Sums() for kind in ("claims", "dollars", "cash")}
    weeks = [_Sums() for _ in range(-(-AHEAD // A_WEEK))]
    track, compared = [], 0
    for row in sorted(rows, key=lambda one: one.made_on):
        made = number_of(row.made_on)
        over = min(until - made, AHEAD)
        if row.days is None or over < 1:
            continue
        came = happened(history, made, payer)
        compared += over >= A_WEEK
        for kind, one in sums.items():
            if row.days[kind]:
                one.add(row.days[kind], getattr(came, kind)[:over])
        for place, week in enumerate(weeks):
            part = slice(place * A_WEEK, min((place + 1) * A_WEEK, over))
            if part.start < part.stop:
                week.add([quantile[part] for quantile in row.days["claims"]], came.claims[part])
        if over >= A_WEEK:
            said = [quantile[A_WEEK - 1] for quantile in row.days["claims"]]
            track.append([made + A_WEEK, said[MIDDLE], said[HIGH], int(came.claims[A_WEEK - 1])])
    return {
        "forecasts": compared,
        "enough": compared >= ENOUGH_FORECASTS,
        **{kind: one.as_json for kind, one in sums.items()},
        "weeks": [week.as_json for week in weeks],
        "track": track[-AHEAD:],
    }
