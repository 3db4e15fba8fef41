"""Figures of the Hold for Deductible page: lines and dollars, by tab, by filter and by days remaining.

They are sums of :class:`deductibles.models.HoldTotal`, exact at any moment and at any number of lines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import User
from deductibles.domain import hold
from deductibles.models import HoldAct

DAYS_AHEAD = 30
"""The chart has a bar for each of so many days, and one for all that come after."""
MOST_PAYERS = 200
SUMMED = frozenset({"kind", "queued", "queueable", "clearable", "reason", "payer", "release_before"})
"""The filters whose matches the sums can tell; a search or a claim number names single lines."""

_METS, _KNOWN = sorted(hold.MET_CODES), sorted({*hold.MET_CODES, hold.ELAPSED, hold.BY_HAND})
_REASONS: dict[str, tuple[str, list[Any]]] = {
    "Deductible met": ("kind = 'automatic' AND reason_code = ANY(%s)", [_METS]),
    "Time elapsed": ("kind = 'automatic' AND reason_code = %s", [hold.ELAPSED]),
    "Manually queued": ("(kind = 'manual' OR reason_code = %s)", [hold.BY_HAND]),
    "Unknown": ("kind = 'automatic' AND NOT reason_code = ANY(%s)", [_KNOWN]),
}


@dataclass(frozen=True)
class Total:
    """So many lines, whose claims bill so much."""

    lines: int = 0
    dollars: Decimal = Decimal(0)

    def __add__(self, other: Total) -> Total:
        return Total(self.lines + other.lines, self.dollars + other.dollars)


@dataclass(frozen=True)
class Matches:
    """What some filters match: all lines, those of them that can be queued, and those that can be cleared."""

    all: Total = Total()
    queue: Total = Total()
    clear: Total = Total()


@dataclass(frozen=True)
class HoldOverview:
    """What stands above the lines.

    ``held`` wait; ``tonight`` are those of them whose days are over by ``today``; ``released`` are queued and
    not cleared; ``ended`` had their payment posted while they were held. ``days`` are the held by days
    remaining, 0 first, :data:`DAYS_AHEAD` for all from there on; ``endless`` have no release date.
    ``matches`` is what the filters match, None where they name single lines. ``newest_act`` is what the
    person did last to many lines, without the lines.
    """

    held: Total
    tonight: Total
    released: Total
    ended: Total
    endless: Total
    days: dict[int, Total]
    matches: Matches | None
    payers: list[tuple[int, str]] = field(default_factory=list)
    newest_act: HoldAct | None = None

    @property
    def all(self) -> Total:
        """Every line of the page."""
        return self.held + self.released + self.ended


_LEFT = "CASE WHEN release_on IS NOT NULL THEN least(greatest(release_on - %s::date, 0), %s) END"
_PAYERS = (
    "(SELECT json_agg(json_build_array(id, name) ORDER BY name, id) FROM "
    "(SELECT id, name FROM patients_payer WHERE company_id = %s ORDER BY name, id LIMIT %s) AS known)"
)


_NEWEST_ACT = (
    "(SELECT row_to_json(newest) FROM (SELECT id, act, at, done, dollars, undone_at FROM deductibles_holdact "
    "WHERE by_id = %s AND company_id = %s ORDER BY id DESC LIMIT 1) AS newest)"
)


def overview_of(user: User, today: date, wanted: Mapping[str, Any] | None = None) -> HoldOverview:
    """All the figures, the payers to filter by and the person's last act, in one statement.

    ``wanted`` are filters as they were read.
    """
    company = user.company
    condition, values = _condition(wanted or {})
    statement = (
        f"SELECT part, {_LEFT}, sum(lines), sum(dollars), sum(lines) FILTER (WHERE {condition}), "  # noqa: S608
        f"sum(dollars) FILTER (WHERE {condition}), NULL "
        "FROM deductibles_holdtotal WHERE company_id = %s GROUP BY 1, 2 "
        f"UNION ALL SELECT 'beside', NULL, NULL, NULL, NULL, NULL, json_build_array({_PAYERS}, {_NEWEST_ACT})"
    )
    asked = [today, DAYS_AHEAD, *values, *values, company.pk, company.pk, MOST_PAYERS, user.pk, company.pk]
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        *rows, last = sorted(cursor.fetchall(), key=lambda row: row[0] == "beside")
    known_payers, act = _list(last[-1])
    parts: dict[str, Total] = {}
    days: dict[int | None, Total] = {}
    found: dict[str, Total] = {}
    for part, left, lines, dollars, matched, worth, _ in rows:
        parts[part] = parts.get(part, Total()) + Total(lines, dollars)
        found[part] = found.get(part, Total()) + Total(matched or 0, worth or Decimal(0))
        if part == "held":
            days[left] = Total(lines, dollars)
    endless = days.pop(None, Total())
    known = frozenset(wanted or {}) <= SUMMED and _is_word(wanted or {})
    return HoldOverview(
        held=parts.get("held", Total()),
        tonight=days.get(0, Total()),
        released=parts.get("queued", Total()),
        ended=parts.get("ended", Total()),
        endless=endless,
        days={left: total for left, total in days.items() if left is not None and total.lines},
        matches=_matches(found) if known else None,
        payers=[(int(pk), str(name)) for pk, name in known_payers or []],
        newest_act=_act(act, user) if act else None,
    )


def _matches(found: Mapping[str, Total]) -> Matches:
    queue, released, ended = (found.get(part, Total()) for part in ("held", "queued", "ended"))
    return Matches(queue + released + ended, queue, released + ended)


def _is_word(wanted: Mapping[str, Any]) -> bool:
    """Whether the reason asked for is one of the page's words, as the sums have them."""
    return wanted.get("reason", "Unknown") in _REASONS


def _condition(wanted: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The filters as a condition on the sums; those that name single lines are left out."""
    parts: list[tuple[str, list[Any]]] = [("true", [])]
    if "kind" in wanted:
        parts.append(("kind = %s", [wanted["kind"]]))
    if "payer" in wanted:
        parts.append(("payer_id = %s", [wanted["payer"]]))
    if "release_before" in wanted:
        parts.append(("release_on < %s", [wanted["release_before"]]))
    if "queued" in wanted:
        parts.append((f"(part = 'queued') = {'true' if wanted['queued'] else 'false'}", []))
    for name, held in (("queueable", True), ("clearable", False)):
        if name in wanted:
            parts.append((f"(part = 'held') = {'true' if wanted[name] is held else 'false'}", []))
    if wanted.get("reason") in _REASONS:
        condition, values = _REASONS[wanted["reason"]]
        parts.append((f"part = 'queued' AND {condition}", values))
    return " AND ".join(part for part, _ in parts), [value for _, values in parts for value in values]


def _act(row: Mapping[str, Any], user: User) -> HoldAct:
    moments = {name: row[name] and datetime.fromisoformat(row[name]) for name in ("at", "undone_at")}
    return HoldAct(
        **{**row, **moments, "dollars": Decimal(str(row["dollars"]))}, by=user, company=user.company
    )


def _list(found: Any) -> list[Any]:
    return list(json.loads(found) if isinstance(found, str) else found or [])
