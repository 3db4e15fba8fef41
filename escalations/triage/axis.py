"""One axis for all rows of the board: *now* at the same place, so that lateness reads down the column. Pure.

Distances are drawn by their root: an hour beside now is still seen, and a month still fits. What lies further
away than that stands at the end of the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NOW = 58.0
"""Where now is, in percent of the width."""
FURTHEST = timedelta(days=30)
_MARKS = ((-21, "3 w"), (-4, "4 d"), (7, "1 w"))


@dataclass(frozen=True)
class AxisPicture:
    """Where the parts of one ticket lie, in percent; ``None`` leaves a part out."""

    filed: float
    until: float
    start: float | None = None
    due: float | None = None
    over: bool = False
    now: float = NOW


def place(gap: timedelta) -> float:
    """Where a moment lies that is ``gap`` after now, or before it, in percent of the width."""
    share = min(abs(gap) / FURTHEST, 1.0) ** 0.5
    side = NOW if gap < timedelta(0) else 100 - NOW
    return round(NOW - side * share if gap < timedelta(0) else NOW + side * share, 2)


def picture_of(
    received_at: datetime, expected_from: datetime | None, due_at: datetime | None, now: datetime
) -> AxisPicture:
    """The window of one ticket on the shared axis."""
    filed = place(received_at - now)
    if due_at is None:
        return AxisPicture(filed, NOW)
    due = place(due_at - now)
    start = place(expected_from - now) if expected_from is not None else None
    return AxisPicture(filed, min(NOW, due), start, due, now > due_at)


def marks() -> list[tuple[float, str]]:
    """The words over the axis: where some days and weeks lie, and now."""
    found = [(place(timedelta(days=days)), words) for days, words in _MARKS]
    return sorted([*found, (NOW, "now")])
