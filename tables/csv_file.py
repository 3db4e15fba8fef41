"""A file for a spreadsheet: UTF-8 with its mark, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet calculate a cell; such a cell gets an apostrophe before it."""
BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """A file that gives back what is written."""

    def write(self, line: str) -> str:
        return line


def lines_of(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The file, line by line."""
    writer = csv.writer(_Echo())
    yield (BYTE_ORDER_MARK + str(writer.writerow([harmless(head) for head in heads]))).encode()
    for row in rows:
        yield str(writer.writerow([harmless(cell) for cell in row])).encode(errors="replace")


def harmless(cell: str) -> str:
    """The cell as text, whatever it starts with; also behind spaces, where some programs look."""
    risky = cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA)
    return f"'{cell}" if risky else cell
