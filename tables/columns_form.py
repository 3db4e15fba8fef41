"""The Customize columns form: the order and the boxes as they were sent, with one arrow pressed."""

from __future__ import annotations

from django.http import QueryDict

from tables.face import Face
from tables.shape import Column, Place, moved


def _is_shown(column: Column, shown: set[str], sent: list[str]) -> bool:
    """A ticked column, a locked one, or one that the form that was sent did not have yet."""
    return column.locked or column.key in shown or (column.key not in sent and column.default)


class ColumnsForm:
    """The columns as they stand in the form; ``does`` is ``save``, ``reset`` or empty for an arrow."""

    def __init__(self, face: Face, data: QueryDict | None) -> None:
        self.table, self.does = face.table, ""
        self.places: list[Place] = face.places
        self.moved = ""
        if data is not None:
            self._take(data)

    def _take(self, data: QueryDict) -> None:
        up, down = data.get("up", ""), data.get("down", "")
        does = "" if up or down else data.get("do", "")
        self.does = does if does in ("save", "reset") else ""
        order = data.getlist("order")[: len(self.places)]
        shown = set(data.getlist("shown"))
        order = moved(moved(order, up, -1), down, 1)
        known = self.table.by_key()
        self.places = [
            Place(place.column, _is_shown(place.column, shown, order))
            for place in self.table.places(order, [])
        ]
        self.moved = up or down if (up or down) in known else ""

    @property
    def order(self) -> list[str]:
        """Every column's key, in order."""
        return [place.column.key for place in self.places]

    @property
    def hidden(self) -> list[str]:
        """The keys of the columns that are not ticked."""
        return [place.column.key for place in self.places if not place.shown]

    @property
    def said(self) -> str:
        """What was moved where, for those who hear the page."""
        if not self.moved:
            return ""
        at = self.order.index(self.moved)
        return f"{self.places[at].column.label} is column {at + 1} of {len(self.places)} now."
