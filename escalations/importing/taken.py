"""Tickets as the table they can be brought as, read a few hundred at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from accounts.models import Company, User
from escalations.importing.columns import ANSWER
from escalations.models import Ticket, TicketCycle
from patients.domain.import_columns import Kind
from patients.imports.kinds import moment_words, text_words

_AT_A_TIME = 500
_PATIENT = ("account_number", "last_name", "first_name", "date_of_birth")


def _tickets(user: User) -> QuerySet[Ticket]:
    """Every ticket but drafts, which are nobody's yet."""
    rows: QuerySet[Ticket] = Ticket.objects.visible_to(user).exclude(status="draft")
    return rows


def number_of_tickets(user: User) -> int:
    """How many rows the table has."""
    return _tickets(user).count()


def rows_of_all(user: User, kind: Kind) -> Iterator[list[str]]:
    """Every ticket of the company that was filed, oldest first."""
    names, after = [column.name for column in kind.columns], 0
    rows = _tickets(user).select_related("patient", "assignee", "elsewhere").order_by("pk")
    while batch := list(rows.filter(pk__gt=after)[:_AT_A_TIME]):
        ended = {
            cycle.ticket_id: cycle
            for cycle in TicketCycle.objects.filter(ticket__in=batch, ended_at__isnull=False).order_by(
                "number"
            )
        }
        for ticket in batch:
            cells = _cells(ticket, ended.get(ticket.pk), user.company)
            yield [cells.get(name, "") for name in names]
        after = batch[-1].pk


def _cells(ticket: Ticket, ended: TicketCycle | None, company: Company) -> dict[str, str]:
    over = ticket.resolved_at is not None and ended is not None
    return {
        "number": ticket.elsewhere.number if hasattr(ticket, "elsewhere") else ticket.number,
        "type": ticket.type,
        "channel": ticket.channel,
        "caller": ticket.caller,
        **({name: text_words(getattr(ticket.patient, name)) for name in _PATIENT} if ticket.patient else {}),
        "received_at": moment_words(ticket.received_at, company),
        "status": ticket.status,
        "resolved_at": moment_words(ticket.resolved_at, company),
        "outcome": ended.outcome if over and ended else "",
        "resolution_note": ended.note if over and ended else "",
        "assignee": ticket.assignee.username if ticket.assignee else "",
        "note": ticket.note,
        "acknowledged": " ".join(ticket.acknowledged),
        **{f"{ANSWER}{key}": _answer(value) for key, value in ticket.answers.items()},
    }


def _answer(value: Any) -> str:
    """An answer in a cell: several choices apart by commas."""
    return ", ".join(map(str, value)) if isinstance(value, list) else text_words(value)
