"""What the pages of importing show, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from patients.domain.import_columns import KINDS, Kind, match
from patients.domain.intake import Wrong
from patients.imports.running import UNDER_WAY
from patients.imports.sealing import unseal_heads
from patients.models import Import

MOST_LISTED = 50
PERHAPS = "Same name and date of birth, and no account number to tell them apart"
_State = Import.State


def list_of(user: Any, kinds: Sequence[str]) -> QuerySet[Import]:
    """What was brought, newest first, without the files themselves."""
    rows = Import.objects.visible_to(user).filter(kind__in=kinds).select_related("brought_by")
    return rows.defer("sealed", "heads", "found", "columns").order_by("-pk")[:MOST_LISTED]


@dataclass(frozen=True)
class Choice:
    """One field and which of the file's columns it is; ``-1`` none."""

    name: str
    label: str
    required: bool
    place: int
    head: str = ""


class Screen:
    """One import. ``said`` is what a person typed of the columns, when it was refused."""

    def __init__(self, row: Import, said: Mapping[str, str] | None = None) -> None:
        self.row, self._said = row, said or {}
        self.kind: Kind = KINDS[row.kind]

    @property
    def url(self) -> str:
        """This page."""
        return reverse(f"imports:{self.row.kind}_one", args=[self.row.pk])

    @property
    def wrong_url(self) -> str:
        """Its wrong rows as a file."""
        return reverse(f"imports:{self.row.kind}_wrong", args=[self.row.pk])

    @property
    def under_way(self) -> bool:
        """Whether Holdline works on it, so that the page looks again by itself."""
        return self.row.state in UNDER_WAY

    @property
    def may_name(self) -> bool:
        """Whether the columns can still be named."""
        return self.row.state in (_State.COLUMNS, _State.CHECKED)

    @property
    def may_throw(self) -> bool:
        """Whether the file can be thrown away."""
        return self.row.state not in (_State.IMPORTING, _State.DONE)

    @cached_property
    def heads(self) -> list[str]:
        """The names in the first row; a column without one is called by its letter."""
        try:
            heads = unseal_heads(self.row.heads) if self.row.heads is not None else []
        except Wrong:
            heads = []
        return [head or f"Column {_letters(place)}" for place, head in enumerate(heads)]

    @cached_property
    def numbered_heads(self) -> list[tuple[int, str]]:
        """The columns with their numbers, as a list to choose from."""
        return list(enumerate(self.heads))

    @property
    def choices(self) -> list[Choice]:
        """Every field with the column that is chosen for it, or was typed just now."""
        return [
            Choice(column.name, column.label, column.required, self._place(column.name))
            for column in self.kind.columns
        ]

    @property
    def named(self) -> list[Choice]:
        """The fields that are read, each with the name its column has in the file."""
        heads = dict(self.numbered_heads)
        return [
            Choice(column.name, column.label, column.required, place, heads.get(place, ""))
            for column in self.kind.columns
            if (place := self.row.columns.get(column.name, -1)) >= 0
        ]

    def _place(self, name: str) -> int:
        typed = self._said.get(name)
        if typed is None:
            return int(self.row.columns.get(name, -1))
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else -1

    @property
    def unused(self) -> list[str]:
        """Columns of the file that no field is read from."""
        used = set(self.row.columns.values())
        return [head for place, head in self.numbered_heads if place not in used]

    @cached_property
    def to_decide(self) -> list[str]:
        """What a person must say before rows are read, in sentences."""
        if self.row.state != _State.COLUMNS:
            return []
        matching = match(self.kind, self.heads)
        twice = [f"Two columns are named for {self.kind.label(name).lower()}." for name in matching.twice]
        missing = [name for name in matching.missing if name not in matching.twice]
        return twice + [f"No column is named for {self.kind.label(name).lower()}." for name in missing]

    @property
    def lead(self) -> str:
        """Where it stands, in a sentence."""
        row, many = self.row, self.many
        if row.state == _State.COLUMNS:
            return "Say which columns these are; nothing is imported by that."
        if row.state == _State.CHECKING:
            return "Every row is being looked at. Nothing is imported yet."
        if row.state == _State.CHECKED:
            return f"{many(row.rows, 'row')} looked at. Nothing is imported yet."
        if row.state == _State.IMPORTING:
            return f"{many(row.new, self.kind.one)} being added."
        if row.state == _State.DONE:
            return f"{many(row.added, self.kind.one)} added." + self._less
        return row.note

    @property
    def _less(self) -> str:
        less = self.row.new - self.row.added
        return f" {less:,} that looked new had been added by somebody else meanwhile." if less else ""

    @staticmethod
    def many(count: int, one: str) -> str:
        """A number with its noun."""
        return f"{count:,} {one}{'' if count == 1 else 's'}"

    @property
    def figures(self) -> list[tuple[str, str, str]]:
        """The numbers: value, what, and what becomes of them."""
        row = self.row
        added = row.state == _State.DONE
        return [
            (
                f"{row.added if added else row.new:,}",
                "added" if added else "new",
                "" if added else "to be added",
            ),
            (f"{row.same:,}", "the same", "here already"),
            (f"{row.different:,}", "different", "left as they are here"),
            *([(f"{row.twins:,}", "perhaps here", "skipped")] if self.kind.key == "patients" else []),
            (f"{row.wrong:,}", "wrong", "cannot be imported"),
        ]

    @cached_property
    def progress(self) -> dict[str, Any] | None:
        """How far the import is, by the part of 500 rows; all or none has no steps that could be seen."""
        if self.row.state != _State.IMPORTING or self.row.whole:
            return None
        count = self.row.parts.aggregate(all=Count("pk"), done=Count("pk", filter=~Q(done_at=None)))
        return {
            "whole": count["all"],
            "done": count["done"],
            "words": f"{count['done']} of {count['all']} parts",
        }

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What is wrong, the most frequent first, with the first rows."""
        return [
            {**one, "rows": self.many(one["count"], "row"), "where": _rows(one["lines"], one["count"])}
            for one in self.row.found.get("problems", [])
        ]

    @property
    def others(self) -> list[dict[str, Any]]:
        """Rows that differ from who is here, then those who are perhaps here: row, what, where to look."""
        found, of = self.row.found, "patients:patient" if self.kind.key == "patients" else "payers:payer"
        told = [(f"Different: {', '.join(one['fields'])}", one) for one in found.get("different", [])]
        told += [(PERHAPS, one) for one in found.get("twins", [])]
        return [
            {"line": one["line"], "what": what, "url": reverse(of, args=[one["key"]])} for what, one in told
        ]

    @property
    def more_others(self) -> int:
        """How many of those are not listed."""
        return self.row.different + self.row.twins - len(self.others)


def _rows(lines: Sequence[int], count: int) -> str:
    shown = ", ".join(str(line) for line in lines)
    return f"row {shown}" if count == 1 else f"rows {shown}{' and more' if count > len(lines) else ''}"


def _letters(place: int) -> str:
    """The letters a spreadsheet has above a column: A, B, … Z, AA."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found
