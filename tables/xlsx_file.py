"""A workbook for a spreadsheet: every cell is text, none of them calculates."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.worksheet.worksheet import Worksheet

from tables.csv_file import harmless

MOST_ROWS = 20_000
"""A workbook takes this many rows: it is finished before its first byte leaves."""
MOST_CELL = 32_767
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_of(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> IO[bytes]:
    """The workbook as a file that goes with its last reader; rows are written as they come."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Holdline")
    for row in chain([heads], rows):
        sheet.append([_text(sheet, cell) for cell in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by who sends it
    book.save(file)
    file.seek(0)
    return file


def _text(sheet: Worksheet, cell: str) -> WriteOnlyCell | None:
    """The cell as text, without characters that a workbook cannot hold; nothing for an empty one."""
    if not cell:
        return None
    written = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", harmless(cell))[:MOST_CELL])
    written.data_type = "s"
    return written
