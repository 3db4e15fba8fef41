"""Reading tickets: lists with their filters, the steps a person may take, why a date is what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from accounts.models import User
from accounts.roles import CAPABILITIES, Can
from accounts.steps import Step, steps_for
from escalations.clock import clock_of, ledger_of
from escalations.domain import turnaround as engine
from escalations.domain.states import OVER, RUNNING, TICKET
from escalations.models import Breach, Pause, Proposal, Ticket, Waiver, Watcher

ORDERINGS = {
    "due_at": "due_order",
    "-due_at": "-due_order",
    "received_at": "received_at",
    "-received_at": "-received_at",
    "number": "id",
    "-number": "-id",
    "resolved_at": "resolved_order",
    "-resolved_at": "-resolved_order",
    "updated_at": "updated_order",
    "-updated_at": "-updated_order",
}
"""What a list may be ordered by, and the column behind it; ``id`` settles ties."""


def tickets_of(user: Any) -> QuerySet[Ticket]:
    """The tickets this person may see, with what a row of a list shows, in one query."""
    return (
        Ticket.objects.visible_to(user)
        .select_related("patient", "assignee", "filed_by", "policy_version", "calendar_version")
        .defer("policy_version__data", "calendar_version__data")
    )


def filtered(rows: QuerySet[Ticket], wanted: Mapping[str, Any], *, now: datetime) -> QuerySet[Ticket]:
    """Keep what the filters ask for; the values have been read by :mod:`escalations.filters`."""
    for name, value in wanted.items():
        if name in _CONDITIONS:
            rows = rows.filter(_CONDITIONS[name](value, now))
    if "standing" in wanted:
        standing = Q()
        for word in _several(wanted["standing"]):
            standing |= standing_is(word, now)
        rows = rows.filter(standing)
    return rows


def _several(words: Any) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _has(model: Any, **conditions: Any) -> Exists:
    """Whether a row of the ticket's fulfils the conditions."""
    return Exists(model.objects.filter(ticket=OuterRef("pk"), **conditions))


def _overridden(rule: str) -> Exists:
    named = {} if rule == ANY else {"rule": rule}
    return _has(Waiver, kind=Waiver.Kind.OVERRIDE, **named)


def _waits_for(reason: str) -> Q:
    named = {} if reason == ANY else {"reason": reason}
    return Q(status="waiting") & Q(_has(Pause, ended_at=None, **named))


def _due(**bounds: datetime) -> Q:
    """By the due date; ``due_order`` is the same moment wherever there is one, and has the index."""
    return Q(due_at__isnull=False, **{f"due_order__{side}": moment for side, moment in bounds.items()})


def _resolved(**bounds: datetime) -> Q:
    """By the moment of resolution, on the index of the order by it."""
    sides = Q(resolved_at__isnull=False)
    for side, moment in bounds.items():
        sides &= Q(_compare(side, moment))
    return sides


def _compare(side: str, moment: datetime) -> Any:
    return {"gte": GreaterThanOrEqual, "lt": LessThan}[side](RESOLVED_ORDER, Value(moment))


ANY = "any"
"""As the value of a filter: whichever it is, but one."""
UNRESOLVED = datetime(1900, 1, 1, tzinfo=UTC)
"""Where a ticket that is not resolved stands in an order by that: before all that are."""
RESOLVED_ORDER = Coalesce("resolved_at", Value(UNRESOLVED))

