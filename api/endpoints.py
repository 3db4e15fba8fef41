"""What every endpoint's view class shares."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.generics import GenericAPIView


class Endpoint(GenericAPIView):
    """A view that pages by cursor; subclasses say ``reads``, ``writes`` and ``serializer_class``.

    ``listed`` tells the schema that GET answers a page of rows.
    """

    listed = False

    def page_of(self, rows: Any) -> list[Any]:
        """One page of the rows; :meth:`get_paginated_response` wraps what is made of it."""
        return list(self.paginate_queryset(rows) or [])


def find_row(rows: Any, key: str) -> Any:
    """The row with this id, or 404: also for what is no id at all."""
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        raise Http404
    row = rows.filter(pk=int(key)).first()
    if row is None:
        raise Http404
    return row
