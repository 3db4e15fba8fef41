"""The chart of held claims by the days they have left: one bar a day, the rest in words. Plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from deductibles.domain import days
from deductibles.domain.money import dollars

WIDTH, HEIGHT = 620, 122
LEFT, RIGHT, TOP, BOTTOM = 0, 590, 20, 98
GAP = 5.5
GRID_LINES = 3
LABEL_EVERY = 7


@dataclass(frozen=True)
class Bar:
    """One day: its bar, and its number of days under the axis where there is room.

    ``at`` and ``anchor`` are where its count stands: inside the chart at either end.
    """

    x: float
    y: float
    width: float
    height: float
    at: float
    anchor: str
    count: str
    under: str
    marked: bool
    tonight: bool


@dataclass(frozen=True)
class Row:
    """The same as a line of the table: days remaining, the date they leave on, claims and dollars."""

    days: str
    on: str
    lines: str
    dollars: str


@dataclass(frozen=True)
class ReleaseChart:
    """Everything the template draws; ``said`` is the whole in words, ``rest`` what has no bar."""

    bars: list[Bar]
    grid: list[tuple[float, str]]
    rows: list[Row]
    rest: str
    said: str


Days = Mapping[int, tuple[int, Decimal]]
"""Days remaining -> how many claims, and what they bill."""


def chart_of(held: Days, endless: tuple[int, Decimal], today: date, *, ahead: int) -> ReleaseChart | None:
    """Draw the claims that leave within ``ahead`` days; None when nothing is held.

    ``held`` has all that have ``ahead`` days or more under ``ahead``; ``endless`` have no release date.
    """
    if not held and not endless[0]:
        return None
    counts = [held.get(left, (0, Decimal(0)))[0] for left in range(ahead)]
    top = _round_up(max(counts))
    peaks = _peaks(counts)
    step = (RIGHT - LEFT) / ahead
    bars = [_bar(left, count, step, top, marked=left in peaks) for left, count in enumerate(counts)]
    later = held.get(ahead, (0, Decimal(0)))
    return ReleaseChart(
        bars, _grid(top), _rows(held, endless, today, ahead), _rest(later, endless, ahead), _said(counts)
    )


def _bar(left: int, count: int, step: float, top: int, *, marked: bool) -> Bar:
    height = round((BOTTOM - TOP) * count / top, 1)
    x = round(LEFT + left * step, 1)
    at, anchor = round(x + (step - GAP) / 2, 1), "middle"
    if left == 0:
        at, anchor = x, "start"
    elif x + 2 * step > RIGHT:
        at, anchor = round(x + step - GAP, 1), "end"
    return Bar(
        x=x,
        y=round(BOTTOM - height, 1),
        width=round(step - GAP, 1),
        height=height,
        at=at,
        anchor=anchor,
        count=f"{count:,}",
        under="" if left % LABEL_EVERY else ("tonight" if left == 0 else f"{left} days"),
        marked=marked,
        tonight=left == 0,
    )


def _peaks(counts: list[int]) -> set[int]:
    """Tonight, and the highest bar of each week after it."""
    found = {0} if counts[0] else set()
    for start in range(1, len(counts), LABEL_EVERY):
        week = range(start, min(start + LABEL_EVERY, len(counts)))
        highest = max(week, key=lambda index: counts[index])
        if counts[highest] and highest - 1 not in found:
            found.add(highest)
    return found


def _grid(top: int) -> list[tuple[float, str]]:
    return [
        (round(BOTTOM - (BOTTOM - TOP) * line / GRID_LINES, 1), f"{top * line // GRID_LINES:,}")
        for line in range(1, GRID_LINES + 1)
    ]


def _rows(held: Days, endless: tuple[int, Decimal], today: date, ahead: int) -> list[Row]:
    found = []
    for left in sorted(held):
        said, on = f"{left}", days.weekday(today + timedelta(days=left), today.year)
        if left == 0:
            on = "tonight"
        elif left == ahead:
            said, on = f"{ahead} or more", f"from {on}"
        found.append(_row(said, on, held[left]))
    return [*found, _row("without an end", "", endless)] if endless[0] else found


def _row(said: str, on: str, total: tuple[int, Decimal]) -> Row:
    return Row(said, on, f"{total[0]:,}", dollars(total[1]))


def _rest(later: tuple[int, Decimal], endless: tuple[int, Decimal], ahead: int) -> str:
    """What has no bar, in words."""
    said = [f"{later[0]:,} more have {ahead} days or more left"] if later[0] else []
    said += [f"{endless[0]:,} {'has' if endless[0] == 1 else 'have'} no release date"] if endless[0] else []
    return "; ".join(said) + "." if said else ""


def _said(counts: list[int]) -> str:
    whole, highest = sum(counts), max(range(len(counts)), key=lambda index: counts[index])
    if not whole:
        return f"No claim leaves by date in the next {len(counts)} days."
    on = "tonight" if highest == 0 else f"with {highest} {'day' if highest == 1 else 'days'} left"
    most = f"most, {counts[highest]:,}, {on}"
    return f"{whole:,} claims leave by date in {len(counts)} days, {counts[0]:,} tonight; {most}."


def _round_up(count: int) -> int:
    """A top of the scale that divides by three."""
    scale = 1
    while True:
        for top in (3, 6, 9, 15, 30):
            if count <= top * scale:
                return top * scale
        scale *= 10
