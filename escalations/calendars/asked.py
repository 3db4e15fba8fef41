"""What the calendar's form was told: the calendar as typed, and which button was pressed."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.http import QueryDict

from escalations.calendars.lists import FEDERAL, library_years, listed, name_of
from escalations.domain.calendar import WEEKDAYS
from escalations.domain.calendar_edit import (
    EXCEPTION,
    HOLIDAY,
    MOST_ROWS,
    DateRow,
    Typed,
    rows_from_json,
    rows_to_json,
    with_holidays,
)
from escalations.domain.holidays_table import holidays_in
from escalations.domain.timetable import FIRST_YEAR, LAST_YEAR
from patients.domain.intake import Wrong

TOO_MANY = f"The calendar would have more than {MOST_ROWS} dates. Take old ones out first."
_LONGEST = 4000
_TRIED = ("try_unit", "try_min", "try_max", "try_at")


class Torn(ValueError):
    """A form that did not arrive whole."""


@dataclass(frozen=True)
class Asked:
    """One sending of the form: ``act`` with its ``what`` (``remove:3``), the shown year, and the calendar.

    ``base`` is the version that was in force when the form was made, ``token`` what was previewed.
    """

    typed: Typed
    year: int
    base: str = ""
    act: str = "preview"
    what: str = ""
    token: str = ""
    region: str = FEDERAL
    offer_year: str = ""
    tried: tuple[str, ...] = ("business_day", "", "", "")

    @property
    def tries(self) -> dict[str, str]:
        """The fields of the question when something is due."""
        return dict(zip(_TRIED, self.tried, strict=True))


def read_asked(data: QueryDict, year: int) -> Asked:
    """Read the form; :class:`Torn` when not all of it arrived."""
    columns = [data.getlist(name) for name in ("kind", "on", "row_hours", "name")]
    if len({len(column) for column in columns}) != 1 or len(columns[0]) > MOST_ROWS or "zone" not in data:
        raise Torn
    try:
        rest = list(rows_from_json(json.loads(data.get("rest") or "[]")))
    except (ValueError, RecursionError):
        raise Torn from None
    rows = [DateRow(kind, on, hours, name) for kind, on, hours, name in zip(*columns, strict=True)]
    if any(row.kind not in (HOLIDAY, EXCEPTION) for row in rows):
        raise Torn
    typed = Typed(_text(data, "zone"), tuple(_text(data, day) for day in WEEKDAYS), (*map(_cut, rows), *rest))
    act, _, what = data.get("do", "preview").partition(":")
    return Asked(
        typed=typed,
        year=year_in(data.get("year"), year),
        base=_text(data, "base"),
        act=act or "preview",
        what=what[:20],
        token=_text(data, "token"),
        region=_text(data, "offer_region") or FEDERAL,
        offer_year=_text(data, "offer_year"),
        tried=(_text(data, "try_unit") or "business_day", *(_text(data, name) for name in _TRIED[1:])),
    )


def _text(data: QueryDict, name: str) -> str:
    return data.get(name, "")[:_LONGEST]


def _cut(row: DateRow) -> DateRow:
    return DateRow(row.kind, row.on[:_LONGEST], row.hours[:_LONGEST], row.name[:_LONGEST])


def year_in(said: str | None, otherwise: int) -> int:
    """A year that calendars reach; ``otherwise`` for anything else."""
    known = said and said.isascii() and said.isdigit() and len(said) == 4
    found = int(said) if known and said else otherwise
    return found if FIRST_YEAR < found < LAST_YEAR else otherwise


def rearranged(asked: Asked, table: bytes = b"") -> tuple[Asked, dict[str, str]] | None:
    """The form after a button that only moves its rows, with what was wrong; ``None`` for other buttons.

    ``table`` is the file that was brought with it, of which the holidays are to be added.
    """
    if asked.act == "add":
        return asked, {}
    if asked.act == "year":
        return replace(asked, year=year_in(asked.what, asked.year)), {}
    if asked.act == "remove":
        rows = [row for number, row in enumerate(asked.typed.rows) if str(number) != asked.what]
        return replace(asked, typed=asked.typed.with_rows(rows)), {}
    if asked.act == "bring":
        return _brought(asked, table)
    return _offered(asked) if asked.act == "offer" else None


def _brought(asked: Asked, table: bytes) -> tuple[Asked, dict[str, str]]:
    """The form with the holidays of a file, all of them or none."""
    try:
        found = holidays_in(table)
    except Wrong as problem:
        return asked, {"table": problem.sentence}
    typed, _ = with_holidays(asked.typed, found)
    if len(typed.rows) > MOST_ROWS:
        return asked, {"table": TOO_MANY}
    return replace(asked, typed=typed, year=min(found).year), {}


def _offered(asked: Asked) -> tuple[Asked, dict[str, str]]:
    """The form with the holidays of a list, and the year it was asked for."""
    if not name_of(asked.region):
        return asked, {"offer_region": "Choose one of the lists."}
    found = listed(asked.region, asked.offer_year)
    if not found:
        span = " to ".join(str(year) for year in library_years(asked.region))
        said = f"There is no list of holidays for “{asked.offer_year[:12]}”; give a year from {span}."
        return asked, {"offer_year": said}
    typed, _ = with_holidays(asked.typed, found)
    if len(typed.rows) > MOST_ROWS:
        return asked, {"offer_region": TOO_MANY}
    return replace(asked, typed=typed, year=min(found).year), {}


def hidden_rows(typed: Typed, shown: Collection[int]) -> str:
    """The rows that are not shown, as the form carries them along."""
    return json.dumps(
        rows_to_json(row for number, row in enumerate(typed.rows) if number not in shown and not row.is_blank)
    )
