"""When a patient may be called, how an attempt can end, and what the board makes of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from patients.domain.intake import Wrong

CALLBACK_TYPES = ("callback-ptp-pte", "onc-callback", "patient-callback")
"""The types that land on the callback board (R-PTP-2, R-CB-2)."""
EARLIEST, LATEST = time(8), time(21)
"""Calling hours by the patient's own clock."""

REACHED = "reached"
OUTCOMES = [
    (REACHED, "Reached"),
    ("no_answer", "No answer"),
    ("voicemail", "Left a message"),
    ("busy", "Busy"),
    ("wrong_number", "Wrong number"),
    ("call_later", "Asked to call later"),
]
LONGEST_NOTE, LONGEST_REASON = 500, 300
ENOUGH_TRIES = 3
"""Tries without an answer after which the board proposes to wait for the patient."""
_SPOKE = (REACHED, "call_later")
"""Outcomes in which the patient was on the line."""

REFUSED, HOURS = "R-DNC-2", "hours"
"""What a call may go past with a reason: a wish not to be called, the calling hours."""
GROUPS = ("late", "now", "later", "waiting")

Span = tuple[datetime, datetime]


def outcome(value: Any) -> str:
    """Read how a call ended, by its key or in words; Wrong for anything else."""
    said = value.strip().casefold() if isinstance(value, str) else ""
    found = next((key for key, label in OUTCOMES if said in (key, label.casefold())), "")
    if not found:
        listed = "; ".join(f"{key} ({label.lower()})" for key, label in OUTCOMES)
        raise Wrong("choice" if said else "required", f"Say how the call ended: {listed}.")
    return found


def may_call(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether it is between 8 and 21 o'clock where the patient is."""
    clock = moment.astimezone(zone).time()
    return EARLIEST <= clock < LATEST


def next_call(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment from ``moment`` on at which the patient may be called."""
    local = moment.astimezone(zone)
    if may_call(moment, zone):
        return moment
    on = local.date() + timedelta(days=1 if local.time() >= LATEST else 0)
    return datetime.combine(on, EARLIEST, zone).astimezone(moment.tzinfo)


def last_call(due: datetime, zone: ZoneInfo) -> datetime:
    """The last moment up to ``due`` at which the patient may be called: ``due``, or 21 o'clock before it."""
    local = due.astimezone(zone)
    clock = local.time()
    if EARLIEST <= clock <= LATEST:
        return due
    on = local.date() - timedelta(days=1 if clock < EARLIEST else 0)
    return datetime.combine(on, LATEST, zone).astimezone(due.tzinfo)


def last_staffed_call(due: datetime, zone: ZoneInfo, staffed: Iterable[Span]) -> datetime | None:
    """The last moment up to ``due`` at which somebody is on shift and the patient may be called (R-CB-2).

    ``staffed`` are stretches ``[from, to)`` in which somebody is on shift; ``None`` when none of them meets
    the patient's calling hours.
    """
    found = [
        end for start, until in staffed if (end := _end_of_calling(start, min(until, due), zone)) is not None
    ]
    return max(found, default=None)


def _end_of_calling(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    if end <= start:
        return None
    last = last_call(end, zone)
    return last if last > start else None


def guards(moment: datetime, zone: ZoneInfo, *, refuses_calls: bool) -> tuple[str, ...]:
    """What a call at ``moment`` goes past: nothing, or what needs a reason (R-DNC-2)."""
    past = ((REFUSED, refuses_calls), (HOURS, not may_call(moment, zone)))
    return tuple(key for key, holds in past if holds)


def tries(outcomes: Sequence[str]) -> int:
    """How often in a row the patient was not got hold of; ``outcomes`` are the newest first."""
    count = 0
    for one in outcomes:
        if one in _SPOKE:
            break
        count += 1
    return count


def group_of(status: str, standing: str, now: datetime, zone: ZoneInfo) -> str:
    """Where a callback stands on the board: one of :data:`GROUPS`.

    What is late stays late whatever the hour. What waits for somebody is nobody's turn.
    """
    if standing == "breached":
        return "late"
    if status == "waiting":
        return "waiting"
    return "now" if may_call(now, zone) else "later"
