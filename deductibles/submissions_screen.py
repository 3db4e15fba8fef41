"""The list of submissions: the files that were written, in the columns chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.access import SignedIn
from accounts.models import User
from accounts.roles import Can
from deductibles import queries
from deductibles.keyset import Order, page_of, read_id
from deductibles.models import Submission
from patients.domain.intake import Wrong
from tables.face import Menu, counting
from tables.listing import Listing, Source, register
from tables.screen import ListPage, said_matches
from tables.shape import Cell, Column, Table

ROWS = 100
NEWEST_FIRST = "-written"
SUBMISSIONS = Table(
    "submissions",
    "Submissions",
    (
        Column("file", "File", locked=True, heads=True),
        Column("written", "Written", sort="written", align="num"),
        Column("claims", "Claims", align="num"),
        Column("accepted", "Accepted", align="num"),
        Column("rejected", "Rejected", align="num"),
        Column("waiting", "Waiting", align="num"),
        Column("state", "Hand-over"),
        Column("handed_over", "Handed over", align="num"),
        Column("control", "Control number", align="num", default=False),
        Column("content", "837P", align="at-end", exported=False, card="end"),
    ),
)
_ORDERS = {sign + "written": Order("id", read_id, down=bool(sign)) for sign in ("", "-")}
_STATES = {value: str(label).capitalize() for value, label in Submission.State.choices}


OVERDUE_AFTER = timedelta(days=2)
"""A clearinghouse answers within a day; after two somebody should ask it."""
LOOK_BACK = timedelta(days=30)


def _waiting(row: Submission) -> int:
    """Claims of a file that left, about which nothing has come back that settles them."""
    return max(row.claims_count - row.accepted - row.rejected, 0)


@dataclass(frozen=True)
class Reconciled:
    """Claims that left in the last thirty days: ``sent`` is the sum of the other four."""

    sent: int
    accepted: int
    rejected: int
    waiting: int
    overdue: int


def reconciled(user: User, now: datetime) -> Reconciled:
    """Every claim that left, by what came back about it; from the files' own counts, in one statement."""
    left = Submission.objects.visible_to(user).filter(handed_over_at__gte=now - LOOK_BACK)
    open_ = F("claims_count") - F("accepted") - F("rejected")
    late = Q(handed_over_at__lt=now - OVERDUE_AFTER)
    found = left.aggregate(
        all_sent=Coalesce(Sum("claims_count"), 0),
        all_accepted=Coalesce(Sum("accepted"), 0),
        all_rejected=Coalesce(Sum("rejected"), 0),
        all_waiting=Coalesce(Sum(open_, filter=~late), 0),
        all_overdue=Coalesce(Sum(open_, filter=late), 0),
    )
    return Reconciled(**{name.removeprefix("all_"): count for name, count in found.items()})


def _moment(at: datetime | None, user: User) -> str:
    return f"{timezone.localtime(at, user.company.zone):%-d %b %Y %H:%M}" if at else ""


_TEXT: dict[str, Callable[[Submission, User], str]] = {
    "file": lambda row, user: row.filename,
    "written": lambda row, user: _moment(row.written_at, user),
    "claims": lambda row, user: f"{row.claims_count:,}",
    "accepted": lambda row, user: f"{row.accepted:,}",
    "rejected": lambda row, user: f"{row.rejected:,}",
    "waiting": lambda row, user: f"{_waiting(row):,}" if row.handed_over_at else "",
    "state": lambda row, user: _STATES[row.state],
    "handed_over": lambda row, user: _moment(row.handed_over_at, user),
    "control": lambda row, user: str(row.control_number),
    "content": lambda row, user: "",
}
_DRAWN = {
    "state": "tables/cells/submission_state.html",
    "content": "tables/cells/submission_content.html",
}


class Line:
    """One file of the list in the columns chosen."""

    def __init__(self, row: Submission, columns: Sequence[Column], user: User) -> None:
        self.cells = [_cell(row, column, user) for column in columns]


def _cell(row: Submission, column: Column, user: User) -> Cell:
    text = _TEXT[column.key](row, user)
    if column.heads:
        return Cell(column, text, href=reverse("deductibles:submission", args=[row.pk]))
    return Cell(column, text, look="nowrap", template=_DRAWN.get(column.key, ""), value=row)


class SubmissionsScreen(ListPage):
    """Everything the list shows; a file has no search, for its name is its number."""

    names = ("state",)
    labels = {"state": "Hand-over"}
    first_order = NEWEST_FIRST

    def __init__(self, request: SignedIn) -> None:
        super().__init__(request, LISTING)
        self.ordering = _order_of(self.given["ordering"])
        self.wrong: dict[str, Wrong] = {}
        self.sought = ""

    def turn(self, cursor: str) -> None:
        """Read the page behind a cursor; raises Forged for one of somebody's making."""
        rows = _rows(self.user, self.given)
        counted = counting(rows, found=rows, whole=queries.submissions(self.user))
        page = page_of(counted, _ORDERS[self.ordering], cursor, ROWS)
        columns = self.face.columns
        self.rows = [Line(row, columns, self.user) for row in page.rows]
        self.next, self.previous = self.page_link(page.next), self.page_link(page.previous)
        self.matches = said_matches(page.rows, filtered=bool(self.chips), noun="files")

    @cached_property
    def reconciled(self) -> Reconciled:
        """The line above the files."""
        return reconciled(self.user, timezone.now())

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
    rows = queries.submissions(user)
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
        return {row.pk: row for row in queries.submissions(user).filter(pk__in=ids)}

    def cell(row: Submission, key: str) -> str:
        return _TEXT[key](row, user)

    return Source(list(ordered.values_list("pk", flat=True)[:most]), read, cell)


LISTING = register(Listing(SUBMISSIONS, Can.READ_CLAIMS, "deductibles:submissions", _filters, _source))
