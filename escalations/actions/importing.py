"""Taking in tickets that were worked on elsewhere: many at once, each once, with the dates of our own clock.

What stands against filing was found before (:func:`escalations.filing.read_filing`), as on every other way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from escalations.actions.filing import ALARM, add_what_comes_with_it, said_columns
from escalations.actions.notices import sound_alarm
from escalations.clock import breach_of, dates, grace_of
from escalations.domain import turnaround as engine
from escalations.filing import Filing, promise_of
from escalations.models import Breach, Ticket, TicketCycle, TicketEvent, TicketReference
from patients.models import Import

_AT_A_TIME = 500


@dataclass(frozen=True)
class BroughtTicket:
    """A ticket to take in: the number it had, what was filed, who has it, and how it ended if it did."""

    number: str
    filing: Filing
    assignee: User | None = None
    resolved_at: datetime | None = None
    outcome: str = ""
    resolution: str = ""


@dataclass(frozen=True)
class _Made:
    brought: BroughtTicket
    ticket: Ticket
    cycle: TicketCycle
    sentence: str


def take_in_tickets(
    brought: Sequence[BroughtTicket], numbers: Sequence[int], *, of: Import, by: User, at: datetime
) -> list[Ticket]:
    """Enter tickets of these numbers in a fixed number of statements, and what comes with some of them.

    The clock of each counts from when it was received (K18): due dates are the policy's. One that was
    resolved has its cycle ended and judged (K11), and its breach if it was late; no clock runs (K17). In the
    transaction of their part. IntegrityError when one of their numbers came in at this moment, and ValueError
    for a filing that something stands against.
    """
    if not brought:
        return []
    made = [_made(one, f"E-{number}", by, at) for number, one in zip(numbers, brought, strict=True)]
    Ticket.objects.bulk_create([one.ticket for one in made], batch_size=_AT_A_TIME)
    TicketCycle.objects.bulk_create([one.cycle for one in made], batch_size=_AT_A_TIME)
    TicketReference.objects.bulk_create(
        [
            TicketReference(company_id=of.company_id, ticket=one.ticket, number=one.brought.number, of=of)
            for one in made
        ],
        batch_size=_AT_A_TIME,
    )
    Breach.objects.bulk_create([_breach(one) for one in made if one.cycle.met is False])
    TicketEvent.objects.bulk_create(
        [event for one in made for event in _events(one, by, at)], batch_size=_AT_A_TIME
    )
    for one in made:
        add_what_comes_with_it(one.ticket, one.brought.filing, by, at)
        if ALARM in one.ticket.marks and one.brought.resolved_at is None:
            sound_alarm(one.ticket, by=by, at=at)
    return [one.ticket for one in made]


def _made(one: BroughtTicket, number: str, by: User, at: datetime) -> _Made:
    filing = one.filing
    promise = promise_of(filing)
    if not filing.may_be_filed or filing.type is None or promise is None:
        raise ValueError("This filing has findings that refuse it.")
    clock = engine.Cycle(promise.turnaround, filing.received_at, ())
    moments = dates(clock, filing.calendar, filing.policy, urgent=filing.type.urgency == "urgent")
    ticket = Ticket(
        company_id=by.company_id,
        number=number,
        status="open" if one.resolved_at is None else "resolved",
        filed_by=by,
        created_at=at,
        assignee=one.assignee,
        resolved_at=one.resolved_at,
        promise=promise.sentence,
        **said_columns(filing),
        **moments,
    )
    return _Made(one, ticket, _cycle(one, ticket, clock, at), promise.sentence)


def _cycle(one: BroughtTicket, ticket: Ticket, clock: engine.Cycle, at: datetime) -> TicketCycle:
    cycle = TicketCycle(
        company_id=ticket.company_id,
        ticket=ticket,
        number=1,
        clock_from=clock.received_at,
        opened_at=at if one.resolved_at is None else clock.received_at,
        min=clock.turnaround.min,
        max=clock.turnaround.max,
        unit=clock.turnaround.unit,
        expected_from=ticket.expected_from,
        due_at=ticket.due_at,
    )
    if one.resolved_at is not None:
        cycle.ended_at, cycle.outcome, cycle.note = one.resolved_at, one.outcome, one.resolution
        cycle.met = engine.was_met(
            unit=ticket.unit,
            due_at=ticket.due_at,
            resolved_at=one.resolved_at,
            grace=grace_of(one.filing.policy),
        )
    return cycle


def _breach(one: _Made) -> Breach:
    seen = one.brought.resolved_at or one.ticket.received_at
    return breach_of(one.ticket, seen, one.ticket.due_at)


def _events(one: _Made, by: User, at: datetime) -> list[TicketEvent]:
    """What the timeline keeps: how it ended elsewhere, then that it was imported, and its number there."""
    zone = one.brought.filing.calendar.tz
    received = one.ticket.received_at.astimezone(zone)
    told = (
        f"Elsewhere it is {one.brought.number}. "
        f"Received {received:%A} {received.day} {received:%B %Y, %H:%M}. Promised: {one.sentence}."
    )
    found = [_event(one.ticket, "file", f"Imported; came in by {one.ticket.channel}", told, by, at)]
    if one.brought.resolved_at is not None:
        judged: dict[Any, str] = {True: "In time.", False: "After it was due.", None: ""}
        words = " ".join(filter(None, (judged[one.cycle.met], one.brought.resolution)))
        title = f"Resolved elsewhere: {one.brought.outcome}"
        who, when = one.brought.assignee or by, one.brought.resolved_at
        found.insert(0, _event(one.ticket, "resolve", title, words, who, when))
    return found


def _event(ticket: Ticket, act: str, title: str, words: str, by: User, at: datetime) -> TicketEvent:
    return TicketEvent(
        company_id=ticket.company_id, ticket=ticket, act=act, at=at, by=by, title=title[:200], text=words
    )
