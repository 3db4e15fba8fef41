"""The lines of a ticket's timeline: since when, and as programs are told of them."""

from __future__ import annotations

from typing import Any

from escalations.models import Ticket, TicketEvent
from escalations.policies import calendar_of

MOST_SINCE = 50


def events_since(ticket: Ticket, version: int) -> list[TicketEvent]:
    """What happened to a ticket after it had this version, oldest first.

    Where no line knows its version (written by an older release), the newest line alone.
    """
    rows = TicketEvent.objects.filter(ticket=ticket).select_related("by")
    found = list(rows.filter(version__gt=version).order_by("-id")[:MOST_SINCE])
    return (found or list(rows.order_by("-id")[:1]))[::-1]


def event_facts(event: TicketEvent, ticket: Ticket) -> dict[str, Any]:
    """One line as the API tells it, its moment in the zone of the ticket's calendar."""
    calendar = calendar_of(ticket.calendar_version)
    return {
        "id": str(event.pk),
        "act": event.act,
        "at": event.at.astimezone(calendar.tz).isoformat(),
        "by": event.by.username if event.by else None,
        "title": event.title,
        "text": event.text,
        "version": event.version,
    }
