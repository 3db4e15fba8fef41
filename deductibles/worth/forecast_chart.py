"""The charts of a forecast: a middle line, where nine days in ten lie, and what happened. Plain numbers for
SVG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from deductibles.domain import days

WIDTH, HEIGHT = 1000, 250
LEFT, RIGHT, TOP, BOTTOM = 14, 930, 18, 208
LINES = 3
A_WEEK = 7


@dataclass(frozen=True)
class Chart:
    """Everything the template draws; ``said`` is the whole in words, ``keys`` what each look means."""

    title: str
    said: str
    middle: str
    high: str
    band: str
    grid: list[tuple[float, str]]
    ticks: list[tuple[float, str]]
    points: list[tuple[float, float]] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Series:
    """Days in their order with what is drawn of each: the middle, P90, the band's ends, what happened."""

    on: Sequence[date]
    middle: Sequence[float]
    high: Sequence[float]
    low: Sequence[float] = ()
    top: Sequence[float] = ()
    actual: Sequence[float] = ()


KEYS = [("key-line", "P50: as often more as less"), ("key-high", "P90: more on one day in ten")]
BAND = ("key-band", "band: nine days in ten lie in it")
ACTUAL = ("key-actual", "what happened")


def chart_of(series: Series, *, title: str, said: str, words: Callable[[float], str]) -> Chart | None:
    """Draw the days; None for fewer than two, or when nothing ever comes."""
    highest = max((*series.high, *series.top, *series.actual, *series.middle), default=0)
    if len(series.on) < 2 or highest <= 0:
        return None
    top = round_up(highest)
    last = len(series.on) - 1

    def at(place: int, value: float) -> tuple[float, float]:
        return round(LEFT + (RIGHT - LEFT) * place / last, 1), round(BOTTOM - (BOTTOM - TOP) * value / top, 1)

    def path(values: Sequence[float]) -> str:
        return "M" + "L".join(f"{x} {y}" for x, y in (at(place, one) for place, one in enumerate(values)))

    band = ""
    if series.top:
        back = [at(place, one) for place, one in reversed(list(enumerate(series.low)))]
        band = path(series.top) + "".join(f"L{x} {y}" for x, y in back) + "z"
    year = series.on[0].year
    keys = [*KEYS, *([BAND] if band else []), *([ACTUAL] if series.actual else [])]
    return Chart(
        title=title,
        said=said,
        middle=path(series.middle),
        high=path(series.high),
        band=band,
        grid=[(at(0, top * line / LINES)[1], words(top * line / LINES)) for line in range(1, LINES + 1)],
        ticks=[
            (at(place, 0)[0], days.short(on, year))
            for place, on in enumerate(series.on)
            if place % A_WEEK == 0 and place <= last - 2
        ],
        points=[at(place, one) for place, one in enumerate(series.actual)],
        keys=keys,
    )


def round_up(highest: float) -> float:
    """A top of the scale that divides by three, at least three."""
    scale = 1
    while True:
        for top in (3, 6, 9, 15, 30):
            if highest <= top * scale:
                return float(top * scale)
        scale *= 10
