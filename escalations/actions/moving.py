"""The one place where a ticket's row moves: by compare-and-set on status and version."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.db.models import F

from accounts.steps import Refused
from escalations.models import Ticket, TicketEvent


def apply(ticket: Ticket, target: str | None, columns: dict[str, Any]) -> None:
    """Move the ticket to a status, or leave it there, and write its columns.

    Raises Refused when somebody changed the ticket since it was read, and for a move the table does not know.
    """
    rows = Ticket.objects.filter(pk=ticket.pk, status=ticket.status, version=ticket.version)
    try:
        moved = rows.update(status=target or ticket.status, version=F("version") + 1, **columns)
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == "HL409":
            raise Refused(f"A ticket cannot go from {ticket.status} to {target}.") from error
        raise
    if not moved:
        raise stale(ticket)


def stale(ticket: Ticket) -> Refused:
    """What the second of two people is told: who did what last."""
    newest = TicketEvent.objects.filter(ticket=ticket).select_related("by").order_by("-id").first()
    done = f" Last: {newest.title}, by {newest.by or 'Holdline'}." if newest else ""
    return Refused(
        f"{ticket.number} was changed meanwhile.{done} Nothing was done; look again, then decide.", "stale"
    )
