"""Reading tickets: lists with their filters, one ticket with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from accounts.roles import CAPABILITIES, Can
from accounts.steps import Step, steps_for
from escalations.clock import clock_of, if_resumed_now, ledger_of, no_clock
from escalations.domain import turnaround as engine
from escalations.domain.states import OVER, RUNNING, TICKET
from escalations.models import Pause, Ticket, TicketCycle, TicketEvent, TicketLink, Waiver

ORDERINGS = {
    "due_at": "due_order",
    "-due_at": "-due_order",
    "received_at": "received_at",
    "-received_at": "-received_at",
    "number": "id",
    "-number": "-id",
}
"""What a list may be ordered by, and the column behind it; ``id`` settles ties."""


def tickets_of(user: Any) -> QuerySet[Ticket]:
    """The tickets this person may see, with what a row of a list shows, in one query."""
    return (
        Ticket.objects.visible_to(user)
        .select_related("patient", "assignee", "filed_by", "policy_version", "calendar_version")
        .defer("policy_version__data", "calendar_version__data")
    )


def filtered(rows: QuerySet[Ticket], wanted: dict[str, Any], *, now: datetime) -> QuerySet[Ticket]:
    """Keep what the filters ask for; the values have been read already."""
    for name in ("type", "status", "channel", "patient", "assignee"):
        if name in wanted:
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("unassigned"):
        rows = rows.filter(assignee=None)
    if "team" in wanted:
        rows = rows.filter(assignee__team=wanted["team"])
    if "band" in wanted:
        rows = rows.filter(wanted["band"])
    if "standing" in wanted:
        rows = rows.filter(standing_is(wanted["standing"], now))
    if "received_after" in wanted:
        rows = rows.filter(received_at__gte=wanted["received_after"])
    if "due_before" in wanted:
        rows = rows.filter(due_at__lt=wanted["due_before"])
    return rows.filter(_found(wanted["q"])) if wanted.get("q") else rows


def alarms_of(user: Any) -> QuerySet[Ticket]:
    """The running tickets that sound the supervisors' alarm and that nobody has taken, oldest first
    (R-SOS-3)."""
    rows = tickets_of(user).filter(status__in=RUNNING, taken_at=None, marks__contains=["alarm"])
    return rows.order_by("due_order", "id")


def _found(sought: str) -> Q:
    """Every word in the patient's name, or the whole as a ticket or account number."""
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
    running = ~Q(unit="immediate") & Q(paused_at=None, late_from__lt=now)
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


def ordered(rows: QuerySet[Ticket], ordering: str) -> QuerySet[Ticket]:
    """Order by one of :data:`ORDERINGS`."""
    column = ORDERINGS[ordering]
    return rows.order_by(column, "-id" if column.startswith("-") else "id")


def people_for_tickets(user: User) -> QuerySet[User]:
    """Those of the company who work on tickets: whom one may be assigned to."""
    roles = [role for role, abilities in CAPABILITIES.items() if Can.WORK_TICKETS in abilities]
    people = User.objects.filter(company_id=user.company_id, is_active=True, role__in=roles)
    return people.order_by("first_name", "last_name", "username")


def steps_of(ticket: Ticket, user: User) -> list[Step]:
    """The steps this person may take on the ticket now, in the table's order."""
    steps = steps_for(TICKET, ticket.status, user.role, owner=ticket.belongs_to(user))
    return [step for step in steps if step.act != "take" or _may_take(ticket, user)]


def _may_take(ticket: Ticket, user: User) -> bool:
    if ticket.assignee_id == user.pk:
        return ticket.taken_at is None
    return ticket.assignee_id is None or user.may(Can.DIRECT_TICKETS)


@dataclass(frozen=True)
class Detail:
    """One ticket with its timeline, its clock and why its date is what it is."""

    ticket: Ticket
    events: list[TicketEvent]
    pauses: list[Pause]
    cycles: list[TicketCycle]
    clock: engine.Cycle
    ledger: tuple[engine.LedgerLine, ...]
    if_resumed: engine.Due | None
    links: list[TicketLink]
    waivers: list[Waiver]

    @property
    def cycle(self) -> TicketCycle:
        """The current cycle."""
        return self.cycles[-1]


def detail_of(ticket: Ticket, *, now: datetime) -> Detail:
    """Read all that belongs to a ticket; its ledger ends an open pause at ``now`` (K9)."""
    pauses = list(ticket.pauses.order_by("started_at", "id"))
    cycles = list(ticket.cycles.order_by("number"))
    clock = clock_of(cycles[-1], pauses) if cycles else no_clock(ticket)
    return Detail(
        ticket=ticket,
        events=list(ticket.events.select_related("by").order_by("-id")[:200]),
        pauses=pauses,
        cycles=cycles,
        clock=clock,
        ledger=ledger_of(ticket, clock, now),
        if_resumed=if_resumed_now(ticket, clock, now),
        links=list(_links_of(ticket)),
        waivers=list(ticket.waivers.select_related("by").order_by("id")[:50]),
    )


def _links_of(ticket: Ticket) -> QuerySet[TicketLink]:
    """The tickets linked from this one and to it."""
    rows = TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket), company_id=ticket.company_id)
    return rows.select_related("ticket", "other").order_by("id")[:50]


def ledger_lines(ticket: Ticket, *, now: datetime) -> tuple[engine.LedgerLine, ...]:
    """Why the ticket is due when it is, for the API."""
    cycle = ticket.cycles.filter(number=ticket.cycle).first()
    return ledger_of(ticket, clock_of(cycle, ticket.pauses.all()), now) if cycle else ()


def open_tickets_of(patient: Any, user: Any) -> QuerySet[Ticket]:
    """The patient's tickets that still run, nearest due first."""
    return tickets_of(user).filter(patient=patient, status__in=RUNNING).order_by("due_order", "id")
