"""What every endpoint's view class shares."""

from __future__ import annotations

from typing import Any

from rest_framework.generics import GenericAPIView


class Endpoint(GenericAPIView):
    """A view that pages by cursor; subclasses say ``reads``, ``writes`` and ``serializer_class``.

    ``listed`` tells the schema that GET answers a page of rows.
    """

    listed = False

    def page_of(self, rows: Any) -> list[Any]:
        """One page of the rows; :meth:`get_paginated_response` wraps what is made of it."""
        return list(self.paginate_queryset(rows) or [])
