"""Every work list as a table of its own: columns, filters, and what an export takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.roles import Can
from deductibles.domain import worklists as domain
from deductibles.domain.worklists import BY_KEY, LISTS, WorkList
from deductibles.worklists.items import CELLS, Item, items_of
from deductibles.worklists.reading import Asked, first_of
from tables.listing import Listing, Source, register
from tables.shape import Cell, Column, Table

OLDER = (("7", "7 days or longer"), ("14", "14 days or longer"), ("30", "30 days or longer"))
WITHIN = (("7", "7 days"), ("14", "14 days"), ("60", "60 days"), ("90", "90 days"))
NAMES = ("payer", "older", "within", "aside")
_DRAWN = {
    "next": "tables/cells/work_next.html",
    "aside": "tables/cells/work_aside.html",
    "why": "tables/cells/work_why.html",
    "status": "tables/cells/claim_status.html",
}
_WRAPS = frozenset({"patient", "payer", "why"})


def url_name_of(kind: str) -> str:
    """The name of a list's address."""
    return f"deductibles:{BY_KEY[kind].url_name}"


def _table(one: WorkList) -> Table:
    return Table(
        f"work-{one.key}",
        one.label,
        (
            Column("claim", "Claim number", locked=True, heads=True),
            Column("patient", "Patient"),
            Column("payer", "Payer"),
            Column("since", one.since, align="num"),
            Column("why", "What is wrong", card="wide"),
            Column("amount", "Billed", align="num"),
            Column("status", "Status", default=False),
            Column("service", "Date of service", align="num", default=False),
            Column("next", "Next", align="end", card="end", locked=True),
            Column("aside", "Set aside", align="end", card="wide", exported=False),
        ),
    )


def cells_of(item: Item, columns: Sequence[Column]) -> list[Cell]:
    """What stands in a line's columns."""
    return [_cell(item, column) for column in columns]


def _cell(item: Item, column: Column) -> Cell:
    text = CELLS[column.key](item)
    if column.heads:
        return Cell(column, text, href=item.page)
    look = "" if column.key in _WRAPS else "nowrap"
    value = item.claim if column.key == "status" else item
    return Cell(column, text, look=look, template=_DRAWN.get(column.key, ""), value=value)


def asked_of(kind: str, user: User, given: Mapping[str, str], today: date) -> Asked:
    """The filters that are understood, as what is asked of the list; others are left out."""
    payer, older, within = (given.get(name, "") for name in ("payer", "older", "within"))
    return Asked(
        company_id=user.company_id,
        today=today,
        payer=int(payer) if is_id(payer) else None,
        since=today - timedelta(days=int(older)) if older in dict(OLDER) and has_age(kind) else None,
        within=today + timedelta(days=int(within)) if within in dict(WITHIN) and not has_age(kind) else None,
        aside=given.get("aside") == "yes",
    )


def has_age(kind: str) -> bool:
    """Whether a list asks how long something stands there; of deadlines it asks how near they are."""
    return kind != domain.DEADLINE


def is_id(text: str) -> bool:
    """Whether it can be the id of a row."""
    return text.isascii() and text.isdigit() and 0 < len(text) <= 18


def understood(kind: str, name: str, value: str) -> bool:
    """Whether this filter says something to this list."""
    known = {"older": has_age(kind) and value in dict(OLDER), "aside": value == "yes"}
    known["within"] = not has_age(kind) and value in dict(WITHIN)
    return is_id(value) if name == "payer" else known.get(name, False)


def _filters(kind: str) -> Callable[[User, Mapping[str, str], datetime], dict[str, str]]:
    def filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
        return {name: given[name] for name in NAMES if understood(kind, name, given.get(name, ""))}

    return filters


def _source(kind: str) -> Callable[[User, Mapping[str, str], datetime, int], Source]:
    def source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
        today = now.astimezone(user.company.zone).date()
        asked = asked_of(kind, user, given, today)
        found = {row.claim_id: row for row in first_of(kind, asked, most)}

        def read(ids: Sequence[int]) -> dict[int, Item]:
            return items_of(kind, [found[key] for key in ids], today, aside=asked.aside)

        return Source(list(found), read, _in_a_file)

    return source


def _in_a_file(item: Item, key: str) -> str:
    """A cell of a file: dates and amounts as a spreadsheet reads them."""
    plain: dict[str, Any] = {
        "since": item.found.on.isoformat(),
        "service": item.claim.date_of_service.isoformat(),
        "amount": f"{item.claim.total:.2f}",
    }
    return str(plain.get(key) or CELLS[key](item))


def _kept_from(user: User) -> tuple[str, ...]:
    """Who only reads claims sets none aside."""
    return () if user.may(Can.WORK_CLAIMS) else ("aside",)


LISTINGS: dict[str, Listing] = {
    one.key: register(
        Listing(
            _table(one),
            Can.READ_CLAIMS,
            url_name_of(one.key),
            _filters(one.key),
            _source(one.key),
            _kept_from,
        )
    )
    for one in LISTS
}
