"""The list of nightly runs: which nights there were, what is under way, and who is in the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone

from accounts.access import SignedIn
from accounts.models import User
from accounts.roles import Can
from deductibles import night_words
from deductibles.domain import days
from deductibles.keyset import Order, page_of, read_date
from deductibles.night_screen import last_check
from deductibles.night_words import BY_ITSELF, Progress
from deductibles.queries import runs
from patients.domain.intake import Wrong
from tables.face import Menu, counting
from tables.listing import Listing, Source, register
from tables.screen import ListPage, said_matches
from tables.shape import Cell, Column, Table
from work.models import Run

ROWS = 100
RECENT = 30
NEWEST_FIRST = "-night"
RUNS = Table(
    "runs",
    "Nightly runs",
    (
        Column("night", "Target date", sort="night", locked=True, heads=True),
        Column("kind", "Run"),
        Column("state", "State"),
        Column("answered", "Due checks answered", align="num"),
        Column("released", "Deductible met", align="num"),
        Column("timed_out", "Time elapsed", align="num"),
        Column("submitted", "Submitted", align="num"),
        Column("aside", "Set aside", align="num"),
        Column("asked", "Asked", align="num", default=False),
        Column("who", "Started"),
        Column("started", "Began", align="num", default=False),
        Column("finished", "Finished", align="num"),
        Column("took", "Took", align="num"),
    ),
)
_ORDERS = {sign + "night": Order("target_date", read_date, down=bool(sign)) for sign in ("", "-")}
_KINDS = {value: str(label) for value, label in Run.Kind.choices}
_STATES = {value: str(label).capitalize() for value, label in Run.State.choices}
_TROUBLE = {"yes": "unanswered, set aside or failed"}
_FILTERS = {"kind": _KINDS, "state": _STATES, "trouble": _TROUBLE}
_ASIDE = RawSQL(  # how many single claims failed; the list itself may be a thousand lines long
    "(SELECT count(*) FROM jsonb_array_elements(work_run.failures) AS f WHERE f->>'claim' <> '')", ()
)


def rows_of(user: User) -> QuerySet[Run]:
    """Every run with the number of claims it set aside, and without their list."""
    return runs(user).annotate(set_aside=_ASIDE).defer("failures")


def who_started(keys: Sequence[int]) -> dict[int, str]:
    """Who started each of these runs, from the audit; Holdline's own are started "by itself"."""
    history: Any = Run
    events = history.pgh_event_models["insert"].objects.filter(
        pgh_obj_id__in=list(keys), pgh_label__startswith="insert", pgh_context__isnull=False
    )
    found = events.values_list("pgh_obj_id", "pgh_context__metadata__who")
    return {key: BY_ITSELF if who in ("Holdline", "", None) else f"by {who}" for key, who in found}


class Shown:
    """A run as its cells read it."""

    def __init__(self, run: Run, user: User, now: datetime, who: str) -> None:
        self.run, self.user, self.now, self.who = run, user, now, who

    @property
    def standing(self) -> tuple[str, str]:
        """How its state is drawn."""
        return night_words.standing_of(self.run)

    def moment(self, at: datetime | None) -> str:
        """A moment in the company's zone; of another year with its year."""
        if at is None:
            return ""
        local = timezone.localtime(at, self.user.company.zone)
        return f"{days.short(local.date(), self.year)} {local:%H:%M}"

    @property
    def year(self) -> int:
        """The year in which the reader reads."""
        return timezone.localtime(self.now, self.user.company.zone).year

    def of_check(self, count: int) -> str:
        """A count that only a check has."""
        return f"{count:,}" if self.run.kind == Run.Kind.CHECK else ""


_TEXT: dict[str, Callable[[Shown], str]] = {
    "night": lambda row: days.weekday(row.run.target_date, row.year),
    "kind": lambda row: row.run.get_kind_display(),
    "state": lambda row: row.standing[1],
    "answered": lambda row: night_words.completeness(row.run),
    "released": lambda row: row.of_check(row.run.released),
    "timed_out": lambda row: row.of_check(row.run.timed_out),
    "submitted": lambda row: f"{row.run.submitted:,}" if row.run.kind == Run.Kind.SUBMISSION else "",
    "aside": lambda row: f"{row.run.set_aside:,}" if row.run.set_aside else "",  # type: ignore[attr-defined]
    "asked": lambda row: row.of_check(row.run.asked),
    "who": lambda row: row.who,
    "started": lambda row: row.moment(row.run.started_at),
    "finished": lambda row: row.moment(row.run.finished_at),
    "took": lambda row: night_words.took(row.run, row.now),
}
_DRAWN = {"state": "tables/cells/run_state.html"}


class Line:
    """One run of the list in the columns chosen."""

    def __init__(self, row: Shown, columns: Sequence[Column]) -> None:
        self.cells = [_cell(row, column) for column in columns]


