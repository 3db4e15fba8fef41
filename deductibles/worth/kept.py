"""How a forecast and its error are kept: from arrays to rows, and what a page reads out of a row again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from deductibles.models import Forecast

LOW, MIDDLE, HIGH, TOP = range(4)
"""The quantiles of a row: one day in twenty is below the first and above the last, one in ten above
``HIGH``."""
KINDS = ("claims", "dollars", "cash")


@dataclass(frozen=True)
class Day:
    """One day of a forecast: how many claims are released, what they bill, what comes in (None: not known).

    Each is four numbers: see ``LOW``.
    """

    on: date
    claims: tuple[float, ...]
    dollars: tuple[float, ...]
    cash: tuple[float, ...] | None


def days_json(made: Any) -> dict[str, Any]:
    """What is kept of a forecast's figures."""
    found: dict[str, Any] = {"claims": _rows(made.claims, 0), "dollars": _rows(made.dollars, 2)}
    found["cash"] = None if made.cash is None else _rows(made.cash, 2)
    found["sums"] = {name: [round(float(one), 2) for one in sums] for name, sums in made.sums.items()}
    return found


def _rows(table: Any, places: int) -> list[list[float]]:
    return [[round(float(one), places) for one in row] for row in table]


def days_of(row: Forecast) -> list[Day]:
    """The days of a row, the first one after it was made; none where its history did not suffice."""
    kept: Mapping[str, Any] = row.days or {}
    if not kept:
        return []
    count = len(kept["claims"][0])
    return [
        Day(
            row.made_on + timedelta(days=place + 1),
            _column(kept["claims"], place),
            _column(kept["dollars"], place),
            _column(kept["cash"], place) if kept["cash"] else None,
        )
        for place in range(count)
    ]


def _column(rows: Any, place: int) -> tuple[float, ...]:
    return tuple(row[place] for row in rows)


def sums_of(row: Forecast, kind: str) -> tuple[float, ...] | None:
    """The quantiles of the thirty days together; None where that is not known."""
    found = (row.days or {}).get("sums", {}).get(kind)
    return tuple(found) if found else None
