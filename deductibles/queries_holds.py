"""Figures of the Hold for Deductible page: how many wait, leave tonight, and are released but not cleared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
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


MOST_SUMMED = 5_000
"""Beyond so many lines their dollars are not added up: each line's claim would have to be read."""
MOST_A_DAY = 150
"""With more than :data:`MOST_COUNTED` lines, expected releases are counted no further than this a day."""
DAYS_AHEAD = 30
MOST_PAYERS = 200

_DOLLARS = (
    "CASE WHEN {} <= %s THEN (SELECT coalesce(sum(claim.total), 0) FROM deductibles_hold "
    "JOIN deductibles_claim claim ON claim.id = claim_id WHERE deductibles_hold.company_id = %s AND {}) END"
)
_RELEASES = (
    "(SELECT json_agg(counted.n ORDER BY day) FROM generate_series(0, %s) AS day CROSS JOIN LATERAL "
    "(SELECT count(*) AS n FROM (SELECT 1 FROM deductibles_hold WHERE company_id = %s AND active AND "
    "CASE WHEN day = 0 THEN release_on <= %s::date ELSE release_on = %s::date + day END "
    "LIMIT (SELECT CASE WHEN held > %s THEN %s ELSE %s END FROM counts)) AS few) AS counted)"
)
_PAYERS = (
    "(SELECT json_agg(json_build_array(id, name) ORDER BY name, id) FROM "
    "(SELECT id, name FROM patients_payer WHERE company_id = %s ORDER BY name, id LIMIT %s) AS known)"
)


@dataclass(frozen=True)
class HoldOverview:
    """What stands above the lines.

    ``held_dollars`` and ``released_dollars`` are what the claims bill, null where too many would have to be
    added up. ``releases`` are the claims that leave by date: tonight first, then one number a day; with
    ``capped`` none is counted further than :data:`MOST_A_DAY`. ``lines`` counts what the page lists.
    """

    counts: HoldCounts
    lines: str
    held_dollars: Decimal | None
    tonight_dollars: Decimal | None
    released_dollars: Decimal | None
    releases: list[int]
    capped: bool
    payers: list[tuple[int, str]]


def overview_of(company: Any, today: date) -> HoldOverview:
    """The figures above the lines and the payers to filter by, in one statement."""
    key, most = company.pk, MOST_COUNTED + 1
    tonight = "active AND release_on <= %s"
    released = "cleared_at IS NULL AND queued_at IS NOT NULL"
    statement = (
        f"WITH counts AS MATERIALIZED (SELECT ({_HELD}) AS held, ({_TONIGHT}) AS tonight, "  # noqa: S608
        f"({_RELEASED}) AS released) SELECT held, tonight, released, {_DOLLARS.format('held', 'active')}, "
        f"{_DOLLARS.format('tonight', tonight)}, {_DOLLARS.format('released', released)}, {_RELEASES}, "
        f"{_PAYERS} FROM counts"
    )
    values = [key, most, key, today, most, key, most]
    values += [MOST_SUMMED, key, MOST_SUMMED, key, today, MOST_SUMMED, key]
    values += [DAYS_AHEAD - 1, key, today, today, MOST_COUNTED, MOST_A_DAY + 1, most, key, MOST_PAYERS]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        held, leaving, out, worth, tonight_worth, out_worth, releases, payers = cursor.fetchone()
    return HoldOverview(
        HoldCounts(*(_capped(count) for count in (held, leaving, out))),
        _capped(held + out),
        worth,
        tonight_worth,
        out_worth,
        releases=_list(releases),
        capped=held > MOST_COUNTED,
        payers=[(int(pk), str(name)) for pk, name in _list(payers)],
    )


def _list(found: Any) -> list[Any]:
    return list(json.loads(found) if isinstance(found, str) else found or [])


def _capped(count: int) -> str:
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"
