"""The colours of the pages as tokens.css states them, and how well each pair can be read. Reads no clock."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
THEMES = ("light", "dark")
TEXT, EDGE = 4.5, 3.0
"""WCAG 2.2: least contrast of words (1.4.3) and of the edge that shows where a control is (1.4.11)."""

_STANDINGS = ("ok", "window", "soon", "breach", "pause")
_INKS = ("ink", "ink-soft", "ink-faint", "accent", *_STANDINGS)
_OKLCH = r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)"
_TOKEN = re.compile(rf"^\s*--([\w-]+): light-dark\({_OKLCH}, {_OKLCH}\);", re.MULTILINE)

Colour = tuple[float, float, float]
"""Lightness from 0 to 1, chroma, hue in degrees."""


@dataclass(frozen=True)
class Pair:
    """One colour upon another, and the least contrast it must have."""

    fore: str
    back: str
    least: float


@dataclass(frozen=True)
class Swatch:
    """One token with its best use said in figures: contrast upon paper in both themes."""

    name: str
    light: float
    dark: float


def pairs() -> Iterator[Pair]:
    """Every pair of tokens that stands on some page."""
    grounds = ("paper", "sheet", "sunk", "row-current")
    yield from (Pair(ink, ground, TEXT) for ink in _INKS for ground in grounds)
    yield from (Pair(name, f"{name}-wash", TEXT) for name in ("accent", *_STANDINGS))
    washes = [f"{name}-wash" for name in ("accent", *_STANDINGS)]
    yield from (Pair(ink, wash, TEXT) for ink in ("ink", "ink-soft") for wash in washes)
    yield from (Pair("on-accent", back, TEXT) for back in ("accent", "accent-deep"))
    yield Pair("on-toast", "toast", TEXT)
    yield Pair("accent", "soon-wash", TEXT)
    yield from (Pair("edge", ground, EDGE) for ground in grounds)
    yield from (Pair("breach", ground, EDGE) for ground in grounds)


@cache
def tokens() -> dict[str, tuple[Colour, Colour]]:
    """Every colour token by name: its light and its dark value."""
    found = {}
    for name, *numbers in _TOKEN.findall(TOKENS.read_text(encoding="utf-8")):
        one, two = (tuple(float(number) for number in numbers[at : at + 3]) for at in (0, 3))
        found[name] = ((one[0] / 100, one[1], one[2]), (two[0] / 100, two[1], two[2]))
    return found


def contrast(fore: str, back: str, theme: str) -> float:
    """How far two tokens stand apart in a theme, from 1 to 21, by WCAG's formula.

    Raises KeyError for a name that is no colour token.
    """
    at = THEMES.index(theme)
    bright, dim = sorted((_luminance(tokens()[name][at]) for name in (fore, back)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def swatches() -> list[Swatch]:
    """Every token with its contrast upon paper."""
    return [
        Swatch(name, round(contrast(name, "paper", "light"), 1), round(contrast(name, "paper", "dark"), 1))
        for name in tokens()
    ]


def _luminance(colour: Colour) -> float:
    """Relative luminance of an OKLCH colour, by way of linear sRGB, cut to what a screen can show."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
