"""Lists of holidays to choose from: those of the United States and its states, and of other countries."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

import holidays
from holidays.registry import COUNTRIES

from escalations.domain.calendar_edit import LONGEST_NAME
from escalations.domain.timetable import FIRST_YEAR, LAST_YEAR

FEDERAL = "federal"
COUNTRY = "@"
"""Before a country's two letters, so that Canada (@CA) is not California (CA)."""
_OURS = "US"
_IN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=1)
def regions() -> dict[str, str]:
    """The lists of the United States: the federal one, then states and territories by name."""
    names = holidays.UnitedStates.subdivisions_aliases
    return {FEDERAL: "US federal"} | {key: name for name, key in sorted(names.items())}


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """The lists of other countries, by name."""
    found = {
        f"{COUNTRY}{code}": _IN_WORDS.sub(" ", name) for name, code, *_ in COUNTRIES.values() if code != _OURS
    }
    return dict(sorted(found.items(), key=lambda one: one[1]))


def groups() -> tuple[tuple[str, dict[str, str]], ...]:
    """All lists, as a choice shows them."""
    return ("United States", regions()), ("Other countries", countries())


def name_of(region: str) -> str:
    """What a list is called; empty for one there is not."""
    return regions().get(region) or countries().get(region) or ""


def library_years(region: str = FEDERAL) -> tuple[int, int]:
    """The first and the last year a list knows, within those a calendar reaches."""
    library = _library(region)
    return max(FIRST_YEAR + 1, library.start_year), min(LAST_YEAR - 1, library.end_year)


def listed(region: str, year: str) -> dict[date, str]:
    """The holidays of a list in a year; empty for a year there is no list for."""
    if not (name_of(region) and year.isascii() and year.isdigit() and len(year) == 4):
        return {}
    first, last = library_years(region)
    return dict(_listed(region, int(year))) if first <= int(year) <= last else {}


@lru_cache(maxsize=256)
def _listed(region: str, year: int) -> tuple[tuple[date, str], ...]:
    if region.startswith(COUNTRY):
        found: Any = holidays.country_holidays(region[1:], years=year, language=_language(region))
    else:
        found = holidays.UnitedStates(years=year, subdiv=None if region == FEDERAL else region)
    rows = ((on, " ".join(str(name).split())[:LONGEST_NAME]) for on, name in sorted(found.items()))
    return tuple(row for row in rows if row[0].year == year)


def _library(region: str) -> Any:
    if not region.startswith(COUNTRY):
        return holidays.UnitedStates
    return getattr(holidays, next(name for name, code, *_ in COUNTRIES.values() if code == region[1:]))


def _language(region: str) -> str | None:
    """English where the list has it; else the list's own language."""
    return "en_US" if "en_US" in (_library(region).supported_languages or ()) else None
