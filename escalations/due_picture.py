"""Where the parts of a due window lie on its line, in percent of its width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from escalations.domain.turnaround import BusinessCalendar, Due
from escalations.models import Pause

MOST_DAY_LABELS = 12
_NARROW = 12.0
_WORD = 13.0
_PAUSE_WORD = 6.0


@dataclass(frozen=True)
class Picture:
    """The numbers a ``due-window`` component draws; ``None`` leaves a part out."""

    due: float | None = None
    start: float | None = None
    now: float | None = None
    filed: float | None = None
    over: bool = False
    pauses: list[tuple[float, float]] = field(default_factory=list)
    days: list[dict[str, Any]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)


def small_picture(received_at: datetime, due: Due, now: datetime) -> Picture:
    """The window of one row: from receiving to due, or to now when that is later."""
    if due.due_at is None:
        return Picture()
    span = _Span(received_at, max(due.due_at, now) + (due.due_at - received_at) * 0.05)
    return Picture(
        due=span.at(due.due_at),
        start=span.at(due.expected_from) if due.expected_from else None,
        now=span.at(now),
        over=now > due.due_at,
    )


def large_picture(
    received_at: datetime,
    due: Due,
    now: datetime,
    calendar: BusinessCalendar,
    pauses: Sequence[Pause] = (),
    *,
    ended: bool = False,
) -> Picture:
    """The window of a ticket's page: whole local days, closed ones shaded, its parts named.

    ``ended`` leaves out the needle for now: the clock of a closed ticket does not run.
    """
    if due.due_at is None:
        return Picture()
    last = due.due_at if ended else max(due.due_at, now)
    span = _Span(
        _midnight(received_at, calendar, 0), _midnight(last - timedelta(microseconds=1), calendar, 1)
    )
    return Picture(
        due=span.at(due.due_at),
        start=span.at(due.expected_from) if due.expected_from else None,
        now=None if ended else span.at(now),
        filed=span.at(received_at),
        over=not ended and now > due.due_at,
        pauses=[(span.at(p.started_at), span.at(p.ended_at or now)) for p in pauses if p.stops_clock],
        days=list(_days(span, calendar)),
        marks=[
            *_marks(span, received_at, due, None if ended else now, calendar),
            *_pause_marks(span, received_at, pauses, now),
        ],
    )


class _Span:
    """A stretch of time laid out on a line of 100 per cent."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start = start
        self.end = max(end, start + timedelta(hours=1))

    def at(self, moment: datetime) -> float:
        """Where a moment lies, kept on the line."""
        share = (moment - self.start) / (self.end - self.start)
        return round(min(max(share, 0.0), 1.0) * 100, 2)


def _midnight(moment: datetime, calendar: BusinessCalendar, days: int) -> datetime:
    on = moment.astimezone(calendar.tz).date() + timedelta(days=days)
    return datetime.combine(on, time(0), calendar.tz)


def _days(span: _Span, calendar: BusinessCalendar) -> Iterable[dict[str, Any]]:
    """One entry a local date; when there are many, only some are labelled."""
    first = span.start.astimezone(calendar.tz).date()
    last = (span.end - timedelta(microseconds=1)).astimezone(calendar.tz).date()
    total = (last - first).days + 1
    every = -(-total // MOST_DAY_LABELS)
    for number in range(total):
        on = first + timedelta(days=number)
        start = datetime.combine(on, time(0), calendar.tz)
        at, end = span.at(start), span.at(datetime.combine(on + timedelta(days=1), time(0), calendar.tz))
        yield {
            "at": at,
            "middle": round((at + end) / 2, 2),
            "width": round(end - at, 2),
            "closed": not calendar.is_business(on),
            "label": f"{on:%a} {on.day}" if number % every == 0 else "",
        }


def _marks(
    span: _Span, received_at: datetime, due: Due, now: datetime | None, calendar: BusinessCalendar
) -> Iterable[dict[str, Any]]:
    def clock(moment: datetime) -> str:
        return f"{moment.astimezone(calendar.tz):%H:%M}"

    due_at = due.due_at or received_at
    if now is None or span.at(now) - span.at(received_at) > _NARROW:
        yield _mark("filed", span.at(received_at), f"received {clock(received_at)}", "start")
    if due.expected_from is not None and span.at(due_at) - span.at(due.expected_from) > _NARROW:
        yield _mark("from", span.at(due.expected_from), "expected from", "end")
    yield _mark("due", span.at(due_at), f"due {clock(due_at)}", "end")
    if now is not None:
        at = span.at(now)
        yield _mark("now", at, "now", "start" if at < 2 else "end" if at > 98 else "middle")


def _pause_marks(
    span: _Span, received_at: datetime, pauses: Sequence[Pause], now: datetime
) -> Iterable[dict[str, Any]]:
    """The word over a pause wide enough to carry it, clear of the word over the start."""
    free_from = span.at(received_at) + _WORD
    for pause in pauses:
        start, end = span.at(pause.started_at), span.at(pause.ended_at or now)
        middle = round((start + end) / 2, 2)
        if pause.stops_clock and end - start > _PAUSE_WORD and middle - _PAUSE_WORD / 2 > free_from:
            free_from = middle + _PAUSE_WORD / 2
            yield _mark("pause", middle, "paused", "middle")


def _mark(kind: str, at: float, label: str, side: str) -> dict[str, Any]:
    return {"kind": kind, "at": at, "label": label, "side": side}
