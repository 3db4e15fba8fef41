"""The geometry of the ledger's charts: bars that may go either way from nothing. Plain numbers.

What goes below nothing is said in words beside it as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from tables.marks import LABELS, ROW, VALUES, WIDTH, Chart, Line, Rect, Text, length_of, short, tenth

TALL = 190
TOP, FOOT = 18, 152
GAP = 8
"""Between the figures of the scale and its hairlines."""

Row = tuple[str, float, str]
"""A label, a value that may be negative, and how the value is said."""


def lying(title: str, said: str, rows: Sequence[Row]) -> Chart:
    """Lying bars on one scale, to the right of nothing or to its left."""
    chart = Chart(title, said, height=ROW * len(rows) + 6)
    most = max((value for _, value, _ in rows), default=0.0)
    least = min((value for _, value, _ in rows), default=0.0)
    most, least = max(most, 0.0), min(least, 0.0)
    span = most - least or 1.0
    wide = WIDTH - LABELS - VALUES
    zero = LABELS + wide * -least / span
    chart.lines.append(Line(tenth(zero), 0, tenth(zero), chart.height, "axis"))
    for index, (label, value, words) in enumerate(rows):
        top = index * ROW + 6
        width = wide * abs(value) / span
        if width:
            x = zero if value > 0 else zero - width
            look = "bar bar-now" if value > 0 else "bar bar-bad"
            chart.rects.append(Rect(tenth(x), top, tenth(max(width - 1, 1)), ROW - 10, look))
        chart.texts.append(Text(0, top + 12, short(label), look="name"))
        chart.texts.append(Text(WIDTH, top + 12, words, "end", "value"))
    return chart


def standing(title: str, said: str, rows: Sequence[Row], scale: Sequence[tuple[float, str]]) -> Chart:
    """Standing bars over time; ``scale`` are the values of its hairlines with words, zero among them."""
    chart = Chart(title, said, height=TALL)
    values = [value for value, _ in scale]
    low, high = min(values), max(values)
    span = high - low or 1.0
    left = GAP + max(length_of(words) for _, words in scale)

    def y_of(value: float) -> float:
        return tenth(FOOT - (FOOT - TOP) * (value - low) / span)

    for value, words in scale:
        look = "axis" if value == 0 else "grid"
        chart.lines.append(Line(left, y_of(value), WIDTH, y_of(value), look))
        chart.texts.append(Text(left - GAP, y_of(value) + 4, words, "end"))
    step = (WIDTH - left) / max(len(rows), 1)
    every = max(1, -(-len(rows) // 12))
    for index, (label, value, _) in enumerate(rows):
        x = left + index * step + 2
        top, foot = sorted((y_of(value), y_of(0)))
        if value:
            look = "bar bar-now" if value > 0 else "bar bar-bad"
            chart.rects.append(
                Rect(tenth(x), top, tenth(max(min(step - 4, 36), 2)), tenth(max(foot - top, 1)), look)
            )
        if index % every == 0:
            chart.texts.append(Text(tenth(x), FOOT + 18, label))
    return chart


def scale_of(values: Sequence[float]) -> list[float]:
    """Round values for the hairlines of a scale that reaches all of these, nothing always among them."""
    high, low = max([0.0, *values]), min([0.0, *values])
    reach = max(high - low, 1.0)
    size = 1.0
    while size * 50 < reach:
        size *= 10
    step = next(size * each for each in (1, 2, 5, 10, 20, 50) if size * each * 4 >= reach)
    first, last = int(low // step), int(-(-high // step))
    return [step * index for index in range(first, max(last, first + 1) + 1)]
