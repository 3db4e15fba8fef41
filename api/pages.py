"""Cursor pages: ``{next, previous, results}``, as fast at depth 20,000 as on page one."""

from rest_framework.pagination import CursorPagination


class CursorPages(CursorPagination):
    """A hundred rows, newest first; ``page_size`` up to 500."""

    page_size = 100
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering = "-id"
