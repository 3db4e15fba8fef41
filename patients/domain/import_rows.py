"""The rows of a table, read as page and API read; what a spreadsheet did to them is named. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from patients.domain.import_columns import DAY, NUMBER, PATIENTS, Column, Kind
from patients.domain.import_table import Line
from patients.domain.intake import Reader, Wrong
from tables.csv_file import harmless

_ROUNDED = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E[+-][0-9]{1,3}", re.IGNORECASE)
_DAY_NUMBER = re.compile(r"[0-9]{5}(?:\.[0-9]+)?|[0-9]{2},[0-9]{3}")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}")
_MIDNIGHT = re.compile(r"[ T](?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)? ?AM)$", re.IGNORECASE)
_LOST_ZERO = re.compile(r"[0-9]{3,4}|[0-9]{7,8}")
_SHOWN_ERRORS = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|#+)", re.IGNORECASE)
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')


DOUBLE = " already. Take one of the two out."
"""How the sentence about a row ends that stands in the file twice."""


@dataclass
class Row:
    """One row: what was read, and what is wrong in sentences; both by field, "" being the row itself."""

    line: int
    cells: tuple[str, ...]
    clean: dict[str, Any]
    said: frozenset[str]
    """The fields in which the row has something."""
    wrong: dict[str, str]


@dataclass
class Reading:
    """Reads the rows of one table, one after the other; remembers whom it met, to name doubles."""

    kind: Kind
    columns: Mapping[str, int]
    width: int
    today: date
    _met: dict[tuple[Any, ...], int] = field(default_factory=dict)
    _readers: dict[str, Reader] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._readers = self.kind.readers(self.today)

    def read(self, line: Line) -> Row:
        """Read one row; whoever stood in a row above already is wrong here."""
        row = self.read_again(line)
        if not row.wrong:
            row.wrong |= self._double(row)
        return row

    def read_again(self, line: Line) -> Row:
        """Read a row that was looked at before, for its values alone."""
        clean: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        said = set()
        if len(line.cells) > self.width:
            wrong[""] = "This row has more cells than the first row has names. Look for a comma in a value."
        for column in self.kind.columns:
            place = self.columns.get(column.name, -1)
            cell = line.cells[place] if 0 <= place < len(line.cells) else ""
            if cell:
                said.add(column.name)
            try:
                clean[column.name] = self._readers[column.name](plain_value(column, cell))
            except Wrong as problem:
                wrong[column.name] = problem.sentence
        return Row(line.number, line.cells, clean, frozenset(said), wrong)

    def _double(self, row: Row) -> dict[str, str]:
        key = identity(self.kind, row.clean)
        first = self._met.setdefault(key, row.line)
        if first == row.line:
            return {}
        name = (
            ("account_number" if row.clean["account_number"] else "")
            if self.kind.key == PATIENTS
            else "payer_id"
        )
        what = {
            "account_number": "this account number",
            "payer_id": "this name and payer id",
            "": "this name and date of birth",
        }[name]
        return {name: f"Row {first} has {what}{DOUBLE}"}


def identity(kind: Kind, clean: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes two rows the same: the account number, else name and birth; of a payer its name and id."""
    if kind.key != PATIENTS:
        return ("payer", clean["name"], clean["payer_id"])
    if clean["account_number"]:
        return ("account", clean["account_number"])
    return ("person", _bare(clean["last_name"]), _bare(clean["first_name"]), clean["date_of_birth"])


def plain_value(column: Column, cell: str) -> str:
    """A cell as somebody would have typed it into the form; Wrong when a spreadsheet damaged it.

    Values are never repeated in the sentence.
    """
    if kept := _KEPT_AS_TEXT.fullmatch(cell):
        cell = kept[1]
    elif cell.startswith("'") and harmless(cell[1:]) == cell:
        cell = cell[1:]
    if _SHOWN_ERRORS.fullmatch(cell):
        raise Wrong("shown_error", f"{column.label} shows a spreadsheet's error, like #N/A. Type the value.")
    if cell.startswith("="):
        raise Wrong("formula", f"{column.label} is a formula. Type the value instead.")
    if column.holds == NUMBER:
        _refuse_lost_digits(column, cell)
    if column.holds == DAY:
        cell = _MIDNIGHT.sub("", cell)
        _refuse_odd_day(column, cell)
    return column.words.get(" ".join(cell.split()).casefold(), cell)


def _refuse_lost_digits(column: Column, cell: str) -> None:
    as_text = "Format the column as text in the spreadsheet, then type it again."
    if _ROUNDED.fullmatch(cell):
        raise Wrong(
            "rounded",
            f"{column.label} was rounded by a spreadsheet, like 1.23E+11: digits are lost. {as_text}",
        )
    if column.name.endswith("zip") and _LOST_ZERO.fullmatch(cell):
        raise Wrong("lost_zero", f"{column.label} lost the zero at its beginning in a spreadsheet. {as_text}")


def _refuse_odd_day(column: Column, cell: str) -> None:
    if _DAY_NUMBER.fullmatch(cell):
        raise Wrong(
            "day_number",
            f"{column.label} is a spreadsheet's number of a day, like 44,123. Format the column as a date.",
        )
    if _SHORT_YEAR.fullmatch(cell):
        raise Wrong(
            "short_year", f"{column.label} has a year of two digits. Type it as 2026-05-20 or 05/20/2026."
        )


def _bare(name: str) -> str:
    """A name as it is compared: without accents, case and what stands between letters."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name).casefold() if sign.isalnum())


def wrong_words(kind: Kind, wrong: Mapping[str, str]) -> str:
    """All that is wrong with a row, in one cell."""
    return " ".join(dict.fromkeys(wrong.values()))


def template_rows(kind: Kind) -> Sequence[Sequence[str]]:
    """One invented row that shows how each column is written."""
    return [[column.example for column in kind.columns]]
