"""Where a ticket stands now, and when to warn about it (K3, K7–K9, K15, K18). Computed, never stored."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime, timedelta

from escalations.domain.calendar import BusinessCalendar, in_utc
from escalations.domain.due import HOUR
from escalations.domain.refusals import HorizonError, TurnaroundError
from escalations.domain.timetable import NOTHING, Table
from escalations.domain.units import Turnaround

STANDINGS = (
    "on_track", "due_soon", "in_window", "breached", "paused", "immediate", "none_stated", "closed",
)  # fmt: skip
ENDED = ("resolved", "merged", "cancelled")
GRACE = timedelta(minutes=15)
BACKDATING_LIMIT = timedelta(days=30)


def standing(
    *,
    status: str,
    received_at: datetime,
    expected_from: datetime | None,
    due_at: datetime | None,
    now: datetime,
    unit: str,
    warn_at: datetime | None = None,
    paused: bool = False,
    paused_at: datetime | None = None,
    taken_at: datetime | None = None,
    grace: timedelta = GRACE,
    resolved_at: datetime | None = None,
) -> str:
    """One of STANDINGS, from stored dates and `now`.

    A ticket that ended is `closed`; a draft has no clock and states no time (K17). An immediate one is
    breached when nobody took it within `grace` of its due moment (K7). While paused nothing breaches (K9),
    but a ticket that was late before the pause (`paused_at`) stays breached. Only `due_at` breaches (K3);
    the moment itself is still in time.
    """
    if status in ENDED or resolved_at is not None:
        return "closed"
    if status == "draft":
        return "none_stated"
    if unit == "immediate":
        moment = due_at if due_at is not None else received_at
        return "breached" if (taken_at or now) > moment + grace else "immediate"
    if due_at is None:
        return "none_stated"
    if paused:
        return "breached" if paused_at is not None and paused_at > due_at else "paused"
    return _running(expected_from, due_at, warn_at, now)


def _running(
    expected_from: datetime | None, due_at: datetime, warn_at: datetime | None, now: datetime
) -> str:
    if now > due_at:
        return "breached"
    if warn_at is not None and now >= warn_at:
        return "due_soon"
    if expected_from is not None and now >= expected_from:
        return "in_window"
    return "on_track"


def was_met(
    *,
    unit: str,
    due_at: datetime | None,
    resolved_at: datetime,
    taken_at: datetime | None = None,
    grace: timedelta = GRACE,
) -> bool | None:
    """Whether a resolved ticket kept its time: `resolved_at <= due_at`; None when no time was stated (K8).

    An immediate one is judged by the first time somebody took it, within `grace` (K7).
    """
    if due_at is None:
        return None
    if unit == "immediate":
        return (taken_at or resolved_at) <= due_at + grace
    return resolved_at <= due_at


def check_received_at(
    received_at: datetime, filed_at: datetime, furthest: timedelta = BACKDATING_LIMIT
) -> datetime:
    """`received_at` in UTC, when it is not after filing and at most `furthest` before it (K18).

    Raises TurnaroundError naming `received_at`; the limit is ours.
    """
    received, filed = in_utc(received_at, "received_at"), in_utc(filed_at, "filed_at")
    if received > filed:
        raise TurnaroundError("received_at", "The request cannot have been received in the future.")
    if filed - received > furthest:
        raise TurnaroundError(
            "received_at", f"The request can be dated back by at most {furthest.days} days."
        )
    return received


def warn_at(due_at: datetime, lead: Turnaround, calendar: BusinessCalendar) -> datetime:
    """When to warn of `due_at`: `lead.max` units before it, delivered in open hours, in UTC (K15).

    Outside open hours the warning waits for the next opening; when that is not before the due moment it
    goes out in the last open minute before. Never after `due_at`. TurnaroundError for a lead that is not
    counted (`immediate`, `none`).
    """
    due = in_utc(due_at, "due_at")
    if lead.max is None:
        raise TurnaroundError("lead", "A warning needs a lead time with a number.")
    early = _counted_back(due, lead.max, lead.unit, calendar)
    try:
        opening = calendar.open_moment(early)
    except HorizonError:
        opening = due
    if opening < due:
        return opening
    return calendar.last_open_moment(early) or early


def _counted_back(due: datetime, number: int, unit: str, calendar: BusinessCalendar) -> datetime:
    table = calendar.tables.covering(due, "due_at")
    back = _BACK[unit]
    while True:  # ends: each table is longer than the last, up to the horizon
        moment = back(table, due, number)
        if moment is not None:
            return moment
        table = calendar.tables.earlier(table, "lead")


def _business_days_back(table: Table, due: datetime, number: int) -> datetime | None:
    index = bisect_left(table.closes, due) - number
    return table.closes[index] if index >= 0 else None


def _weeks_back(table: Table, due: datetime, number: int) -> datetime | None:
    today = table.day_of(due)
    day = today - 7 * number
    return table.midnights[day] + (due - table.midnights[today]) if day >= 0 else None


def _business_hours_back(table: Table, due: datetime, number: int) -> datetime | None:
    total = table.counted(due) - HOUR * number
    return table.clock_moment(total, table.start) if total > NOTHING else None


def _staffed_hours_back(table: Table, due: datetime, number: int) -> datetime | None:
    total = table.staffed(due) - HOUR * number
    return table.staffed_moment(total) if total > NOTHING else None


def _clock_hours_back(table: Table, due: datetime, number: int) -> datetime | None:
    moment = due - HOUR * min(number, 24 * 366 * 200)
    if moment < table.start:
        return None
    return moment


_BACK: dict[str, Callable[[Table, datetime, int], datetime | None]] = {
    "business_day": _business_days_back,
    "week": _weeks_back,
    "business_hour": _business_hours_back,
    "staffed_hour": _staffed_hours_back,
    "clock_hour": _clock_hours_back,
}
