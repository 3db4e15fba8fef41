"""The chart of a back-test: how soon claims go out, under the numbers in force and under those tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 44, 700, 14, 190
MOST_ROWS = 14


@dataclass(frozen=True)
class Row:
    """How many of 100 claims have gone out so many days after they were decided."""

    day: int
    now: str
    new: str


@dataclass(frozen=True)
class Chart:
    """Everything the template draws; ``said`` is the whole in words, ``rows`` in a table."""

    now: str
    new: str
    grid: list[tuple[float, str]]
    ticks: list[tuple[float, str]]
    rows: list[Row]
    said: str


def chart_of(now: Mapping[str, int], new: Mapping[str, int], count: int) -> Chart | None:
    """Draw how the share of claims that went out rises by the day; None of fewer than two claims or days.

    ``now`` and ``new`` say how many went out on each day, counted from that of the decision.
    """
    longest = max((int(day) for day in (*now, *new)), default=0)
    if count < 2 or not longest:
        return None
    gone_now, gone_new = (_gone(side, longest, count) for side in (now, new))
    days = _days(longest)
    rows = [Row(day, f"{gone_now[day]:.0%}", f"{gone_new[day]:.0%}") for day in days]
    return Chart(
        now=_path(gone_now, longest),
        new=_path(gone_new, longest),
        grid=[(_y(share), f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)],
        ticks=[(_x(day, longest), f"{day}") for day in _ticks(longest)],
        rows=rows,
        said=_said(gone_now, gone_new),
    )


def _gone(side: Mapping[str, int], longest: int, count: int) -> list[float]:
    found, gone = [], 0
    for day in range(longest + 1):
        gone += side.get(str(day), 0)
        found.append(gone / count)
    return found


def _x(day: float, longest: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * day / longest, 1)


def _y(share: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def _path(gone: list[float], longest: int) -> str:
    """A step each day on which something went out."""
    path, before = f"M{LEFT} {_y(gone[0])}", gone[0]
    for day, share in enumerate(gone):
        if share != before:
            path += f"H{_x(day, longest)}V{_y(share)}"
            before = share
    return f"{path}H{RIGHT}"


def _days(longest: int) -> list[int]:
    """Days of the table: every seventh, on which claims are asked about, or fewer where those are many."""
    step = 7
    while longest // step + 2 > MOST_ROWS:
        step += 7
    found = list(range(0, longest + 1, step))
    return found if found[-1] == longest else [*found, longest]


def _ticks(longest: int) -> list[int]:
    step = next(each for each in (7, 14, 28, 56, 91, 182) if longest // each <= 8)
    return list(range(0, longest + 1, step))


def _said(now: list[float], new: list[float]) -> str:
    half_now, half_new = (next(day for day, share in enumerate(side) if share >= 0.5) for side in (now, new))
    if half_now == half_new:
        return f"Half of the claims have gone out {_after(half_now)} either way."
    return (
        f"Half of the claims have gone out {_after(half_now)} by the numbers in force, and "
        f"{_after(half_new)} by those tried."
    )


def _after(days: int) -> str:
    if days == 0:
        return "on the day they were decided"
    return "after 1 day" if days == 1 else f"after {days} days"
