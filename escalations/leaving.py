"""What somebody who is disabled leaves behind at the desk."""

from __future__ import annotations

from accounts.leaving import leaves_behind
from accounts.models import User
from escalations.domain.states import RUNNING
from escalations.models import Ticket


@leaves_behind
def open_tickets(person: User) -> str:
    """How many open tickets are this person's."""
    count = Ticket.objects.filter(company_id=person.company_id, assignee=person, status__in=RUNNING).count()
    if not count:
        return ""
    theirs = "One open ticket is" if count == 1 else f"{count:,} open tickets are"
    return f"{theirs} theirs: a supervisor gives {'it' if count == 1 else 'them'} to somebody else."
