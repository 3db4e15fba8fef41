"""Cursor pages of tickets, for the API and the list page; a forged cursor is no address.

A cursor says behind which row the page begins, or before which: by the column of the order and the id, so
that any number of tickets with the same moment (all that are not resolved, a day's import) follow each other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q
from django.utils.dateparse import parse_datetime
from rest_framework.pagination import Cursor

from api.pages import CursorPages
from escalations.queries import ORDERINGS

_BETWEEN = "~"


class _IsOneOf(Func):
    """Whether a value is in an array. Unlike IN it is no join, which would be one of many on a page with many
    columns, and beyond eight the last."""

    arg_joiner, template, output_field = " = ANY (", "(%(expressions)s))", BooleanField()


class TicketPages(CursorPages):
    """Pages in one of the orders of :data:`escalations.queries.ORDERINGS`; by ``columns``."""

    columns: tuple[str, str]
    _next = _previous = ""

    def __init__(self, ordering: str) -> None:
        column = ORDERINGS[ordering]
        self.columns = (column, "-id" if column.startswith("-") else "id")

    @property
    def column(self) -> str:
        """The column of the order."""
        return self.columns[0].removeprefix("-")

    @property
    def down(self) -> bool:
        """Whether the greatest comes first."""
        return self.columns[0].startswith("-")

    def paginate_queryset(
        self, queryset: Any, request: Any, view: Any = None, among: Any = None
    ) -> list[Any]:
        """The rows of the page that the request asks for.

        With ``among`` the page is chosen from those rows by their keys alone, which an index has, and then
        read from ``queryset``: no row is read that is not shown, however few of many the filters leave.
        """
        self.request, self.base_url = request, request.build_absolute_uri()
        self.page_size = self.get_page_size(request) or self.page_size
        self.cursor = self.decode_cursor(request)
        back = bool(self.cursor and self.cursor.reverse)
        found = list(self._found(queryset, among, down=self.down != back))
        more, found = len(found) > self.page_size, found[: self.page_size]
        if back:
            found.reverse()
        self.page = found
        ahead, behind = (True, more) if back else (more, self.cursor is not None)
        self._next = self._position(found[-1]) if found and ahead else ""
        self._previous = self._position(found[0]) if found and behind else ""
        return found

    def _found(self, queryset: Any, among: Any, *, down: bool) -> Any:
        """The page's rows and one more."""
        if among is None:
            return self._behind(self._in_order(queryset, down), down)[: self.page_size + 1]
        chosen = self._behind(self._in_order(among.select_related(None), down), down)
        keys = ArraySubquery(chosen.values("pk")[: self.page_size + 1])
        return self._in_order(queryset.filter(_IsOneOf(F("pk"), keys)), down)

    def _in_order(self, rows: Any, down: bool) -> Any:
        sign = "-" if down else ""
        return rows.order_by(*dict.fromkeys((f"{sign}{self.column}", f"{sign}id")))

    def _behind(self, rows: Any, down: bool) -> Any:
        """The rows behind the cursor."""
        if self.cursor is None or self.cursor.position is None:
            return rows
        further = "lt" if down else "gt"
        value, _, row = str(self.cursor.position).rpartition(_BETWEEN)
        if self.column == "id":
            return rows.filter(**{f"id__{further}": int(row)})
        moment = parse_datetime(value)
        ties = Q(**{self.column: moment, f"id__{further}": int(row)})
        beyond = Q(**{f"{self.column}__{further}": moment}) | ties
        return rows.filter(Q(**{f"{self.column}__{further}e": moment}) & beyond)

    def _position(self, row: Any) -> str:
        if self.column == "id":
            return str(row.pk)
        return f"{getattr(row, self.column).isoformat()}{_BETWEEN}{row.pk}"

    def get_next_link(self) -> str | None:
        """The address of the page behind this one."""
        return self._link(self._next, back=False)

    def get_previous_link(self) -> str | None:
        """The address of the page before this one."""
        return self._link(self._previous, back=True)

    def _link(self, position: Any, *, back: bool) -> str | None:
        return self.encode_cursor(Cursor(offset=0, reverse=back, position=position)) if position else None

    def is_position(self, position: str) -> bool:
        """An id, with the moment before it where the list is ordered by one."""
        value, _, row = position.rpartition(_BETWEEN)
        return super().is_position(row) and (_is_moment(value) if self.column != "id" else not value)


def _is_moment(position: str) -> bool:
    try:
        found: datetime | None = parse_datetime(position)
    except ValueError:
        return False
    return found is not None and found.tzinfo is not None
