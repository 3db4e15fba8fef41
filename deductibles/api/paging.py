"""Pages of a list that is put together in memory, in the shape of every other list (``api.pages``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

ROWS, MOST = 100, 500


def page_json(request: Request, rows: Sequence[Any]) -> dict[str, Any]:
    """The page that ``cursor`` names, with the addresses of its neighbours; a forged cursor is no address."""
    size = _size(request.query_params.get("page_size", ""))
    first = _first(request.query_params.get("cursor", ""), len(rows))
    return {
        "next": _address(request, first + size) if first + size < len(rows) else None,
        "previous": _address(request, max(first - size, 0)) if first else None,
        "results": list(rows[first : first + size]),
    }


def _address(request: Request, first: int) -> str:
    return str(replace_query_param(request.build_absolute_uri(), "cursor", f"e{first}"))


def _first(cursor: str, count: int) -> int:
    if not cursor:
        return 0
    place = cursor.removeprefix("e")
    if not (cursor.startswith("e") and place.isascii() and place.isdigit() and len(place) <= 6):
        raise Http404
    if int(place) >= max(count, 1):
        raise Http404
    return int(place)


def _size(text: str) -> int:
    return min(max(int(text), 1), MOST) if text.isascii() and text.isdigit() and len(text) <= 6 else ROWS
