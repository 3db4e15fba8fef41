"""The Hold for Deductible page: its tabs and lines, its filters as chips and menus, its figures."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models.expressions import RawSQL
from django.urls import reverse

from accounts.access import SignedIn
from deductibles import hold_search
from deductibles.actions.holds import AT_MOST
from deductibles.hold_filters import NAMES, ORDERINGS, REASONS, RELEASE_FIRST, matching, read_filters
from deductibles.hold_search import MOST
from deductibles.hold_table import LISTING, Line, cells_of, may_order, order_of
from deductibles.keyset import Page, page_of
from deductibles.models import DeductibleSettings, settings_in_force
from deductibles.queries_holds import DAYS_AHEAD, HoldOverview, Matches, Total, overview_of
from deductibles.release_chart import ReleaseChart, chart_of
from patients.domain.intake import Wrong
from tables.face import Chip, Head, Menu
from tables.screen import LOST, NOT_IN_ADDRESSES, ListPage
from tables.shape import Cell

ROWS = 100


class Shown:
    """One line of the page with its cells."""

    def __init__(self, line: Line, cells: list[Cell]) -> None:
        self.hold, self.cells = line.hold, cells
        self.opens = reverse("deductibles:holds_history", args=[line.hold.pk])
        self.opens_label = f"Checks of {line.hold.claim.number}"


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
    search_label = "Claim number, patient or payer"
    first_order = RELEASE_FIRST

    def __init__(self, request: SignedIn, *, today: date) -> None:
        super().__init__(request, LISTING)
        self.today = today
        given = {name: value for name, value in {**self.given, "q": self.sought}.items() if value}
        self.wanted, self.wrong = read_filters(given)
        if self.misplaced:
            self.wrong["q"] = Wrong("choice", NOT_IN_ADDRESSES)
        if self.lost:
            self.wrong["q"] = Wrong("choice", LOST)
        self.settings: DeductibleSettings = settings_in_force(self.user.company.pk)

    @cached_property
    def ordering(self) -> str:  # type: ignore[override]
        """The order in force: the one asked for, unless so many lines can only stand by release date."""
        asked = order_of(self.given["ordering"])
        return asked if self._may_order(asked) else RELEASE_FIRST

    def _may_order(self, order: str) -> bool:
        return order == RELEASE_FIRST or may_order(order, self.wanted, self.overview.all.lines)

    @cached_property
    def heads(self) -> list[Head]:
        """The headings; one that these filters cannot be sorted by is no link."""
        return [head if self._may_order(head.column.sort) else Head(head.column) for head in super().heads]

    @cached_property
    def matching(self) -> Any:
        """The lines that match, in no order yet."""
        return matching(self.user, self.wanted)

    def turn(self, cursor: str) -> None:
        """Read the page of lines behind a cursor; raises Forged for one of somebody's making."""
        rows = self.matching if self.overview.matches is not None else self._counting(self.matching)
        page: Page = page_of(rows, ORDERINGS[self.ordering], cursor, ROWS)
        self.matched = self.overview.matches or self._counted(page.rows)
        zone, columns = self.user.company.zone, self.face.columns
        lines = [Line(row, self.today, zone, self.settings.guard_days) for row in page.rows]
        self.rows: list[Shown] = [Shown(line, cells_of(line, columns)) for line in lines]
        self.next, self.previous = self.page_link(page.next), self.page_link(page.previous)

    @cached_property
    def overview(self) -> HoldOverview:
        """The figures above the lines, and the payers to filter by."""
        return overview_of(self.user, self.today, self.wanted)

    @staticmethod
    def _counting(rows: Any) -> Any:
        """The lines, each carrying how many match that can be queued, and that cannot."""
        try:
            sql, values = rows.order_by().values("active")[:MOST].query.sql_with_params()
        except EmptyResultSet:
            return rows
        both = "count(*) FILTER (WHERE active), count(*) FILTER (WHERE NOT active)"
        count = RawSQL(f"SELECT ARRAY[{both}] FROM ({sql}) AS few", values)  # noqa: S608, S611
        return rows.annotate(counted=count)

    @staticmethod
    def _counted(rows: list[Any]) -> Matches:
        """What a search or a number matches; its dollars are told when something is asked to be done."""
        queue, clear = (Total(count) for count in (rows[0].counted if rows else (0, 0)))
        return Matches(queue + clear, queue, clear)

    @cached_property
    def chart(self) -> ReleaseChart | None:
        """Held claims by days remaining: tonight, and each of the days after it."""
        held = {left: (total.lines, total.dollars) for left, total in self.overview.days.items()}
        endless = (self.overview.endless.lines, self.overview.endless.dollars)
        return chart_of(held, endless, self.today, ahead=DAYS_AHEAD)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        """Held, Queued and All: the filter on whether a claim is queued, as tabs with what they count."""
        figures = self.overview
        counts = {"no": figures.held + figures.ended, "yes": figures.released, "": figures.all}
        now = {True: "yes", False: "no", None: ""}[self.wanted.get("queued")]
        labels = {"no": "Held", "yes": "Queued", "": "All"}
        return [
            {
                "label": labels[value],
                "url": self.address(queued=value),
                "current": value == now,
                "count": f"{counts[value].lines:,}",
            }
            for value in ("no", "yes", "")
        ]

    @property
    def chips(self) -> list[Chip]:
        """The filters in force but the tab, which is drawn as one."""
        return [chip for chip in super().chips if chip.label != self.labels["queued"]]

    @property
    def narrowed(self) -> bool:
        """Whether anything, a tab included, keeps lines away."""
        return bool(self.chips) or "queued" in self.wanted

    @cached_property
    def matches(self) -> str:
        """How many lines match, and of how many."""
        found, whole = self.matched.all.lines, self.overview.all.lines
        if self.cut:
            return f"the first {found:,} that the search finds"
        if self.narrowed:
            return f"{found:,} of {whole:,} match"
        return f"{whole:,} {'line' if whole == 1 else 'lines'}"

    @property
    def cut(self) -> bool:
        """Whether the search found more than it takes."""
        return bool(self.wanted.get("q")) and self.matched.all.lines >= MOST

    @property
    def most(self) -> int:
        """How many may be done at one time (D-PAGE-5)."""
        return AT_MOST

    def found(self) -> str:
        """Where a posted search leads: to the filter of a payer when it names nobody else."""
        payer = hold_search.only_payer(self.user, self.request.POST.get("q", ""))
        return self.address(q="", s="", payer=str(payer)) if payer else super().found()

    @property
    def offered(self) -> list[Menu]:
        """What the page may be filtered by (D-PAGE-8)."""
        return [
            self.typed("release_before", "date"),
            self.choices("payer", [(str(key), name) for key, name in self.overview.payers]),
            self.choices("reason", [(reason, reason) for reason in REASONS]),
            self.choices("kind", [("automatic", "Automatic"), ("manual", "Manual")]),
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
