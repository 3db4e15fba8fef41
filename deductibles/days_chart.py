"""The chart beside the settings: how long claims have been held, and which of them leave. Plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT = 620, 190
RIGHT, TOP, BOTTOM = 610, 40, 150
MOST_BARS = 24
WIDTHS = (1, 2, 3, 5, 7, 14, 28)
"""Days a bar may stand for: the least of them that gives no more than :data:`MOST_BARS` bars."""


@dataclass(frozen=True)
class Bar:
    """Claims held so many days: how many stay below, how many leave above; ``days`` in words."""

    x: float
    width: float
    stay_y: float
    stay_height: float
    leave_y: float
    leave_height: float
    days: str
    stays: int
    leaves: int


@dataclass(frozen=True)
class Limit:
    """A number of days as a dotted line with its words; ``anchor`` is how the words stand at it."""

    x: float
    words: str
    anchor: str
    strong: bool
    y: int


@dataclass(frozen=True)
class DaysChart:
    """Everything the template draws; ``said`` is the whole in words."""

    bars: list[Bar]
    limits: list[Limit]
    first: str
    last: str
    said: str


def chart_of(days: Mapping[int, tuple[int, int]], new: int | None, now: int | None) -> DaysChart | None:
    """Draw how many claims stay and leave by the days they are held; None when nothing is held.

    ``new`` and ``now`` are the maximum days that are typed and in force, None while monitoring is off.
    """
    if not days:
        return None
    longest = max([*days, new or 0, now or 0])
    width = next((each for each in WIDTHS if (longest + 1) <= each * MOST_BARS), WIDTHS[-1])
    grouped: dict[int, list[int]] = {}
    for held, (stay, leave) in days.items():
        pair = grouped.setdefault(held // width, [0, 0])
        pair[0] += stay
        pair[1] += leave
    count = longest // width + 1
    top = max(sum(pair) for pair in grouped.values())
    step = RIGHT / count
    bars = [_bar(index, *grouped[index], step=step, top=top, width=width) for index in sorted(grouped)]
    return DaysChart(
        bars=bars,
        limits=_limits(new, now, step / width),
        first="0 days held",
        last=f"{longest}",
        said=_said(days, new, now),
    )


def _bar(index: int, stays: int, leaves: int, *, step: float, top: int, width: int) -> Bar:
    tall = BOTTOM - TOP
    stay, leave = tall * stays / top, tall * leaves / top
    first, last = index * width, index * width + width - 1
    return Bar(
        x=round(index * step, 1),
        width=round(max(step - 3, 1.5), 1),
        stay_y=round(BOTTOM - stay, 1),
        stay_height=round(stay, 1),
        leave_y=round(BOTTOM - stay - leave, 1),
        leave_height=round(leave, 1),
        days=f"{first}" if width == 1 else f"{first}–{last}",
        stays=stays,
        leaves=leaves,
    )


def _limits(new: int | None, now: int | None, day: float) -> list[Limit]:
    """The days typed and the days in force; where both are the same, once."""
    found = []
    if new is not None:
        said = "1 day" if new == 1 else f"{new} days"
        words = said if new == now else f"{said}, new"
        found.append(_limit(new * day, words, strong=True, y=30))
    if now is not None and now != new:
        found.append(_limit(now * day, f"{now}, now", strong=False, y=14))
    return found


def _limit(x: float, words: str, *, strong: bool, y: int) -> Limit:
    x = min(round(x, 1), RIGHT)
    return Limit(x, words, "end" if x > RIGHT / 2 else "start", strong, y)


def _said(days: Mapping[int, tuple[int, int]], new: int | None, now: int | None) -> str:
    held = sum(stay + leave for stay, leave in days.values())
    leaves = sum(leave for _, leave in days.values())
    changed = "" if new == now else ", which is new"
    limit = "" if new is None else f" Maximum number of days: {new}{changed}."
    return f"{held:,} claims are held, the longest for {max(days)} days; {leaves:,} leave tonight.{limit}"
