"""A file as a table of text: CSV in the ways spreadsheets write it, or XLSX; told by its content. Pure.

Every limit stands here. What cannot be read raises :class:`Wrong` with what the file is and what to do.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from patients.domain.import_sheet import row_marks, sheet_rows, unpacked
from patients.domain.intake import Wrong

MOST_BYTES = 20_000_000
MOST_ROWS = 100_000
MOST_LINE = 200_000
"""Below this line nothing is looked for, so that empty lines cannot go on for ever."""
MOST_COLUMNS = 200
MOST_CELL = 32_767
"""Characters; a spreadsheet itself takes no more."""
SAVE_AS = "In the spreadsheet choose Save As, then CSV UTF-8 or Excel Workbook (.xlsx), and bring that file."
_SEPARATORS = ",;\t|"
_NOT_TABLES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", f"This is an old Excel file (.xls), or one with a password. {SAVE_AS}"),
    (b"%PDF-", f"This is a PDF. {SAVE_AS}"),
    (b"{\\rtf", f"This is a text document. {SAVE_AS}"),
    (b"\x89PNG", f"This is a picture. {SAVE_AS}"),
    (b"\xff\xd8\xff", f"This is a picture. {SAVE_AS}"),
    (b"MZ", f"This is a program. {SAVE_AS}"),
    (b"\x7fELF", f"This is a program. {SAVE_AS}"),
    (b"ISA*", "This is an X12 file, and not a table."),
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<[!?A-Za-z]")
_CHARGES = re.compile(rb"(?<![A-Z0-9])SV1(?![A-Z0-9])")
_SEP = re.compile(r"sep=(.)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One row of the table by the number that a spreadsheet shows beside it."""

    number: int
    cells: tuple[str, ...]


def read_table(data: bytes) -> tuple[tuple[str, ...], Iterator[Line]]:
    """The names in the first row, and the rows below it as they are asked for, empty ones left out.

    Wrong is raised here for what the beginning shows, and while rows are taken for what stands further down.
    """
    if len(data) > MOST_BYTES:
        raise Wrong("too_large", f"This file is larger than {MOST_BYTES // 1_000_000} MB. Bring it in parts.")
    if not data.strip():
        raise Wrong("empty", "This file is empty. Choose it again.")
    for start, sentence in _NOT_TABLES:
        if data.startswith(start):
            raise Wrong("kind", sentence)
    if data.startswith(b"PK"):
        lines = _filled(sheet_rows(data, most_columns=MOST_COLUMNS))
    elif _MARKUP.match(data):
        raise Wrong("kind", f"This is a web page or XML, whatever it is called. {SAVE_AS}")
    else:
        lines = _filled(_csv_rows(decoded(data)))
    first = next(lines, None)
    if first is None:
        raise Wrong("empty", "This file has no row with anything in it. Choose it again.")
    heads = tuple(" ".join(cell.split())[:80] for cell in first.cells)
    return heads, _counted(lines)


def size_of(data: bytes) -> int:
    """How much there is to read: the file's bytes, of a workbook what it becomes."""
    return max(len(data), unpacked(data) if data.startswith(b"PK") else 0)


def about_rows(data: bytes, *, x12: bool = False) -> int:
    """About how many rows a file has, without reading it: for a progress, not for a sum.

    Lines of text are counted, of a workbook the marks of rows, of an X12 file the charges. An empty row or a
    line break within a cell makes it a little more than there are.
    """
    if x12:
        found = len(_CHARGES.findall(data.replace(b"\0", b"")))
    elif data.startswith(b"PK"):
        found = row_marks(data) - 1
    else:
        text = data.rstrip(b"\r\n\t \0")
        found = text.count(b"\n") or text.count(b"\r")
    return max(min(found, MOST_LINE), 1)


def _counted(lines: Iterator[Line]) -> Iterator[Line]:
    for count, line in enumerate(lines, 1):
        if count > MOST_ROWS:
            raise Wrong("too_many", f"This file has more than {MOST_ROWS:,} rows. Bring it in parts.")
        yield line


def _filled(rows: Iterator[Sequence[str]]) -> Iterator[Line]:
    for number, row in enumerate(rows, 1):
        if number > MOST_LINE:
            raise Wrong("too_many", f"This table goes on below row {MOST_LINE:,}. Take empty rows out.")
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise Wrong("columns", f"Row {number} has more than {MOST_COLUMNS} columns. Take some out.")
        if any(len(cell) > MOST_CELL for cell in cells):
            raise Wrong("cell", f"Row {number} has a cell of more than {MOST_CELL:,} characters. Shorten it.")
        if cells:
            yield Line(number, tuple(cells))


def decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Wrong("kind", f"This file is neither a table in text nor an Excel workbook. {SAVE_AS}")


def _csv_rows(text: str) -> Iterator[Sequence[str]]:
    """Rows by the separator that parts the first row into most cells; ``sep=;`` above it says which."""
    hint = _SEP.match(text.split("\n", 1)[0])
    if hint:
        separator = hint[1]
        yield ()
        text = text.split("\n", 1)[1] if "\n" in text else ""
    else:
        head = next((line for line in text[:200_000].splitlines() if line.strip()), "")
        separator = max(_SEPARATORS, key=lambda sign: (len(_parted(head, sign)), sign == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 1 if hint else 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Wrong(
                "quotes",
                f"From row {number} on this file cannot be read: a cell begins with a quotation mark that "
                "does not end where the cell does, or is far too long. Look at that row.",
            ) from error
        yield row


def _parted(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=sign), [])
    except csv.Error:
        return []
