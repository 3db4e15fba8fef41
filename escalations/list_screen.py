"""The list page: its rows, its filters as chips and links, its counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from accounts.access import SignedIn
from escalations.domain.states import STATUSES
from escalations.domain.turnaround import STANDINGS
from escalations.filters import NAMES
from escalations.pages import TicketPages
from escalations.policies import policy_in_force, policy_of
from escalations.queries import people_for_tickets, standing_counts
from escalations.screens import Row, row_of

READOUTS = (
    ("immediate", "Immediate"),
    ("breached", "Breached"),
    ("due_soon", "Due soon"),
    ("in_window", "In window"),
    ("paused", "Paused"),
)
ORDERS = (
    ("due_at", "nearest due first"),
    ("-due_at", "furthest due first"),
    ("-number", "newest first"),
    ("number", "oldest first"),
    ("-received_at", "last received first"),
    ("received_at", "first received first"),
)
_LABELS = {
    "type": "Type",
    "status": "Status",
    "standing": "Standing",
    "assignee": "Assignee",
    "patient": "Patient",
    "q": "Search",
    "received_after": "Received after",
    "due_before": "Due before",
}


class ListScreen:
    """Everything the list template shows."""

    def __init__(
        self,
        request: SignedIn,
        page: list[Any],
        pages: TicketPages,
        wanted: dict[str, Any],
        wrong: dict[str, Any],
        *,
        now: datetime,
    ) -> None:
        self.request, self.user, self.now = request, request.user, now
        self.wanted, self.wrong = wanted, wrong
        self.rows: list[Row] = [row_of(ticket, self.user, now) for ticket in page]
        self.next, self.previous = pages.get_next_link(), pages.get_previous_link()
        self.counts = standing_counts(self.user, now)

    @property
    def readouts(self) -> list[dict[str, Any]]:
        """How many running tickets stand where; each leads to its list."""
        shown = [
            {"value": self.counts[key], "what": label, "state": key, "href": self._with(standing=key)}
            for key, label in READOUTS
        ]
        unassigned = {"value": self.counts["unassigned"], "what": "Unassigned", "state": "none_stated"}
        return [*shown, {**unassigned, "href": self._with(assignee="none")}]

    @property
    def chips(self) -> list[dict[str, str]]:
        """The filters in force, each with the address without it."""
        return [
            {"label": label, "value": self._value(name), "remove": self._with(**{name: ""})}
            for name, label in _LABELS.items()
            if self.given(name)
        ]

    def _value(self, name: str) -> str:
        return self.given(name).replace("_", " ")

    def given(self, name: str) -> str:
        """A filter as it stands in the address."""
        return self.request.GET.get(name, "").replace("\x00", "")[:100]

    @property
    def typed(self) -> dict[str, str]:
        """All filters as they stand in the address."""
        return {name: self.given(name) for name in NAMES}

    @property
    def types(self) -> list[tuple[str, str]]:
        """The types to choose from."""
        policy = policy_of(policy_in_force(self.user.company, at=self.now))
        return [(one.key, one.name) for one in policy.types]

    @property
    def people(self) -> list[tuple[str, str]]:
        """Whose tickets to look at."""
        named = [(person.username, str(person)) for person in people_for_tickets(self.user)]
        return [("me", "Mine"), ("none", "Nobody's"), *named]

    @property
    def standings(self) -> list[tuple[str, str]]:
        """The words of the dial."""
        return [(word, word.replace("_", " ")) for word in STANDINGS]

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """The statuses of a ticket's life."""
        return [(word, word) for word in STATUSES]

    @property
    def orders(self) -> tuple[tuple[str, str], ...]:
        """The orders a list may have."""
        return ORDERS

    def _with(self, **changed: str) -> str:
        """This list's address with some filters changed, from its first page."""
        query = QueryDict(mutable=True)
        for name in NAMES:
            value = changed.get(name, self.given(name))
            if value:
                query[name] = value
        return f"{reverse('escalations:list')}?{query.urlencode()}" if query else reverse("escalations:list")
