"""The list page: its rows, its filters as chips and menus, its counts."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_date
from rest_framework.request import Request

from accounts.access import SignedIn
from accounts.roles import Can
from escalations.clock import policy_of_ticket
from escalations.filters import MOMENTS, NAMES, NEWEST_FIRST, SEVERAL, FilterReader
from escalations.list_beside import beside
from escalations.list_filters import FilterPanel, said_values
from escalations.list_table import LISTING, cells_of
from escalations.models import Ticket
from escalations.pages import TicketPages
from escalations.policies import calendar_of
from escalations.queries import filtered, ordered, standing_parts, tickets_of
from escalations.screens import Row, row_of, short_words
from escalations.ticket_search import Snippet, TicketSearch, snippets
from patients.domain.intake import Wrong
from tables.face import MOST_COUNTED, Menu, capped, counting
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
    ("-resolved_at", "last resolved first"),
    ("-updated_at", "last changed first"),
    ("updated_at", "longest untouched first"),
)
_LINES = {"comment": "Later note", "resolve": "When it was resolved", "wait": "When it began to wait"}
_KNOWN = {*NAMES, "view", "s", "cursor", "page_size", "csrfmiddlewaretoken"}
_LONGEST = 600


class Line:
    """One ticket of the list in the columns chosen; ``snippet`` is where a search found its words."""

    below = "tables/cells/ticket_snippet.html"

    def __init__(self, row: Row, cells: list[Cell], snippet: Snippet | None) -> None:
        self.ticket, self.cells = row.ticket, cells
        self.snippet, self.where = snippet, where_words(row.ticket, snippet, row.now) if snippet else ""


def where_words(ticket: Any, snippet: Snippet, now: datetime) -> str:
    """Where a text stands: "Note", a question's label, or the line of the timeline with its moment."""
    if snippet.place == "note":
        return "Note"
    if snippet.place == "answer":
        kind = policy_of_ticket(ticket).type(ticket.type)
        return kind.label(snippet.key) if kind else "Answer"
    moment = datetime.fromisoformat(snippet.key).replace(tzinfo=UTC)
    line = _LINES.get(snippet.place, "Timeline")
    return f"{line}, {short_words(moment, calendar_of(ticket.calendar_version), now)}"


