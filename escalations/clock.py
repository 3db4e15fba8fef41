"""A ticket's clock: from its stored cycle and pauses to its dates, and to why they are those (K19)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from escalations.domain import turnaround as engine
from escalations.domain.moments import Rules
from escalations.domain.policy import Policy
from escalations.models import Breach, Pause, Ticket, TicketCycle
from escalations.policies import calendar_for, calendar_of, policy_of


def clock_of(cycle: TicketCycle, pauses: Iterable[Pause]) -> engine.Cycle:
    """What a cycle is computed from: only pauses that stop the clock count (K9, K10)."""
    stops = tuple(engine.Pause(p.started_at, p.ended_at) for p in pauses if p.stops_clock)
    return engine.Cycle(engine.Turnaround(cycle.min, cycle.max, cycle.unit), cycle.clock_from, stops)


def no_clock(ticket: Ticket) -> engine.Cycle:
    """The clock of a draft: none runs (K17)."""
    return engine.Cycle(engine.Turnaround(None, None, "none"), ticket.received_at, ())


def grace_of(policy: Policy) -> timedelta:
    """How long after filing an immediate ticket may still be taken in time (K7)."""
    return timedelta(minutes=policy.grace_minutes)


def rules_of(calendar: engine.BusinessCalendar, policy: Policy) -> Rules:
    """A calendar with a policy's warnings and grace."""
    return Rules(calendar, policy.warnings, grace_of(policy))


def dates(
    clock: engine.Cycle,
    calendar: engine.BusinessCalendar,
    policy: Policy,
    *,
    urgent: bool,
    now: datetime | None = None,
) -> dict[str, Any]:
    """The stored moments of a ticket; ``now`` ends a pause that is still open ("if resumed now")."""
    rules = rules_of(calendar, policy)
    return rules.moments(clock.turnaround, clock.received_at, clock.pauses, urgent=urgent, now=now)._asdict()


def breach_of(ticket: Ticket, at: datetime, due_at: datetime | None = None) -> Breach:
    """The breach of a ticket's current cycle as it is seen ``at``; not yet written."""
    return Breach(
        company_id=ticket.company_id,
        ticket=ticket,
        cycle=ticket.cycle,
        due_at=due_at or ticket.due_at or ticket.received_at,
        seen_at=at,
        assignee_id=ticket.assignee_id,
    )


def standing_of(ticket: Ticket, now: datetime) -> str:
    """Where the ticket stands at ``now``: one of the eight words, never stored."""
    grace = timedelta(0)
    if ticket.late_from and ticket.due_at:
        grace = ticket.late_from - ticket.due_at
    return engine.standing(
        status=ticket.status,
        received_at=ticket.received_at,
        expected_from=ticket.expected_from,
        due_at=ticket.due_at,
        now=now,
        unit=ticket.unit,
        warn_at=ticket.warn_at,
        paused=ticket.paused_at is not None,
        paused_at=ticket.paused_at,
        taken_at=ticket.taken_at,
        grace=grace,
    )


def if_resumed_now(ticket: Ticket, clock: engine.Cycle, now: datetime) -> engine.Due | None:
    """The window a paused ticket would have if its clock ran again from now (K9); ``None`` when it runs."""
    if ticket.paused_at is None:
        return None
    return clock.due(calendar_of(calendar_for(ticket)), now)


def ledger_of(ticket: Ticket, clock: engine.Cycle, now: datetime) -> tuple[engine.LedgerLine, ...]:
    """Why the ticket is due when it is, day by day (K19)."""
    calendar = calendar_of(calendar_for(ticket))
    return engine.ledger(clock.turnaround, clock.received_at, calendar, clock.pauses, now)


def policy_of_ticket(ticket: Ticket) -> Policy:
    """The policy the ticket was filed under (R-ALL-3)."""
    return policy_of(ticket.policy_version)
