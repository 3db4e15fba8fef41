"""When a patient may be called, and how an attempt can end. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

CALLBACK_TYPES = ("callback-ptp-pte", "onc-callback", "patient-callback")
"""The types that land on the callback board (R-PTP-2, R-CB-2)."""
EARLIEST, LATEST = time(8), time(21)
"""Calling hours by the patient's own clock."""

OUTCOMES = [
    ("reached", "Reached"),
    ("no_answer", "No answer"),
    ("voicemail", "Left a message"),
    ("busy", "Busy"),
    ("wrong_number", "Wrong number"),
    ("call_later", "Asked to call later"),
]


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
