"""Deadlines a second, over a bare precomputed table with bisect (speed bar 11: at least half of it).

Both sides answer the same questions on the same calendar in the same run: 48 business hours and 5 business
days, for filing moments spread over a year. The bare side is what one would write for this calendar alone:
one opening and one closing time a day, no pauses, no clock changes inside a date, no checks, lists laid out
beforehand.
"""

import json
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

from escalations.domain.turnaround import BusinessCalendar, Turnaround, compute

ROUNDS = 15
MOMENTS = 4000
BAR = 0.5
ZONE = ZoneInfo("America/Chicago")
OPENS, CLOSES = time(9), time(18)
HOLIDAYS = frozenset(
    date(2026, month, day)
    for month, day in ((1, 1), (1, 19), (5, 25), (6, 19), (7, 3), (9, 7), (11, 26), (12, 25))
)

Answer = Callable[[datetime], datetime | None]


def calendar() -> BusinessCalendar:
    """Monday to Friday, 09:00–18:00 in Chicago."""
    week = tuple(((OPENS, CLOSES),) if day < 5 else () for day in range(7))
    return BusinessCalendar("America/Chicago", week, HOLIDAYS)


def moments() -> list[datetime]:
    """Filing moments, the same on every run."""
    rng = random.Random(11)  # noqa: S311
    start = datetime(2026, 1, 5, tzinfo=UTC)
    return [start + timedelta(seconds=rng.randrange(330 * 86400)) for _ in range(MOMENTS)]


class BareTable:
    """Business dates and their closing moments, by list index and bisect, and nothing else."""

    def __init__(self) -> None:
        days = (date(2025, 12, 1) + timedelta(days=n) for n in range(800))
        self.dates = [on for on in days if on.weekday() < 5 and on not in HOLIDAYS]
        self.closes = [datetime.combine(on, CLOSES, ZONE).astimezone(UTC) for on in self.dates]

    def five_days(self, received: datetime) -> datetime:
        """Close of the fifth business date after the local filing date."""
        local = received.astimezone(ZONE)
        return self.closes[bisect_right(self.dates, local.date()) + 4]

    def forty_eight_hours(self, received: datetime) -> datetime:
        """The same clock time two business dates after the next open moment."""
        local = received.astimezone(ZONE)
        on, clock = local.date(), local.time()
        index = bisect_left(self.dates, on)
        if self.dates[index] != on or clock < OPENS:
            clock = OPENS
        elif clock >= CLOSES:
            index, clock = index + 1, OPENS
        return datetime.combine(self.dates[index + 2], clock, ZONE).astimezone(UTC)


def pairs() -> dict[str, tuple[Answer, Answer]]:
    """Each question with our answer and the bare one."""
    kept, bare = calendar(), BareTable()
    hours, days = Turnaround(None, 48, "business_hour"), Turnaround(None, 5, "business_day")
    return {
        "48 business hours": (lambda at: compute(hours, at, kept).due_at, bare.forty_eight_hours),
        "5 business days": (lambda at: compute(days, at, kept).due_at, bare.five_days),
    }


def seconds(answer: Answer, received: list[datetime]) -> float:
    """Seconds to answer for every moment once."""
    started = perf_counter()
    for at in received:
        answer(at)
    return perf_counter() - started


def measure() -> list[dict]:
    """Both questions, ours and the bare table in turns; AssertionError when their answers differ."""
    received = moments()
    return [_measured(name, ours, bare, received) for name, (ours, bare) in pairs().items()]


def _measured(name: str, ours: Answer, bare: Answer, received: list[datetime]) -> dict:
    if any(ours(at) != bare(at) for at in received):
        raise AssertionError(f"The engine and the bare table disagree on {name}.")
    rounds = [(seconds(ours, received), seconds(bare, received)) for _ in range(ROUNDS)]
    ours_seconds = median(mine for mine, _ in rounds)
    bare_seconds = median(other for _, other in rounds)
    return {
        "name": f"deadlines a second, {name}",
        "ours_per_second": round(len(received) / ours_seconds),
        "bare_per_second": round(len(received) / bare_seconds),
        "ratio": round(bare_seconds / ours_seconds, 2),
        "bar": BAR,
    }


if __name__ == "__main__":
    for figure in measure():
        print(json.dumps(figure))
