"""Which claims stand on a work list, a page at a time, and how many; every list from an index (speed 4).

All lists give the same rows (:class:`Found`) in the order of a date and an id, so that one way of turning
pages and one way of counting serve all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from deductibles.domain import states
from deductibles.domain import worklists as domain
from deductibles.domain.worklists import BY_KEY, DEADLINE, LISTS, NO_END, PLAN_YEAR

MOST_COUNTED = 1_000
"""A list counts its claims no further."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a list: whose, as of which day, and the filters in force.

    ``since`` asks for what stands there since that day or longer; ``within`` for deadlines up to that day;
    ``aside`` for what was set aside instead of what is to be done.
    """

    company_id: int
    today: date
    payer: int | None = None
    since: date | None = None
    within: date | None = None
    aside: bool = False


@dataclass(frozen=True)
class Found:
    """A claim's place on a list: the date it is listed by, the id that settles ties, and its codes."""

    on: date
    key: int
    claim_id: int
    codes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this row, or before it when ``back``."""

    on: date
    key: int
    back: bool = False


_CONCERN = """
    SELECT c.since_on AS listed, c.claim_id AS key, c.claim_id AS claim, c.codes
    FROM deductibles_concern c
    WHERE c.company_id = %(company)s AND c.kind = '{kind}'
      {{payer:AND c.payer_id = %(payer)s}} {{since:AND c.since_on <= %(since)s}}
      AND c.claim_id {{not}}IN ({{put_aside}})
      {{place:AND (c.since_on, c.claim_id) {{beyond}} (%(at_on)s, %(at_key)s)}}
    ORDER BY c.since_on {{way}}, c.claim_id {{way}} LIMIT %(most)s"""
_NO_END = """
    SELECT h.started_on AS listed, h.id AS key, h.claim_id AS claim, '[]'::jsonb AS codes
    FROM deductibles_hold h
    WHERE h.company_id = %(company)s AND h.active AND h.release_on IS NULL
      {{payer:AND h.payer_id = %(payer)s}} {{since:AND h.started_on <= %(since)s}}
      AND h.claim_id {{not}}IN ({{put_aside}})
      {{place:AND h.id {{beyond}} %(at_key)s}}
    ORDER BY h.release_on {{way}}, h.id {{way}} LIMIT %(most)s"""
_PLAN_YEAR = """
    SELECT h.release_on AS listed, h.id AS key, h.claim_id AS claim, '[]'::jsonb AS codes
    FROM deductibles_hold h JOIN deductibles_snapshot s ON s.id = h.snapshot_id
    WHERE h.company_id = %(company)s AND h.active AND h.kind = 'automatic'
      AND h.release_on > %(year_end)s
      AND s.proven_until BETWEEN %(today)s AND %(year_end)s
      {{payer:AND h.payer_id = %(payer)s}} {{since:AND h.started_on <= %(since)s}}
      AND h.claim_id {{not}}IN ({{put_aside}})
      {{place:AND (h.release_on, h.id) {{beyond}} (%(at_on)s, %(at_key)s)}}
    ORDER BY h.release_on {{way}}, h.id {{way}} LIMIT %(most)s"""
_DEADLINE = """
    SELECT d.listed, d.key, d.key AS claim, '[]'::jsonb AS codes
    FROM patients_payer p CROSS JOIN LATERAL (
        SELECT c.date_of_service + p.filing_limit_days AS listed, c.id AS key
        FROM deductibles_claim c
        WHERE c.company_id = p.company_id AND c.payer_id = p.id AND c.status IN ({unsent})
          AND c.date_of_service <= %(within)s::date - p.filing_limit_days
          AND c.id {{not}}IN ({{put_aside}})
          {{place:AND c.date_of_service {{beyond}}= %(at_on)s::date - p.filing_limit_days
                  AND (c.date_of_service + p.filing_limit_days, c.id) {{beyond}} (%(at_on)s, %(at_key)s)}}
        ORDER BY c.date_of_service {{way}}, c.id {{way}} LIMIT %(most)s) d
    WHERE p.company_id = %(company)s AND p.filing_limit_days IS NOT NULL {{payer:AND p.id = %(payer)s}}
    ORDER BY d.listed {{way}}, d.key {{way}} LIMIT %(most)s"""
_PUT_ASIDE = """SELECT a.claim_id FROM deductibles_setaside a
    WHERE a.company_id = %(company)s AND a.kind = '{kind}' AND a.until_on > %(today)s"""

_UNSENT = ", ".join(f"'{status}'" for status in states.UNSENT)
_TEMPLATES = {NO_END: _NO_END, PLAN_YEAR: _PLAN_YEAR, DEADLINE: _DEADLINE}


def page_of(kind: str, asked: Asked, place: Place | None, size: int) -> tuple[list[Found], int]:
    """At most ``size`` rows beyond a place, in the order of the list, and how many match, capped.

    One row more than a page is read: who asks for ``size + 1`` knows whether there is another page.
    """
    sql = f"SELECT x.*, ({_count(kind, asked)}) AS counted FROM ({_sql(kind, asked, place)}) x"  # noqa: S608
    rows = _rows(sql, _values(asked, size, place))
    found = [Found(on, key, claim, _list(codes)) for on, key, claim, codes, _ in rows]
    if place is not None and place.back:
        found.reverse()
    return found, rows[0][4] if rows else 0


@dataclass(frozen=True)
class Count:
    """How many claims stand on a list, counted up to :data:`MOST_COUNTED` and one, and since when."""

    kind: str
    count: int
    since: date | None

    @property
    def label(self) -> str:
        """The list's name."""
        return BY_KEY[self.kind].label

    @property
    def said(self) -> str:
        """The count as people read it."""
        return f"{MOST_COUNTED:,}+" if self.count > MOST_COUNTED else f"{self.count:,}"


