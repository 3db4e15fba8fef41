"""The list page: its rows, its filters as chips and menus, its counts."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_date
from rest_framework.request import Request

from accounts.access import SignedIn
from accounts.models import Team
from escalations.domain.states import STATUSES
from escalations.domain.turnaround import STANDINGS
from escalations.filters import NAMES, NEWEST_FIRST, read_filters
from escalations.list_table import LISTING, cells_of
from escalations.models import CHANNELS
from escalations.pages import TicketPages
from escalations.policies import policy_in_force, policy_of
from escalations.queries import filtered, ordered, people_for_tickets, standing_counts, tickets_of
from escalations.screens import Row, row_of
from escalations.triage.bands import BANDS
from patients.domain.intake import Wrong
from tables.face import Menu, counting
from tables.screen import NOT_IN_ADDRESSES, ListPage, said_matches
from tables.shape import Cell

READOUTS = (
    ("immediate", "Immediate"),
    ("breached", "Breached"),
    ("due_soon", "Due soon"),
    ("in_window", "In window"),
    ("paused", "Paused"),
)
_ORDERS = (
    ("due_at", "nearest due first"),
    ("-due_at", "furthest due first"),
    ("-number", "newest first"),
    ("number", "oldest first"),
    ("-received_at", "last received first"),
    ("received_at", "first received first"),
)


class Line:
    """One ticket of the list in the columns chosen."""

    def __init__(self, row: Row, cells: list[Cell]) -> None:
        self.ticket, self.cells = row.ticket, cells


class ListScreen(ListPage):
    """Everything the list template shows."""

    names = tuple(name for name in NAMES if name not in ("q", "ordering"))
    labels = {
        "type": "Type",
        "status": "Status",
        "standing": "Standing",
        "band": "On the board",
        "channel": "Channel",
        "assignee": "Assignee",
        "team": "Team",
        "patient": "Patient",
        "received_after": "Received after",
        "due_before": "Due before",
    }
    search_label = "Number, name or account"
    first_order = NEWEST_FIRST

    def __init__(self, request: SignedIn, *, now: datetime) -> None:
        super().__init__(request, LISTING)
        self.now = now
        given = {**self.given, "q": self.sought}
        self.wanted, self.wrong = read_filters(self.user, given, now=now, ordering=NEWEST_FIRST)
        self.ordering = self.wanted["ordering"]
        if self.misplaced:
            self.wrong["q"] = Wrong("choice", NOT_IN_ADDRESSES)

    def turn(self) -> None:
        """Read the page that the address asks for; raises NotFound for a cursor of somebody's making."""
        pages = TicketPages(self.ordering)
        everything = tickets_of(self.user)
        matching = filtered(everything, self.wanted, now=self.now)
        counted = counting(ordered(matching, self.ordering), found=matching, whole=everything)
        found: list[Any] = pages.paginate_queryset(counted, Request(self.request)) or []
        self.matches = said_matches(found, filtered=bool(self.chips), noun="tickets")
        rows = [row_of(ticket, self.user, self.now) for ticket in found]
        columns = self.face.columns
        self.rows = [Line(row, cells_of(row, columns)) for row in rows]
        self.next, self.previous = pages.get_next_link() or "", pages.get_previous_link() or ""

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many running tickets stand where."""
        return standing_counts(self.user, self.now)

    @property
    def readouts(self) -> list[dict[str, Any]]:
        """How many running tickets stand where; each leads to its list."""
        shown = [
            {"value": self.counts[key], "what": label, "state": key, "href": self.address(standing=key)}
            for key, label in READOUTS
        ]
        unassigned = {"value": self.counts["unassigned"], "what": "Unassigned", "state": "none_stated"}
        return [*shown, {**unassigned, "href": self.address(assignee="none")}]

    @property
    def offered(self) -> list[Menu]:
        """What the list may be filtered by, and its order where no heading says it."""
        return [
            self.choices("standing", [(word, word.replace("_", " ").capitalize()) for word in STANDINGS]),
            self.choices("type", self._types),
            self.choices("status", [(word, word.capitalize()) for word in STATUSES]),
            self.choices("assignee", self._people),
            self.choices("channel", CHANNELS),
            self.typed("due_before", "date"),
            self.typed("received_after", "date"),
        ]

    @cached_property
    def _types(self) -> list[tuple[str, str]]:
        policy = policy_of(policy_in_force(self.user.company, at=self.now))
        return [(one.key, one.name) for one in policy.types]

    @cached_property
    def _people(self) -> list[tuple[str, str]]:
        named = [(person.username, str(person)) for person in people_for_tickets(self.user)]
        return [("me", "Mine"), ("none", "Nobody’s"), *named]

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """The orders a list may have, as words, addresses and whether in force."""
        return [(words, self.address(ordering=key), key == self.ordering) for key, words in _ORDERS]

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return super().in_force(name) and name not in self.wrong

    def said(self, name: str) -> str:
        """A filter's value as its chip words it; a patient is never named (I8)."""
        value = self.given[name]
        if name == "team":
            return str(Team.objects.get(pk=self.wanted["team"]))
        known = {"type": self._types, "assignee": self._people if name == "assignee" else []}.get(name, [])
        known = [(band.key, band.label) for band in BANDS] if name == "band" else known
        on = parse_date(value) if name in ("due_before", "received_after") and len(value) == 10 else None
        if on is not None:
            return f"{on:%-d %B %Y}"
        return "this one" if name == "patient" else dict(known).get(value, value.replace("_", " "))
