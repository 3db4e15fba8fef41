"""The minute's look at the clocks: breaches, warnings, the ladder, and what rules propose beside a ticket.

Everything here is found from stored dates, so that a sweep after three days off does what the sweeps between
would have done, each fact once. Five workers may run it: a fact is a row under a unique constraint, and only
who inserted it tells anybody. A batch is one transaction; a worker that dies leaves whole batches behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.audit import acting
from accounts.models import User
from escalations.actions.notices import Fact, notify, supervisors
from escalations.actions.timeline import tell_all
from escalations.clock import breach_of
from escalations.domain import ladder as rungs
from escalations.domain.states import RUNNING
from escalations.models import Alert, Proposal, Ticket
from escalations.policies import calendar_for, calendar_of, policy_of, with_calendar
from escalations.proposing import due_proposals
from escalations.queries import standing_is
from escalations.screens import short_words
from work import leases
from work.once import insert_once

BATCH = 500
PROPOSE_EVERY = timedelta(minutes=15)
"""What is proposed changes with the date alone, not with the minute."""
_WITH = (
    "patient", "assignee__team__lead", "filed_by__team__lead", "assignee__company", "policy_version",
    "calendar_version",
)  # fmt: skip


_CARRY = """
    UPDATE escalations_alert a SET due_at = v.due_now
    FROM unnest(%s::bigint[], %s::int[], %s::timestamptz[], %s::timestamptz[])
         AS v(ticket, cycle, due_before, due_now)
    WHERE a.ticket_id = v.ticket AND a.cycle = v.cycle AND a.due_at = v.due_before AND a.kind = 'breach'"""


def watch_clocks(*, at: datetime) -> dict[str, int]:
    """Do all that the clock demands at this moment; give back how often each was done."""
    return {
        "breaches": _until_done(_record_breaches, at),
        "warnings": _until_done(_raise_warnings, at),
        "climbed": _until_done(_climb, at),
        "proposals": _propose(at),
    }


def _until_done(step: Callable[[datetime], tuple[int, int]], at: datetime) -> int:
    """Batch after batch, until one is not full."""
    done = 0
    while True:
        found, new = step(at)
        done += new
        if found < BATCH:
            return done


# --- breaches and warnings -------------------------------------------------------------------------


def _running() -> QuerySet[Ticket]:
    rows = with_calendar(Ticket.objects.filter(status__in=RUNNING)).select_related(*_WITH)
    return rows.defer("policy_version__data", "calendar_version__data")


def _record_breaches(at: datetime) -> tuple[int, int]:
    """Write down each cycle that ran past its due moment, once, and raise its alert (K3, K7).

    A cycle that was late, was given another due moment and ran past that too, is told of again; its breach
    stays the one of before.
    """
    with transaction.atomic(), acting(None, "breach"):
        late = _untold(Alert.Kind.BREACH, "breached", at)
        insert_once([breach_of(ticket, at) for ticket in late])
        told = _raise(Alert.Kind.BREACH, late, at)
        tell_all([(ticket, "Ran past its due time", "") for ticket in told], "breach", None, at)
        # The breach takes the ladder over from the warning.
        Alert.objects.filter(ticket__in=told, kind=Alert.Kind.WARNING).update(climbs_at=None)
    return len(late), len(told)


def _raise_warnings(at: datetime) -> tuple[int, int]:
    """Warn of each ticket whose warning moment has come, once for a due moment (K15)."""
    with transaction.atomic(), acting(None, "warn"):
        soon = _untold(Alert.Kind.WARNING, "due_soon", at)
        told = _raise(Alert.Kind.WARNING, soon, at)
    return len(soon), len(told)


def _untold(kind: Alert.Kind, standing: str, at: datetime) -> list[Ticket]:
    """Running tickets of this standing of whose due moment no such alert was raised, each row held.

    One that somebody works on at this moment is left to the next sweep: what it will be is not known yet.
    """
    known = Alert.objects.filter(
        ticket=OuterRef("pk"), cycle=OuterRef("cycle"), kind=kind, due_at=OuterRef("due_at")
    )
    rows = Ticket.objects.select_for_update(no_key=True, skip_locked=True).filter(status__in=RUNNING)
    rows = rows.filter(standing_is(standing, at)).exclude(Exists(known)).order_by("pk")
    found = _running().in_bulk(list(rows.values_list("pk", flat=True)[:BATCH]))
    return [found[key] for key in sorted(found)]


def _raise(kind: Alert.Kind, tickets: Sequence[Ticket], at: datetime) -> list[Ticket]:
    """Raise the alert of each ticket, tell its first rung; give back those nobody had raised before."""
    alerts = [
        Alert(
            company_id=ticket.company_id,
            ticket=ticket,
            cycle=ticket.cycle,
            kind=kind,
            due_at=ticket.due_at or ticket.received_at,
            raised_at=at,
        )
        for ticket in tickets
    ]
    new = insert_once(alerts)
    _tell_rungs(new, at)
    return [alert.ticket for alert in new]


# --- the ladder --------------------------------------------------------------------------------------


def _climb(at: datetime) -> tuple[int, int]:
    """Tell the next rung of every alert nobody has acknowledged in time; drop those that are over."""
    with transaction.atomic(), acting(None, "climb"):
        rows = Alert.objects.select_for_update(skip_locked=True, of=("self",)).filter(climbs_at__lte=at)
        # A warning of a ticket that waits climbs on when it is resumed, if its due moment is still the same.
        rows = rows.exclude(kind=Alert.Kind.WARNING, ticket__paused_at__isnull=False)
        due = list(rows.order_by("climbs_at")[:BATCH])
        tickets = _running().in_bulk([one.ticket_id for one in due])
        live = []
        for alert in due:
            ticket = tickets.get(alert.ticket_id)
            if ticket is not None and ticket.cycle == alert.cycle and _still_true(alert, ticket, at):
                alert.ticket = ticket
                live.append(alert)
        gone = {one.pk for one in due} - {one.pk for one in live}
        Alert.objects.filter(pk__in=gone).update(climbs_at=None)
        _tell_rungs(live, at)
    return len(due), len(live)


def _still_true(alert: Alert, ticket: Ticket, at: datetime) -> bool:
    """Whether the fact still is one: a pause, a new due moment or a taking may have ended it."""
    if alert.kind == Alert.Kind.WARNING:
        return ticket.due_at == alert.due_at
    if ticket.unit == "immediate" and ticket.taken_at is not None:
        return False
    return ticket.due_at == alert.due_at and ticket.late_from is not None and ticket.late_from < at


def carry_alerts(moves: Iterable[tuple[int, int, datetime | None, datetime | None]]) -> None:
    """Let the alert of a late ticket go on whose due moment moved and which is late all the same.

    ``moves`` are (ticket, cycle, due before, due now). It is no second fact: whoever was told or has said
    that they see to it, is not asked again.
    """
    rows = [move for move in moves if move[2] and move[3] and move[2] != move[3]]
    if not rows:
        return
    tickets, cycles, before, now = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_CARRY, [tickets, cycles, before, now])


@dataclass(frozen=True)
class _Told:
    """Who is told now of an alert, each on which rung, and when the next rung is."""

    people: Sequence[tuple[User, str]]
    rung: int
    climbs_at: datetime | None


def _tell_rungs(alerts: Sequence[Alert], at: datetime) -> None:
    """Tell the rungs that are due now and note when the next one is; empty rungs are passed at once."""
    facts: list[Fact] = []
    chiefs: dict[int, Sequence[User]] = {}
    for alert in alerts:
        told = _rungs_due(alert, chiefs, at)
        alert.rung, alert.climbs_at = told.rung, told.climbs_at
        key = f"{alert.kind}:{alert.ticket_id}:{alert.cycle}:{alert.due_at:%Y%m%dT%H%M%S}"
        facts += [
            Fact(person, alert.kind, alert.ticket, key, _words(alert, rung, at))
            for person, rung in told.people
        ]
    Alert.objects.bulk_update(alerts, ["rung", "climbs_at"])
    notify(facts, at=at)


def _rungs_due(alert: Alert, chiefs: dict[int, Sequence[User]], at: datetime) -> _Told:
    ticket = alert.ticket
    ladder, calendar = policy_of(ticket.policy_version).ladder, calendar_of(calendar_for(ticket))
    rung, moment = alert.rung, alert.climbs_at or alert.raised_at
    people: list[tuple[User, str]] = []
    while rung < len(ladder) and moment <= at:
        found = _who(ladder[rung].who, ticket, chiefs)
        people += [(one, ladder[rung].who) for one in found]
        rung += 1
        following = rungs.climbs_at(ladder, rung, moment, calendar) if found else moment
        moment = following or at
    return _Told(people, rung, moment if rung < len(ladder) else None)


def _who(rung: str, ticket: Ticket, chiefs: dict[int, Sequence[User]]) -> list[User]:
    """The people on a rung; nobody who has left."""
    owner = ticket.assignee or ticket.filed_by
    if rung == rungs.ASSIGNEE:
        people = [ticket.assignee]
    elif rung == rungs.LEAD:
        people = [owner.team.lead if owner.team else None]
    else:
        if ticket.company_id not in chiefs:
            chiefs[ticket.company_id] = list(supervisors(ticket.company_id))
        people = list(chiefs[ticket.company_id])
    return [one for one in people if one is not None and one.is_active]


def _words(alert: Alert, rung: str, at: datetime) -> str:
    """The fact; who stands above is told too that nobody has said they see to it."""
    due = short_words(alert.due_at, calendar_of(alert.ticket.calendar_version), at)
    if alert.kind == Alert.Kind.WARNING:
        fact = f"{alert.ticket.number} is due {due}."
    elif alert.ticket.unit == "immediate":
        fact = f"{alert.ticket.number} is immediate and was not taken in time."
    else:
        fact = f"{alert.ticket.number} is late: it was due {due}."
    if rung == rungs.ASSIGNEE:
        return fact
    return (
        f"{fact} {'Nobody has it.' if alert.ticket.assignee is None else 'Nobody has said they see to it.'}"
    )


# --- proposals ---------------------------------------------------------------------------------------


def _propose(at: datetime) -> int:
    """Propose what rules say beside running tickets (R-INS-3, R-SUP-4, R-EXEC-4, R-X-2), each once.

    One worker looks every quarter of an hour; the lease is left to run out.
    """
    if leases.take("escalations:proposals", at=at, lifetime=PROPOSE_EVERY) is None:
        return 0
    done = 0
    for batch in due_proposals(_running(), at=at, batch=BATCH):
        with transaction.atomic(), acting(None, "propose"):
            done += len(_proposed(batch, at))
    return done


def _proposed(rows: Sequence[Proposal], at: datetime) -> list[Proposal]:
    new = insert_once(rows)
    chiefs: dict[int, Sequence[User]] = {}
    facts: list[Fact] = []
    for row in new:
        people = _who(rungs.ASSIGNEE, row.ticket, chiefs) or _who(rungs.SUPERVISOR, row.ticket, chiefs)
        words = f"{row.ticket.number}: {row.rule} proposes a further ticket."
        facts += [Fact(one, "proposed", row.ticket, f"proposal:{row.pk}", words) for one in people]
    notify(facts, at=at)
    return new
