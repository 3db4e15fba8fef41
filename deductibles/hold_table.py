"""The Hold for Deductible page as a table (D-PAGE-2): its columns and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Can
from deductibles import queries
from deductibles.domain import filing
from deductibles.domain.days import short
from deductibles.hold_filters import NAMES, ORDERINGS, RELEASE_FIRST, matching, read_filters
from deductibles.keyset import ids_of
from deductibles.models import Hold
from deductibles.queries_holds import overview_of
from tables.listing import Listing, Source, register
from tables.shape import Cell, Column, Table

HOLDS = Table(
    "holds",
    "Hold for Deductible",
    (
        Column("queue", "Queue for submission", align="pick", locked=True, exported=False),
        Column("claim", "Claim number", sort="claim_number", locked=True, heads=True),
        Column("patient", "Patient"),
        Column("payer", "Payer"),
        Column("started", "Monitoring started", sort="started_on", align="num", card="hide"),
        Column("days", "Days remaining on hold", sort="days_remaining"),
        Column("release", "Release date", sort="release_on", align="num"),
        Column("annual", "Annual", align="num"),
        Column("remaining", "Remaining", align="num"),
        Column("last_check", "Last check", align="num", card="hide"),
        Column("next_check", "Next check", align="num", card="hide"),
        Column("queued", "Queued claim"),
        Column("reason", "Queued reason"),
        Column("amount", "Billed", align="num", default=False),
        Column("kind", "Kind", default=False),
        Column("clear", "Clear queue", align="pick", exported=False),
    ),
)
_ICONS = {"Deductible met": "circle-check", "Time elapsed": "clock", "Manually queued": "user"}
_BOXES = ("queue", "clear")
LONGEST_GAUGE = 60
"""Days of a hold that the gauge has room for; what went before them is left out."""


@dataclass(frozen=True)
class Line:
    """One line of the page, in the columns chosen."""

    hold: Hold
    today: date
    zone: Any
    guard_days: int | None = None

    @property
    def is_guarded(self) -> bool:
        """Whether the filing guard set the release date, not the days (section 5)."""
        row = self.hold
        if self.guard_days is None or row.payer is None or row.guard_waived or not row.active:
            return False
        deadline = filing.deadline(row.claim.date_of_service, row.payer.filing_limit_days)
        return row.release_on is not None and row.release_on == filing.guard_on(deadline, self.guard_days)

    @property
    def release(self) -> str:
        """The release date."""
        return self.day(self.hold.release_on)

    @property
    def release_parts(self) -> tuple[str, str]:
        """Its day, and its year where that is another one: a narrow page puts it below the day."""
        day, month, *year = [*self.release.split(" "), ""][:3] if self.release else ("", "", "")
        return f"{day} {month}".strip(), "".join(year)

    @property
    def days(self) -> int | None:
        """Days left on hold, null without a release date."""
        return self.hold.days_remaining(self.today)

    @property
    def elapsed(self) -> int:
        """Days on hold so far, as many as the gauge has room for."""
        room = max(LONGEST_GAUGE - (self.days or 0), 0)
        return min(max((self.today - self.hold.started_on).days, 0), room)

    @property
    def queueable(self) -> bool:
        """Whether the "Queue for submission" box stands here."""
        return queries.is_queueable(self.hold)

    @property
    def clearable(self) -> bool:
        """Whether the "Clear queue" box stands here (D-CLR-1, D-CLR-2)."""
        return queries.is_clearable(self.hold)

    @property
    def reason(self) -> str:
        """The queued reason (D-RSN-1…4)."""
        return self.hold.reason

    @property
    def icon(self) -> str:
        """The sign of the queued reason."""
        return _ICONS.get(self.reason, "circle-question-mark")

    def day(self, on: date | datetime | None) -> str:
        """A date as a table has it; with the year where it is another one."""
        if on is None:
            return ""
        local = timezone.localtime(on, self.zone).date() if isinstance(on, datetime) else on
        return short(local, self.today.year)

    def amount(self, amount: Any) -> str:
        """Dollars of the deductible; a word, never zero, for what is unknown."""
        if amount is not None:
            return f"{amount:,.2f}"
        return "not asked" if self.hold.kind == Hold.Kind.MANUAL else "unknown"

    @property
    def days_words(self) -> str:
        """The days left as a number, or why there is none."""
        if self.days is not None:
            return str(self.days)
        return "without an end" if self.hold.active else ""


_TEXT: dict[str, Callable[[Line], str]] = {
    "queue": lambda line: "",
    "claim": lambda line: line.hold.claim.number,
    "patient": lambda line: str(line.hold.claim.patient),
    "payer": lambda line: line.hold.payer.name if line.hold.payer else "–",
    "started": lambda line: line.day(line.hold.started_on),
    "days": lambda line: line.days_words,
    "release": lambda line: line.release,
    "annual": lambda line: line.amount(line.hold.annual),
    "remaining": lambda line: line.amount(line.hold.remaining),
    "last_check": lambda line: line.day(line.hold.last_asked_at),
    "next_check": lambda line: line.day(line.hold.next_check_on if line.hold.active else None),
    "queued": lambda line: "Yes" if line.hold.queued_at else "No",
    "reason": lambda line: line.reason,
    "amount": lambda line: f"{line.hold.claim.total:,.2f}",
    "kind": lambda line: line.hold.get_kind_display(),
    "clear": lambda line: "",
}
_DATES = {
    "started": lambda line: line.hold.started_on,
    "release": lambda line: line.hold.release_on,
    "next_check": lambda line: line.hold.next_check_on if line.hold.active else None,
    "last_check": lambda line: (
        timezone.localtime(line.hold.last_asked_at, line.zone).date() if line.hold.last_asked_at else None
    ),
}
_DRAWN = {
    "queue": "tables/cells/hold_queue.html",
    "days": "tables/cells/hold_days.html",
    "release": "tables/cells/hold_release.html",
    "reason": "tables/cells/hold_reason.html",
    "clear": "tables/cells/hold_clear.html",
}
_FAINT = frozenset({"not asked", "unknown"})
_WRAPS = frozenset({"patient", "payer", "release"})


def cells_of(line: Line, columns: Sequence[Column]) -> list[Cell]:
    """What stands in a line's columns; a column that draws nothing here stays empty."""
    return [_cell(line, column) for column in columns]


