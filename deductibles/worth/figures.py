"""The figures of the outcome ledger: one statement for the whole and every way of dividing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from deductibles.domain.gain import Rates

GAIN = """CASE WHEN o.missing <> '' THEN NULL WHEN o.lost > 0 AND o.paid = 0 THEN -o.lost
    ELSE round((1 - %(collected)s) * (1 - COALESCE(o.co_insurance, %(co_insurance)s))
               * (LEAST(o.allowed, o.remaining_at_hold) - o.deductible), 2)
         - round(o.paid * %(money)s * o.days / 365, 2) - o.lost END"""
"""As :func:`deductibles.domain.gain.gain_of`; halves are rounded away from zero by both."""

_FIGURES = f"""
    WITH line AS (
        SELECT o.payer_id, date_trunc('month', o.heard_on::timestamp)::date AS month, o.reason,
            o.settings_id, o.days, o.missing, o.paid, o.lost, {GAIN} AS gain
        FROM deductibles_holdoutcome o
        WHERE o.company_id = %(company)s {{chosen}} OFFSET 0),
    part AS (
        SELECT payer_id, month, reason, settings_id, count(*) AS claims, count(gain) AS known,
            COALESCE(sum(gain), 0) AS gain, count(*) FILTER (WHERE gain < 0) AS losses,
            COALESCE(sum(gain) FILTER (WHERE gain < 0), 0) AS loss,
            COALESCE(sum(lost) FILTER (WHERE gain IS NOT NULL), 0) AS lost,
            count(*) FILTER (WHERE lost > 0) AS late, sum(days) AS days, sum(paid) AS paid
        FROM line GROUP BY payer_id, month, reason, settings_id)
    SELECT GROUPING(payer_id, month, reason, settings_id), payer_id, month, reason, settings_id,
        COALESCE(sum(claims), 0)::int, COALESCE(sum(known), 0)::int, COALESCE(sum(gain), 0),
        COALESCE(sum(losses), 0)::int, COALESCE(sum(loss), 0), COALESCE(sum(lost), 0),
        COALESCE(sum(late), 0)::int, COALESCE(sum(days), 0)::bigint, COALESCE(sum(paid), 0)
    FROM part GROUP BY GROUPING SETS ((), (payer_id), (month), (reason), (settings_id))"""  # noqa: S608
"""Lines that are alike are taken together first: the ways of dividing them read some thousand at most. The
offset keeps the database from working out each gain once a column."""
_NAMED = {0b1111: "", 0b0111: "payer", 0b1011: "month", 0b1101: "reason", 0b1110: "settings"}
"""What the database calls each grouping: a bit is set for every column that is not grouped by."""

_MISSING = """
    SELECT name, count(*) FROM deductibles_holdoutcome o,
        LATERAL unnest(string_to_array(o.missing, ',')) AS name
    WHERE o.company_id = %(company)s AND o.missing <> '' {chosen} GROUP BY name"""


@dataclass(frozen=True)
class Figure:
    """So many claims taken together. Dollars; ``gain`` is that of the ``known`` ones alone.

    ``losses`` of them brought less than nothing, ``loss`` dollars together; ``late`` were denied for time,
    and ``lost`` is what of that is in the gain.
    """

    claims: int = 0
    known: int = 0
    gain: Decimal = Decimal("0.00")
    losses: int = 0
    loss: Decimal = Decimal("0.00")
    lost: Decimal = Decimal("0.00")
    late: int = 0
    days: int = 0
    paid: Decimal = Decimal("0.00")

    @property
    def unknown(self) -> int:
        """Claims whose gain nobody can say."""
        return self.claims - self.known

    @property
    def mean_days(self) -> float | None:
        """How long one was held on average."""
        return self.days / self.claims if self.claims else None

    @property
    def each(self) -> Decimal | None:
        """What one of those that are known brought on average."""
        return (self.gain / self.known).quantize(Decimal("0.01")) if self.known else None


@dataclass
class Figures:
    """The whole, and each way of dividing it: by a payer's or settings' key, a month, a reason's letter."""

    whole: Figure = field(default_factory=Figure)
    payer: dict[int | None, Figure] = field(default_factory=dict)
    month: dict[date, Figure] = field(default_factory=dict)
    reason: dict[str, Figure] = field(default_factory=dict)
    settings: dict[int | None, Figure] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)


CHOSEN = {
    "from": "AND o.heard_on >= %(from)s",
    "to": "AND o.heard_on <= %(to)s",
    "payer": "AND o.payer_id = %(payer)s",
    "reason": "AND o.reason = %(reason)s",
    "settings": "AND o.settings_id = %(settings)s",
}
"""How each filter narrows the lines."""


def figures_of(company_id: int, rates: Rates, chosen: Mapping[str, Any]) -> Figures:
    """Add up the company's lines, narrowed by :data:`CHOSEN`, at these rates."""
    values = {"company": company_id, **_shares(rates), **chosen}
    where = " ".join(CHOSEN[name] for name in chosen)
    found = Figures()
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES.format(chosen=where), values)
        for bits, payer, month, reason, settings, *sums in cursor.fetchall():
            name, one = _NAMED[bits], Figure(*sums)
            if not name:
                found.whole = one
            else:
                keys = {"payer": payer, "month": month, "reason": reason, "settings": settings}
                getattr(found, name)[keys[name]] = one
        if found.whole.unknown:
            cursor.execute(_MISSING.format(chosen=where), values)
            found.missing = dict(cursor.fetchall())
    return found


def _shares(rates: Rates) -> dict[str, Decimal]:
    return {"collected": rates.collected, "co_insurance": rates.co_insurance, "money": rates.money}
