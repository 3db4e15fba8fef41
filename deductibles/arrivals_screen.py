"""The list of files that came back, and one of them with what it said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.access import SignedIn
from accounts.models import User
from accounts.roles import Can
from deductibles.domain.acknowledging import STANDINGS
from deductibles.keyset import Order, page_of, read_id
from deductibles.models import Acknowledgement, Arrival, Payment
from patients.domain.intake import Wrong
from tables.face import Menu, counting
from tables.listing import Listing, Source, register
from tables.screen import ListPage, said_matches
from tables.shape import Cell, Column, Table

ROWS = 100
MOST_SHOWN = 500
NEWEST_FIRST = "-came"
ARRIVALS = Table(
    "arrivals",
    "Acknowledgements",
    (
        Column("file", "File", locked=True, heads=True),
        Column("came", "Came", sort="came", align="num"),
        Column("kinds", "What it is"),
        Column("state", "Taken in"),
        Column("detail", "What is in the way"),
        Column("source", "From", default=False),
    ),
)
_ORDERS = {sign + "came": Order("id", read_id, down=bool(sign)) for sign in ("", "-")}
_STATES = {value: str(label).capitalize() for value, label in Arrival.State.choices}
_SOURCES = {value: str(label).capitalize() for value, label in Arrival.Source.choices}


def arrivals(user: User) -> QuerySet[Arrival]:
    """The files that came back to this person's company."""
    return Arrival.objects.visible_to(user)


def _moment(at: datetime | None, user: User) -> str:
    return f"{timezone.localtime(at, user.company.zone):%-d %b %Y %H:%M}" if at else ""


_TEXT: dict[str, Callable[[Arrival, User], str]] = {
    "file": lambda row, user: row.name,
    "came": lambda row, user: _moment(row.arrived_at, user),
    "kinds": lambda row, user: row.kinds or "unreadable",
    "state": lambda row, user: _STATES[row.state],
    "detail": lambda row, user: row.detail,
    "source": lambda row, user: _SOURCES[row.source],
}


def _cell(row: Arrival, column: Column, user: User) -> Cell:
    text = _TEXT[column.key](row, user)
    if column.heads:
        return Cell(column, text, href=reverse("deductibles:arrival", args=[row.pk]))
    drawn = "tables/cells/arrival_state.html" if column.key == "state" else ""
    look = "" if column.key == "detail" else "nowrap"
    return Cell(column, text, look=look, template=drawn, value=row)


class Line:
    """One file of the list in the columns chosen."""

    def __init__(self, row: Arrival, columns: Sequence[Column], user: User) -> None:
        self.cells = [_cell(row, column, user) for column in columns]


class ArrivalsScreen(ListPage):
    """Everything the list shows."""

    names = ("state",)
    labels = {"state": "Taken in"}
    first_order = NEWEST_FIRST

    def __init__(self, request: SignedIn) -> None:
        super().__init__(request, LISTING)
        self.ordering = _order_of(self.given["ordering"])
        self.wrong: dict[str, Wrong] = {}
        self.sought = ""

    def turn(self, cursor: str) -> None:
        """Read the page behind a cursor; raises Forged for one of somebody's making."""
        rows = _rows(self.user, self.given)
        counted = counting(rows, found=rows, whole=arrivals(self.user))
        page = page_of(counted, _ORDERS[self.ordering], cursor, ROWS)
        self.rows = [Line(row, self.face.columns, self.user) for row in page.rows]
        self.next, self.previous = self.page_link(page.next), self.page_link(page.previous)
        self.matches = said_matches(page.rows, filtered=bool(self.chips), noun="files")

    @property
    def offered(self) -> list[Menu]:
        """What the list may be filtered by."""
        return [self.choices("state", _STATES.items())]

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return self.given[name] in _STATES

    def said(self, name: str) -> str:
        """The state in words."""
        return _STATES[self.given[name]]


def _rows(user: User, given: Mapping[str, str]) -> Any:
    rows = arrivals(user)
    return rows.filter(state=given["state"]) if given.get("state") in _STATES else rows


def _order_of(asked: str) -> str:
    return asked if asked in _ORDERS else NEWEST_FIRST


def _filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    order = _order_of(given.get("ordering", ""))
    kept = {"state": given["state"]} if given.get("state") in _STATES else {}
    return kept if order == NEWEST_FIRST else {**kept, "ordering": order}


def _source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
    ordered = _ORDERS[_order_of(given.get("ordering", ""))].applied(_rows(user, given))

    def read(ids: Sequence[int]) -> dict[int, Any]:
        return {row.pk: row for row in arrivals(user).filter(pk__in=ids)}

    def cell(row: Arrival, key: str) -> str:
        return _TEXT[key](row, user)

    return Source(list(ordered.values_list("pk", flat=True)[:most]), read, cell)


LISTING = register(Listing(ARRIVALS, Can.READ_CLAIMS, "deductibles:arrivals", _filters, _source))


# --- one file -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One verdict as its line: what became of it in words."""

    row: Acknowledgement

    @property
    def standing(self) -> str:
        return STANDINGS[self.row.standing]

    @property
    def about(self) -> str:
        """The claim as it was sent, or the file's control number."""
        sent = self.row.number if self.row.sequence == 1 else f"{self.row.number}.{self.row.sequence}"
        return (
            f"{self.row.kind} of file {sent}"
            if self.row.claim_id is None and self.row.submission_id
            else sent
        )


@dataclass(frozen=True)
class ArrivalScreen:
    """One file: its verdicts and payments, the first of many, and how many of each there are."""

    arrival: Arrival
    verdicts: list[Told]
    payments: list[Payment]
    verdict_count: int
    payment_count: int


def screen_of(arrival: Arrival) -> ArrivalScreen:
    """Read what one file said; what moved nothing, or is nobody's, first."""
    order = ("-standing", "pk")
    told = arrival.acknowledgements.select_related("claim", "submission").order_by(*order)[:MOST_SHOWN]
    paid = arrival.payments.select_related("claim").order_by("-why_not", "pk")[:MOST_SHOWN]
    counts = Arrival.objects.filter(pk=arrival.pk).aggregate(
        verdicts=Count("acknowledgements", distinct=True), payments=Count("payments", distinct=True)
    )
    return ArrivalScreen(
        arrival, [Told(row) for row in told], list(paid), counts["verdicts"], counts["payments"]
    )