_CONDITIONS: dict[str, Callable[[Any, datetime], Any]] = {
    "type": lambda keys, now: Q(type__in=_several(keys)),
    "status": lambda words, now: Q(status__in=_several(words)),
    "band": lambda condition, now: condition,
    "channel": lambda word, now: Q(channel=word),
    "caller": lambda word, now: Q(caller=word),
    "urgency": lambda word, now: Q(urgency=word),
    "assignee": lambda key, now: Q(assignee=key),
    "unassigned": lambda yes, now: Q(assignee=None),
    "team": lambda key, now: Q(assignee__in=User.objects.filter(team=key).values("pk")),
    "filed_by": lambda key, now: Q(filed_by=key),
    "patient": lambda key, now: Q(patient=key),
    "received_after": lambda at, now: Q(received_at__gte=at),
    "received_before": lambda at, now: Q(received_at__lt=at),
    "due_after": lambda at, now: _due(gte=at),
    "due_before": lambda at, now: _due(lt=at),
    "resolved_after": lambda at, now: _resolved(gte=at),
    "resolved_before": lambda at, now: _resolved(lt=at),
    "breached": lambda yes, now: Q(_has(Breach)) if yes else ~Q(_has(Breach)),
    "late_reason": lambda key, now: Q(_has(Breach, reason="" if key == NOT_SAID else key)),
    "overridden": lambda rule, now: Q(_overridden(rule)),
    "waiting_for": lambda reason, now: _waits_for(reason),
    "proposal": lambda yes, now: Q(_has(Proposal, decision="")),
    "watched": lambda key, now: Q(_has(Watcher, user=key)),
    "q": lambda search, now: search.condition,
}
NOT_SAID = "none"
"""As the value of ``late_reason``: late, and nobody has said why."""


def alarms_of(user: Any) -> QuerySet[Ticket]:
    """The running tickets that sound the supervisors' alarm and that nobody has taken, oldest first
    (R-SOS-3)."""
    rows = tickets_of(user).filter(status__in=RUNNING, taken_at=None, marks__contains=["alarm"])
    return rows.order_by("due_order", "id")


def of_name_or_number(sought: str) -> Q:
    """Every word in the patient's name, or the whole as a ticket or account number: for the one box."""
    by_name = Q()
    for word in sought.split()[:5]:
        by_name &= Q(patient__first_name__istartswith=word) | Q(patient__last_name__istartswith=word)
    whole = sought.strip()
    return (
        by_name | Q(number__iexact=whole) | Q(number=f"E-{whole}") | Q(patient__account_number__iexact=whole)
    )


def standing_is(word: str, now: datetime) -> Q:
    """The condition under which a ticket's standing at ``now`` is this word.

    It says in SQL what :func:`escalations.clock.standing_of` says of one row; a test holds them together.
    """
    return _STANDING_SQL[word](now)


def _late(now: datetime) -> Q:
    immediate = Q(unit="immediate") & (Q(taken_at__gt=F("late_from")) | Q(taken_at=None, late_from__lt=now))
    paused = ~Q(unit="immediate") & Q(paused_at__gt=F("late_from"))
    running = ~Q(unit="immediate") & Q(paused_at=None, due_at__lt=now, late_from__lt=now)
    return Q(status__in=RUNNING) & (immediate | paused | running)


def on_the_way(now: datetime) -> Q:
    """Running towards a date that has not passed."""
    return Q(status__in=RUNNING, paused_at=None, due_at__gte=now) & ~Q(unit="immediate")


def warned(now: datetime) -> Q:
    """Whose moment to be warned of has come (K15)."""
    return Q(warn_at__isnull=False, warn_at__lte=now)


def opened(now: datetime) -> Q:
    """Whose answer may be expected any day now (K3)."""
    return Q(expected_from__isnull=False, expected_from__lte=now)


_STANDING_SQL = {
    "closed": lambda now: Q(status__in=OVER),
    "none_stated": lambda now: (
        Q(status="draft") | (Q(status__in=RUNNING, due_at=None) & ~Q(unit="immediate"))
    ),
    "immediate": lambda now: Q(status__in=RUNNING, unit="immediate") & ~_late(now),
    "breached": _late,
    "paused": lambda now: (
        Q(status__in=RUNNING, paused_at__isnull=False, due_at__isnull=False)
        & ~Q(unit="immediate")
        & Q(paused_at__lte=F("late_from"))
    ),
    "due_soon": lambda now: on_the_way(now) & warned(now),
    "in_window": lambda now: on_the_way(now) & ~warned(now) & opened(now),
    "on_track": lambda now: on_the_way(now) & ~warned(now) & ~opened(now),
}


def standing_counts(user: Any, now: datetime) -> dict[str, int]:
    """How many running tickets stand where, and how many nobody has, in one query."""
    words = ("immediate", "breached", "due_soon", "in_window", "paused")
    counts = {word: Count("pk", filter=standing_is(word, now)) for word in words}
    counts["unassigned"] = Count("pk", filter=Q(assignee=None))
    counts["running"] = Count("pk")
    return Ticket.objects.visible_to(user).filter(status__in=RUNNING).aggregate(**counts)


