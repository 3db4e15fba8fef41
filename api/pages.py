"""Cursor pages: ``{next, previous, results}``, as fast at depth 20,000 as on page one."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination

_NO_PAGE = "This page does not exist. Start from the first."


class CursorPages(CursorPagination):
    """A hundred rows, newest first; ``page_size`` up to 500. A forged cursor is no address (404)."""

    page_size = 100
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering = "-id"

    def decode_cursor(self, request: Any) -> Any:
        """Read the cursor; what this list did not hand out itself is not found."""
        try:
            cursor = super().decode_cursor(request)
        except ValueError as forged:
            raise NotFound(_NO_PAGE) from forged
        if cursor is not None and cursor.position is not None and not self.is_position(str(cursor.position)):
            raise NotFound(_NO_PAGE)
        return cursor

    def is_position(self, position: str) -> bool:
        """Whether a cursor may stand there: at an id, unless a subclass orders by something else."""
        return position.isascii() and position.isdigit() and len(position) <= 18
