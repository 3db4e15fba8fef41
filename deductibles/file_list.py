"""What the lists of files share, of those that were sent and of those that came: newest first, by state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.access import SignedIn
from accounts.models import User
from accounts.roles import Can
from deductibles.keyset import Order, page_of, read_id
from patients.domain.intake import Wrong
from tables.face import Menu, counting
from tables.listing import Listing, Source, register
from tables.screen import ListPage, said_matches
from tables.shape import Cell, Column, Table

ROWS = 100


def moment(at: datetime | None, user: User) -> str:
    """A moment in the company's zone, as a cell and a file have it; nothing for None."""
    return f"{timezone.localtime(at, user.company.zone):%-d %b %Y %H:%M}" if at else ""


@dataclass(frozen=True)
class Files:
    """One kind of files: where they are listed and shown, their columns, and what stands in each.

    ``ordered`` names the column of the moment, by which ids rise too; ``drawn`` are the templates of cells
    that are more than text, ``wide`` the columns whose text may wrap. ``narrowed`` are states that no row has
    written down, each with the files that are in it.
    """

    table: Table
    list_url: str
    page_url: str
    rows: Callable[[User], QuerySet[Any]]
    states: Mapping[str, str]
    text: Mapping[str, Callable[[Any, User], str]]
    ordered: str
    drawn: Mapping[str, str] = field(default_factory=dict)
    wide: frozenset[str] = frozenset()
    narrowed: Mapping[str, Callable[[QuerySet[Any]], QuerySet[Any]]] = field(default_factory=dict)

    @property
    def newest_first(self) -> str:
        return f"-{self.ordered}"

    def listing(self) -> Listing:
        """The list, registered for views, columns and export."""
        return register(Listing(self.table, Can.READ_CLAIMS, self.list_url, self._filters, self._source))

    def order_of(self, asked: str) -> str:
        """The order asked for, newest first for anything else."""
        return asked if asked in (self.ordered, self.newest_first) else self.newest_first

    def order(self, name: str) -> Order:
        return Order("id", read_id, down=name.startswith("-"))

    def matching(self, user: User, given: Mapping[str, str]) -> QuerySet[Any]:
        """The files of the state asked for; all of them for what is no state."""
        rows, state = self.rows(user), given.get("state", "")
        if state in self.narrowed:
            return self.narrowed[state](rows)
        return rows.filter(state=state) if state in self.states else rows

    def cell(self, row: Any, column: Column, user: User) -> Cell:
        """One cell of a file's line; the heading leads to its page."""
        text = self.text[column.key](row, user)
        if column.heads:
            return Cell(column, text, href=reverse(self.page_url, args=[row.pk]))
        look = "" if column.key in self.wide else "nowrap"
        return Cell(column, text, look=look, template=self.drawn.get(column.key, ""), value=row)

    def _filters(self, user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
        order = self.order_of(given.get("ordering", ""))
        kept = {"state": given["state"]} if given.get("state") in self.states else {}
        return kept if order == self.newest_first else {**kept, "ordering": order}

    def _source(self, user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
        ordered = self.order(self.order_of(given.get("ordering", ""))).applied(self.matching(user, given))

        def read(ids: Sequence[int]) -> dict[int, Any]:
            return {row.pk: row for row in self.rows(user).filter(pk__in=ids)}

        def cell(row: Any, key: str) -> str:
            return self.text[key](row, user)

        return Source(list(ordered.values_list("pk", flat=True)[:most]), read, cell)


class Line:
    """One file of the list in the columns chosen."""

    def __init__(self, cells: list[Cell]) -> None:
        self.cells = cells


class FileList(ListPage):
    """Everything a list of files shows; a file has no search, for its name is its number."""

    files: Files
    names = ("state",)

    def __init__(self, request: SignedIn, listing: Listing) -> None:
        super().__init__(request, listing)
        self.first_order = self.files.newest_first
        self.ordering = self.files.order_of(self.given["ordering"])
        self.wrong: dict[str, Wrong] = {}
        self.sought = ""

    def turn(self, cursor: str) -> None:
        """Read the page behind a cursor; raises Forged for one of somebody's making."""
        rows = self.files.matching(self.user, self.given)
        counted = counting(rows, found=rows, whole=self.files.rows(self.user))
        page = page_of(counted, self.files.order(self.ordering), cursor, ROWS)
        columns = self.face.columns
        self.rows = [
            Line([self.files.cell(row, column, self.user) for column in columns]) for row in page.rows
        ]
        self.next, self.previous = self.page_link(page.next), self.page_link(page.previous)
        self.matches = said_matches(page.rows, filtered=bool(self.chips), noun="files")

    @property
    def offered(self) -> list[Menu]:
        """What the list may be filtered by."""
        return [self.choices("state", self.files.states.items())]

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return self.given[name] in self.files.states

    def said(self, name: str) -> str:
        """The state in words."""
        return self.files.states[self.given[name]]
