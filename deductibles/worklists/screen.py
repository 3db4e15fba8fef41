"""A work list's page, and the page that shows all of them with their counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.core.cache import caches
from django.urls import reverse

from accounts.access import SignedIn
from accounts.models import User
from accounts.roles import Can
from deductibles import keyset
from deductibles.domain import worklists as domain
from deductibles.domain.worklists import BY_KEY
from deductibles.keyset import Forged
from deductibles.worklists.items import Item, day_of, items_of
from deductibles.worklists.reading import Count, Found, Place, counts_of, page_of, total_of
from deductibles.worklists.table import (
    LISTINGS,
    NAMES,
    OLDER,
    WITHIN,
    asked_of,
    cells_of,
    has_age,
    understood,
    url_name_of,
)
from patients.models import Payer
from tables.face import Menu, capped
from tables.screen import ListPage

ROWS = 100
MOST_PAYERS = 200
BADGE_SECONDS = 60
"""How long the navigation's badge may be behind the lists, which are always read."""


class Line:
    """One line of a list in the columns chosen."""

    def __init__(self, item: Item, columns: Sequence[Any]) -> None:
        self.item, self.cells = item, cells_of(item, columns)


class WorkScreen(ListPage):
    """Everything one work list shows."""

    names = NAMES
    labels = {
        "payer": "Payer",
        "older": "Stands here",
        "within": "Deadline within",
        "aside": "Set aside",
    }

    def __init__(self, request: SignedIn, kind: str, *, today: date) -> None:
        super().__init__(request, LISTINGS[kind])
        self.kind, self.today = kind, today
        self.list = BY_KEY[kind]
        self.asked = asked_of(kind, self.user, self.given, today)

    def turn(self, cursor: str) -> None:
        """Read the page behind a cursor; raises Forged for one of somebody's making."""
        place = _place(cursor)
        found, self.count = page_of(self.kind, self.asked, place, ROWS + 1)
        back = place is not None and place.back
        more = len(found) > ROWS
        shown = (found[1:] if back else found[:ROWS]) if more else found
        items = items_of(self.kind, shown, self.today, aside=self.asked.aside)
        self.rows = [Line(items[row.claim_id], self.face.columns) for row in shown if row.claim_id in items]
        self.next = self._link(shown[-1:], back=False) if (more or back) else ""
        self.previous = self._link(shown[:1], back=True) if place and (more or not back) else ""

    def _link(self, edge: Sequence[Found], *, back: bool) -> str:
        return self.page_link(_cursor(edge[0], back)) if edge else ""

    @property
    def matches(self) -> str:
        """How many stand here."""
        words = "set aside" if self.asked.aside else "to see to"
        return f"{capped(self.count)} {words}"

    @cached_property
    def payers(self) -> list[tuple[str, str]]:
        """The payers to filter by."""
        rows = Payer.objects.visible_to(self.user).order_by("name", "id")
        return [(str(key), name) for key, name in rows.values_list("pk", "name")[:MOST_PAYERS]]

    @property
    def offered(self) -> list[Menu]:
        """What the list may be filtered by."""
        age = self.choices("older", OLDER) if has_age(self.kind) else self.choices("within", WITHIN)
        return [self.choices("payer", self.payers), age, self.choices("aside", [("yes", "Set aside")])]

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return understood(self.kind, name, self.given[name])

    def said(self, name: str) -> str:
        """A filter's value as its chip words it."""
        words = {"older": dict(OLDER), "within": dict(WITHIN), "aside": {"yes": "yes"}}
        known = dict(self.payers) if name == "payer" else words[name]
        return known.get(self.given[name], "unknown")

    @cached_property
    def tabs(self) -> list[dict[str, Any]]:
        """The other lists, with their counts."""
        return [
            {
                "label": one.label,
                "url": reverse(url_name_of(one.kind)),
                "count": one.said if one.count else "",
                "current": one.kind == self.kind,
            }
            for one in fresh_counts(self.user, self.today)
        ]


def _cursor(row: Found, back: bool) -> str:
    return keyset.write_cursor(row.on, row.key, back=back)


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    value, key, back = keyset.read_cursor(cursor, keyset.read_date)
    if value is None:
        raise Forged("This page does not exist. Start from the first.")
    return Place(value, key, back)


@dataclass(frozen=True)
class Card:
    """One list on the page that shows them all."""

    count: Count
    lead: str
    empty: str
    href: str
    oldest: str


def cards_of(user: User, today: date) -> list[Card]:
    """Every list with its count and what it is for; those with something on them first."""
    counts = sorted(fresh_counts(user, today), key=lambda one: one.count == 0)
    return [
        Card(
            one,
            BY_KEY[one.kind].lead,
            BY_KEY[one.kind].empty,
            reverse(url_name_of(one.kind)),
            _oldest(one, today),
        )
        for one in counts
    ]


def _oldest(one: Count, today: date) -> str:
    """Since when the oldest stands there, or which date comes first."""
    if one.since is None:
        return ""
    day = day_of(one.since, today)
    first = {domain.DEADLINE: f"nearest {day}", domain.PLAN_YEAR: f"first release {day}"}
    return first.get(one.kind, f"oldest {day}")


def fresh_counts(user: User, today: date) -> list[Count]:
    """The counts as they are now, read once a request; the badge follows them."""
    known: tuple[date, list[Count]] | None = getattr(user, "_work_counts", None)
    if known is None or known[0] != today:
        known = (today, counts_of(user.company_id, today))
        user._work_counts = known  # type: ignore[attr-defined]
        caches["local"].set(f"work-lists:{user.company_id}", total_of(known[1]), BADGE_SECONDS)
    return known[1]


def badge_of(user: User, today: date) -> str:
    """How much there is to see to, for the navigation: at most a minute old."""
    if not user.may(Can.WORK_CLAIMS):
        return ""
    kept = caches["local"].get(f"work-lists:{user.company_id}")
    return kept if kept is not None else total_of(fresh_counts(user, today))