class ListScreen(ListPage):
    """Everything the list template shows."""

    names = tuple(name for name in NAMES if name not in ("q", "ordering"))
    labels = {
        "type": "Type",
        "status": "Status",
        "standing": "Standing",
        "band": "On the board",
        "channel": "Channel",
        "caller": "Caller",
        "urgency": "Urgency",
        "assignee": "Assignee",
        "team": "Team",
        "filed_by": "Filed by",
        "patient": "Patient",
        "received_after": "Received from",
        "received_before": "Received before",
        "due_after": "Due from",
        "due_before": "Due before",
        "resolved_after": "Resolved from",
        "resolved_before": "Resolved before",
        "breached": "Ever late",
        "late_reason": "Late because",
        "overridden": "Rule overridden",
        "waiting_for": "Waiting for",
        "proposal": "Proposal open",
        "watched": "Watched by me",
    }
    search_label = "Number, patient, phone, words"
    first_order = NEWEST_FIRST

    def __init__(self, request: SignedIn, *, now: datetime) -> None:
        super().__init__(request, LISTING)
        self.now = now
        data = request.POST if request.method == "POST" else request.GET
        for name in SEVERAL:
            self.given[name] = ",".join(filter(None, data.getlist(name)))[:_LONGEST].replace("\x00", "")
        self.reader = FilterReader(self.user, {**self.given, "q": self.sought}, now=now)
        self.wanted, self.wrong = self.reader.read(NEWEST_FIRST)
        self.ordering = self.wanted["ordering"]
        if self.misplaced:
            self.wrong["q"] = Wrong("choice", NOT_IN_ADDRESSES)

    @property
    def opening(self) -> str:
        """Where an address leads that a form left untidy, or the bare one; empty to stay."""
        sent = self.request.GET
        untidy = not all(sent.values()) or any(len(sent.getlist(name)) > 1 for name in SEVERAL)
        if self.request.method == "POST" or self.wrong or not untidy:
            return super().opening
        return self.address() if self.state else self.face.plain

    @property
    def unknown(self) -> list[str]:
        """What the address says besides that no filter has for a name."""
        names = [name for name in self.request.GET if name not in _KNOWN]
        return [name if name.isidentifier() and len(name) <= 30 else "…" for name in names[:10]]

    def turn(self) -> None:
        """Read the page that the address asks for; raises NotFound for a cursor of somebody's making."""
        pages, columns = TicketPages(self.ordering), self.face.columns
        everything = tickets_of(self.user)
        matching = filtered(everything, self.wanted, now=self.now)
        shown = beside(ordered(everything, self.ordering), [column.key for column in columns])
        counted = counting(shown, found=matching, whole=everything, **self._counted)
        among = ordered(matching, self.ordering)
        found: list[Any] = pages.paginate_queryset(counted, Request(self.request), among=among)
        self.matches = said_matches(found, filtered=bool(self.chips), noun="tickets")
        self._first = found[0] if found else None
        written = self._snippets([ticket.pk for ticket in found])
        rows = [row_of(ticket, self.user, self.now) for ticket in found]
        self.rows = [Line(row, cells_of(row, columns), written.get(row.ticket.pk)) for row in rows]
        self.next, self.previous = pages.get_next_link() or "", pages.get_previous_link() or ""

    @property
    def matching_count(self) -> str:
        """How many match, in digits; empty where they were not counted to the end."""
        found = self._first.found if self._first is not None else 0
        return str(found) if 0 < found <= MOST_COUNTED else ""

    def _snippets(self, ids: list[int]) -> dict[int, Snippet]:
        search = self.wanted.get("q")
        return snippets(search, ids) if isinstance(search, TicketSearch) and search.by_words else {}

    @property
    def _counted(self) -> dict[str, Any]:
        return {f"stand_{key}": rows for key, rows in standing_parts(self.user, self.now).items()}

    @cached_property
    def _counts(self) -> dict[str, int]:
        """How many running tickets stand where, each part counted no further than people read."""
        parts = standing_parts(self.user, self.now)
        row = self._first
        if row is None:
            row = counting(
                Ticket.objects.visible_to(self.user).order_by("-id").only("pk"), **self._counted
            ).first()
        found = dict.fromkeys((*(key for key, _ in READOUTS), "unassigned", "running"), 0)
        for part in parts:
            found[part.split("_by_")[0]] += getattr(row, f"stand_{part}", 0)
        return found

    @property
    def counts(self) -> dict[str, str]:
        """The same in words: "1,000+" beyond the most that is counted; empty for none."""
        return {key: capped(count, MOST_COUNTED) if count else "" for key, count in self._counts.items()}

    @property
    def readouts(self) -> list[dict[str, Any]]:
        """How many running tickets stand where; each leads to its list."""
        shown = [(key, label, key, self.address(standing=key)) for key, label in READOUTS]
        shown.append(("unassigned", "Unassigned", "none_stated", self.address(assignee="none")))
        return [
            {"value": self.counts[key] or "0", "what": label, "state": state, "href": href}
            for key, label, state, href in shown
        ]

    @property
    def offered(self) -> list[Menu]:
        """The filters asked for most, one press away; all others are in the panel."""
        fields = self.panel.by_name
        return [self.choices(name, fields[name].pairs) for name in ("standing", "type", "status", "assignee")]

    @property
    def more_menus(self) -> list[Menu]:
        """None: the panel has them all."""
        return []

    @cached_property
    def panel(self) -> FilterPanel:
        """Every filter in one form."""
        return FilterPanel(self.reader, self.given, self.labels)

    @property
    def beside_panel(self) -> list[tuple[str, str]]:
        """What the panel's form carries besides its own fields."""
        return [(name, value) for name, value in self.state.items() if name not in self.panel.by_name]

    @property
    def directs(self) -> bool:
        """Whether this person may give tickets to somebody."""
        return self.user.may(Can.DIRECT_TICKETS)

    @property
    def orders(self) -> list[tuple[str, str, bool]]:
        """The orders a list may have, as words, addresses and whether in force."""
        return [(words, self.address(ordering=key), key == self.ordering) for key, words in _ORDERS]

    @property
    def printed(self) -> str:
        """What a printed list says of itself: its filters, its order and who took it."""
        chosen = [f"{chip.label}: {chip.value}" for chip in self.chips]
        order = next((words for words, _, on in self.orders if on), "")
        said = "; ".join(chosen) or "All tickets"
        return f"{said}{f' · {order}' if order else ''} · {self.matches or 'none'} · printed by {self.user}"

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return super().in_force(name) and name not in self.wrong

    def said(self, name: str) -> str:
        """A filter's value as its chip words it; a patient is never named (I8)."""
        value = self.given[name]
        if name == "patient":
            return "this one"
        on = parse_date(value) if name in MOMENTS and len(value) == 10 else None
        if on is not None:
            return f"{on:%-d %B %Y}"
        return value if name in MOMENTS else said_values(self.panel.by_name[name], value)
