"""Whom a ticket may be given to, with what each has already."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from escalations.domain.states import RUNNING
from escalations.models import Ticket
from escalations.queries import people_for_tickets


def people_with_load(user: User) -> list[tuple[User, int]]:
    """Those who work on tickets, each with how many running tickets they have, in one query."""
    theirs = Ticket.objects.filter(assignee=OuterRef("pk"), status__in=RUNNING).order_by().values("assignee")
    count = Subquery(theirs.annotate(open=Count("pk")).values("open"), output_field=IntegerField())
    rows: Any = people_for_tickets(user).annotate(load=Coalesce(count, 0))
    return [(one, one.load) for one in rows]
