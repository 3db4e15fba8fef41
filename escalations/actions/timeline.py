"""One line of a ticket's timeline."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from escalations.models import Ticket, TicketEvent


def tell(ticket: Ticket, act: str, title: str, text: str, by: User | None, at: datetime) -> TicketEvent:
    """Write down what was done to a ticket, in words (K19)."""
    return TicketEvent.objects.create(
        company_id=ticket.company_id, ticket=ticket, act=act, at=at, by=by, title=title[:200], text=text
    )
