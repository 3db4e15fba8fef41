"""The patient's other running tickets, beside one: what it may be merged into, and what comes of it (K16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.models import User
from escalations.contacts import MOST, Contacts, with_calls
from escalations.domain import turnaround as engine
from escalations.domain.states import RUNNING
from escalations.models import Pause, Ticket, TicketCycle
from escalations.policies import calendar_for, calendar_of, with_calendar
from escalations.queries import tickets_of
from escalations.screens import moment_words, short_words


def running_beside(ticket: Ticket, user: User) -> list[Ticket]:
    """What runs for the patient, this ticket among it, each with what a merge is computed from; one query."""
    rows = with_calls(_mergeable(tickets_of(user))).filter(patient=ticket.patient_id, status__in=RUNNING)
    return list(rows.order_by("due_order", "id")[:MOST])


def _mergeable(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    cycles = TicketCycle.objects.filter(ticket=OuterRef("pk"), number=OuterRef("cycle"))
    pauses = Pause.objects.filter(ticket=OuterRef("pk"), ended_at__isnull=False, stops_clock=True)
    cycle = JSONObject(min=F("min"), max=F("max"), unit=F("unit"))
    pause = JSONObject(start=F("started_at"), end=F("ended_at"))
    return with_calendar(rows).annotate(
        its_clock=ArraySubquery(cycles.values(row=cycle)), its_pauses=ArraySubquery(pauses.values(row=pause))
    )


def contacts_in(found: list[Ticket]) -> Contacts:
    """The same tickets as the rules know a patient's contacts."""
    return Contacts(found)


@dataclass(frozen=True)
class Companion:
    """One ticket that this one may be merged into: its name, and in words what will be."""

    number: str
    name: str
    says: str


def companions_of(ticket: Ticket, found: list[Ticket], now: datetime) -> list[Companion]:
    """The others of ``found``, each with what merging ``ticket`` into it does."""
    return [
        Companion(one.number, one.type_name, outcome_words(ticket, one, now))
        for one in found
        if one.pk != ticket.pk
    ]


def outcome_words(merged: Ticket, survivor: Ticket, now: datetime) -> str:
    """Which filing counts and what date results, if ``merged`` is merged into ``survivor`` now (K16)."""
    calendar = calendar_of(survivor.calendar_version)
    due = _due(survivor.due_at, calendar, now)
    if merged.received_at >= survivor.received_at:
        received = short_words(survivor.received_at, calendar, now)
        return f"Its own filing is the earlier one, {received}, so it stays {due}."
    received = short_words(merged.received_at, calendar, now)
    if survivor.cycle > 1:
        return (
            f"It takes over this filing, {received}; its clock runs since it was reopened, so it stays {due}."
        )
    due_at = due_after(merged.received_at, survivor)
    if due_at == survivor.due_at:
        return f"It takes over this filing, {received}, and stays {_due(due_at, calendar, now)}."
    return f"It takes over this filing, {received}, and will be {_due(due_at, calendar, now)}."


def due_after(received_at: datetime, survivor: Any) -> datetime | None:
    """When ``survivor`` is due if its first cycle is counted from this earlier filing."""
    clock: Mapping[str, Any] = survivor.its_clock[0]
    stops = tuple(
        engine.Pause(datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]))
        for one in survivor.its_pauses
    )
    turnaround = engine.Turnaround(clock["min"], clock["max"], clock["unit"])
    return engine.Cycle(turnaround, received_at, stops).due(calendar_of(calendar_for(survivor))).due_at


def _due(due_at: datetime | None, calendar: engine.BusinessCalendar, now: datetime) -> str:
    return f"due {moment_words(due_at, calendar, now)}" if due_at else "without a date"
