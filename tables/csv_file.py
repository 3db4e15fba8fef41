"""A file for a spreadsheet: UTF-8 with its mark, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

FORMULA = ("=", "+", "-", "@")
"""What makes a spreadsheet calculate a cell, also written wide; such a cell gets an apostrophe before it."""
CONTROLS = ("\t", "\r", "\n")
_MINUS = str.maketrans("\u2212\u2010\u2011", "---")
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
    """The cell as text, whatever it starts with.

    Some programs look behind spaces, quotes and signs nobody sees, and take the wide forms of Chinese and
    Japanese keyboards for the plain ones.
    """
    first = next((sign for sign in cell if not (sign.isspace() or sign in "'\"" or _is_unseen(sign))), "")
    plain = unicodedata.normalize("NFKC", first).translate(_MINUS)
    risky = cell.startswith(CONTROLS) or plain.startswith(FORMULA)
    return f"'{cell}" if risky else cell


def _is_unseen(sign: str) -> bool:
    """A control or a sign that only steers how others are shown, as a zero-width space."""
    return unicodedata.category(sign) in ("Cc", "Cf")
