"""The geometry of the charts in reports: from numbers to lines, bars, dots and words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tables.marks import LABELS, ROW, VALUES, WIDTH, Chart, Dot, Line, Path, Rect, Text, short, tenth


@dataclass(frozen=True)
class Part:
    """A part of a bar: how much, and its look."""

    amount: float
    look: str


def scale_top(most: float) -> int:
    """A round top of a scale, at least four, which a quarter and a half of are whole."""
    size = 1
    while True:
        for top in (4, 8, 12, 20, 40):
            if most <= top * size:
                return top * size
        size *= 10


def bars(
    title: str, said: str, rows: Sequence[tuple[str, Sequence[Part], str]], *, labels: int = LABELS
) -> Chart:
    """Lying bars of parts on one scale: for each row its label, its parts, and what stands at its end.

    ``labels`` is what the words at the left take of the width.
    """
    chart = Chart(title, said, height=ROW * len(rows) + 6)
    most = max((sum(part.amount for part in parts) for _, parts, _ in rows), default=0)
    wide = WIDTH - labels - VALUES
    chart.lines.append(Line(labels, 0, labels, chart.height, "axis"))
    for index, (label, parts, end) in enumerate(rows):
        top = index * ROW + 6
        x = float(labels)
        for part in parts:
            width = wide * part.amount / most if most else 0
            if width:
                chart.rects.append(Rect(tenth(x), top, tenth(max(width - 1, 1)), ROW - 10, part.look))
            x += width
        chart.texts.append(Text(0, top + 12, short(label, labels), look="name"))
        chart.texts.append(Text(tenth(x + 6), top + 12, end, look="value"))
    return chart


def shares(title: str, said: str, rows: Sequence[tuple[str, float, str, bool]], limit: float = 0) -> Chart:
    """Dots on a scale from 0 to 100 per cent: for each row its label, its share from 0 to 1, how that is
    said, and whether it is a bad one. ``limit`` is a dotted line."""
    chart = Chart(title, said, height=ROW * len(rows) + 28)
    foot = ROW * len(rows) + 6
    for percent in (0, 25, 50, 75, 100):
        x = _along(percent / 100)
        chart.lines.append(Line(x, 0, x, foot, "grid"))
        chart.texts.append(Text(x, foot + 16, f"{percent}%", "middle"))
    if limit:
        x = _along(limit / 100)
        chart.lines.append(Line(x, 0, x, foot, "limit"))
    for index, (label, value, words, bad) in enumerate(rows):
        y = index * ROW + ROW / 2 + 2
        chart.lines.append(Line(LABELS, y, _along(value), y, "stem"))
        chart.dots.append(Dot(_along(value), y, 4.5, "dot-bad" if bad else "dot"))
        chart.texts.append(Text(0, y + 4, short(label), look="name"))
        chart.texts.append(Text(WIDTH, y + 4, words, "end", "value"))
    return chart


def _along(value: float) -> float:
    return tenth(LABELS + (WIDTH - LABELS - VALUES) * value)


def spans(title: str, said: str, rows: Sequence[tuple[str, float, float, str]]) -> Chart:
    """From the middle to the tail of each row, as multiples of its turnaround, which is one dotted line."""
    far = max([1.25, *(tail for _, _, tail, _ in rows)])
    far = min(far, 3)
    chart = Chart(title, said, height=ROW * len(rows) + 28)
    foot = ROW * len(rows) + 6
    chart.lines.append(Line(LABELS, 0, LABELS, foot, "axis"))
    limit = _along(1 / far)
    chart.lines.append(Line(limit, 0, limit, foot, "limit"))
    chart.texts.append(Text(LABELS, foot + 16, "filed", "middle"))
    chart.texts.append(Text(limit, foot + 16, "turnaround", "middle"))
    for index, (label, middle, tail, words) in enumerate(rows):
        y = index * ROW + ROW / 2 + 2
        start, end = _along(min(middle / far, 1)), _along(min(tail / far, 1))
        chart.lines.append(Line(start, y, end, y, "stem-wide"))
        chart.dots.append(Dot(start, y, 4.5, "dot"))
        chart.dots.append(Dot(end, y, 4, "dot-bad" if tail > 1 else "dot-open"))
        chart.texts.append(Text(0, y + 4, short(label), look="name"))
        chart.texts.append(Text(WIDTH, y + 4, words, "end", "value"))
    chart.keys = [("key-dot", "half were answered by here"), ("key-open", "nine in ten by here")]
    chart.keys.append(("key-limit", "end of the turnaround"))
    return chart


def weeks(title: str, said: str, points: Sequence[tuple[str, float | None, str]]) -> Chart:
    """A line over weeks on a scale of per cent: for each week its label, its share, and how it is said.

    A week without a share leaves a gap. The scale starts at a round share below the lowest.
    """
    left, foot, top = 50, 136, 16
    known = [value for _, value, _ in points if value is not None]
    lowest = min(known, default=1) * 100
    low = next((percent for percent in (80, 60, 40, 20) if percent <= lowest), 0)
    chart = Chart(title, said, height=166)

    def y_of(value: float) -> float:
        return tenth(foot - (foot - top) * (value * 100 - low) / (100 - low))

    for step in range(5):
        percent = low + (100 - low) * step / 4
        y = y_of(percent / 100)
        chart.lines.append(Line(left, y, WIDTH, y, "grid"))
        chart.texts.append(Text(left - 8, tenth(y + 4), f"{percent:.0f}%", "end"))
    room = (WIDTH - left - 48) / max(len(points) - 1, 1)
    every = max(1, -(-len(points) // 12))
    places = [(tenth(left + 20 + index * room), value) for index, (_, value, _) in enumerate(points)]
    for run in _runs(places):
        path = "L".join(f"{x} {y_of(value)}" for x, value in run)
        if len(run) > 1:
            chart.paths.append(Path(f"M{path}L{run[-1][0]} {foot}L{run[0][0]} {foot}z", "area"))
            chart.paths.append(Path(f"M{path}", "line"))
        chart.dots += [Dot(x, y_of(value), 3.5, "point") for x, value in run]
    for index, (label, value, words) in enumerate(points):
        x = places[index][0]
        if index % every == 0:
            chart.texts.append(Text(x, foot + 20, label, "middle"))
        if value is not None and (index == len(points) - 1 or value == min(known)):
            above = y_of(value) - 10
            chart.texts.append(Text(x, above if above > 8 else y_of(value) + 18, words, "middle", "value"))
    return chart


def _runs(places: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """The points that follow each other without a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, value in places:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((x, value))
    return [run for run in runs if run]


