"""A list as one person sees it: the columns, the saved views, the chips and menus above the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import F, Q, Value
from django.db.models.expressions import RawSQL
from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from tables.actions import may_share
from tables.listing import Listing
from tables.models import ColumnChoice, SavedView
from tables.shape import Column, Place, Table

MOST_SHOWN = 100
MOST_COUNTED = 1_000
PLAIN = "all"
"""As ``view`` in an address: the list without the view it would open with."""


@dataclass(frozen=True)
class View:
    """A saved view as a chip: its address, and whether the list shows it now."""

    key: int
    name: str
    query: str
    shared: bool
    mine: bool
    order: list[Any]
    hidden: list[Any]

    @property
    def href(self) -> str:
        """The view's address on its list."""
        return f"?view={self.key}&{self.query}" if self.query else f"?view={self.key}"


@dataclass(frozen=True)
class Head:
    """A column's heading; ``href`` sorts by it, ``sort`` says which way the list is sorted by it."""

    column: Column
    href: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Option:
    """One choice of a menu."""

    label: str
    href: str
    on: bool = False


@dataclass(frozen=True)
class Menu:
    """A filter that is not in force: choices as links, or a field of ``kind`` ``date`` or ``text``.

    ``hidden`` are the other filters, for the little form of a field.
    """

    name: str
    label: str
    options: list[Option] = field(default_factory=list)
    kind: str = ""
    hidden: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Chip:
    """A filter in force, with the address without it."""

    label: str
    value: str
    remove: str


@dataclass(frozen=True)
class _Chosen:
    order: list[Any]
    hidden: list[Any] | None
    opens_with: int | None


class Face:
    """The columns and views of a list for one person; reads both in one query."""

    def __init__(self, listing: Listing, user: User, view: str = "") -> None:
        self.listing, self.user = listing, user
        self.table: Table = listing.table.without(*listing.kept_from(user))
        self._chosen, self.views = _read(user, self.table.key)
        self.view = self._view(view)

    def _view(self, asked: str) -> View | None:
        if asked in ("", PLAIN):
            return None
        found = next((view for view in self.views if str(view.key) == asked), None)
        if found is None:
            raise Http404("There is no such view.")
        return found

    @property
    def opens_with(self) -> View | None:
        """The view this person's list opens with."""
        return next((view for view in self.views if view.key == self._chosen.opens_with), None)

    def opening(self, given: Mapping[str, Any]) -> str:
        """Where a bare address leads: the view the list opens with; empty to stay."""
        return "" if given or self.opens_with is None else self.page + self.opens_with.href

    @property
    def places(self) -> list[Place]:
        """Every column in its order, shown or hidden."""
        if self.view is not None and self.view.order:
            return self.table.places(self.view.order, self.view.hidden)
        return self.table.places(self._chosen.order, self._chosen.hidden)

    @property
    def columns(self) -> list[Column]:
        """The columns to draw."""
        return [place.column for place in self.places if place.shown]

    @property
    def fits(self) -> bool:
        """Whether no more columns are shown than the page was drawn for; more of them scroll sideways."""
        return len(self.columns) <= sum(column.default for column in self.table.columns)

    @property
    def may_share(self) -> bool:
        """Whether the person may share views."""
        return may_share(self.user)

    @property
    def page(self) -> str:
        """The list's address."""
        return reverse(self.listing.url_name)

    @property
    def plain(self) -> str:
        """The list without any filter."""
        return f"{self.page}?view={PLAIN}" if self.opens_with else self.page

    def heads(self, ordering: str, address: Callable[..., str]) -> list[Head]:
        """The headings; those that sort are links which turn the order when it is theirs already."""
        return [_head(column, ordering, address) for column in self.columns]


def _head(column: Column, ordering: str, address: Callable[..., str]) -> Head:
    if not column.sort:
        return Head(column)
    sort = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(ordering, "")
    return Head(column, address(ordering=f"-{column.sort}" if sort == "ascending" else column.sort), sort)


def _read(user: User, table: str) -> tuple[_Chosen, list[View]]:
    """The person's choice and the views they may see: one query for both."""
    shape = ("kind", "key", "label", "sentence", "flag", "order", "hidden", "person")
    choice = ColumnChoice.objects.visible_to(user).filter(user=user, table=table)
    views = SavedView.objects.visible_to(user).filter(Q(owner=user) | Q(shared=True), table=table)
    chosen = choice.annotate(
        kind=Value(0),
        key=F("opens_with_id"),
        label=Value(""),
        sentence=Value(""),
        flag=F("chosen"),
        person=F("user_id"),
    )
    seen = views.annotate(
        kind=Value(1),
        key=F("pk"),
        label=F("name"),
        sentence=F("query"),
        flag=F("shared"),
        person=F("owner_id"),
    ).order_by()
    both = chosen.values_list(*shape).union(seen.values_list(*shape), all=True)
    rows = list(both.order_by("kind")[: MOST_SHOWN + 1])
    kept = next((_chosen_of(row) for row in rows if row[0] == 0), _Chosen([], None, None))
    found = [_view_of(row, user) for row in rows if row[0] == 1]
    return kept, sorted(found, key=lambda view: (view.shared, view.name.lower()))


def _chosen_of(row: Any) -> _Chosen:
    _, opens_with, _, _, was_chosen, order, hidden, _ = row
    return _Chosen(_keys(order), _keys(hidden) if was_chosen else None, opens_with)


def _view_of(row: Any, user: User) -> View:
    _, key, name, query, shared, order, hidden, owner = row
    return View(key, name, query, shared, owner == user.pk, _keys(order), _keys(hidden))


def _keys(stored: Any) -> list[Any]:
    return stored if isinstance(stored, list) else []


def address_with(page: str, given: Mapping[str, str], changes: Mapping[str, str]) -> str:
    """A list's address with some filters changed, from its first page."""
    kept = {name: value for name, value in {**given, **changes}.items() if value}
    return f"{page}?{urlencode(kept)}" if kept else page


def counting(page: Any, most: int = MOST_COUNTED, **counted: Any) -> Any:
    """The page's rows, each carrying how many rows the named lists have, counted no further than ``most``.

    Each count is one uncorrelated subquery, which the database works out once for the whole statement.
    """
    return page.annotate(**{name: _capped_count(rows, most + 1) for name, rows in counted.items()})


def _capped_count(rows: Any, limit: int) -> Any:
    try:
        sql, params = rows.order_by().values("pk")[:limit].query.sql_with_params()
    except EmptyResultSet:
        return Value(0)
    return RawSQL(f"SELECT count(*) FROM ({sql}) AS few", params)  # noqa: S608, S611  our own SQL


def capped(count: int, most: int = MOST_COUNTED) -> str:
    """A count as people read it: "1,000+" beyond the most that is counted."""
    return f"{most:,}+" if count > most else f"{count:,}"
