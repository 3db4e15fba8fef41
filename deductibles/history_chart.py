"""The step chart of what remained of a deductible while a claim was held (D-CLM-2). Plain numbers for SVG."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from deductibles.domain import days as words

WIDTH, HEIGHT = 1000, 216
LEFT, RIGHT, TOP, BOTTOM = 62, 916, 16, 178
LINES = 3
ROOM_FOR_A_WORD = 60


@dataclass(frozen=True)
class Point:
    """One answer: where it stands, its amount and its day in words."""

    x: float
    y: float
    amount: str
    day: str
    show_day: bool
    label_y: float


@dataclass(frozen=True)
class Chart:
    """Everything the template draws; ``said`` is the whole in words."""

    points: list[Point]
    line: str
    area: str
    grid: list[tuple[float, str]]
    limit: tuple[float, str] | None
    end: tuple[float, str] | None
    today: tuple[float, float, str] | None
    said: str


def chart_of(
    answers: list[tuple[date, Decimal]],
    threshold: Decimal | None,
    release_on: date | None,
    *,
    today: date | None = None,
) -> Any:
    """Draw (day, remaining dollars) in order of time; None when there is nothing to draw.

    ``today`` carries the last answer on to today, for as long as the claim is held.
    """
    if not answers:
        return None
    year = (today or answers[-1][0]).year
    first, last = answers[0][0], max(answers[-1][0], release_on or answers[-1][0], today or answers[-1][0])
    top = _round_up(max(amount for _, amount in answers))
    days = max((last - first).days, 1)

    def x(day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / days, 1)

    def y(amount: Decimal) -> float:
        return round(float(BOTTOM - (BOTTOM - TOP) * amount / top), 1)

    places = [(x(day), y(amount)) for day, amount in answers]
    path = f"M{places[0][0]} {places[0][1]}" + "".join(f"H{left}V{up}" for left, up in places[1:])
    carried = today is not None and today > answers[-1][0]
    if carried and today:
        path += f"H{x(today)}"
    return Chart(
        points=_points(answers, places, year),
        line=path,
        area=f"{path}V{BOTTOM}H{places[0][0]}z",
        grid=[(y(top * step / LINES), f"{top * step / LINES:,.0f}") for step in range(LINES + 1)],
        limit=None
        if threshold is None or threshold > top
        else (y(threshold), f"threshold ${threshold:,.2f}"),
        end=None if release_on is None else (x(release_on), words.short(release_on, year)),
        today=_today(x(today), places[-1]) if carried and today else None,
        said=". ".join(f"{amount:,.2f} on {words.plain(day, year)}" for day, amount in answers) + ".",
    )


def _today(left: float, last: tuple[float, float]) -> tuple[float, float, str]:
    """Where today stands; its word only where the last answer's day leaves it room."""
    return left, last[1], "today" if left - last[0] >= ROOM_FOR_A_WORD else ""


def _points(answers: list[tuple[date, Decimal]], places: list[tuple[float, float]], year: int) -> list[Point]:
    found, free_from = [], 0.0
    for (day, amount), (left, up) in zip(answers, places, strict=True):
        show = left >= free_from
        free_from = left + ROOM_FOR_A_WORD if show else free_from
        found.append(Point(left, up, f"{amount:,.2f}", words.short(day, year), show, up - 8))
    return found


def _round_up(amount: Decimal) -> Decimal:
    """A top of the scale that divides well by three."""
    for top in (30, 60, 90, 150, 300, 600, 900, 1500, 3000, 6000, 9000, 15000, 30000):
        if amount <= top:
            return Decimal(top)
    return (amount // 30000 + 1) * 30000
