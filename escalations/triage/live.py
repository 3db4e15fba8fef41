"""What became of the tickets that an open board shows and the board no longer has."""

from __future__ import annotations

import re

from escalations.domain.states import OVER
from escalations.models import Ticket, TicketEvent
from escalations.triage.screen import BoardScreen

_MOST = 400
_NUMBER = re.compile(r"E-\d{1,20}")


def gone_words(screen: BoardScreen, shown: str) -> dict[str, str]:
    """For each number of ``shown`` that stands in no band now, not even past the rows that are shown: who did
    what to it last.

    Numbers of another company are not there. Costs one query, and none when nothing is gone.
    """
    here = {row.ticket.number for band in screen.bands for row in band.rows}
    asked = [one for one in shown.split(",")[:_MOST] if _NUMBER.fullmatch(one) and one not in here]
    if not asked:
        return {}
    tickets = Ticket.objects.visible_to(screen.user).filter(number__in=asked)
    gone = tickets.exclude(pk__in=screen.standing(tickets).values("pk"))
    rows = TicketEvent.objects.filter(ticket__in=gone).select_related("by", "ticket")
    newest = rows.order_by("ticket", "-id").distinct("ticket")
    return {event.ticket.number: _words(event) for event in newest}


def _words(event: TicketEvent) -> str:
    who = str(event.by or "Holdline")
    if event.ticket.status in OVER:
        return f"{event.ticket.get_status_display().capitalize()} by {who}"
    return f"{event.title} by {who}"
