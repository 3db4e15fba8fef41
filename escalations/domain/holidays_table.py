"""Holidays read from a table that somebody brings: a date and a name a row. Pure."""

from __future__ import annotations

from datetime import date

from escalations.domain.calendar_edit import MOST_ROWS
from escalations.domain.timetable import FIRST_YEAR, LAST_YEAR
from patients.domain.import_columns import DAY, Column, Kind, match
from patients.domain.import_rows import plain_value
from patients.domain.import_table import Line, read_table
from patients.domain.intake import Reader, Wrong, day, text

_ON = Column("on", "Date", ("day", "holiday date", "closed on"), True, DAY)
_NAME = Column("name", "Name", ("holiday", "holiday name", "title", "description"), True)
_MOST_SAID = 5


def _readers(_: date) -> dict[str, Reader]:
    return {"on": day("Date"), "name": text("Name", 60, required=True)}


TABLE = Kind("holidays", "holiday", (_ON, _NAME), _readers)


def holidays_in(data: bytes) -> dict[date, str]:
    """The holidays of a CSV or a workbook by date; Wrong says what is wrong with it, with the first rows."""
    heads, lines = read_table(data)
    matching = match(TABLE, heads)
    if not matching.is_sure:
        raise Wrong("columns", "Name one column Date and one Name in the first row, and no other so.")
    found: dict[date, str] = {}
    met: dict[date, int] = {}
    wrong: list[str] = []
    for line in lines:
        try:
            on, name = _read(line, matching.columns)
            if on in met:
                raise Wrong("twice", f"Date stands in row {met[on]} already.")
        except Wrong as problem:
            wrong.append(f"Row {line.number}: {problem.sentence}")
            continue
        found[on], met[on] = name, line.number
        if len(found) > MOST_ROWS // 2:
            raise Wrong("too_many", f"These are more than {MOST_ROWS // 2} holidays. Bring fewer years.")
    if wrong:
        more = f" And {len(wrong) - _MOST_SAID} more rows." if len(wrong) > _MOST_SAID else ""
        raise Wrong("rows", "Nothing was added. " + " ".join(wrong[:_MOST_SAID]) + more)
    if not found:
        raise Wrong("empty", "This file has no row with a holiday.")
    return dict(sorted(found.items()))


def _read(line: Line, columns: dict[str, int]) -> tuple[date, str]:
    cells = {name: line.cells[place] if place < len(line.cells) else "" for name, place in columns.items()}
    readers = TABLE.readers(date.max)
    on: date = readers["on"](plain_value(_ON, cells["on"]))
    if not FIRST_YEAR < on.year < LAST_YEAR:
        raise Wrong("year", f"Date is not between {FIRST_YEAR + 1} and {LAST_YEAR - 1}.")
    return on, readers["name"](plain_value(_NAME, cells["name"]))