def standing_parts(user: Any, now: datetime) -> dict[str, QuerySet[Ticket]]:
    """The running tickets by standing, each part written so that an index alone can count it.

    A part is named ``breached_by_pause`` for its standing and what makes it so; the parts of a standing have
    no ticket in common. A test holds them to :func:`standing_is`.
    """
    running = Ticket.objects.visible_to(user).filter(status__in=RUNNING)
    timed = running.filter(~Q(unit="immediate"))
    going, paused = timed.filter(paused_at=None), timed.filter(paused_at__isnull=False)
    ahead, at_once = going.filter(due_at__gte=now), running.filter(unit="immediate")
    late_take = Q(taken_at__isnull=True, late_from__lt=now) | Q(taken_at__gt=F("late_from"))
    in_window = ahead.filter(expected_from__lte=now)
    return {
        "immediate": at_once.filter(~_late(now)),
        "breached_by_date": going.filter(due_at__lt=now),
        "breached_by_pause": paused.filter(paused_at__gt=F("late_from")),
        "breached_by_grace": at_once.filter(late_take),
        "due_soon": ahead.filter(warn_at__lte=now),
        "in_window_by_warning": in_window.filter(warn_at__gt=now),
        "in_window_by_none": in_window.filter(warn_at=None),
        "paused": paused.filter(due_at__isnull=False, paused_at__lte=F("late_from")),
        "unassigned": running.filter(assignee=None),
        "running": running,
    }


def ordered(rows: QuerySet[Ticket], ordering: str) -> QuerySet[Ticket]:
    """Order by one of :data:`ORDERINGS`."""
    column = ORDERINGS[ordering]
    if column.endswith("resolved_order"):
        rows = rows.annotate(resolved_order=RESOLVED_ORDER)
    if column.endswith("updated_order"):
        rows = rows.filter(written__company_id=F("company_id"))
        rows = rows.annotate(updated_order=F("written__updated_at"))
    return rows.order_by(column, "-id" if column.startswith("-") else "id")


def people_for_tickets(user: User) -> QuerySet[User]:
    """Those of the company who work on tickets: whom one may be assigned to."""
    roles = [role for role, abilities in CAPABILITIES.items() if Can.WORK_TICKETS in abilities]
    people = User.objects.filter(company_id=user.company_id, is_active=True, role__in=roles)
    return people.order_by("first_name", "last_name", "username")


def people_with_load(user: User) -> list[Any]:
    """The same people by name, each with ``load``: how many running tickets they have; in one query."""
    theirs = Ticket.objects.filter(assignee=OuterRef("pk"), company_id=user.company_id, status__in=RUNNING)
    running = theirs.order_by().values("assignee").annotate(count=Count("pk")).values("count")
    load = Coalesce(Subquery(running, output_field=IntegerField()), 0)
    return list(people_for_tickets(user).annotate(load=load))


def steps_of(ticket: Ticket, user: User) -> list[Step]:
    """The steps this person may take on the ticket now, in the table's order."""
    steps = steps_for(TICKET, ticket.status, user, owner=ticket.belongs_to(user))
    return [step for step in steps if step.act != "take" or _may_take(ticket, user)]


def _may_take(ticket: Ticket, user: User) -> bool:
    if ticket.assignee_id == user.pk:
        return ticket.taken_at is None
    return ticket.assignee_id is None or user.may(Can.DIRECT_TICKETS)


def ledger_lines(ticket: Ticket, *, now: datetime) -> tuple[engine.LedgerLine, ...]:
    """Why the ticket is due when it is, for the API."""
    cycle = ticket.cycles.filter(number=ticket.cycle).first()
    return ledger_of(ticket, clock_of(cycle, ticket.pauses.all()), now) if cycle else ()


def open_tickets_of(patient: Any, user: Any) -> QuerySet[Ticket]:
    """The patient's tickets that still run, nearest due first."""
    return tickets_of(user).filter(patient=patient, status__in=RUNNING).order_by("due_order", "id")
