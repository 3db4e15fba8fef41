"""Cursor pages of tickets, for the API and the list page; a forged cursor is no address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound

from api.pages import CursorPages
from escalations.queries import ORDERINGS


class TicketPages(CursorPages):
    """Pages in one of the orders of :data:`escalations.queries.ORDERINGS`."""

    def __init__(self, ordering: str) -> None:
        column = ORDERINGS[ordering]
        self.columns = (column, "-id" if column.startswith("-") else "id")

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        """The order the list was asked for, settled by id."""
        return tuple(dict.fromkeys(self.columns))

    def decode_cursor(self, request: Any) -> Any:
        """Read the cursor; what this list did not hand out itself is not found."""
        try:
            cursor = super().decode_cursor(request)
        except ValueError as forged:
            raise NotFound("This page does not exist. Start from the first.") from forged
        if cursor is not None and cursor.position is not None and not self._is_position(str(cursor.position)):
            raise NotFound("This page does not exist. Start from the first.")
        return cursor

    def _is_position(self, position: str) -> bool:
        if self.columns[0].lstrip("-") == "id":
            return position.isascii() and position.isdigit() and len(position) <= 18
        return _is_moment(position)


def _is_moment(position: str) -> bool:
    try:
        found: datetime | None = parse_datetime(position)
    except ValueError:
        return False
    return found is not None and found.tzinfo is not None
