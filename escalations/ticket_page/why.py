"""Why the date is what it is, line by line: this cycle, those before it, the breaches on record (K19)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from escalations.clock import clock_of
from escalations.domain import turnaround as engine
from escalations.domain.calendar_edit import NamedCalendar
from escalations.domain.promise import short_day
from escalations.models import CalendarVersion, Ticket, TicketCycle
from escalations.policies import calendar_of, named_calendar_of, policy_of
from escalations.screens import because_words, moment_words, short_words
from escalations.ticket_page.reading import Detail, Facts, moment, person

_FRACTION = re.compile(r"\.\d+(?= s\b)")
"""Parts of a second are counted and never shown."""
_COUNTS = {
    "business_day": "A date counts only if the clock is running at its close.",
    "week": "A date counts only if the clock is running at its close.",
    "immediate": "It is due as it is filed.",
    "none": "",
}
_JUDGED = {True: "in time", False: "late", None: "no date"}


@dataclass
class Line:
    """One line of the ledger: a date, or a run of dates that do not count for one reason."""

    date: str
    counted: str
    why: str
    until: str = ""
    closed: bool = False
    off: bool = False
    mark: bool = False


def lines_of(
    found: Iterable[engine.LedgerLine], calendar: NamedCalendar, now: datetime, marks: Collection[date] = ()
) -> list[Line]:
    """The ledger as it is shown, with what the company calls its holidays; ``marks`` were promised."""
    lines: list[Line] = []
    year = now.astimezone(calendar.rules.tz).year
    for one in found:
        words = short_day(one.date, year)
        last = lines[-1] if lines else None
        closed = one.counted == "no" and one.why.startswith("Closed on")
        if last and closed and last.closed:
            last.until, last.why = words, "Closed at weekends"
            continue
        off = one.counted in ("no", "day 0")
        lines.append(
            Line(
                words,
                _FRACTION.sub("", one.counted),
                because_words(one, calendar),
                closed=closed,
                off=off,
                mark=one.date in marks,
            )
        )
    return lines


def counts_words(unit: str) -> str:
    """How a clock of this unit counts, in a sentence (K2, K4, K5, K9)."""
    return _COUNTS.get(unit, "Time in which the clock stands still is left out.")


def marks_of(due: engine.Due, turnaround: engine.Turnaround, calendar: engine.BusinessCalendar) -> set[date]:
    """The dates of a window counted in business days."""
    if turnaround.unit != "business_day":
        return set()
    return {moment.astimezone(calendar.tz).date() for moment in due if moment is not None}


@dataclass(frozen=True)
class Ended:
    """A cycle that ended, with what was frozen then and its own ledger (K11)."""

    number: int
    outcome: str
    judged: str
    met: bool | None
    ended: str
    due: str
    lines: list[Line]


def ended_cycles(detail: Detail) -> list[Ended]:
    """Every cycle that ended, newest first; that of a ticket that is over among them."""
    ended = [cycle for cycle in detail.cycles if cycle.ended_at is not None]
    ticket, judged_by = detail.ticket, calendars_of(detail.ticket, [cycle.number for cycle in ended])
    versions = [judged_by.get(cycle.number, ticket.calendar_version) for cycle in ended]
    pairs = zip(ended, versions, strict=True)
    return [_ended(cycle, detail, version) for cycle, version in pairs][::-1]


def calendars_of(ticket: Ticket, cycles: Iterable[int]) -> dict[int, CalendarVersion]:
    """The calendar each cycle before the present one was judged by, from the ticket's history (K14).

    A cycle that ends leaves the ticket with the calendar of its end; the next begins with that of its own
    day. No query for a ticket that was never reopened, two for another.
    """
    earlier = [number for number in cycles if number < ticket.cycle]
    if not earlier:
        return {}
    history: Any = Ticket
    kept = history.pgh_event_models["update"].objects.filter(pgh_obj_id=ticket.pk, cycle__in=earlier)
    last = kept.order_by("cycle", "-pgh_id").distinct("cycle").values_list("cycle", "calendar_version_id")
    found = dict(last)
    versions = CalendarVersion.objects.defer("data").in_bulk(found.values())
    return {number: versions[key] for number, key in found.items()}


def _ended(cycle: TicketCycle, detail: Detail, version: CalendarVersion) -> Ended:
    ended_at, calendar = cycle.ended_at, calendar_of(version)
    assert ended_at is not None
    clock = clock_of(cycle, [one for one in detail.pauses if one.started_at < ended_at])
    due = engine.Due(cycle.expected_from, cycle.due_at)
    current = cycle.number == detail.ticket.cycle
    found = (
        ()
        if current
        else engine.ledger(clock.turnaround, clock.received_at, calendar, clock.pauses, ended_at)
    )
    return Ended(
        number=cycle.number,
        outcome=cycle.outcome,
        judged=_JUDGED[cycle.met],
        met=cycle.met,
        ended=short_words(ended_at, calendar, detail.now),
        due=short_words(cycle.due_at, calendar, detail.now) if cycle.due_at else "",
        lines=lines_of(
            found,
            named_calendar_of(version),
            detail.now,
            marks_of(due, clock.turnaround, calendar),
        ),
    )


@dataclass(frozen=True)
class Late:
    """One breach on record: the sentences of it, and whether somebody may still say why."""

    cycle: int
    was: str
    had: str
    because: str
    said: str
    moved: str
    asks: bool


def breaches_of(detail: Detail) -> list[Late]:
    """Every breach on record, newest first; none is ever taken back, a moved date is said beside it (K14)."""
    newest = max((one["cycle"] for one in detail.breaches), default=0)
    return [_late(one, detail, newest) for one in detail.breaches][::-1]


def _late(one: Facts, detail: Detail, newest: int) -> Late:
    ticket, now = detail.ticket, detail.now
    calendar = calendar_of(ticket.calendar_version)
    due_at, told_at = moment(one, "due_at"), moment(one, "told_at")
    assert due_at is not None
    who = person(one, "assignee")
    cycle = f" of cycle {one['cycle']}" if ticket.cycle > 1 else ""
    return Late(
        cycle=one["cycle"],
        was=f"Ran past the due time{cycle}, {moment_words(due_at, calendar, now)}.",
        had=f"{who} had it then." if who else "Nobody had it then.",
        because=policy_of(ticket.policy_version).late_words(one["reason"]) if one["reason"] else "",
        said=f"{one['note']} {person(one, 'told_by')}, {short_words(told_at, calendar, now)}".strip()
        if told_at
        else "",
        moved=_moved(one, calendar, now),
        asks=not one["reason"] and one["cycle"] == newest,
    )


def _moved(one: Facts, calendar: engine.BusinessCalendar, now: datetime) -> str:
    to, at = moment(one, "moved_to"), moment(one, "moved_at")
    if to is None:
        return ""
    on = f" on {moment_words(at, calendar, now)}" if at else ""
    return f"Its date was moved to {moment_words(to, calendar, now)}{on}. The breach stays on record."
