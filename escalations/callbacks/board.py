"""The callback board: who is to be called back, by when, whether now, and by whom (R-PTP-2, R-CB-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from escalations.callbacks.attempts import Calls, PatientClock, attempts_by_ticket, day_words
from escalations.callbacks.staffing import Staffing
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.callbacks import CALLBACK_TYPES, GROUPS, group_of, may_call
from escalations.domain.states import RUNNING
from escalations.models import Ticket
from escalations.policies import calendar_in_force, calendar_of
from escalations.queries import steps_of, tickets_of
from escalations.screens import Row as TicketRow
from escalations.screens import row_of
from patients.banners import Banner, banners_of

MOST = 200
"""Callbacks shown at once: the first so many by due moment."""
WHO = (("", "Everybody’s"), ("me", "Mine"), ("none", "Nobody’s"))
TYPES = (
    ("", "All"),
    ("callback-ptp-pte", "PTP/PTE"),
    ("onc-callback", "ONC"),
    ("patient-callback", "Patient"),
)
_TITLES = {
    "late": ("Late", "oldest first"),
    "now": ("Callable now", "nearest due first"),
    "later": ("Later", "outside calling hours, 8:00 to 21:00, where the patient is"),
    "waiting": ("Waiting", "for somebody else"),
}


class Row:
    """One callback."""

    def __init__(self, ticket: Ticket, calls: Calls, user: User, now: datetime, staffing: Staffing) -> None:
        self.ticket, self.calls, self.user, self.now, self.staffing = ticket, calls, user, now, staffing
        self.clock: PatientClock = calls.clock
        self.shown: TicketRow = row_of(ticket, user, now)
        self.banners: list[Banner] = []
        self.group = group_of(ticket.status, self.shown.standing, now, self.clock.zone)

    @property
    def calendar(self) -> BusinessCalendar:
        """The calendar the ticket runs under."""
        return calendar_of(self.ticket.calendar_version)

    @property
    def wish(self) -> str:
        """When a call is welcome, in the caller's words."""
        return str(self.ticket.answers.get("window") or self.ticket.answers.get("best_time") or "")

    @property
    def due(self) -> str:
        """When it is due by the patient's clock."""
        return self.clock.there(self.ticket.due_at) if self.ticket.due_at else "no date"

    @property
    def due_here(self) -> str:
        """The same by the company's clock, where it differs."""
        return self.clock.here_too(self.ticket.due_at) if self.ticket.due_at else ""

    @property
    def ahead(self) -> bool:
        """Whether its time still runs out one day."""
        due_at = self.ticket.due_at
        return due_at is not None and due_at > self.now and self.group != "waiting"

    @cached_property
    def warning(self) -> str:
        """Why the end of its time is no time to call, and until when to call instead; empty when it is."""
        due_at = self.ticket.due_at
        if due_at is None or not self.ahead:
            return ""
        callable_then = may_call(due_at, self.clock.zone) or may_call(_before(due_at), self.clock.zone)
        staffed_then = self.staffing.anybody(due_at, self.calendar)
        if callable_then and staffed_then:
            return ""
        nobody = "nobody is on shift" if self.staffing.planned else "the office is closed"
        ends = f"Ends at {due_at.astimezone(self.clock.zone):%H:%M} there, "
        why = ends + ("outside calling hours" if not callable_then else f"when {nobody}")
        last = self.staffing.last_call(due_at, self.clock.zone, self.now, self.calendar)
        if last is None:
            return f"{why}; {nobody} before that either: call now, or hand it over."
        return f"{why}: call until {self.clock.there(last)}{self._also_here(last)}."

    def _also_here(self, moment: datetime) -> str:
        here = self.clock.here_too(moment)
        return f", {here} here" if here else ""

    @property
    def on_shift(self) -> str:
        """Who is on shift when its time ends: "Ana Alvarez and Priya Raghavan"."""
        due_at = self.ticket.due_at
        if due_at is None or not self.ahead or self.warning:
            return ""
        names = self.staffing.who(due_at, self.calendar) or self.staffing.who(_before(due_at), self.calendar)
        return listed(names) if self.staffing.planned else ""

    @property
    def may_take(self) -> bool:
        """Whether the ticket is offered for taking: not somebody else's."""
        free = self.ticket.assignee_id is None or self.ticket.assignee_id == self.user.pk
        return free and any(step.act == "take" for step in steps_of(self.ticket, self.user))

    @property
    def may_resume(self) -> bool:
        """Whether the wait may be ended."""
        return self.ticket.status == "waiting"


