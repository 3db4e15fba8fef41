"""A chart and its marks: plain numbers, and a class of the stylesheet instead of a colour. Pure.

One template draws it (``tables/chart.html``). What a colour says, a word beside it says too.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WIDTH, ROW = 620, 26
"""How wide a chart is, and how tall the row of a lying bar."""
LABELS, VALUES = 244, 96
"""What the words at the left and the figures at the right take of the width."""
_NARROW, _WIDE = frozenset("fijlrtI.,:;'|()[]!-/ "), frozenset("mwMW@%&—")
_SIZES = 5.5, 14.5, 10.0, 9.1
"""What a narrow letter, a wide one, a capital, any other takes on a small screen, where they are largest."""


@dataclass(frozen=True)
class Rect:
    """A bar or a part of one."""

    x: float
    y: float
    width: float
    height: float
    look: str


@dataclass(frozen=True)
class Line:
    """A hairline of the grid, an axis, a limit, or a stem."""

    x1: float
    y1: float
    x2: float
    y2: float
    look: str


@dataclass(frozen=True)
class Dot:
    """A point that is measured."""

    x: float
    y: float
    r: float
    look: str


@dataclass(frozen=True)
class Text:
    """A word or a figure."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    look: str = ""


@dataclass(frozen=True)
class Path:
    """A run of points: ``d`` as SVG has it."""

    d: str
    look: str


@dataclass
class Chart:
    """One picture. ``title`` and ``said`` are what somebody hears who does not see it; ``keys`` explain the
    looks, each ``(class, words)``."""

    title: str
    said: str
    height: float
    width: float = WIDTH
    rects: list[Rect] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)


def length_of(label: str) -> float:
    """What a label takes of the width at most."""
    narrow, wide, capital, other = _SIZES
    return sum(
        narrow if one in _NARROW else wide if one in _WIDE else capital if one.isupper() else other
        for one in label
    )


def short(label: str, width: int = LABELS) -> str:
    """A label that fits into this width beside its bar."""
    if length_of(label) <= width:
        return label
    cut = label
    while length_of(f"{cut}…") > width:
        cut = cut[:-1]
    return f"{cut.rstrip()}…"


def tenth(value: float) -> float:
    """A place in the picture, as exact as anybody sees."""
    return round(value, 1)