def columns(title: str, said: str, stacks: Sequence[tuple[str, Sequence[Part], str]]) -> Chart:
    """Standing columns of parts: for each its label, its parts from the foot up, and its sum in words."""
    left, foot, top = 42, 138, 22
    chart = Chart(title, said, height=166)
    highest = scale_top(max((sum(part.amount for part in parts) for _, parts, _ in stacks), default=0))
    for step in range(1, 5):
        y = tenth(foot - (foot - top) * step / 4)
        chart.lines.append(Line(left, y, WIDTH, y, "grid"))
        chart.texts.append(Text(left - 6, tenth(y + 4), f"{highest * step // 4:,}", "end"))
    chart.lines.append(Line(left, foot, WIDTH, foot, "axis"))
    room = (WIDTH - left) / max(len(stacks), 1)
    width = min(room * 0.55, 52)
    for index, (label, parts, words) in enumerate(stacks):
        middle = tenth(left + (index + 0.5) * room)
        y = float(foot)
        for part in parts:
            height = (foot - top) * part.amount / highest
            if height:
                y -= height
                chart.rects.append(
                    Rect(
                        tenth(middle - width / 2),
                        tenth(y),
                        tenth(width),
                        tenth(max(height - 1, 1)),
                        part.look,
                    )
                )
        chart.texts.append(Text(middle, tenth(y - 6), words, "middle", "value"))
        chart.texts.append(Text(middle, foot + 20, label, "middle"))
    return chart
