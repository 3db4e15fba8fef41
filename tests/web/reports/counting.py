"""The second count: cycles and other rows of acme read one by one, without a query of the reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import User
from escalations.domain.reports import share
from escalations.models import Ticket, TicketCycle
from tables.periods import Period
from tests.web.reports.life import CHICAGO, PERIOD


def within(at: datetime | None, period: Period = PERIOD) -> bool:
    return at is not None and period.first <= at.astimezone(CHICAGO).date() <= period.last


def of_acme(model: Any) -> list[Any]:
    return list(model.objects.filter(company__key="acme").order_by("pk"))


def outcomes(
    key: Callable[[Ticket, TicketCycle], Any], wanted: Callable[[Ticket], bool] = lambda t: True
) -> Any:
    """First and final outcomes by some key, each counted by kept and missed: cycle by cycle."""
    first: dict[Any, Counter[Any]] = defaultdict(Counter)
    final: dict[Any, Counter[Any]] = defaultdict(Counter)
    for cycle in of_acme(TicketCycle):
        ticket = Ticket.objects.get(pk=cycle.ticket_id)
        if not wanted(ticket) or not within(cycle.ended_at):
            continue
        is_last = cycle.number == ticket.cycle
        if is_last and ticket.status != "resolved":
            continue
        if cycle.number == 1:
            first[key(ticket, cycle)][cycle.met] += 1
        if is_last:
            final[key(ticket, cycle)][cycle.met] += 1
    return first, final


def eight(first: Counter[Any], final: Counter[Any]) -> list[str]:
    """The eight cells of a row."""
    cells = []
    for one in (first, final):
        judged = one[True] + one[False]
        cells += [str(judged), str(one[True]), str(one[False]), share(one[True], judged)]
    return cells


def name_of(key: int | None) -> str:
    return str(User.objects.get(pk=key)) if key else "Nobody"