def _cell(line: Line, column: Column) -> Cell:
    text = _TEXT[column.key](line)
    if column.heads:
        return Cell(column, text, href=reverse("deductibles:claim", args=[text]))
    look = "" if column.key in _WRAPS else ("nowrap faint" if text in _FAINT else "nowrap")
    return Cell(column, text, look=look, template=_DRAWN.get(column.key, ""), value=line)


def _in_a_file(line: Line, key: str) -> str:
    """A cell of a file: dates as a spreadsheet reads them."""
    if key in _DATES:
        on = _DATES[key](line)
        return on.isoformat() if on else ""
    return _TEXT[key](line).replace(",", "") if key in ("annual", "remaining", "amount") else _TEXT[key](line)


def page_orderings() -> frozenset[str]:
    """What the page may be ordered by: the columns that an index can serve (speed 1, 2, 4)."""
    names = {column.sort for column in HOLDS.columns if column.sort}
    return frozenset(f"{sign}{name}" for name in names for sign in ("", "-"))


MOST_SORTED = 20_000
"""With more lines than this, lines that are filtered by a column stand in the order of its index alone."""
_INDEXED = frozenset({"payer", "kind", "reason", "release_before"})
_BY_RELEASE = frozenset(f"{sign}{name}" for name in ("release_on", "days_remaining") for sign in ("", "-"))


def order_of(asked: str) -> str:
    """The order asked for, or by release date."""
    return asked if asked in page_orderings() else RELEASE_FIRST


def may_order(order: str, wanted: Iterable[str], lines: int) -> bool:
    """Whether so many lines with these filters can be put into this order without reading most of them."""
    return order in _BY_RELEASE or lines <= MOST_SORTED or not _INDEXED & set(wanted)


def _filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    asked = {name: given[name] for name in NAMES if given.get(name) and name != "q"}
    wanted, _ = read_filters(asked)
    order = order_of(given.get("ordering", ""))
    kept = {name: asked[name] for name in asked if name in wanted}
    return kept if order == RELEASE_FIRST else {**kept, "ordering": order}


def _source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
    wanted, _ = read_filters({name: given[name] for name in NAMES if given.get(name)})
    zone = user.company.zone
    today = now.astimezone(zone).date()
    order = order_of(given.get("ordering", ""))
    if not may_order(order, wanted, overview_of(user, today).all.lines):
        order = RELEASE_FIRST
    ids = ids_of(matching(user, wanted), ORDERINGS[order], most)

    def read(ids: Sequence[int]) -> dict[int, Line]:
        return {row.pk: Line(row, today, zone) for row in queries.holds(user).filter(pk__in=ids).order_by()}

    return Source(ids, read, _in_a_file)


def _kept_from(user: User) -> tuple[str, ...]:
    """The boxes are for those who work on claims."""
    return () if user.may(Can.WORK_CLAIMS) else _BOXES


LISTING = register(Listing(HOLDS, Can.READ_CLAIMS, "deductibles:holds", _filters, _source, _kept_from))