def _cell(row: Shown, column: Column) -> Cell:
    text = _TEXT[column.key](row)
    if column.heads:
        return Cell(column, text, href=reverse("deductibles:run", args=[row.run.pk]))
    return Cell(column, text, look="nowrap", template=_DRAWN.get(column.key, ""), value=row)


class UnderWay:
    """A run that is not over, above the list."""

    def __init__(self, run: Run, now: datetime) -> None:
        self.run = run
        self.took = night_words.took(run, now)

    @property
    def progress(self) -> Progress | None:
        """How far it has come."""
        return night_words.progress_of(self.run)


class RunsScreen(ListPage):
    """Everything the list shows; a run has no search, for a night is found by its date."""

    names = ("kind", "state", "trouble")
    labels = {"kind": "Run", "state": "State", "trouble": "With trouble"}
    first_order = NEWEST_FIRST

    def __init__(self, request: SignedIn, *, now: datetime) -> None:
        super().__init__(request, LISTING)
        self.now = now
        self.ordering = _order_of(self.given["ordering"])
        self.wrong: dict[str, Wrong] = {}
        self.sought = ""

    def turn(self, cursor: str) -> None:
        """Read the page behind a cursor; raises Forged for one of somebody's making."""
        rows = _rows(self.user, self.given)
        counted = counting(rows, found=rows, whole=rows_of(self.user))
        page = page_of(counted, _ORDERS[self.ordering], cursor, ROWS)
        who = who_started([run.pk for run in page.rows]) if page.rows else {}
        shown = [Shown(run, self.user, self.now, who.get(run.pk, "")) for run in page.rows]
        self.rows = [Line(row, self.face.columns) for row in shown]
        self.next, self.previous = self.page_link(page.next), self.page_link(page.previous)
        self.matches = said_matches(page.rows, filtered=bool(self.chips), noun="runs")

    @cached_property
    def _recent(self) -> list[Run]:
        return list(runs(self.user).defer("failures").order_by("-target_date", "-id")[:RECENT])

    @cached_property
    def under_way(self) -> list[UnderWay]:
        """Runs that are not over, whatever night they are for."""
        rows = runs(self.user).filter(state__in=(Run.State.WAITING, Run.State.RUNNING))
        newest = rows.defer("failures").order_by("-target_date", "-id")[:RECENT]
        return [UnderWay(run, self.now) for run in newest]

    @property
    def last(self) -> str:
        """How the newest check that is done went."""
        return last_check(self._recent, timezone.localtime(self.now, self.user.company.zone).year)

    @property
    def offered(self) -> list[Menu]:
        """What the list may be filtered by."""
        return [self.choices(name, _FILTERS[name].items()) for name in self.names]

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return self.given[name] in _FILTERS[name]

    def said(self, name: str) -> str:
        """A filter's value in words."""
        return _FILTERS[name][self.given[name]]


def _rows(user: User, given: Mapping[str, str]) -> QuerySet[Run]:
    rows = rows_of(user)
    for name in ("kind", "state"):
        if given.get(name) in _FILTERS[name]:
            rows = rows.filter(**{name: given[name]})
    if given.get("trouble") in _TROUBLE:
        rows = rows.filter(pk__in=_troubled(user))
    return rows


def _troubled(user: User) -> Any:
    """Runs that failed, left a due check without an answer, or set a claim aside."""
    unanswered = Q(kind=Run.Kind.CHECK, state=Run.State.DONE, answered__lt=F("due"))
    failed = Q(state=Run.State.FAILED) | ~Q(failures=[])
    return Run.objects.visible_to(user).filter(unanswered | failed).values("pk")


def _order_of(asked: str) -> str:
    return asked if asked in _ORDERS else NEWEST_FIRST


def _filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    order = _order_of(given.get("ordering", ""))
    kept = {name: given[name] for name in _FILTERS if given.get(name) in _FILTERS[name]}
    return kept if order == NEWEST_FIRST else {**kept, "ordering": order}


def _source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
    ordered = _ORDERS[_order_of(given.get("ordering", ""))].applied(_rows(user, given))

    def read(ids: Sequence[int]) -> dict[int, Any]:
        who = who_started(ids)
        found = rows_of(user).filter(pk__in=ids)
        return {row.pk: Shown(row, user, now, who.get(row.pk, "")) for row in found}

    return Source(list(ordered.values_list("pk", flat=True)[:most]), read, _in_a_file)


def _in_a_file(row: Shown, key: str) -> str:
    """A cell of a file: dates as a spreadsheet reads them, numbers without commas."""
    if key == "night":
        return row.run.target_date.isoformat()
    return _TEXT[key](row).replace(",", "")


LISTING = register(Listing(RUNS, Can.READ_NIGHTS, "deductibles:runs", _filters, _source))
