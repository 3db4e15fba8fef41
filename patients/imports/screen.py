"""What the pages of importing show, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from patients.domain.import_columns import Kind, match
from patients.domain.intake import Wrong
from patients.imports.kinds import X12, Option, handler_of, kind_of
from patients.imports.running import MOST_ATTEMPTS, UNDER_WAY
from patients.imports.sealing import unseal_heads
from patients.models import Import

MOST_LISTED = 50
FINISH = "complete"
"""The option by which what was added is brought further."""
PERHAPS = "Same name and date of birth, and no account number to tell them apart"
_State = Import.State


def list_of(user: Any, kinds: Sequence[str]) -> list[Import]:
    """What was brought, newest first, without the files themselves, each with its address."""
    rows = Import.objects.visible_to(user).filter(kind__in=kinds).select_related("brought_by")
    found = list(rows.defer("sealed", "heads", "found", "columns").order_by("-pk")[:MOST_LISTED])
    for row in found:
        row.url = reverse(f"imports:{row.kind}_one", args=[row.pk])  # type: ignore[attr-defined]
    return found


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
        self.handler = handler_of(row)
        self.kind: Kind = kind_of(row)

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
            return f"{many(row.rows, self.kind.counted)} looked at. Nothing is imported yet."
        if row.state == _State.IMPORTING:
            return f"{many(row.new, self.kind.one)} being added."
        if row.state == _State.DONE:
            return f"{many(row.added, self.kind.one)} added." + self._less + self._finished
        return row.note

    @property
    def _less(self) -> str:
        less = self.row.new - self.row.added
        return f" {less:,} that looked new had been added by somebody else meanwhile." if less else ""

    @property
    def _finished(self) -> str:
        """How many were brought further, where that was ticked."""
        if FINISH not in self.row.options:
            return ""
        left = self.row.added - self.row.finished
        stayed = f"; {left:,} stayed as they came in" if left else ""
        return f" {self.row.finished:,} completed{stayed}."

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
            *([(f"{row.twins:,}", "perhaps here", "skipped")] if self.handler.twins else []),
            (f"{row.wrong:,}", "wrong", "cannot be imported"),
        ]

    @property
    def waits(self) -> bool:
        """Whether nobody has begun to work on it yet."""
        return self.under_way and self.row.seen_at is None

    @property
    def anew(self) -> str:
        """That whoever looked at it before did not come to the end, in a sentence."""
        if self.row.state != _State.CHECKING or self.row.attempts < 2:
            return ""
        return (
            "Whoever looked at it before did not come to the end, so all rows are being looked at anew. "
            f"This is attempt {self.row.attempts} of {MOST_ATTEMPTS}."
        )

    @cached_property
    def progress(self) -> dict[str, Any] | None:
        """How far the look is, by rows; then the import, by the part of 500 rows and by what is completed.

        All or none has no steps that could be seen.
        """
        if self.row.state == _State.CHECKING:
            return looking(self.row.looked, self.row.about, self.row.layout)
        if self.row.state != _State.IMPORTING:
            return None
        count = self.row.parts.aggregate(all=Count("pk"), done=Count("pk", filter=~Q(done_at=None)))
        if count["done"] == count["all"] and FINISH in self.row.options:
            words = f"{self.row.finished:,} of {self.many(self.row.new, self.kind.one)} completed"
            return {"whole": self.row.new, "done": self.row.finished, "words": words}
        if self.row.whole:
            return None
        return {
            "whole": count["all"],
            "done": count["done"],
            "words": f"{count['done']:,} of {count['all']:,} parts",
        }

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What is wrong, the most frequent first, with the first rows."""
        return [
            {
                **one,
                "rows": self.many(one["count"], "row"),
                "where": _rows(one["lines"], one["count"], self.place),
            }
            for one in self.row.found.get("problems", [])
        ]

    @property
    def others(self) -> list[dict[str, Any]]:
        """Rows that differ from who is here, then those who are perhaps here: row, what, where to look."""
        found = self.row.found
        told = [(f"Different: {', '.join(one['fields'])}", one) for one in found.get("different", [])]
        told += [(PERHAPS, one) for one in found.get("twins", [])]
        return [{"line": one["line"], "what": what, "url": self._url_of(one)} for what, one in told]

    def _url_of(self, one: Mapping[str, Any]) -> str:
        return self.handler.url_of(one["key"], one.get("name", ""))

    @property
    def left(self) -> list[dict[str, Any]]:
        """What could not be completed, with where it is and why."""
        return [{**one, "url": self._url_of(one)} for one in self.row.found.get("left", [])]

    @property
    def unread(self) -> list[str]:
        """What stands in an X12 file and is not read, in words."""
        return list(self.row.found.get("unread", []))

    @property
    def place(self) -> str:
        """What the numbers of rows count: rows of a table, segments of an X12 file."""
        return "segment" if self.is_x12 else "row"

    @property
    def is_x12(self) -> bool:
        """Whether the file has segments and no columns that a person could name."""
        return self.row.layout == X12

    @property
    def options(self) -> list[tuple[Option, bool]]:
        """What can be ticked for the file, and whether it is."""
        return [(one, one.key in self.row.options) for one in self.handler.options]

    @property
    def change(self) -> str:
        """What the form at the end of the page changes."""
        return "Change the columns, or what is ticked" if self.handler.options else "Change the columns"

    @property
    def wrong_words(self) -> str:
        """ "2 wrong rows stay", "1 wrong claim stays"."""
        said = self.many(self.row.wrong, f"wrong {self.kind.counted}")
        return f"{said} stays" if self.row.wrong == 1 else f"{said} stay"

    @property
    def ticked(self) -> list[str]:
        """What was ticked for the file, in words."""
        return [one.label for one, is_on in self.options if is_on]

    @property
    def more_others(self) -> int:
        """How many of those are not listed."""
        return self.row.different + self.row.twins - len(self.others)


def thrown_words(added: int) -> str:
    """What of a file that was thrown away is here."""
    if not added:
        return "Nothing of it was imported."
    return f"What was added of it before it was given up stays: {added:,}."


def looking(looked: int, about: int, layout: str) -> dict[str, Any]:
    """How many rows were looked at, of about how many."""
    rows, whole = "charge lines" if layout == X12 else "rows", max(about, looked, 1)
    return {"whole": whole, "done": looked, "words": f"{looked:,} of about {whole:,} {rows} looked at"}


def _rows(lines: Sequence[int], count: int, place: str) -> str:
    shown = ", ".join(str(line) for line in lines)
    return (
        f"{place} {shown}" if count == 1 else f"{place}s {shown}{' and more' if count > len(lines) else ''}"
    )


def _letters(place: int) -> str:
    """The letters a spreadsheet has above a column: A, B, … Z, AA."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found
