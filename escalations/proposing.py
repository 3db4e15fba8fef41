"""Which further tickets the rules propose beside those that run (R-INS-3, R-SUP-4, R-EXEC-4, R-X-2).

The ticket's own page and the sweep ask the same function; the sweep asks it of many tickets at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from escalations.domain.conditions import Day, holds
from escalations.domain.intake import said_in
from escalations.domain.policy import Rule, TicketType
from escalations.domain.states import RUNNING
from escalations.filing_parts import days_since_sent
from escalations.models import PolicyVersion, Proposal, Ticket
from escalations.policies import calendar_for, calendar_of, policy_of


def proposing_rules(
    ticket: Ticket, kind: TicketType, facts: Mapping[str, Any], open_types: Collection[str], day: Day
) -> list[Rule]:
    """The rules that propose a further ticket now, the first of each type proposed.

    A type that runs for the patient already is not proposed again. ``facts`` are those of the patient.
    """
    known = {**facts, **ticket.answers, "type": ticket.type}
    known["said"] = said_in(kind, {"note": ticket.note}, ticket.answers)
    found: dict[str, Rule] = {}
    days = None
    for rule in kind.rules:
        if not rule.beside or not rule.suggest or rule.suggest in open_types:
            continue
        if not holds(rule.when, known, day):
            continue
        if rule.after_business_days:
            days = days_since_sent(ticket, day) if days is None else days
            if days <= rule.after_business_days:
                continue
        found.setdefault(rule.suggest, rule)
    return list(found.values())


def due_proposals(rows: QuerySet[Ticket], *, at: datetime, batch: int) -> Iterator[list[Proposal]]:
    """What is proposed on the running tickets of ``rows``, in batches of tickets; one may be made already."""
    for key, types in _proposing_types(rows).items():
        after = 0
        while True:
            here = rows.filter(policy_version=key, type__in=types, pk__gt=after)
            tickets = list(here.order_by("pk")[:batch])
            if found := _of(tickets, at):
                yield found
            if len(tickets) < batch:
                break
            after = tickets[-1].pk


def _proposing_types(rows: QuerySet[Ticket]) -> dict[int, list[str]]:
    """The types that propose something, by the id of each policy under which tickets run."""
    versions = PolicyVersion.objects.filter(pk__in=rows.order_by().values("policy_version")).defer("data")
    found = {
        version.pk: [one.key for one in policy_of(version).types if any(rule.beside for rule in one.rules)]
        for version in versions
    }
    return {key: types for key, types in found.items() if types}


def _of(tickets: list[Ticket], at: datetime) -> list[Proposal]:
    open_types = _open_types({ticket.patient_id for ticket in tickets})
    found = []
    for ticket in tickets:
        kind = policy_of(ticket.policy_version).type(ticket.type)
        if kind is None:
            continue
        calendar = calendar_of(calendar_for(ticket))
        running = open_types[ticket.patient_id]
        day = Day(at.astimezone(calendar.tz).date(), calendar)
        found += [
            Proposal(
                company_id=ticket.company_id, ticket=ticket, rule=rule.id, type=rule.suggest, raised_at=at
            )
            for rule in proposing_rules(ticket, kind, {"open_types": sorted(running)}, running, day)
        ]
    return found


def _open_types(patients: Collection[int | None]) -> defaultdict[int | None, set[str]]:
    """The types that run for each patient."""
    found: defaultdict[int | None, set[str]] = defaultdict(set)
    rows = Ticket.objects.filter(patient__in=patients, status__in=RUNNING)
    for patient, kind in rows.values_list("patient", "type"):
        found[patient].add(kind)
    return found
