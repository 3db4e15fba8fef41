"""The Hold for Deductible page: its lines, its filters as chips and menus, its order."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from accounts.access import SignedIn
from deductibles.hold_filters import NAMES, ORDERINGS, REASONS, RELEASE_FIRST, matching, read_filters
from deductibles.hold_table import LISTING, Line, cells_of, order_of
from deductibles.keyset import Page, page_of
from deductibles.models import DeductibleSettings, settings_in_force
from deductibles.queries_holds import MOST_A_DAY, HoldOverview, overview_of
from deductibles.release_chart import ReleaseChart, chart_of
from patients.domain.intake import Wrong
from tables.face import Menu, capped, counting
from tables.screen import LOST, NOT_IN_ADDRESSES, ListPage
from tables.shape import Cell

ROWS = 100
_YES_NO = (("yes", "Yes"), ("no", "No"))


class Shown:
    """One line of the page with its cells."""

    def __init__(self, line: Line, cells: list[Cell]) -> None:
        self.hold, self.cells = line.hold, cells


class HoldScreen(ListPage):
    """Everything the page shows that its filters decide."""

    names = tuple(name for name in NAMES if name != "q")
    labels = {
        "claim": "Claim number",
        "kind": "Kind",
        "queued": "Queued claim",
        "queueable": "Can be queued",
        "clearable": "Can be cleared",
        "reason": "Queued reason",
        "payer": "Payer",
        "release_before": "Release date before",
    }
    search_label = "Claim number or patient"
    first_order = RELEASE_FIRST

    def __init__(self, request: SignedIn, *, today: date) -> None:
        super().__init__(request, LISTING)
        self.today = today
        given = {name: value for name, value in {**self.given, "q": self.sought}.items() if value}
        self.wanted, self.wrong = read_filters(given)
        self.ordering = order_of(self.given["ordering"])
        if self.misplaced:
            self.wrong["q"] = Wrong("choice", NOT_IN_ADDRESSES)
        if self.lost:
            self.wrong["q"] = Wrong("choice", LOST)
        self.settings: DeductibleSettings = settings_in_force(self.user.company.pk)

    @property
    def matching(self) -> Any:
        """The lines that match, in no order yet."""
        return matching(self.user, self.wanted)

    def turn(self, cursor: str) -> None:
        """Read the page of lines behind a cursor; raises Forged for one of somebody's making."""
        counted = counting(self.matching, found=self.matching)
        page: Page = page_of(counted, ORDERINGS[self.ordering], cursor, ROWS)
        zone, columns = self.user.company.zone, self.face.columns
        lines = [Line(row, self.today, zone, self.settings.guard_days) for row in page.rows]
        self.rows: list[Shown] = [Shown(line, cells_of(line, columns)) for line in lines]
        self.next, self.previous = self.page_link(page.next), self.page_link(page.previous)
        self._found = page.rows[0].found if page.rows else 0

    @cached_property
    def overview(self) -> HoldOverview:
        """The counts, dollars and expected releases above the lines, and the payers to filter by."""
        return overview_of(self.user.company, self.today)

    @cached_property
    def chart(self) -> ReleaseChart | None:
        """Expected releases by date, tonight and the days after it."""
        most = MOST_A_DAY if self.overview.capped else None
        return chart_of(self.overview.releases, self.today, most=most)

    @cached_property
    def matches(self) -> str:
        """How many lines match, counted no further than people read."""
        if not self.chips:
            return f"{self.overview.lines} {'line' if self.overview.lines == '1' else 'lines'}"
        return f"{capped(self._found)} of {self.overview.lines} match"

    @property
    def offered(self) -> list[Menu]:
        """What the page may be filtered by (D-PAGE-8)."""
        return [
            self.typed("release_before", "date"),
            self.choices("payer", [(str(key), name) for key, name in self.overview.payers]),
            self.choices("queued", _YES_NO),
            self.choices("reason", [(reason, reason) for reason in REASONS]),
            self.choices("kind", [("automatic", "Automatic"), ("manual", "Manual")]),
            self.choices("queueable", _YES_NO),
            self.choices("clearable", _YES_NO),
            self.typed("claim", "text"),
        ]

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return name in self.wanted

    def said(self, name: str) -> str:
        """A filter's value as its chip words it."""
        value = self.wanted[name]
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return f"{value:%-d %B %Y}"
        return dict(self.overview.payers).get(value, "unknown") if name == "payer" else str(value)
