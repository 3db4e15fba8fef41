"""The marks a chart is made of: plain numbers, and a class of the stylesheet instead of a colour. Pure."""

from __future__ import annotations

from dataclasses import dataclass


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
