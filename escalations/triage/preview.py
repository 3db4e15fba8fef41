"""The pane beside the rows: what one must know of a ticket to decide, and the forms of its acts."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from accounts.models import User
from escalations.clock import clock_of, no_clock
from escalations.domain import turnaround as engine
from escalations.models import Ticket, TicketEvent
from escalations.policies import calendar_of
from escalations.queries import people_with_load, tickets_of
from escalations.screens import moment_words, said_parts, short_words
from escalations.triage.asks import Ask, ask_of, kinds_of
from escalations.triage.rows import ASKING, BoardRow, row_of, told
from patients.banners import Banner, banners_of

EVENTS = 3


def ticket_at(user: User, number: str) -> Ticket | None:
    """The ticket of this number with what its row needs, None when there is none."""
    plain = number.isascii() and number.isprintable() and len(number) <= 24
    return told(tickets_of(user)).filter(number=number).first() if plain else None


class Preview:
    """One ticket at a glance."""

    def __init__(self, ticket: Ticket, user: User, *, now: datetime) -> None:
        self.ticket, self.user, self.now = ticket, user, now
        self.calendar = calendar_of(ticket.calendar_version)

    @cached_property
    def row(self) -> BoardRow:
        """The ticket as its row."""
        return row_of(self.ticket, self.user, self.now)

    @property
    def received_words(self) -> str:
        """How and when it came in."""
        return f"by {self.ticket.channel}, {short_words(self.ticket.received_at, self.calendar, self.now)}"

    @property
    def promise_parts(self) -> list[tuple[str, bool]]:
        """What the patient was told, its dates marked."""
        return said_parts(self.ticket.promise)

    @cached_property
    def why_words(self) -> str:
        """Why it is due when it is, in a sentence or two (K19); its page has the ledger."""
        if self.ticket.due_at is None:
            return "This type states no time, so no date is invented."
        cycle = self.ticket.cycles.filter(number=self.ticket.cycle).first()
        pauses = [one for one in self.ticket.pauses.all() if one.stops_clock]
        clock = clock_of(cycle, pauses) if cycle else no_clock(self.ticket)
        start = moment_words(clock.received_at, self.calendar, self.now)
        said = f"{engine.describe(clock.turnaround).capitalize()} from {start}."
        due = f" Due {moment_words(self.ticket.due_at, self.calendar, self.now)}."
        if clock.turnaround.unit == "immediate":
            due = ""
        stops = len(pauses)
        cut = f" {stops} wait{'' if stops == 1 else 's'} stopped the clock." if stops else ""
        return said + due + cut

    @cached_property
    def events(self) -> list[dict[str, str]]:
        """The newest lines of the timeline."""
        rows = TicketEvent.objects.filter(ticket=self.ticket).select_related("by").order_by("-id")[:EVENTS]
        return [
            {
                "title": event.title,
                "text": event.text,
                "when": short_words(event.at, self.calendar, self.now),
                "who": str(event.by or "Holdline"),
            }
            for event in rows
        ]

    @cached_property
    def banners(self) -> list[Banner]:
        """What must be seen of the patient before anything is said."""
        patient = self.ticket.patient
        return banners_of([patient]).get(patient.pk, []) if patient else []

    @cached_property
    def _people(self) -> list[Any]:
        return people_with_load(self.user) if "assign" in self.row.acts else []

    @property
    def assignee_words(self) -> str:
        """Who has it and how many of theirs run."""
        assignee = self.ticket.assignee
        load = next((one.load for one in self._people if one.pk == self.ticket.assignee_id), None)
        if assignee is None:
            return "Nobody"
        return f"{assignee}, {load} running" if load is not None else str(assignee)

    def ask(self, act: str, **said: Any) -> Ask:
        """The form of one act."""
        return ask_of(
            act,
            self.ticket.number,
            kinds_of([self.ticket]),
            self._people,
            proposals=self.row.proposals,
            assignee=self.ticket.assignee_id,
            **said,
        )

    @property
    def asks(self) -> list[Ask]:
        """The forms of all acts that ask, so that their keys answer at once."""
        return [self.ask(act) for act in ASKING if act in self.row.acts]
