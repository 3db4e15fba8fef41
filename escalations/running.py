"""The clocks of a company that run, read as plain tuples: for what-ifs over all of them (K13, K14)."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, DateTimeField, F, Max, Q, Value, When
from django.db.models.expressions import RawSQL

from accounts.models import Company
from escalations.clock import rules_of
from escalations.domain import turnaround as engine
from escalations.domain.moments import Rules
from escalations.domain.policy import Policy
from escalations.domain.reclock import ALWAYS, NEVER, Outlook, Running, Since, outlook, retimed
from escalations.domain.states import RUNNING
from escalations.models import CalendarVersion, Pause, PolicyVersion, Ticket, TicketCycle
from escalations.policies import calendar_of, policy_of

_URGENT = Case(When(ticket__urgency="urgent", then=Value(True)), default=False, output_field=BooleanField())
_COLUMNS = (
    "ticket_id", "ticket__version", "id", "number", "ticket__calendar_version_id",
    "ticket__policy_version_id", "ticket__type", "ticket__channel", "urgent", "ticket__assignee_id", "min",
    "max", "clock_from", "ticket__received_at", "ticket__paused_at", "ticket__taken_at", "unit",
    "ticket__expected_from", "ticket__due_at", "ticket__warn_at", "ticket__late_from", "ticket__due_order",
    "opened_at",
)  # fmt: skip
_FOR_POLICY: dict[str, Any] = {
    "ticket__type": Value(""),
    "ticket__channel": Value(""),
    "ticket__received_at": Value(None, output_field=DateTimeField()),
    "opened_at": Value(None, output_field=DateTimeField()),
}
"""Columns that another policy alone asks for, and what stands in their place for another calendar."""


def running_clocks(
    company: Company,
    only: Collection[int] | None = None,
    since: Since = ALWAYS,
    *,
    for_policy: bool = True,
) -> list[Running]:
    """The clocks of the company's running tickets, by ticket; two queries.

    Of those among ``only``, and of those that may move by ``since``: one without a date may not, unless
    every clock is asked for. Unless ``for_policy``, what only another policy asks for is left out.
    """
    rows = TicketCycle.objects.filter(
        company=company, ended_at=None, number=F("ticket__cycle"), ticket__status__in=RUNNING
    )
    stops = Pause.objects.filter(
        company=company, stops_clock=True, ended_at__isnull=False, ticket__status__in=RUNNING
    )
    if only is not None:
        rows, stops = rows.filter(ticket__in=among(only)), stops.filter(ticket__in=among(only))
    if since != ALWAYS:
        may_move = movable(since, "ticket__")
        rows, stops = rows.filter(may_move), stops.filter(may_move)
    # The tickets first: a pause that ends between the two reads raises the ticket's version, and what was
    # worked out without it is not written.
    columns = [name if for_policy else _FOR_POLICY.get(name, name) for name in _COLUMNS]
    found = list(rows.annotate(urgent=_URGENT).order_by("ticket_id").values_list(*columns))
    pauses: defaultdict[int, tuple[engine.Pause, ...]] = defaultdict(tuple)
    for ticket, start, end in stops.order_by().values_list("ticket_id", "started_at", "ended_at"):
        pauses[ticket] += (engine.Pause(start, end),)
    return [Running._make((*row, pauses.get(row[0], ()), opened)) for *row, opened in found]


def among(keys: Collection[int]) -> Any:
    """These keys for an ``__in``; many are sent as one array, which the database joins instead of listing."""
    if len(keys) <= _FEW:
        return list(keys)
    return RawSQL("SELECT unnest(%s::bigint[])", ["{" + ",".join(map(str, keys)) + "}"])  # noqa: S611


_FEW = 500


def movable(since: Since, ticket: str = "") -> Q:
    """The condition under which a ticket's clock may move; ``ticket`` leads to it from another row."""
    due, unit = f"{ticket}due_at__gte", f"{ticket}unit"
    return Q(**{due: min(since)}) & (Q(**{due: since.others}) | Q(**{unit: "week", due: since.weeks}))


def what_if(
    company: Company,
    *,
    calendar: engine.BusinessCalendar | None = None,
    policy: Policy | None = None,
    at: datetime,
    only: Collection[int] | None = None,
    since: Since = ALWAYS,
) -> Outlook:
    """What becomes of the running clocks under this calendar, this policy, or both; nothing is written.

    What is not given stays as each ticket has it. Clocks that cannot move by ``since`` are counted and not
    worked out. Raises TimeRuleError when a date would lie outside the years a calendar reaches.
    """
    rules = _RulesOf(company, calendar, policy)
    retime: Callable[[Running], engine.Turnaround] | None = None
    if policy is not None:
        given = policy

        def retime(clock: Running) -> engine.Turnaround:
            return retimed(given, clock)

    with no_cycles():
        asked = policy is not None
        clocks = running_clocks(company, only, since, for_policy=asked) if since != NEVER else []
        found = outlook(clocks, rules, at, retime)
    running = Ticket.objects.filter(company=company, status__in=RUNNING)
    count = running.aggregate(count=Count("pk"), newest=Max("pk")) if only is None else {}
    return replace(found, looked_at=count.get("count", 0), newest=count.get("newest") or 0)


@contextmanager
def no_cycles() -> Iterator[None]:
    """Let nobody look for cycles among a hundred thousand tuples, again and again, that have none: it takes
    as long as the work itself."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()


class _RulesOf:
    """The rules each clock stands under, each pair of calendar and policy once."""

    def __init__(
        self, company: Company, calendar: engine.BusinessCalendar | None, policy: Policy | None
    ) -> None:
        self.company, self.calendar, self.policy = company, calendar, policy
        self.known: dict[tuple[int, int], Rules] = {}
        self.calendars: dict[int, CalendarVersion] | None = None
        self.policies: dict[int, PolicyVersion] | None = None

    def __call__(self, clock: Running) -> Rules:
        key = (0 if self.calendar else clock.calendar, 0 if self.policy else clock.policy)
        found = self.known.get(key)
        if found is None:
            found = rules_of(
                self.calendar or self._calendar(clock.calendar), self.policy or self._policy(clock.policy)
            )
            self.known[key] = found
        return found

    def _calendar(self, key: int) -> engine.BusinessCalendar:
        if self.calendars is None:
            self.calendars = CalendarVersion.objects.filter(company=self.company).defer("data").in_bulk()
        return calendar_of(self.calendars[key])

    def _policy(self, key: int) -> Policy:
        if self.policies is None:
            self.policies = PolicyVersion.objects.filter(company=self.company).defer("data").in_bulk()
        return policy_of(self.policies[key])
