"""Reading one ticket with all that belongs to it, in two statements whatever there is of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from escalations.answering import answerable
from escalations.clock import clock_of, if_resumed_now, ledger_of, no_clock
from escalations.domain import turnaround as engine
from escalations.models import (
    Alert,
    Breach,
    Notification,
    Pause,
    Proposal,
    Ticket,
    TicketCycle,
    TicketEvent,
    TicketLink,
    Waiver,
)
from escalations.policies import with_calendar
from patients.banners import person_in

Facts = Mapping[str, Any]
"""A row that was read beside its ticket, by the names of its columns; moments as ISO text."""
_MOST = 50
_ALERTS = (Alert.Kind.WARNING, Alert.Kind.BREACH)
_CYCLE = (
    "id", "number", "clock_from", "opened_at", "min", "max", "unit", "expected_from", "due_at", "ended_at",
    "met", "outcome", "note",
)  # fmt: skip
_PAUSE = ("id", "reason", "words", "stops_clock", "started_at", "ended_at")
_BREACH = ("cycle", "due_at", "seen_at", "reason", "note", "told_at", "moved_to", "moved_at")
_ALERT = ("kind", "cycle", "due_at", "raised_at", "climbs_at", "acknowledged_at", "rung")


def whole(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Tickets with everything their page shows beside their own row, in the same statement."""
    here = {"ticket": OuterRef("pk")}
    either = Q(ticket=OuterRef("pk")) | Q(other=OuterRef("pk"))
    alerts = Alert.objects.filter(**here, cycle=OuterRef("cycle")).order_by("id")
    told = Notification.objects.filter(**here, kind__in=_ALERTS).order_by("at", "id")
    return with_calendar(answerable(rows)).annotate(
        page_cycles=_all(TicketCycle.objects.filter(**here).order_by("number"), *_CYCLE),
        page_pauses=_all(Pause.objects.filter(**here).order_by("started_at", "id"), *_PAUSE),
        page_breaches=_rows(
            Breach.objects.filter(**here).order_by("cycle"), *_BREACH, assignee=True, told_by=True
        ),
        page_alerts=_rows(alerts, *_ALERT, acknowledged_by=True),
        page_told=_rows(told, "key", "at", recipient=True),
        page_proposals=_rows(Proposal.objects.filter(**here).order_by("id"), "rule", "decision"),
        page_waivers=_rows(
            Waiver.objects.filter(**here).order_by("id"), "kind", "rule", "subject", "reason", "at", by=True
        ),
        page_links=_linked(TicketLink.objects.filter(either).order_by("id")),
        page_merged=_rows(
            Ticket.objects.filter(merged_into=OuterRef("pk")).order_by("id"),
            "number",
            "type_name",
            "received_at",
        ),
        survivor=F("merged_into__number"),
    )


def _all(rows: QuerySet[Any], *columns: str) -> ArraySubquery:
    """Every row: what the clock is computed from."""
    return ArraySubquery(rows.values(row=JSONObject(**{name: F(name) for name in columns})))


def _rows(rows: QuerySet[Any], *columns: str, **people: bool) -> ArraySubquery:
    """The first rows, with the people in some of their columns."""
    facts: dict[str, Any] = {name: F(name) for name in columns}
    facts |= {name: _person(name) for name in people}
    return ArraySubquery(rows.values(row=JSONObject(**facts))[:_MOST])


def _person(column: str) -> JSONObject:
    names = ("first_name", "last_name", "username")
    return JSONObject(**{name: F(f"{column}__{name}") for name in names})


def _linked(rows: QuerySet[TicketLink]) -> ArraySubquery:
    end = {"number": "number", "type_name": "type_name", "status": "status"}
    ends = {
        side: JSONObject(**{name: F(f"{side}__{column}") for name, column in end.items()})
        for side in ("ticket", "other")
    }
    facts = JSONObject(id="pk", kind="kind", of="ticket_id", by="by_id", **ends)
    return ArraySubquery(rows.values(row=facts)[:_MOST])


def person(facts: Facts, name: str) -> str:
    """The person in a column, as they are called everywhere; empty for nobody."""
    known = facts[name]
    return person_in(known) if known and known["username"] else ""


def moment(facts: Facts, name: str) -> datetime | None:
    """A moment of a row."""
    return datetime.fromisoformat(facts[name]).astimezone(UTC) if facts[name] else None


@dataclass(frozen=True)
class Detail:
    """One ticket with its timeline, its clock and why its date is what it is.

    The rows beside it (``links`` and what follows) are facts as they were read with the ticket.
    """

    ticket: Ticket
    now: datetime
    pauses: list[Pause]
    cycles: list[TicketCycle]
    clock: engine.Cycle
    ledger: tuple[engine.LedgerLine, ...]
    if_resumed: engine.Due | None
    links: list[Facts]
    waivers: list[Facts]
    breaches: list[Facts]
    alerts: list[Facts]
    told: list[Facts]
    proposals: list[Facts]
    merged: list[Facts]
    survivor: str

    @cached_property
    def events(self) -> list[TicketEvent]:
        """The newest lines of its timeline, newest first; one query, for who shows them."""
        return list(self.ticket.events.select_related("by").order_by("-id")[:200])

    @property
    def cycle(self) -> TicketCycle:
        """The cycle that runs, or ended last; a draft has none."""
        return self.cycles[-1]

    @property
    def waiting(self) -> Pause | None:
        """The wait that is not over."""
        return next((one for one in self.pauses if one.ended_at is None), None)


def detail_of(ticket: Ticket, *, now: datetime) -> Detail:
    """All that belongs to a ticket; its ledger ends an open pause at ``now`` (K9).

    No query for a ticket that was read by :func:`whole`, one for another.
    """
    known: Any = ticket if hasattr(ticket, "page_links") else whole(Ticket.objects.all()).get(pk=ticket.pk)
    if known is not ticket:
        vars(ticket).update({name: value for name, value in vars(known).items() if name not in vars(ticket)})
    pauses = _models(Pause, ticket, known.page_pauses)
    cycles = _models(TicketCycle, ticket, known.page_cycles)
    clock = clock_of(cycles[-1], pauses) if cycles else no_clock(ticket)
    return Detail(
        ticket=ticket,
        now=now,
        pauses=pauses,
        cycles=cycles,
        clock=clock,
        ledger=ledger_of(ticket, clock, now),
        if_resumed=if_resumed_now(ticket, clock, now),
        links=known.page_links,
        waivers=known.page_waivers,
        breaches=known.page_breaches,
        alerts=known.page_alerts,
        told=known.page_told,
        proposals=known.page_proposals,
        merged=known.page_merged,
        survivor=known.survivor or "",
    )


def _models(model: type[Any], ticket: Ticket, rows: Iterable[Facts]) -> list[Any]:
    """Rows read as JSON as the models they are, for what is computed from them; not to be saved."""
    moments = {one.name for one in model._meta.fields if one.get_internal_type() == "DateTimeField"}
    found: list[Model] = []
    for facts in rows:
        columns = {name: moment(facts, name) if name in moments else value for name, value in facts.items()}
        found.append(model(ticket=ticket, company_id=ticket.company_id, **columns))
    return found
