"""Many tickets for trying size, on top of the demo: `seed_demo --tickets N`. In bulk, each with its real
dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.audit import acting
from accounts.models import Company, User
from escalations import actions
from escalations.clock import dates
from escalations.domain import turnaround as engine
from escalations.filing import Filing, read_filing
from escalations.models import Ticket, TicketCycle, TicketEvent
from patients.models import Patient

BATCH = 5000
SPREAD_MINUTES = 20_000
"""Over how long before now the tickets came in: a fortnight."""
RUNNING_ONE_IN = 20
"""Of so many tickets one still runs; the others were resolved in time."""
KINDS: list[dict[str, Any]] = [
    {"type": "itemized-bill", "answers": {"recipient": "patient", "account_status": "paid"}},
    {"type": "refund", "answers": {"reason": "overpaid", "amount": "84.00", "payment_visible": True}},
    {"type": "requisition-form", "answers": {"delivery": "email", "delivery_email": "home@mail.example"}},
]


def many_tickets(company: Company, count: int, patients: list[Patient], *, now: datetime) -> int:
    """Add tickets of several types, most of them resolved: the first of each by its act, the others like
    it."""
    agent = User.objects.filter(company=company, role="agent").earliest("pk")
    models = [
        _model(agent, kind, channel, patients[0], now) for kind in KINDS for channel in ("phone", "email")
    ]
    many = ManyTickets(agent, patients, models, now)
    for start in range(0, count, BATCH):
        with transaction.atomic(), acting(agent, "seed demo"):
            many.add(range(start, min(start + BATCH, count)))
    return count


def _model(agent: User, kind: dict[str, Any], channel: str, patient: Patient, now: datetime) -> Filing:
    """A filing of this kind, put to the rules: the many are like it."""
    said = {**kind, "channel": channel, "caller": "patient", "patient": str(patient.pk)}
    filing = read_filing(agent, said, at=now)
    if not filing.may_be_filed:
        raise ValueError(f"{kind['type']} is refused by {[one.rule for one in filing.intake.refusals]}.")
    return filing


@dataclass(frozen=True)
class ManyTickets:
    """What the many have in common: who filed them, for whom, and a filing of each kind."""

    agent: User
    patients: list[Patient]
    models: list[Filing]
    now: datetime

    def add(self, numbers: range) -> None:
        """Add one batch, table by table."""
        first = self._allot(len(numbers))
        clocks = [self._clock(number) for number in numbers]
        rows = [
            self._ticket(number, first + index, clock)
            for index, (number, clock) in enumerate(zip(numbers, clocks, strict=True))
        ]
        Ticket.objects.bulk_create(rows, batch_size=1000)
        cycles = [self._cycle(ticket, clock) for ticket, clock in zip(rows, clocks, strict=True)]
        TicketCycle.objects.bulk_create(cycles, batch_size=1000)
        TicketEvent.objects.bulk_create(
            [event for ticket in rows for event in self._events(ticket)], batch_size=2000
        )

    def _allot(self, count: int) -> int:
        """Allot ticket numbers; give the first."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO escalations_ticketcounter (company_id, last) VALUES (%s, %s)"
                " ON CONFLICT (company_id) DO UPDATE"
                " SET last = escalations_ticketcounter.last + %s RETURNING last",
                [self.agent.company_id, actions.FIRST_NUMBER + count - 1, count],
            )
            last: int = cursor.fetchone()[0]
        return last - count + 1

    def _like(self, number: int) -> Filing:
        return self.models[number % len(self.models)]

    def _clock(self, number: int) -> engine.Cycle:
        like = self._like(number)
        assert like.type is not None
        received = self.now - timedelta(minutes=7 * number % SPREAD_MINUTES)
        return engine.Cycle(like.type.turnaround(like.channel), received, ())

    def _ticket(self, number: int, allotted: int, clock: engine.Cycle) -> Ticket:
        like, runs = self._like(number), number % RUNNING_ONE_IN == 0
        assert like.type is not None
        moments = dates(clock, like.calendar, like.policy, urgent=False)
        sentence = engine.promise(
            engine.Due(moments["expected_from"], moments["due_at"]),
            clock.turnaround,
            like.calendar,
            clock.received_at,
        )
        return Ticket(
            company_id=self.agent.company_id, number=f"E-{allotted}", type=like.type.key,
            type_name=like.type.name, urgency="normal", channel=like.channel, caller="patient",
            patient=self.patients[number % len(self.patients)], answers=like.intake.answers,
            status="open" if runs else "resolved", filed_by=self.agent, received_at=clock.received_at,
            created_at=clock.received_at, policy_version=like.policy_version,
            calendar_version=like.calendar_version, promise=sentence,
            resolved_at=None if runs else min(self.now, clock.received_at + timedelta(hours=5)), **moments,
        )  # fmt: skip

    def _cycle(self, ticket: Ticket, clock: engine.Cycle) -> TicketCycle:
        over = ticket.resolved_at is not None
        return TicketCycle(
            company_id=ticket.company_id, ticket=ticket, number=1, clock_from=clock.received_at,
            opened_at=clock.received_at, min=clock.turnaround.min, max=clock.turnaround.max,
            unit=clock.turnaround.unit, expected_from=ticket.expected_from, due_at=ticket.due_at,
            ended_at=ticket.resolved_at, met=True if over else None, outcome="Done" if over else "",
        )  # fmt: skip

    def _events(self, ticket: Ticket) -> Iterator[TicketEvent]:
        told = [("file", ticket.received_at, f"Filed by {ticket.channel}")]
        if ticket.resolved_at is not None:
            told.append(("resolve", ticket.resolved_at, "Resolved: Done"))
        for act, at, title in told:
            yield TicketEvent(
                company_id=ticket.company_id,
                ticket=ticket,
                act=act,
                at=at,
                by=self.agent,
                title=title,
                version=1,
            )
