"""Counts of the Hold for Deductible page: how many wait, leave tonight, and are released but not cleared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

MOST_COUNTED = 10_000
"""Beyond this the page says "more than": an exact count of a million rows costs what nobody reads."""

_COUNT = (
    "SELECT count(*) FROM (SELECT 1 FROM deductibles_hold WHERE company_id = %s AND {} LIMIT %s) AS counted"
)
_HELD = _COUNT.format("active")
_TONIGHT = _COUNT.format("active AND release_on <= %s")
_RELEASED = _COUNT.format("cleared_at IS NULL AND queued_at IS NOT NULL")


@dataclass(frozen=True)
class HoldCounts:
    """Numbers of lines as the page writes them."""

    held: str
    tonight: str
    released: str


def hold_counts(company: Any, today: date) -> HoldCounts:
    """All three counts in one statement, each capped."""
    most = MOST_COUNTED + 1
    values = [company.pk, most, company.pk, today, most, company.pk, most]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({_HELD}), ({_TONIGHT}), ({_RELEASED})", values)  # noqa: S608
        return HoldCounts(*(_capped(count) for count in cursor.fetchone()))


def _capped(count: int) -> str:
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"
