"""What every list page has above its rows: filters as chips and menus, its addresses, its search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from accounts.access import SignedIn
from tables import searches
from tables.asked import given_of
from tables.face import Chip, Face, Head, Menu, Option, address_with, capped
from tables.listing import Listing

MENUS_SHOWN = 4
LOST = "What was searched for is not known any more, so nothing was done. Search again, then decide."
NOT_IN_ADDRESSES = "A search for a name is typed into the box, never put into an address. Type it again."


class ListPage:
    """The frame of a list; a page adds its filters' names and words, its menus and its rows.

    Filters stand in the address. A search that may be a name stands there as a key only (``s``), and the
    posted forms of the page carry the same fields. ``lost`` says that a posted form names a search that is
    not known any more: what it wants done to all that match must not be done to more.
    """

    names: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    search_label = ""
    first_order = ""
    ordering = ""

    def __init__(self, request: SignedIn, listing: Listing) -> None:
        self.request, self.user, self.listing = request, request.user, listing
        data = request.POST if request.method == "POST" else request.GET
        self.face = Face(listing, request.user, data.get("view", "")[:20])
        self.given = given_of(data, (*self.names, "ordering"))
        self.key = data.get("s", "")[:20]
        posted, typed = request.method == "POST", searches.clean(data.get("q", ""))
        number = searches.is_number(typed)
        # A posted name is a new search, which found() reads; a number stands in the page's own forms too.
        self.misplaced = bool(typed) and not number and not (posted and not self.key)
        self.sought = searches.recall(request.session, self.key) or (typed if number else "")
        self.lost = posted and bool(self.key) and not self.sought

    @property
    def search(self) -> dict[str, str]:
        """The search as an address has it."""
        if not self.sought:
            return {}
        return {"q": self.sought} if searches.is_number(self.sought) else {"s": self.key}

    def found(self) -> str:
        """The address of a search that was posted, with the filters that stood beside it."""
        sought = searches.address_of(self.request.session, self.request.POST.get("q", ""))
        return self.address(**{"q": "", "s": "", **sought})

    @property
    def state(self) -> dict[str, str]:
        """Everything the address says of what is shown, but not which page of it."""
        order = "" if self.ordering == self.first_order else self.ordering
        view = str(self.face.view.key) if self.face.view else self.request.GET.get("view", "")[:20]
        filters = {name: self.given[name] for name in self.names if self.in_force(name)}
        stated = {"view": view, **filters, **self.search, "ordering": order}
        return {name: value for name, value in stated.items() if value}

    def in_force(self, name: str) -> bool:
        """Whether this filter says something that was understood."""
        return bool(self.given.get(name))

    def address(self, **changes: str) -> str:
        """This list with other filters, from its first row."""
        return address_with(self.face.page, self.state, changes)

    def page_link(self, cursor: str | None) -> str:
        """The address of the page beside this one."""
        return self.address(cursor=cursor) if cursor else ""

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What is shown, as fields of a form."""
        return list({**self.state, "ordering": self.ordering}.items())

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The same without the search, for the form that searches anew."""
        return [(name, value) for name, value in self.state.items() if name not in ("q", "s")]

    @property
    def chips(self) -> list[Chip]:
        """The filters in force, each with the address without it."""
        found = [
            Chip(self.labels[name], self.said(name), self.address(**{name: ""}))
            for name in self.names
            if self.in_force(name)
        ]
        searched = [Chip("Search", self.sought, self.address(q="", s=""))] if self.sought else []
        return [*searched, *found]

    def said(self, name: str) -> str:
        """A filter's value as its chip words it."""
        return self.given[name].replace("_", " ")

    def choices(self, name: str, options: Iterable[tuple[str, str]]) -> Menu:
        """A filter's choices as links."""
        found = [Option(words, self.address(**{name: value})) for value, words in options]
        return Menu(name, self.labels[name], found)

    def typed(self, name: str, kind: str) -> Menu:
        """A filter with a field to type into, a ``date`` or a ``text``."""
        hidden = [(other, value) for other, value in self.state.items() if other != name]
        return Menu(name, self.labels[name], kind=kind, hidden=hidden)

    @cached_property
    def _menus(self) -> list[Menu]:
        return [menu for menu in self.offered if not self.in_force(menu.name)]

    @property
    def first_menus(self) -> list[Menu]:
        """The filters that stand as chips: fewer of them, the more are in force."""
        return self._menus[: max(2, MENUS_SHOWN - len(self.chips))]

    @property
    def more_menus(self) -> list[Menu]:
        """The other filters, behind one chip."""
        return self._menus[len(self.first_menus) :]

    @property
    def offered(self) -> list[Menu]:
        """Every filter the page offers."""
        return []

    @cached_property
    def heads(self) -> list[Head]:
        """The headings of the columns chosen."""
        return self.face.heads(self.ordering, self.address)

    @property
    def opening(self) -> str:
        """Where the bare address leads: to the view the list opens with; empty to stay."""
        asked = self.request.method == "POST" or bool(self.request.GET)
        return "" if asked else self.face.opening({})


def said_matches(page: Sequence[Any], *, filtered: bool, noun: str) -> str:
    """How many match of how many, in words, from rows that were read with :func:`tables.face.counting`."""
    if not page:
        return ""
    found, whole = capped(page[0].found), capped(page[0].whole)
    if filtered:
        return f"{found} of {whole} match"
    return f"{whole} {noun.removesuffix('s') if page[0].whole == 1 else noun}"
