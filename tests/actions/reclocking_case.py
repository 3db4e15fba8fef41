"""Another calendar in the place of the one in force, and tickets of every type whose dates it may move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from accounts.models import Company, User
from escalations import actions
from escalations.actions.reclocking import change_calendar, preview
from escalations.domain.calendar_edit import NamedCalendar
from escalations.models import CalendarVersion, Reclocking, Ticket, TicketCycle
from escalations.policies import calendar_in_force, calendar_of, named_calendar_of
from tests.domain.turnaround_cases import at as chicago
from tests.factories import PatientFactory
from tests.tickets import TYPES, filed

MONDAY = chicago("2026-05-11 10:00").astimezone(UTC)
HALF = ((time(9), time(13)),)


def calendar_now(company: Company) -> NamedCalendar:
    """The calendar in force: Monday to Friday, nine to six in Chicago, federal holidays."""
    return named_calendar_of(calendar_in_force(company, at=MONDAY))


def with_exceptions(calendar: NamedCalendar, **days: Any) -> NamedCalendar:
    """The calendar with exceptions: ``may_13=()`` is closed on 13 May 2026."""
    months = {"may": 5, "jun": 6, "nov": 11}
    found = {
        date(2026, months[name.split("_")[0]], int(name.split("_")[1])): hours for name, hours in days.items()
    }
    rules = replace(calendar.rules, exceptions={**calendar.rules.exceptions, **found})
    return NamedCalendar(rules, calendar.names)


def put(company: Company, calendar: NamedCalendar, by: User, at: datetime = MONDAY) -> Reclocking:
    """Preview and apply at once."""
    seen = preview(company, calendar, at=at)
    return change_calendar(company, calendar, token=seen.token, by=by, at=at)


@contextmanager
def not_yet_in_force(company: Company) -> Iterator[None]:
    """What somebody else does before the newest calendar is committed: the one before goes for them."""
    versions = CalendarVersion.objects.filter(company=company)
    newest, before = versions.order_by("-number")[:2]
    at = before.superseded_at
    versions.filter(pk=newest.pk).update(superseded_at=at)
    versions.filter(pk=before.pk).update(superseded_at=None)
    yield
    versions.filter(pk=before.pk).update(superseded_at=at)
    versions.filter(pk=newest.pk).update(superseded_at=None)


def due(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    zone = calendar_of(ticket.calendar_version).tz
    return f"{ticket.due_at.astimezone(zone):%a %m-%d %H:%M}" if ticket.due_at else "none"


def snapshot() -> dict[str, list[Any]]:
    """Every date that a ticket or a cycle keeps."""
    names = (
        "pk",
        "unit",
        "expected_from",
        "due_at",
        "warn_at",
        "late_from",
        "due_order",
        "promise",
        "paused_at",
    )
    cycles = ("pk", "min", "max", "unit", "expected_from", "due_at", "ended_at", "met")
    return {
        "tickets": list(Ticket.objects.order_by("pk").values_list(*names)),
        "cycles": list(TicketCycle.objects.order_by("pk").values_list(*cycles)),
    }


def every_type(ana: User) -> list[Ticket]:
    """A ticket of every type, some of them resumed, waiting, resolved, reopened."""
    tickets = [
        filed(key, ana, PatientFactory(company=ana.company), MONDAY - timedelta(hours=index))
        for index, key in enumerate(TYPES)
    ]
    for index, ticket in enumerate(tickets):
        stops = [one.key for one in actions.type_of(ticket).waits if one.stops_clock]
        if stops and index % 2:
            actions.act(ticket, "wait", by=ana, at=MONDAY + timedelta(hours=1), facts={"reason": stops[0]})
        if stops and index % 4 == 3:
            actions.act(ticket, "resume", by=ana, at=MONDAY + timedelta(days=2))
        if index % 5 == 0:
            actions.act(ticket, "resolve", by=ana, at=MONDAY + timedelta(hours=2), facts={"outcome": "Done"})
    return tickets