def _before(moment: datetime) -> datetime:
    return moment - timedelta(minutes=1)


def listed(names: list[str], most: int = 3) -> str:
    """Names in a row: "Ana", "Ana and Ben", "Ana, Ben and 3 more"."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


@dataclass(frozen=True)
class Group:
    """One group of the board."""

    key: str
    title: str
    note: str
    rows: list[Row]


class Board:
    """Everything the board shows, whatever the number of rows in six queries beside who is asking."""

    def __init__(self, user: User, given: dict[str, str], *, now: datetime) -> None:
        self.user, self.now = user, now
        self.kind = given.get("type", "") if given.get("type") in dict(TYPES) else ""
        self.who = given.get("who", "") if given.get("who") in dict(WHO) else ""

    def _wanted(self) -> QuerySet[Ticket]:
        kinds = (self.kind,) if self.kind else CALLBACK_TYPES
        rows = tickets_of(self.user).filter(type__in=kinds, status__in=RUNNING)
        if self.who:
            rows = rows.filter(assignee=self.user if self.who == "me" else None)
        return rows.order_by("due_order", "id")

    @cached_property
    def _tickets(self) -> list[Ticket]:
        return list(self._wanted()[: MOST + 1])

    @property
    def more(self) -> bool:
        """Whether there are more than are shown."""
        return len(self._tickets) > MOST

    @cached_property
    def rows(self) -> list[Row]:
        """The callbacks by due moment."""
        tickets = self._tickets[:MOST]
        attempts, staffing = attempts_by_ticket(tickets), self.staffing
        patients = list({one.patient_id: one.patient for one in tickets if one.patient}.values())
        told = banners_of(patients)
        found = []
        for one in tickets:
            calls = Calls(one, attempts.get(one.pk, []), self.user, self.now)
            row = Row(one, calls, self.user, self.now, staffing)
            row.banners = told.get(one.patient_id or 0, [])
            found.append(row)
        return found

    @cached_property
    def groups(self) -> list[Group]:
        """The groups that have rows."""
        by_key: dict[str, list[Row]] = {key: [] for key in GROUPS}
        for row in self.rows:
            by_key[row.group].append(row)
        return [Group(key, *_TITLES[key], rows) for key, rows in by_key.items() if rows]

    @cached_property
    def staffing(self) -> Staffing:
        """The company's shifts."""
        return Staffing(self.user)

    @cached_property
    def _calendar(self) -> BusinessCalendar:
        """The calendar in force."""
        return calendar_of(calendar_in_force(self.user.company, at=self.now))

    @property
    def on_shift(self) -> list[tuple[str, str]]:
        """Who is on shift now, and until when."""
        return self.staffing.now(self.now, self._calendar)

    @property
    def next_shift(self) -> str:
        """When somebody is on shift again, in words."""
        found = self.staffing.next(self.now, self._calendar)
        return day_words(found, self.user.company.zone, self.now) if found else ""

    @property
    def time(self) -> str:
        """The company's clock."""
        return f"{self.now.astimezone(self.user.company.zone):%H:%M}"

    @property
    def lead(self) -> str:
        """What presses, in a sentence."""
        counts = {group.key: len(group.rows) for group in self.groups}
        if not counts:
            return "Nobody waits for a call."
        said = [
            f"{counts[key]} {words}"
            for key, words in (("late", "late"), ("now", "to call now"), ("later", "for later"))
            if key in counts
        ]
        return f"{listed(said)}." if said else "All of them wait for somebody else."

    def address(self, **changes: str) -> str:
        """The board with a filter changed."""
        given = {"type": self.kind, "who": self.who} | changes
        kept = {name: value for name, value in given.items() if value}
        page = reverse("callbacks:board")
        return f"{page}?{urlencode(kept)}" if kept else page

    @property
    def here(self) -> str:
        """The board as it is filtered."""
        return self.address()

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The filters: whose, and which type."""
        mine = [_choice(label, self.address(who=key), key == self.who) for key, label in WHO]
        kinds = [_choice(label, self.address(type=key), key == self.kind) for key, label in TYPES]
        return [{"label": "Whose", "choices": mine}, {"label": "Type", "choices": kinds}]


def _choice(label: str, url: str, current: bool) -> dict[str, Any]:
    return {"label": label, "url": url, "current": current}
