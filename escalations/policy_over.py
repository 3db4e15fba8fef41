"""What open tickets need of a policy, and what another policy would do to their clocks (K13).

Few of many tickets are touched by a change: they are found by type, channel and turnaround in one statement,
and only their clocks are worked out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet

from accounts.models import Company
from escalations.domain.policy import Policy
from escalations.domain.policy_needed import Needed
from escalations.domain.reclock import Change, Outlook
from escalations.domain.states import RUNNING
from escalations.domain.units import Turnaround
from escalations.models import Pause, Ticket, TicketCycle
from escalations.policies import calendar_in_force, calendar_of
from escalations.running import among, what_if

_OPEN = (*RUNNING, "draft")


def needed_by_open(company: Company) -> Needed:
    """The types, waits and outcomes that open tickets and drafts need; three statements."""
    tickets = Ticket.objects.filter(company=company, status__in=_OPEN).order_by()
    types = list(tickets.values_list("type").annotate(Count("pk"), Max("type_name")))
    pauses = Pause.objects.filter(company=company, ended_at=None, ticket__status__in=RUNNING).order_by()
    waits = pauses.values_list("ticket__type", "reason").annotate(Count("pk"))
    cycles = TicketCycle.objects.filter(
        company=company, ended_at__isnull=False, ticket__status__in=RUNNING, ticket__cycle__gt=1
    ).exclude(outcome="")
    outcomes = (
        cycles.order_by().values_list("ticket__type", "outcome").annotate(Count("ticket", distinct=True))
    )
    return Needed(
        types={key: count for key, count, _ in types if key},
        names={key: name for key, _, name in types},
        waits={(key, reason): count for key, reason, count in waits},
        outcomes={(key, outcome): count for key, outcome, count in outcomes},
    )


def outlook_under(company: Company, policy: Policy, *, at: datetime) -> Outlook:
    """What becomes of the running clocks when this policy is put over them, by the calendar in force.

    ``touched`` and ``same`` hold only those whose turnaround may be another. Raises TimeRuleError when a date
    would lie outside the years a calendar reaches.
    """
    running = Ticket.objects.filter(company=company, status__in=RUNNING)
    facts = running.aggregate(count=Count("pk"), newest=Max("pk"))
    only = _retimed(company, policy)
    found = Outlook()
    if only:
        some = only if len(only) <= facts["count"] // 2 else None
        rules = calendar_of(calendar_in_force(company, at=at))
        found = what_if(company, calendar=rules, policy=policy, at=at, only=some)
    return replace(found, looked_at=facts["count"], newest=facts["newest"] or 0)


def _retimed(company: Company, policy: Policy) -> list[int]:
    """The tickets whose running cycle may have another turnaround under the policy."""
    clocks = _clocks(company)
    groups = (
        clocks.filter(number=1)
        .order_by()
        .values_list("ticket__type", "ticket__channel", "min", "max", "unit")
    )
    changed = Q(number__gt=1)  # whether such a one counts from its reopening, its own moments say (K11)
    for key, channel, low, high, unit in groups.distinct():
        kind = policy.type(key)
        if kind is not None and kind.turnaround(channel) != Turnaround(low, high, unit):
            changed |= Q(ticket__type=key, ticket__channel=channel, min=low, max=high, unit=unit)
    return list(clocks.filter(changed).values_list("ticket_id", flat=True))


def _clocks(company: Company) -> QuerySet[TicketCycle]:
    return TicketCycle.objects.filter(
        company=company, ended_at=None, number=F("ticket__cycle"), ticket__status__in=RUNNING
    )


def put_under_calendar_in_force(
    company: Company, *, at: datetime, only: Collection[int] | None = None
) -> None:
    """Let every running ticket name the calendar in force, or those among ``only``.

    Those that name an older one come to the same under it (K14); what is worked out anew goes by the one in
    force.
    """
    version = calendar_in_force(company, at=at)
    older = Ticket.objects.filter(company=company, status__in=RUNNING).exclude(calendar_version=version)
    if only is not None:
        older = older.filter(pk__in=among(only))
    if older.exists():
        older.update(calendar_version=version)


@contextmanager
def planned_for_many() -> Iterator[None]:
    """Let what the database plans in here be fit for many rows; to be used inside a transaction.

    The trigger that keeps the history of tickets is planned once a connection, for as many rows as it first
    sees: made for three, it compares each of 50,000 with each. So earlier plans are let go, and none of the
    new ones goes row by row; one of those is as quick for few.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS; SET LOCAL enable_nestloop = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")


def by_version(company: Company) -> dict[int, list[int]]:
    """The running tickets by the version of the policy they are under."""
    found: dict[int, list[int]] = {}
    rows = Ticket.objects.filter(company=company, status__in=RUNNING).order_by("pk")
    for ticket, version in rows.values_list("pk", "policy_version_id"):
        found.setdefault(version, []).append(ticket)
    return found


def still_under(company: Company, version: int, tickets: Collection[int]) -> list[int]:
    """Those of the tickets that run and are under this version of the policy."""
    running = Ticket.objects.filter(company=company, status__in=RUNNING, policy_version=version)
    rows = running.filter(pk__in=among(tickets))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def joined(found: Sequence[Outlook], looked_at: int, newest: int) -> Outlook:
    """Several outlooks over different tickets as one."""

    def ordered(changes: Sequence[Sequence[Change]]) -> list[Change]:
        return sorted((one for some in changes for one in some), key=lambda one: one.clock.ticket)

    return Outlook(
        touched=ordered([one.touched for one in found]),
        same=[clock for one in found for clock in one.same],
        moved=ordered([one.moved for one in found]),
        breaches=ordered([one.breaches for one in found]),
        unbreaches=ordered([one.unbreaches for one in found]),
        moves=[by for one in found for by in one.moves],
        looked_at=looked_at,
        newest=newest,
    )
