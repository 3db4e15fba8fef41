"""Cursor pages of tickets, for the API and the list page; a forged cursor is no address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

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

    def is_position(self, position: str) -> bool:
        """An id, or a moment where the list is ordered by one."""
        if self.columns[0].lstrip("-") == "id":
            return super().is_position(position)
        return _is_moment(position)


def _is_moment(position: str) -> bool:
    try:
        found: datetime | None = parse_datetime(position)
    except ValueError:
        return False
    return found is not None and found.tzinfo is not None
