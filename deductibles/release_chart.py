"""The chart of expected releases: how many claims leave by date on each of the next days. Plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from deductibles.domain import days

WIDTH, HEIGHT = 620, 122
LEFT, RIGHT, TOP, BOTTOM = 0, 590, 20, 98
GAP = 5.5
GRID_LINES = 3
LABEL_EVERY = 7


@dataclass(frozen=True)
class Bar:
    """One day: its bar, its count in words, and its day under the axis where there is room."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    count: str
    day: str
    under: str
    marked: bool
    tonight: bool


@dataclass(frozen=True)
class ReleaseChart:
    """Everything the template draws; ``said`` is the whole in words."""

    bars: list[Bar]
    grid: list[tuple[float, str]]
    said: str


def chart_of(releases: list[int], today: date, *, most: int | None = None) -> ReleaseChart | None:
    """Draw the counts, today's first; None when nothing leaves. A count above ``most`` is said as "most+"."""
    if not any(releases):
        return None
    top = _round_up(max(releases))
    step = (RIGHT - LEFT) / len(releases)
    peaks = _peaks(releases)
    bars = []
    for index, count in enumerate(releases):
        height = round((BOTTOM - TOP) * count / top, 1)
        x = round(LEFT + index * step, 1)
        on = today + timedelta(days=index)
        bars.append(
            Bar(
                x=x,
                y=round(BOTTOM - height, 1),
                width=round(step - GAP, 1),
                height=height,
                middle=round(x + (step - GAP) / 2, 1),
                count=f"{most}+" if most is not None and count > most else f"{count:,}",
                day="tonight" if index == 0 else days.weekday(on, today.year),
                under=""
                if index % LABEL_EVERY
                else ("tonight" if index == 0 else days.short(on, today.year)),
                marked=index in peaks,
                tonight=index == 0,
            )
        )
    return ReleaseChart(bars, _grid(top), _said(releases, today))


def _peaks(releases: list[int]) -> set[int]:
    """Tonight, and the highest bar of each week after it."""
    found = {0} if releases[0] else set()
    for start in range(1, len(releases), LABEL_EVERY):
        week = range(start, min(start + LABEL_EVERY, len(releases)))
        highest = max(week, key=lambda index: releases[index])
        if releases[highest] and highest - 1 not in found:
            found.add(highest)
    return found


def _grid(top: int) -> list[tuple[float, str]]:
    return [
        (round(BOTTOM - (BOTTOM - TOP) * line / GRID_LINES, 1), f"{top * line // GRID_LINES:,}")
        for line in range(1, GRID_LINES + 1)
    ]


def _said(releases: list[int], today: date) -> str:
    whole, highest = sum(releases), max(range(len(releases)), key=lambda index: releases[index])
    on = "tonight" if highest == 0 else f"on {days.plain(today + timedelta(days=highest), today.year)}"
    return f"{whole:,} claims leave by date in {len(releases)} days, {releases[0]:,} tonight; most {on}."


def _round_up(count: int) -> int:
    """A top of the scale that divides by three."""
    scale = 1
    while True:
        for top in (3, 6, 9, 15, 30):
            if count <= top * scale:
                return top * scale
        scale *= 10
