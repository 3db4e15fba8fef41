"""The first sheet of an Excel workbook as rows of text. Pure; openpyxl reads it, without loading it whole.

What a hostile file could do is bounded before it is opened: how large it becomes, how many parts it has.
How wide and long the table may be is bounded as it is read. XML
entities are refused by defusedxml, which openpyxl uses where it is installed.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from patients.domain.intake import Wrong

MOST_UNPACKED = 150_000_000
_MOST_PARTS = 2_000
_SHEET = re.compile(r"xl/worksheets/sheet[0-9]{1,3}\.xml")
_ROW = b"<row "
_PIECE = 1_000_000
_AS_WORKBOOK = "Save it as an Excel Workbook (.xlsx) or as CSV UTF-8 and bring that file."
_DAMAGED = f"This workbook is damaged and cannot be read. {_AS_WORKBOOK}"
_SURE_DIGITS = 1e15
"""From here on a spreadsheet has rounded a number's last digits."""


def sheet_rows(data: bytes, *, most_columns: int) -> Iterator[Sequence[str]]:
    """The rows as they are asked for, each cell as text; Wrong says what else the file is."""
    _look_at(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets: Any = book.worksheets
            if not sheets:
                raise Wrong("sheet", f"This workbook has no sheet with a table. {_AS_WORKBOOK}")
            sheets[0].reset_dimensions()
            for number, row in enumerate(sheets[0].iter_rows(values_only=True), 1):
                if len(row) > most_columns and any(cell is not None for cell in row[most_columns:]):
                    raise Wrong(
                        "columns", f"Row {number} has more than {most_columns} columns. Take some out."
                    )
                yield [text_of(cell) for cell in row[:most_columns]]
    except Wrong:
        raise
    except Exception as error:  # a damaged file makes openpyxl fail in any way there is
        raise Wrong("damaged", _DAMAGED) from error


def unpacked(data: bytes) -> int:
    """How many bytes a packed file says it becomes; nothing for one that is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return sum(part.file_size for part in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return 0


def row_marks(data: bytes) -> int:
    """How many rows the first sheet says it has, counted in its text piece by piece; 0 for a damaged one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            sheets = [part for part in packed.infolist() if _SHEET.fullmatch(part.filename)]
            first = min(sheets, key=lambda part: (len(part.filename), part.filename), default=None)
            if first is None or first.file_size > MOST_UNPACKED:
                return 0
            found, last = 0, b""
            with packed.open(first) as text:
                while piece := text.read(_PIECE):
                    # A mark may be cut in two; what is kept of a piece is too short to have a whole one.
                    found += (last + piece).count(_ROW)
                    last = piece[1 - len(_ROW) :]
            return found
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, RuntimeError):
        return 0


def _look_at(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Wrong("damaged", _DAMAGED) from error
    names = {part.filename for part in parts}
    if len(names) < len(parts):
        raise Wrong("damaged", _DAMAGED)
    if any(part.flag_bits & 1 for part in parts):
        raise Wrong("kind", f"This file has a password. {_AS_WORKBOOK}")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Wrong("macros", f"This workbook has macros (.xlsm). {_AS_WORKBOOK}")
    if "xl/workbook.bin" in names:
        raise Wrong("kind", f"This is a binary workbook (.xlsb). {_AS_WORKBOOK}")
    if "xl/workbook.xml" not in names:
        raise Wrong("kind", f"This file is packed (a ZIP) and not an Excel workbook. {_AS_WORKBOOK}")
    if len(parts) > _MOST_PARTS or unpacked(data) > MOST_UNPACKED:
        raise Wrong("too_large", "Unpacked, this workbook is too large. Bring it in parts, or as CSV UTF-8.")


def text_of(cell: Any) -> str:
    """A cell's value as a person would have typed it: whole numbers without a point, days as 2026-05-20."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        if abs(cell) >= _SURE_DIGITS:
            return f"{cell:.2E}"
        return str(int(cell)) if cell == int(cell) else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
