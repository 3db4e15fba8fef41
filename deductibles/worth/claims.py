"""The claims behind a figure of the ledger: a list with its filters, its columns and its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse

from accounts.access import SignedIn
from accounts.models import User
from accounts.roles import Can
from deductibles.domain import days, gain
from deductibles.domain.money import dollars, in_file, signed
from deductibles.keyset import Order, page_of, read_amount, read_date
from deductibles.models import HoldOutcome, rates_in_force
from deductibles.worth.asked import FILTERS, LETTERS, NAMED, Asked
from deductibles.worth.figures import GAIN
from tables.face import Menu, counting
from tables.listing import Listing, Source, register
from tables.screen import ListPage, said_matches
from tables.shape import Cell, Column, Table

ROWS = 100
NEWEST_FIRST = "-heard"
WORTHS = {
    "gain": "brought something",
    "loss": "brought less than nothing",
    "late": "denied for time",
    "unknown": "not known",
}
"""What a claim may be looked for by, as to its worth."""
OUTCOMES = Table(
    "outcomes",
    "Claims that were held and came back",
    (
        Column("claim", "Claim", locked=True, heads=True),
        Column("payer", "Payer"),
        Column("reason", "Queued reason"),
        Column("gain", "Holding brought", sort="gain", align="num"),
        Column("days", "Days held", align="num"),
        Column("at_hold", "Remaining when held", align="num"),
        Column("at_release", "Remaining when released", align="num", default=False),
        Column("deductible", "Applied to deductible", align="num"),
        Column("allowed", "Allowed", align="num"),
        Column("paid", "Paid", align="num"),
        Column("co_insurance", "Co-insurance", align="num", default=False),
        Column("heard", "Paid on", sort="heard", align="num"),
        Column("held", "Held on", align="num", default=False),
        Column("released", "Released on", align="num", default=False),
        Column("settings", "Settings", align="num", default=False),
        Column("why", "Not known", default=False),
    ),
)
_ORDERS = {
    f"{sign}{name}": Order(column, read, down=bool(sign))
    for name, column, read in (("heard", "heard_on", read_date), ("gain", "worth", read_amount))
    for sign in ("", "-")
}


def rows_of(user: User) -> QuerySet[HoldOutcome]:
    """Every line of the ledger that the user may see, with its gain at the rates in force as ``worth``."""
    rates = rates_in_force(user.company_id or 0).rates
    shares = {"collected": rates.collected, "co_insurance": rates.co_insurance, "money": rates.money}
    sql = GAIN.replace("o.", "deductibles_holdoutcome.")
    names = [part.split(")s")[0] for part in sql.split("%(")[1:]]
    for name in shares:
        sql = sql.replace(f"%({name})s", "%s::numeric")
    worth = RawSQL(sql, tuple(shares[name] for name in names))  # noqa: S611  made of a constant
    rows: QuerySet[HoldOutcome] = HoldOutcome.objects.visible_to(user).annotate(worth=worth)
    return rows


def narrowed(user: User, given: Mapping[str, str]) -> QuerySet[HoldOutcome]:
    """The lines by ``from to payer reason settings worth``; what is not understood narrows nothing."""
    rows = rows_of(user)
    for name, said in _understood(given).items():
        rows = rows.filter(_UNDERSTOOD[name][1](said))
    return rows


def _understood(given: Mapping[str, str]) -> dict[str, str]:
    """The filters that say something by their form; whether there is such a payer, the page asks beside."""
    return {name: given[name] for name, (fits, _) in _UNDERSTOOD.items() if fits(given.get(name, ""))}


_WORTH: dict[str, Q] = {
    "gain": Q(worth__gte=0),
    "loss": Q(worth__lt=0),
    "late": Q(lost__gt=0),
    "unknown": ~Q(missing=""),
}


def _day(text: str) -> Any:
    try:
        found = read_date(text) if len(text) == 10 and text.isascii() else None
    except ValueError:
        return None
    return found if found is not None and 2000 <= found.year <= 2099 else None


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


_UNDERSTOOD: dict[str, tuple[Callable[[str], bool], Callable[[str], Q]]] = {
    "from": (lambda said: _day(said) is not None, lambda said: Q(heard_on__gte=_day(said))),
    "to": (lambda said: _day(said) is not None, lambda said: Q(heard_on__lte=_day(said))),
    "payer": (_is_key, lambda said: Q(payer_id=int(said))),
    "reason": (LETTERS.__contains__, lambda said: Q(reason=LETTERS[said])),
    "settings": (_is_key, lambda said: Q(settings__version=int(said))),
    "worth": (_WORTH.__contains__, _WORTH.__getitem__),
}
"""What each filter understands, and how it narrows the lines."""


def joined(rows: QuerySet[HoldOutcome]) -> QuerySet[HoldOutcome]:
    """The same with what a line names."""
    return rows.select_related("claim", "payer", "settings")


_TEXT: dict[str, Callable[[Any], str]] = {
    "claim": lambda row: row.claim.number,
    "payer": lambda row: str(row.payer or ""),
    "reason": lambda row: NAMED[row.reason],
    "gain": lambda row: "not known" if row.worth is None else signed(row.worth),
    "days": lambda row: str(row.days),
    "at_hold": lambda row: _amount(row.remaining_at_hold),
    "at_release": lambda row: _amount(row.remaining_at_release),
    "deductible": lambda row: _amount(row.deductible),
    "allowed": lambda row: _amount(row.allowed),
    "paid": lambda row: _amount(row.paid),
    "co_insurance": lambda row: "" if row.co_insurance is None else f"{row.co_insurance * 100:.2f}%",
    "settings": lambda row: f"version {row.settings.version}" if row.settings else "",
    "why": lambda row: gain.missing_words([name for name in row.missing.split(",") if name]),
}
_DATES = {"heard": "heard_on", "held": "held_on", "released": "released_on"}
_MONEY = {
    "at_hold": "remaining_at_hold",
    "at_release": "remaining_at_release",
    "deductible": "deductible",
    "allowed": "allowed",
    "paid": "paid",
    "gain": "worth",
}


def _amount(value: Any) -> str:
    return "unknown" if value is None else dollars(value)


def _in_a_file(row: Any, key: str) -> str:
    """A cell of a file: dates as a spreadsheet reads them, amounts without commas."""
    if key in _DATES:
        return str(getattr(row, _DATES[key]).isoformat())
    if key in _MONEY:
        value = getattr(row, _MONEY[key])
        return "unknown" if value is None else in_file(value)
    return _TEXT[key](row)


class Line:
    """One claim of the list in the columns chosen."""

    def __init__(self, row: Any, columns: Sequence[Column], year: int) -> None:
        self.cells = [_cell(row, column, year) for column in columns]


def _cell(row: Any, column: Column, year: int) -> Cell:
    if column.key in _DATES:
        return Cell(column, days.short(getattr(row, _DATES[column.key]), year), look="nowrap")
    text = _TEXT[column.key](row)
    if column.heads:
        return Cell(column, text, href=reverse("deductibles:claim", args=[text]) + "#what-holding-brought")
    return Cell(column, text, look="" if column.key in ("payer", "why") else "nowrap")


class OutcomesScreen(ListPage):
    """Everything the list shows; its filters are those of the report, and what holding brought."""

    names = ("from", "to", *FILTERS, "worth")
    labels = {"from": "From", "to": "To", **FILTERS, "worth": "Worth"}
    first_order = NEWEST_FIRST

    def __init__(self, request: SignedIn, asked: Asked) -> None:
        super().__init__(request, LISTING)
        self.asked = asked
        self.ordering = _order_of(self.given["ordering"])
        self.sought = ""

    def turn(self, cursor: str) -> None:
        """Read the page behind a cursor; raises Forged for one of somebody's making."""
        rows = narrowed(self.user, self.understood)
        counted = counting(joined(rows), found=rows, whole=rows_of(self.user))
        page = page_of(counted, _ORDERS[self.ordering], cursor, ROWS)
        self.rows = [Line(row, self.face.columns, self.asked.today.year) for row in page.rows]
        self.next, self.previous = self.page_link(page.next), self.page_link(page.previous)
        self.matches = said_matches(page.rows, filtered=bool(self.chips), noun="claims")

    @property
    def understood(self) -> dict[str, str]:
        """The filters that say something."""
        return {name: self.given[name] for name in self.names if self.in_force(name)}

    @property
    def offered(self) -> list[Menu]:
        """What the list may be filtered by."""
        found = [self.choices(name, self.asked.options(name)) for name in FILTERS]
        dates = [self.typed(name, "date") for name in ("from", "to")]
        return [self.choices("worth", WORTHS.items()), *(one for one in found if one.options), *dates]

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        value = self.given[name]
        if name in ("from", "to"):
            return _day(value) is not None
        if name == "worth":
            return value in WORTHS
        return bool(value) and value in dict(self.asked.options(name))

    def said(self, name: str) -> str:
        """A filter's value in words."""
        value = self.given[name]
        if name in ("from", "to"):
            return days.short(_day(value), self.asked.today.year)
        return WORTHS[value] if name == "worth" else dict(self.asked.options(name))[value]

    @property
    def not_understood(self) -> list[str]:
        """The names of filters that were left out."""
        return [self.labels[name] for name in self.names if self.given[name] and not self.in_force(name)]


def _order_of(asked: str) -> str:
    return asked if asked in _ORDERS else NEWEST_FIRST


def _filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    order, kept = _order_of(given.get("ordering", "")), _understood(given)
    return kept if order == NEWEST_FIRST else {**kept, "ordering": order}


def _source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
    ordered = _ORDERS[_order_of(given.get("ordering", ""))].applied(narrowed(user, given))

    def read(ids: Sequence[int]) -> dict[int, Any]:
        return {row.pk: row for row in joined(rows_of(user)).filter(pk__in=ids).order_by(F("pk"))}

    return Source(list(ordered.values_list("pk", flat=True)[:most]), read, _in_a_file)


LISTING = register(Listing(OUTCOMES, Can.READ_CLAIMS, "deductibles:worth_claims", _filters, _source))
