"""The list of claims: its columns, its filters, what was sought."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.access import SignedIn
from accounts.models import User
from accounts.roles import Can
from deductibles import queries
from deductibles.domain.money import dollars
from deductibles.domain.states import STATUS_LABELS
from deductibles.keyset import Order, page_of, read_id
from deductibles.models import Claim
from patients.domain.intake import Wrong
from patients.models import Payer
from tables.face import Menu, counting
from tables.listing import Listing, Source, register
from tables.screen import NOT_IN_ADDRESSES, ListPage, said_matches
from tables.shape import Cell, Column, Table

ROWS = 100
MOST_PAYERS = 200
NEWEST_FIRST = "-number"
CLAIMS = Table(
    "claims",
    "Claims",
    (
        Column("number", "Claim number", sort="number", locked=True, heads=True),
        Column("patient", "Patient"),
        Column("payer", "Payer", default=False),
        Column("service", "Date of service", align="num"),
        Column("amount", "Amount", align="num"),
        Column("status", "Status", card="wide"),
        Column("entered", "Entered", align="num", default=False),
        Column("changed", "Changed", align="num"),
        Column("place", "Place of service", default=False),
        Column("account", "Account", default=False),
    ),
)
_ORDERS = {sign + "number": Order("id", read_id, down=bool(sign)) for sign in ("", "-")}
"""Numbers are given out in the order of ids, and the newest come first by an index."""


def _day(on: date | datetime, user: User) -> str:
    local = timezone.localtime(on, user.company.zone) if isinstance(on, datetime) else on
    return f"{local:%-d %b %Y}"


_TEXT: dict[str, Callable[[Claim, User], str]] = {
    "number": lambda claim, user: claim.number,
    "patient": lambda claim, user: str(claim.patient),
    "payer": lambda claim, user: claim.payer.name if claim.payer else "",
    "service": lambda claim, user: _day(claim.date_of_service, user),
    "amount": lambda claim, user: dollars(claim.total),
    "status": lambda claim, user: claim.status_label,
    "entered": lambda claim, user: _day(claim.created_at, user),
    "changed": lambda claim, user: _day(claim.changed_at, user),
    "place": lambda claim, user: claim.place_of_service,
    "account": lambda claim, user: claim.patient.account_number,
}


class Line:
    """One claim of the list in the columns chosen."""

    def __init__(self, claim: Claim, columns: Sequence[Column], user: User) -> None:
        self.claim = claim
        self.cells = [_cell(claim, column, user) for column in columns]


def _cell(claim: Claim, column: Column, user: User) -> Cell:
    text = _TEXT[column.key](claim, user)
    if column.heads:
        return Cell(column, text, href=reverse("deductibles:claim", args=[claim.number]))
    drawn = "tables/cells/claim_status.html" if column.key == "status" else ""
    return Cell(column, text, look="nowrap", template=drawn, value=claim)


def _rows(user: User, given: Mapping[str, str], sought: str) -> QuerySet[Claim]:
    """Claims that match, each once however many of its coverages do."""
    kept = _understood(given)
    found = queries.find_claims(user, q=sought, status=kept.get("status", ""))
    if "payer" in kept:
        found = found.filter(payer=int(kept["payer"]))
    if "unknown" in kept:
        found = found.filter(deductible_unknown=True)
    if "drafts" in kept:
        found = queries.drafts_of(found, user)
    return found.distinct() if sought else found


def _understood(given: Mapping[str, str]) -> dict[str, str]:
    """The filters that say something: a status, a payer's id, and two that are on or left out."""
    known: dict[str, Callable[[str], bool]] = {
        "status": lambda value: value in STATUS_LABELS,
        "payer": lambda value: value.isascii() and value.isdigit() and len(value) <= 18,
        "unknown": lambda value: value == "yes",
        "drafts": lambda value: value == "mine",
    }
    return {name: given[name] for name, fits in known.items() if given.get(name) and fits(given[name])}


class ClaimsScreen(ListPage):
    """Everything the list shows."""

    names = ("status", "payer", "unknown", "drafts")
    labels = {
        "status": "Status",
        "payer": "Payer",
        "unknown": "Deductible unknown",
        "drafts": "Drafts",
    }
    search_label = "Number, member id or name"
    first_order = NEWEST_FIRST

    def __init__(self, request: SignedIn) -> None:
        super().__init__(request, LISTING)
        self.kept_filters = _understood(self.given)
        self.ordering = _order_of(self.given["ordering"])
        self.wrong = {"q": Wrong("choice", NOT_IN_ADDRESSES)} if self.misplaced else {}

    def turn(self, cursor: str) -> None:
        """Read the page behind a cursor; raises Forged for one of somebody's making."""
        rows = _rows(self.user, self.kept_filters, self.sought)
        counted = counting(rows, found=rows, whole=queries.claims(self.user))
        page = page_of(counted, _ORDERS[self.ordering], cursor, ROWS)
        columns = self.face.columns
        self.rows = [Line(claim, columns, self.user) for claim in page.rows]
        self.next, self.previous = self.page_link(page.next), self.page_link(page.previous)
        self.matches = said_matches(page.rows, filtered=bool(self.chips), noun="claims")

    @property
    def offered(self) -> list[Menu]:
        """What the list may be filtered by."""
        return [
            self.choices("status", STATUS_LABELS.items()),
            self.choices("payer", self.payers.items()),
            self.choices("unknown", [("yes", "Deductible unknown")]),
            self.choices("drafts", [("mine", "Drafts I entered")]),
        ]

    @cached_property
    def payers(self) -> dict[str, str]:
        """The company's payers, to filter by."""
        rows = Payer.objects.visible_to(self.user).order_by("name", "id").values_list("pk", "name")
        return {str(key): name for key, name in rows[:MOST_PAYERS]}

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return name in self.kept_filters

    def said(self, name: str) -> str:
        """A filter's value as its chip words it."""
        value = self.kept_filters[name]
        words = {"status": STATUS_LABELS, "unknown": {"yes": "yes"}, "drafts": {"mine": "entered by me"}}
        return (self.payers if name == "payer" else words[name]).get(value, "unknown")


def _order_of(asked: str) -> str:
    return asked if asked in _ORDERS else NEWEST_FIRST


def _filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    kept, order = _understood(given), _order_of(given.get("ordering", ""))
    return kept if order == NEWEST_FIRST else {**kept, "ordering": order}


def _source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
    rows = _rows(user, given, given.get("q", ""))
    ordered = _ORDERS[_order_of(given.get("ordering", ""))].applied(rows)

    def read(ids: Sequence[int]) -> dict[int, Any]:
        return {claim.pk: claim for claim in queries.claims(user).filter(pk__in=ids)}

    def cell(claim: Claim, key: str) -> str:
        return _TEXT[key](claim, user)

    return Source(list(ordered.values_list("pk", flat=True)[:most]), read, cell)


LISTING = register(Listing(CLAIMS, Can.READ_CLAIMS, "deductibles:claims", _filters, _source))
