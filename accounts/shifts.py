"""When people work: stretches of a weekday, read as they are typed, and who is there at a moment. Pure.

Stretches are by the clock of the company's zone; Monday is 0. ``END`` is the midnight that ends a day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
END = time.max
"""The end of a day, typed as 24:00."""
MOST_STRETCHES = 6
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4])(?:[:.]([0-5][0-9]))?\s*(am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:-|–|—|\bto\b)\s*")

Times = tuple[time, time]
Span = tuple[datetime, datetime]
Open = Callable[[date], Sequence[Times] | None]
"""The open times of a closed or special date; ``None`` for a date like any other."""


class Unreadable(ValueError):
    """A day's shifts that cannot be kept; ``sentence`` says what is wrong and what to type."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Stretch:
    """One stretch of one person's week; ``person`` is their id."""

    person: int
    weekday: int
    starts: time
    ends: time


def read_day(typed: str, day: str) -> tuple[Times, ...]:
    """Read "09:00-13:00, 14:00-18:00" of the day of this name, in order; nothing is a day off.

    Raises :class:`Unreadable` for nonsense, an end before its start, overlaps, and too many stretches.
    """
    parts = [part.strip() for part in re.split(r"[,;\n]", typed) if part.strip()]
    if len(parts) > MOST_STRETCHES:
        raise Unreadable(f"{day} has more than {MOST_STRETCHES} stretches. Join some of them.")
    found = sorted(_stretch(part, day) for part in parts)
    for (start, end), (after, until) in zip(found, found[1:], strict=False):
        if after < end:
            raise Unreadable(
                f"On {day}, {write_times(after, until)} overlaps {write_times(start, end)}. "
                "Let one end before the next begins."
            )
    return tuple(found)


def _stretch(part: str, day: str) -> Times:
    ends = _BETWEEN.split(part)
    clocks = [_clock(one) for one in ends]
    if len(ends) != 2 or clocks[0] is None or clocks[1] is None or clocks[0] == END:
        raise Unreadable(f"{day} cannot be read. Type when work starts and ends, as in 09:00-13:00.")
    start, end = clocks[0], clocks[1]
    if start == end:
        raise Unreadable(f"On {day}, {write_clock(start)} to {write_clock(end)} is no time at all.")
    if end < start:
        raise Unreadable(
            f"On {day}, {write_clock(end)} is before {write_clock(start)}. A shift past midnight is typed in "
            f"two days: {write_clock(start)}-24:00, and 00:00-{write_clock(end)} on the next."
        )
    return start, end


def _clock(typed: str) -> time | None:
    """A time of day: "9", "09:00", "9.30", "5 pm", "24:00"; ``None`` for anything else."""
    match = _CLOCK.fullmatch(typed.strip()) if typed.isascii() else None
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[3][0].lower() == "p" else 0)
    if hour == 24:
        return END if minute == 0 else None
    return time(hour, minute)


def write_clock(clock: time) -> str:
    """A time of day as it is typed."""
    return "24:00" if clock == END else f"{clock:%H:%M}"


def write_times(starts: time, ends: time) -> str:
    """One stretch as it is typed: "09:00-13:00"."""
    return f"{write_clock(starts)}-{write_clock(ends)}"


def write_day(times: Iterable[Times]) -> str:
    """A day's stretches as they are typed; :func:`read_day` reads them back."""
    return ", ".join(write_times(start, end) for start, end in sorted(times))


def minutes_of(times: Iterable[Times]) -> int:
    """How many minutes these stretches are together."""
    return sum(_minute(end) - _minute(start) for start, end in times)


def _minute(clock: time) -> int:
    return 24 * 60 if clock == END else clock.hour * 60 + clock.minute


def joined(times: Iterable[Times]) -> list[Times]:
    """The same time as few stretches: those that touch or overlap are one."""
    found: list[Times] = []
    for start, end in sorted(times):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def shift_of(person: int, stretches: Iterable[Stretch], at: datetime, zone: ZoneInfo) -> Stretch | None:
    """The stretch in which this person works at ``at``, if they do."""
    local = at.astimezone(zone)
    return next((one for one in stretches if one.person == person and _works(one, local)), None)


def on_shift(stretches: Sequence[Stretch], at: datetime, zone: ZoneInfo, special: Open) -> list[int]:
    """Whose shift it is at ``at``, in the order of the stretches (R-CB-2).

    On a closed or special date a shift counts only while the company is open.
    """
    local = at.astimezone(zone)
    hours = special(local.date())
    if hours is not None and not any(_holds(start, end, local.time()) for start, end in hours):
        return []
    return list(dict.fromkeys(one.person for one in stretches if _works(one, local)))


def _works(one: Stretch, local: datetime) -> bool:
    """Whether a stretch holds a moment of the company's clock."""
    clock = local.time()
    return one.weekday == local.weekday() and one.starts <= clock and (clock < one.ends or one.ends == END)


def _holds(start: time, end: time, clock: time) -> bool:
    """Whether an open time holds a moment; a close of 0:00 is the midnight that ends the date."""
    return start <= clock and (clock < end or end in (time(0), END))


def staffed(
    stretches: Sequence[Stretch], since: datetime, until: datetime, zone: ZoneInfo, special: Open
) -> Iterator[Span]:
    """The stretches ``[from, to)`` between two moments in which somebody is on shift, day by day."""
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    for days in range((last - first).days + 1):
        on = first + timedelta(days=days)
        hours = special(on)
        times = [(one.starts, one.ends) for one in stretches if one.weekday == on.weekday()]
        if hours is not None:
            times = [part for one in times for open_time in hours if (part := _common(one, open_time))]
        for start, end in joined(times):
            begins, ends = _moment(on, start, zone), _moment(on, end, zone)
            if begins < until and ends > since:
                yield max(begins, since), min(ends, until)


def _common(one: Times, other: Times) -> Times | None:
    end = min(one[1], END if other[1] == time(0) else other[1])
    start = max(one[0], other[0])
    return (start, end) if start < end else None


def _moment(on: date, clock: time, zone: ZoneInfo) -> datetime:
    if clock == END:
        return datetime.combine(on + timedelta(days=1), time(0), zone)
    return datetime.combine(on, clock, zone)
