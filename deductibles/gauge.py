"""The drawing of a hold's days: where each tick and word stands. Plain numbers for the template's SVG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from deductibles.domain.cadence import EVERY
from deductibles.domain.days import short

WIDTH = 620
FEW_DAYS = 75
"""Up to this many days every day has its tick; beyond, weeks only."""
ROOM_FOR_A_WORD = 42
ROOM_FOR_A_YEAR = 78


@dataclass(frozen=True)
class Tick:
    """One day: its place, and whether it is past and a day on which the payer is asked."""

    x: float
    past: bool
    check: bool


@dataclass(frozen=True)
class Word:
    """A date under the ticks, or a word above them; ``anchor`` is SVG's text-anchor."""

    x: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Gauge:
    """A hold from its first to its last day."""

    label: str
    ticks: list[Tick]
    days: list[Word]
    now: float
    needle: str
    said: Word
    width: int = WIDTH


def gauge_of(started_on: date, anchor_on: date, release_on: date, today: date, *, asked: bool) -> Gauge:
    """Draw the days from ``started_on`` to ``release_on``; checks fall every seventh day from the anchor."""
    total = max((release_on - started_on).days, 1)
    step = (WIDTH - 8) / total
    left = max((release_on - today).days, 0)
    gone = min(max((today - started_on).days, 0), total)

    def place(day: int) -> float:
        return round(4 + day * step, 1)

    def checked(day: int) -> bool:
        since = (started_on + timedelta(days=day) - anchor_on).days
        return asked and since > 0 and since % EVERY == 0

    shown = range(total + 1) if total <= FEW_DAYS else range(0, total + 1, EVERY)
    ticks = [Tick(place(day), day < gone, checked(day)) for day in shown]
    now = place(gone)
    said = f"today, {_days(left)} left"
    right = now > WIDTH * 0.6
    return Gauge(
        label=_label(started_on, release_on, today, gone, total, left, asked=asked),
        ticks=ticks,
        days=_words(started_on, today.year, total, step, place),
        now=now,
        needle=f"{now - 5},3 {now + 5},3 {now},11",
        said=Word(now - 9 if right else now + 9, said, "end" if right else "start"),
    )


def _words(started_on: date, year: int, total: int, step: float, place: Callable[[int], float]) -> list[Word]:
    """Dates under the ticks; one of another year than today's has its year, and the room for it."""
    every, ends_on = EVERY, started_on + timedelta(days=total)
    room = ROOM_FOR_A_WORD if ends_on.year == year else ROOM_FOR_A_YEAR
    while every * step < ROOM_FOR_A_WORD:
        every += EVERY
    found = [Word(0, short(started_on, year), "start")]
    month = started_on.month
    for day in range(every, total + 1, every):
        if (total - day) * step < room:
            break
        on = started_on + timedelta(days=day)
        text = f"{on.day} {on:%b}" if on.month != month else str(on.day)
        month = on.month
        found.append(Word(place(day), text))
    return [*found, Word(WIDTH - 2, short(ends_on, year), "end")]


def _label(
    started_on: date, release_on: date, today: date, gone: int, total: int, left: int, *, asked: bool
) -> str:
    so_far = f"Held since {short(started_on, today.year)}, day {gone} of {total}"
    said = f"{so_far}; {_days(left)} left until {short(release_on, today.year)}."
    return f"{said} The payer is asked every seventh day." if asked else said


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
