"""The lines of a ticket's timeline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from escalations.models import Ticket, TicketEvent


def tell(ticket: Ticket, act: str, title: str, text: str, by: User | None, at: datetime) -> TicketEvent:
    """Write down what was done to a ticket, in words (K19)."""
    return tell_all([(ticket, title, text)], act, by, at)[0]


def tell_all(
    lines: Iterable[tuple[Ticket, str, str]], act: str, by: User | None, at: datetime
) -> list[TicketEvent]:
    """Write down one act of many tickets, each with its title and text, in one statement."""
    return TicketEvent.objects.bulk_create(
        TicketEvent(
            company_id=ticket.company_id, ticket=ticket, act=act, at=at, by=by, title=title[:200], text=text
        )
        for ticket, title, text in lines
    )
