"""The wrong rows of a file, as it had them, with a column more that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Sum

from accounts.models import User
from patients.domain.import_rows import wrong_words
from patients.imports.kinds import X12, kind_of
from patients.imports.sealing import unseal_heads, unseal_rows
from patients.models import Import
from tables.actions import record_export
from tables.csv_file import lines_of
from tables.shape import Column, Table

COLUMN = "What is wrong"
"""The name of the last column; no field is called so, and it is not read when the file is brought again."""


def wrong_lines(row: Import) -> Iterator[bytes]:
    """The file line by line, read a part at a time; cells a spreadsheet would calculate are escaped."""
    heads = unseal_heads(row.heads)
    width = len(heads)
    return lines_of([*heads, COLUMN], _rows(row, width))


def _rows(row: Import, width: int) -> Iterator[list[str]]:
    kind, place = kind_of(row), "Segment" if row.layout == X12 else "Row"
    for part in row.parts.filter(wrong__gt=0).order_by("number").iterator(chunk_size=5):
        for one in unseal_rows(part.sealed):
            if one.wrong:
                cells = [*one.cells, *[""] * (width - len(one.cells))]
                said = [f"{place} {one.line}: {wrong_words(kind, one.wrong)}"]
                yield [*cells[:width], *said, *cells[width:]]


def write_down(row: Import, *, by: User, at: datetime) -> None:
    """Keep who takes the rows away, before the first of them leaves."""
    columns = tuple(Column(column.name, column.label) for column in kind_of(row).columns)
    record_export(
        Table(f"{row.kind}-import-wrong", "Wrong rows of an import", columns),
        query=f"import={row.pk}",
        searched=False,
        columns=[*row.columns],
        rows=row.parts.aggregate(wrong=Sum("wrong"))["wrong"] or 0,
        cut=False,
        by=by,
        at=at,
    )
