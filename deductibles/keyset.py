"""Pages by key: a page at depth 20,000 costs what the first one costs.

A cursor says after which row, or before which, the page begins. Empty values come last in ascending and
first in descending order, as the database's indexes have them.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet


class Forged(ValueError):
    """A cursor that this list did not hand out."""


@dataclass(frozen=True)
class Order:
    """A column to order by, whether descending, and how its value is read back from a cursor."""

    column: str
    read: Callable[[str], Any]
    down: bool = False

    def turned(self) -> Order:
        """The same order from its other end."""
        return Order(self.column, self.read, not self.down)

    def applied(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Rows in this order; the id settles ties."""
        key = F(self.column)
        first = key.desc(nulls_first=True) if self.down else key.asc(nulls_last=True)
        return rows.order_by(first, "-id" if self.down else "id")

    def value_of(self, row: Any) -> Any:
        """The row's own value of the column."""
        value = row
        for name in self.column.split("__"):
            value = getattr(value, name) if value is not None else None
        return value


@dataclass(frozen=True)
class Page:
    """Some rows in order, and the cursors of the pages beside them, None where there is none."""

    rows: list[Any]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class _Cursor:
    value: Any
    row_id: int
    back: bool


def page_of(rows: QuerySet[Any], order: Order, cursor: str, size: int) -> Page:
    """One page of at most ``size`` rows; raises :class:`Forged` for a cursor of somebody's making."""
    if not cursor:
        found = list(order.applied(rows)[: size + 1])
        return Page(found[:size], _after(order, found[size - 1]) if len(found) > size else None, None)
    start = _read(cursor, order)
    walked = order.turned() if start.back else order
    found = _walk(rows, walked, start, size + 1)
    more, found = len(found) > size, found[:size]
    if start.back:
        found.reverse()
    ahead, behind = (True, more) if start.back else (more, True)
    if not found:
        return Page([], None, None)
    return Page(
        found,
        _after(order, found[-1]) if ahead else None,
        _before(order, found[0]) if behind else None,
    )


def ids_of(rows: QuerySet[Any], order: Order, most: int, batch: int = 4_000) -> list[int]:
    """At most ``most`` ids in this order, a batch at a time, so that no statement reads much."""
    found: list[int] = []
    ordered = order.applied(rows)
    start: _Cursor | None = None
    while len(found) < most:
        room = min(batch, most - len(found))
        pairs: list[Any] = []
        for condition in [Q()] if start is None else _stretches(order, start):
            if len(pairs) < room:
                some = ordered.filter(condition).values_list(order.column, "pk")
                pairs += some[: room - len(pairs)]
        found += [pk for _, pk in pairs]
        if len(pairs) < room:
            break
        start = _Cursor(pairs[-1][0], pairs[-1][1], back=False)
    return found


def _walk(rows: QuerySet[Any], order: Order, start: _Cursor, count: int) -> list[Any]:
    """The next rows behind the cursor: those with a value and those without are asked for one by one."""
    found: list[Any] = []
    for condition in _stretches(order, start):
        if len(found) < count:
            found += order.applied(rows.filter(condition))[: count - len(found)]
    return found


def _stretches(order: Order, start: _Cursor) -> list[Q]:
    column, further = order.column, "lt" if order.down else "gt"
    beyond = Q(**{f"id__{further}": start.row_id})
    empty = Q(**{f"{column}__isnull": True})
    if start.value is None:
        return [empty & beyond, ~empty] if order.down else [empty & beyond]
    ties = Q(**{column: start.value}) & beyond
    bound = Q(**{f"{column}__{further}e": start.value})
    rest = bound & (Q(**{f"{column}__{further}": start.value}) | ties)
    return [rest] if order.down else [rest, empty]


def _after(order: Order, row: Any) -> str:
    return _write(order.value_of(row), row.pk, back=False)


def _before(order: Order, row: Any) -> str:
    return _write(order.value_of(row), row.pk, back=True)


def _write(value: Any, row_id: int, *, back: bool) -> str:
    plain = json.dumps([None if value is None else str(value), row_id, back]).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def _read(cursor: str, order: Order) -> _Cursor:
    try:
        plain = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        value, row_id, back = json.loads(plain)
        if type(row_id) is not int or type(back) is not bool or not 0 < row_id < 10**18:
            raise Forged
        if value is not None and not _is_storable(value):
            raise Forged
        return _Cursor(None if value is None else order.read(value), row_id, back)
    except (ValueError, TypeError, RecursionError) as problem:
        raise Forged("This page does not exist. Start from the first.") from problem


def write_cursor(value: Any, row_id: int, *, back: bool) -> str:
    """A cursor of a list that is no query set: after this row, or before it."""
    return _write(value, row_id, back=back)


def read_cursor(cursor: str, read: Callable[[str], Any]) -> tuple[Any, int, bool]:
    """What such a cursor says: the value, the id, and whether it goes back; Forged for anybody else's."""
    found = _read(cursor, Order("", read))
    return found.value, found.row_id, found.back


def _is_storable(value: Any) -> bool:
    """Whether the database could have such a text: no NUL, and no half characters."""
    return isinstance(value, str) and "\x00" not in value and value.encode(errors="ignore").decode() == value


def read_date(text: str) -> date:
    """A date of a cursor."""
    return date.fromisoformat(text)


def read_amount(text: str) -> Decimal:
    """An amount of a cursor, as a column of money writes it."""
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,2})?", text):
        raise ValueError("no amount")
    return Decimal(text)


def read_id(text: str) -> int:
    """An id of a cursor."""
    number = int(text)
    if not 0 <= number < 10**18:
        raise ValueError("no id")
    return number
