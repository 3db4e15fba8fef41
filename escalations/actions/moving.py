"""The one place where a ticket's row moves: by compare-and-set on status and version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError
from django.db.models import Exists, F

from accounts.steps import Refused
from escalations.domain.states import RUNNING
from escalations.events import event_facts, events_since
from escalations.models import CalendarVersion, Ticket, TicketEvent

_MOST_SAID = 3
"""How many changes the sentence names; all of them stand beside it."""


class Stale(Refused):
    """Somebody was first: ``events`` are all lines of the timeline since the version that was seen."""

    def __init__(self, ticket: Ticket, events: Sequence[TicketEvent]) -> None:
        said = "; ".join(f"{one.title}, by {one.by or 'Holdline'}" for one in events[-_MOST_SAID:])
        more = len(events) - _MOST_SAID
        before = f"{more} earlier {'change' if more == 1 else 'changes'}; " if more > 0 else ""
        done = f": {before}{said}" if said else ""
        super().__init__(
            f"{ticket.number} was changed meanwhile{done}. Nothing was done; look again, then decide.",
            "stale",
        )
        self.events = list(events)
        self.facts = {"events": [event_facts(one, ticket) for one in events]}


def apply(ticket: Ticket, target: str | None, columns: dict[str, Any]) -> None:
    """Move the ticket to a status, or leave it there, and write its columns.

    Raises :class:`Stale` when somebody changed the ticket since it was read, or the calendar that its dates
    were worked out under (K14), and Refused for a move the table does not know.
    """
    rows = Ticket.objects.filter(
        pk=ticket.pk,
        status=ticket.status,
        version=ticket.version,
        calendar_version=ticket.calendar_version_id,
    )
    used: CalendarVersion | None = columns.get("calendar_version")
    if used is not None and ticket.status in RUNNING:
        rows = rows.filter(Exists(CalendarVersion.objects.filter(pk=used.pk, superseded_at=None)))
    try:
        moved = rows.update(status=target or ticket.status, version=F("version") + 1, **columns)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", "") == "HL409":
            raise Refused(f"A ticket cannot go from {ticket.status} to {target}.") from error
        raise
    if not moved:
        raise stale(ticket)


def stale(ticket: Ticket, seen: int | None = None) -> Stale:
    """What the second of two people is told: who did what since the version they saw."""
    return Stale(ticket, events_since(ticket, ticket.version if seen is None else seen))