def shown_lists(today: date) -> list[str]:
    """The lists there are today: that of plan years from 1 December on."""
    return [one.key for one in LISTS if one.key != PLAN_YEAR or domain.plan_year_end(today)]


def counts_of(company_id: int, today: date) -> list[Count]:
    """How many stand on each list, in one statement that reads no further than people count."""
    asked = Asked(company_id, today)
    kinds = shown_lists(today)
    parts = [
        f"SELECT {place}, count(*), min(n.listed) FROM ({_few(kind, asked)}) n"  # noqa: S608  our own SQL
        for place, kind in enumerate(kinds)
    ]
    rows = _rows(" UNION ALL ".join(parts), _values(asked, MOST_COUNTED + 1, None))
    return [Count(kinds[place], count, since) for place, count, since in sorted(rows, key=lambda row: row[0])]


def total_of(counts: Sequence[Count]) -> str:
    """All of them together, as a badge has it."""
    total = sum(one.count for one in counts)
    return f"{MOST_COUNTED:,}+" if total > MOST_COUNTED else f"{total:,}" if total else ""


def first_of(kind: str, asked: Asked, most: int) -> list[Found]:
    """The first rows of a list, for a file."""
    rows = _rows(_sql(kind, asked, None), _values(asked, most, None))
    return [Found(on, key, claim, _list(codes)) for on, key, claim, codes in rows]


def _sql(kind: str, asked: Asked, place: Place | None) -> str:
    """The list's statement with the filters that are in force, and no others."""
    given = {"payer": asked.payer is not None, "since": asked.since is not None, "place": place is not None}
    back = place is not None and place.back
    return _filled(kind, given, asked.aside, "DESC" if back else "ASC", "<" if back else ">")


def _filled(kind: str, given: dict[str, bool], aside: bool, way: str, beyond: str) -> str:
    sql = _TEMPLATES.get(kind, _CONCERN).format(kind=kind, unsent=_UNSENT)
    for name, is_given in given.items():
        sql = _with_part(sql, name, is_given)
    words = {
        "{not}": "" if aside else "NOT ",
        "{put_aside}": _PUT_ASIDE.format(kind=kind),
        "{way}": way,
        "{beyond}": beyond,
    }
    for word, value in words.items():
        sql = sql.replace(word, value)
    return sql


def _with_part(sql: str, name: str, given: bool) -> str:
    """The part ``{name:…}`` of a statement, kept or left out; its braces are balanced."""
    start = sql.find(f"{{{name}:")
    if start < 0:
        return sql
    depth, end = 0, start
    for end in range(start, len(sql)):
        depth += {"{": 1, "}": -1}.get(sql[end], 0)
        if depth == 0:
            break
    part = sql[start + len(name) + 2 : end] if given else ""
    return sql[:start] + part + sql[end + 1 :]


def _few(kind: str, asked: Asked) -> str:
    """A list's rows for counting; in no order, so that reading stops at the most."""
    sql = _sql(kind, asked, None).replace("%(most)s", str(MOST_COUNTED + 1))
    if kind == DEADLINE:
        return sql.replace("ORDER BY d.listed ASC, d.key ASC", "")
    return sql


def _count(kind: str, asked: Asked) -> str:
    return f"SELECT count(*) FROM ({_few(kind, asked)}) n"  # noqa: S608  our own SQL


def _values(asked: Asked, most: int, place: Place | None) -> dict[str, Any]:
    today = asked.today
    return {
        "company": asked.company_id,
        "today": today,
        "payer": asked.payer,
        "since": asked.since,
        "within": asked.within or today + domain.NEAR,
        # No hold is released after the end of time: in other months the list is empty at once.
        "year_end": domain.plan_year_end(today) or date.max,
        "most": most,
        "at_on": place.on if place else None,
        "at_key": place.key if place else None,
    }


def _rows(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _list(codes: Any) -> list[str]:
    return list(json.loads(codes) if isinstance(codes, str) else codes or [])
