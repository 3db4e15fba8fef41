"""The words and pictures that lists and pages of tickets share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import User
from escalations.clock import standing_of
from escalations.domain import turnaround as engine
from escalations.domain.calendar_edit import NamedCalendar
from escalations.domain.ledger import HOLIDAY
from escalations.domain.promise import day_words, short_day
from escalations.due_picture import Picture, small_picture
from escalations.models import Ticket
from escalations.policies import calendar_of, date_name
from escalations.queries import steps_of


def moment_words(moment: datetime, calendar: engine.BusinessCalendar, now: datetime) -> str:
    """A moment as it is said: "Monday 1 June, 18:00", in the calendar's zone; of another year than ``now``
    with its year."""
    local = moment.astimezone(calendar.tz)
    return f"{day_words(local.date(), now.astimezone(calendar.tz).year)}, {local:%H:%M}"


def short_words(moment: datetime, calendar: engine.BusinessCalendar, now: datetime) -> str:
    """A moment in a table: "Mon 1 Jun, 18:00", of another year than ``now`` "Sat 2 Jan 2027, 18:00"."""
    local = moment.astimezone(calendar.tz)
    return f"{short_day(local.date(), now.astimezone(calendar.tz).year)}, {local:%H:%M}"


def gap_words(gap: timedelta) -> str:
    """How far away something is, in one unit: "3 d", "6 h", "20 min"."""
    minutes = int(abs(gap).total_seconds()) // 60
    if minutes >= 48 * 60:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"


def because_words(line: engine.LedgerLine, calendar: NamedCalendar) -> str:
    """Why a date counts or not, with what the company calls it: "Holiday: Memorial Day"."""
    name = date_name(calendar, line.date)
    return f"{line.why}: {name}" if name and line.why.startswith(_NAMED) else line.why


_NAMED = (HOLIDAY, "Closed by a dated exception", "Special hours")
_DATES = re.compile(
    r"((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d{1,2} [A-Z][a-z]+(?: \d{4})?(?:, \d{2}:\d{2})?)"
)


def said_parts(sentence: str) -> list[tuple[str, bool]]:
    """A promise in pieces, each with whether it is a date, so that the dates can stand out."""
    return [(piece, bool(_DATES.fullmatch(piece))) for piece in _DATES.split(sentence) if piece]


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    ticket: Ticket
    now: datetime
    standing: str
    standing_words: str
    picture: Picture
    due_words: str
    next_act: str
    url: str


def row_of(ticket: Ticket, user: User, now: datetime) -> Row:
    """Gather a line of the list without a query."""
    calendar = calendar_of(ticket.calendar_version)
    standing = standing_of(ticket, now)
    due = engine.Due(ticket.expected_from, ticket.due_at)
    steps = {step.act: step.label for step in steps_of(ticket, user)}
    return Row(
        ticket=ticket,
        now=now,
        standing=standing,
        standing_words=standing_words(ticket, standing, now),
        picture=small_picture(ticket.received_at, due, ticket.resolved_at or now),
        due_words=short_words(ticket.due_at, calendar, now) if ticket.due_at else "no date",
        next_act=_next_of(ticket, user, steps),
        url=reverse("escalations:ticket", args=[ticket.number]),
    )


_FORWARD = ("take", "start", "resume", "resolve")
"""The steps that bring a ticket forward, in the order of its life."""


def _next_of(ticket: Ticket, user: User, steps: Mapping[str, str]) -> str:
    """The step that brings the ticket forward; a colleague's ticket is not proposed for taking."""
    colleagues = ticket.assignee_id not in (None, user.pk)
    offered = [act for act in _FORWARD if act in steps and not (act == "take" and colleagues)]
    return steps[offered[0]] if offered else ""


def standing_words(ticket: Ticket, standing: str, now: datetime) -> str:
    """The words beside the dial where more than the plain word is known; empty for the plain word."""
    if standing == "closed":
        return ticket.get_status_display()
    if ticket.due_at is None or standing in ("paused", "immediate", "none_stated"):
        return ""
    gap = gap_words(ticket.due_at - now)
    return {
        "breached": f"{gap} late",
        "due_soon": f"Due in {gap}",
        "in_window": f"In window, {gap} left",
        "on_track": f"{gap} left",
    }[standing]
