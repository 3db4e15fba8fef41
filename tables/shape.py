"""What a table is: its columns, declared once, and which of them a person sees in which order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column.

    ``key`` is stored in people's choices and never renamed. ``sort`` is the name under which the list is
    ordered by it, empty when it is not. ``align`` is ``num`` for what stands at the right. A ``locked``
    column cannot be hidden; a ``default`` one is shown to those who chose nothing. ``heads`` names the row
    for those who hear it. ``exported`` says whether it has words to put into a file. ``card`` is how it
    stands on a phone: ``wide``, ``end``, ``hide`` or plain.
    """

    key: str
    label: str
    sort: str = ""
    align: str = ""
    locked: bool = False
    default: bool = True
    heads: bool = False
    exported: bool = True
    card: str = ""


@dataclass(frozen=True)
class Cell:
    """What stands in one column of one row: plain ``text``, or what ``template`` draws of ``value``."""

    column: Column
    text: str = ""
    href: str = ""
    look: str = ""
    template: str = ""
    value: object = None


@dataclass(frozen=True)
class Place:
    """A column at its place in somebody's order, shown or hidden."""

    column: Column
    shown: bool


@dataclass(frozen=True)
class Table:
    """A table of the product: ``key`` stands in addresses and in stored choices, ``label`` in sentences."""

    key: str
    label: str
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys) or not keys:
            raise ValueError(f"The table {self.key} needs columns with keys of their own.")

    def without(self, *keys: str) -> Table:
        """The same table for those who may not see some of its columns."""
        return Table(self.key, self.label, tuple(c for c in self.columns if c.key not in keys))

    def by_key(self) -> dict[str, Column]:
        """The columns by their keys, in the declared order."""
        return {column.key: column for column in self.columns}

    def places(self, order: Iterable[object] = (), hidden: Iterable[object] | None = None) -> list[Place]:
        """Every column in the order chosen, shown or hidden.

        ``order`` and ``hidden`` are keys as somebody stored them once, ``hidden`` None when nothing was
        chosen. Unknown ones are dropped; a column that was added since stands after the one it follows in
        the declaration, shown as it is by default.
        """
        known = self.by_key()
        kept = list(dict.fromkeys(key for key in order if isinstance(key, str) and key in known))
        chosen = set(kept)
        gone = {key for key in hidden or () if isinstance(key, str)}
        found = [self._place(known[key], chosen, gone, hidden is not None) for key in self._complete(kept)]
        return found if any(place.shown for place in found) else [Place(c, c.default) for c in self.columns]

    def shown(self, order: Iterable[object] = (), hidden: Iterable[object] | None = None) -> list[Column]:
        """The columns to draw, in order; at least one."""
        return [place.column for place in self.places(order, hidden) if place.shown]

    def _complete(self, kept: Sequence[str]) -> list[str]:
        """The order with every column that it does not name put where the declaration has it."""
        complete = list(kept)
        before = ""
        for column in self.columns:
            if column.key not in complete:
                complete.insert(complete.index(before) + 1 if before else 0, column.key)
            before = column.key
        return complete

    @staticmethod
    def _place(column: Column, chosen: set[str], gone: set[str], was_chosen: bool) -> Place:
        if column.locked:
            return Place(column, True)
        shown = column.key not in gone if was_chosen and column.key in chosen else column.default
        return Place(column, shown)


def moved(order: Sequence[str], key: str, step: int) -> list[str]:
    """The order with one key moved by ``step`` places; at either end it stays where it is."""
    found = list(order)
    if key in found:
        at = found.index(key)
        found.insert(max(0, min(len(found) - 1, at + step)), found.pop(at))
    return found
