"""Reading moments as people and programs write them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from patients.domain.intake import Wrong

_FIRST_YEAR, _LAST_YEAR = 1990, 2150


def read_moment(value: Any, zone: ZoneInfo | None = None) -> datetime:
    """An aware datetime from ISO 8601; one without offset is read in ``zone``, or refused without it.

    Raises :class:`Wrong` for anything else, and for years no calendar reaches.
    """
    moment = _parsed(value)
    if moment.tzinfo is None and zone is not None:
        moment = moment.replace(tzinfo=zone)
    if moment.utcoffset() is None:
        raise Wrong("offset", "Give the time with its offset, as in 2026-05-20T10:00:00-05:00.")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise Wrong("year", f"Give a time between the years {_FIRST_YEAR} and {_LAST_YEAR}.")
    return moment


def _parsed(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if (
        isinstance(value, str)
        and len(value) <= 40
        and value.isascii()
        and "T" in value.strip().replace(" ", "T")
    ):
        try:
            return datetime.fromisoformat(value.strip())
        except ValueError:
            pass
    raise Wrong("moment", "Give a date and time, as in 2026-05-20T10:00:00-05:00.")
