"""What a change of the settings would do before it is saved (D-CONF-10): two statements, whatever the size.

The first looks at every held claim as the next night will; the second decides what waits, drafts and queued
claims, under the settings in force and under those proposed. Both repeat in SQL what ``domain/hold.py`` says
of one claim; the tests hold them side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Company
from deductibles.actions import moves
from deductibles.actions.release_dates import release_on_sql
from deductibles.models import DeductibleSettings
from patients.models import NEVER_HELD_KINDS
from work.models import Run

NO_PAYER = "no payer"
TAKEN = (Run.State.DONE, Run.State.RUNNING)
"""States of a night that read its settings already."""

_THRESHOLD = "COALESCE(p.dollar_threshold, %({s}_dollar_threshold)s)"
_MET = "(says_met OR proven AND remaining <= {s}_threshold)"
_LEAVES = f"COALESCE({_MET} OR {{s}}_release_on <= %(night)s, false)"

# Each OFFSET 0 keeps a step a step: what it works out is worked out once a row, not once for every use.
_HELD = f"""
    WITH proof AS MATERIALIZED (
        SELECT h.id, s.says_met, s.may_release
        FROM deductibles_hold h
        LEFT JOIN patients_payer p ON p.id = h.payer_id
        JOIN deductibles_snapshot s ON s.id = h.snapshot_id
        WHERE h.company_id = %(company)s AND h.active AND h.kind = 'automatic'
          AND s.proven_until >= %(proof)s AND s.may_release
          AND h.remaining <= GREATEST({_THRESHOLD.format(s="now")}, {_THRESHOLD.format(s="new")})
        UNION
        SELECT h.id, s.says_met, s.may_release
        FROM deductibles_snapshot s
        JOIN deductibles_hold h ON h.snapshot_id = s.id AND h.claim_id = s.claim_id
        WHERE s.company_id = %(company)s AND s.says_met AND s.proven_until >= %(proof)s
          AND h.active AND h.kind = 'automatic'
    ), held AS (
        SELECT h.payer_id, p.name, c.total, h.remaining, h.kind = 'automatic' AS automatic,
            %(night)s - CASE WHEN h.kind = 'manual' THEN h.started_on ELSE h.anchor_on END AS days,
            {release_on_sql("now_")} AS now_release_on,
            {release_on_sql("new_")} AS new_release_on,
            {_THRESHOLD.format(s="now")} AS now_threshold,
            {_THRESHOLD.format(s="new")} AS new_threshold,
            COALESCE(proof.says_met, false) AS says_met, COALESCE(proof.may_release, false) AS proven
        FROM deductibles_hold h
        JOIN deductibles_claim c ON c.id = h.claim_id
        LEFT JOIN patients_payer p ON p.id = h.payer_id
        LEFT JOIN proof ON proof.id = h.id
        WHERE h.company_id = %(company)s AND h.active
        OFFSET 0
    ), judged AS (
        SELECT payer_id, name, total, days, now_release_on, new_release_on,
            COALESCE({_MET.format(s="new")}, false) AS met,
            {_LEAVES.format(s="new")} AS leaves, {_LEAVES.format(s="now")} AS leaves_now,
            automatic AND days > 0 AND days %% 7 = 0 AS due
        FROM held OFFSET 0
    )
    SELECT payer_id, name, days, COUNT(*),
        COUNT(*) FILTER (WHERE leaves), COALESCE(SUM(total) FILTER (WHERE leaves), 0),
        COUNT(*) FILTER (WHERE leaves AND met), COUNT(*) FILTER (WHERE leaves AND leaves_now),
        COUNT(*) FILTER (WHERE leaves_now AND NOT leaves),
        COUNT(*) FILTER (WHERE NOT leaves AND new_release_on < now_release_on),
        COUNT(*) FILTER (WHERE NOT leaves AND new_release_on > now_release_on),
        COUNT(*) FILTER (WHERE due AND NOT met)
    FROM judged GROUP BY payer_id, name, days"""  # noqa: S608  made of the constants above

_HOLDS = """(%({s}_automatic)s AND s.remaining > COALESCE(p.dollar_threshold, %({s}_dollar_threshold)s)
    AND s.annual >= COALESCE(p.monitor_above, %({s}_monitor_above)s)
    AND COALESCE(past.first_held_on, %(today)s) + COALESCE(p.max_days, %({s}_max_days)s::int) > %(today)s
    AND COALESCE(c.date_of_service + p.filing_limit_days - %({s}_guard_days)s::int > %(today)s, true))"""

_WAITING = f"""
    SELECT p.id, p.name, COUNT(*), COALESCE(SUM(c.total), 0), COUNT(*) FILTER (WHERE c.status = 'draft')
    FROM deductibles_claim c
    JOIN deductibles_coverage v ON v.claim_id = c.id AND v.rank = 'primary' AND v.ended_at IS NULL
    JOIN patients_payer p ON p.id = v.payer_id
    JOIN LATERAL (SELECT * FROM deductibles_snapshot s WHERE s.claim_id = c.id AND s.coverage_id = v.id
                  ORDER BY s.id DESC LIMIT 1) s ON true
    LEFT JOIN LATERAL (SELECT MIN(h.anchor_on) AS first_held_on, BOOL_OR(h.queued_at IS NOT NULL) AS released
                       FROM deductibles_hold h WHERE h.claim_id = c.id) past ON true
    WHERE c.company_id = %(company)s AND c.status IN ('draft', 'queued')
      AND s.usable AND s.may_hold AND s.remaining IS NOT NULL AND s.annual IS NOT NULL
      AND NOT p.never_hold AND NOT p.kind = ANY(%(never)s) AND past.released IS NOT TRUE
      AND NOT EXISTS (SELECT 1 FROM deductibles_submissionitem i WHERE i.claim_id = c.id AND i.open)
      AND COALESCE({_HOLDS.format(s="new")}, false) AND NOT COALESCE({_HOLDS.format(s="now")}, false)
    GROUP BY p.id, p.name"""  # noqa: S608  made of the constants above


@dataclass
class PayerEffect:
    """What it means for the claims of one payer."""

    payer: str
    released_tonight: int = 0
    newly_held: int = 0


@dataclass
class Effect:
    """What saving would do. Counts of claims; dollars are what the claims bill.

    ``night``: the target date of the first night that has not read its settings yet. ``released_tonight``
    leave on that night by their dates or by what is proven already (``met`` of them by proof); ``anyway`` of
    them would leave without the change, and ``stays`` stay because of it. ``earlier`` and ``later``: release
    dates that move. ``due`` are asked about that night, and may leave by what AR Boost answers.
    ``newly_held`` would be held when they are decided, and are not under the settings in force; ``drafts`` of
    them are drafts. ``days``: for each number of days held so far, how many stay and how many leave.
    """

    night: date
    held: int = 0
    released_tonight: int = 0
    released_dollars: Decimal = Decimal(0)
    met: int = 0
    anyway: int = 0
    stays: int = 0
    earlier: int = 0
    later: int = 0
    due: int = 0
    newly_held: int = 0
    newly_held_dollars: Decimal = Decimal(0)
    drafts: int = 0
    payers: list[PayerEffect] = field(default_factory=list)
    days: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def moves_claims(self) -> bool:
        """Whether any claim leaves, stays, is held or gets another date because of it."""
        caused = self.released_tonight - self.anyway
        return bool(caused or self.stays or self.newly_held or self.earlier or self.later)


def effect_of(company: Company, proposed: DeductibleSettings, current: Any, *, at: datetime) -> Effect:
    """Work out what the proposed settings would do where ``current`` are in force; saves nothing."""
    today = moves.local_date(company, at)
    found = Effect(night=night_that_reads(company, at))
    values = {
        "company": company.pk,
        "today": today,
        "night": found.night,
        "proof": found.night,
        "never": sorted(str(kind) for kind in NEVER_HELD_KINDS),
        **_named("now", current),
        **_named("new", proposed),
    }
    payers: dict[int | None, PayerEffect] = {}
    _count_held(found, payers, values)
    _count_waiting(found, payers, values)
    told = [row for row in payers.values() if row.released_tonight or row.newly_held]
    found.payers = sorted(told, key=lambda row: row.payer)
    return found


def night_that_reads(company: Company, at: datetime) -> date:
    """The target date of the first night that settings saved now apply to: today's, unless it is over."""
    today = moves.local_date(company, at)
    over = Run.objects.filter(company=company, kind=Run.Kind.CHECK, target_date__gte=today, state__in=TAKEN)
    dates = set(over.values_list("target_date", flat=True))
    while today in dates:
        today += timedelta(days=1)
    return today


_NAMES = (
    "automatic",
    "max_days",
    "dollar_threshold",
    "monitor_above",
    "manual",
    "manual_days",
    "guard_days",
)


def _named(prefix: str, settings: Any) -> dict[str, Any]:
    return {f"{prefix}_{name}": getattr(settings, name) for name in _NAMES}


def _count_held(found: Effect, payers: dict[int | None, PayerEffect], values: dict[str, Any]) -> None:
    for payer, name, days, held, leave, dollars, *others in _rows(_HELD, values):
        stay, left = found.days.get(max(days, 0), (0, 0))
        found.days[max(days, 0)] = (stay + held - leave, left + leave)
        met, anyway, stays, earlier, later, due = others
        found.held += held
        found.released_tonight += leave
        found.released_dollars += dollars
        found.met += met
        found.anyway += anyway
        found.stays += stays
        found.earlier += earlier
        found.later += later
        found.due += due
        payers.setdefault(payer, PayerEffect(name or NO_PAYER)).released_tonight += leave


def _count_waiting(found: Effect, payers: dict[int | None, PayerEffect], values: dict[str, Any]) -> None:
    for payer, name, count, dollars, drafts in _rows(_WAITING, values):
        found.newly_held += count
        found.newly_held_dollars += dollars
        found.drafts += drafts
        payers.setdefault(payer, PayerEffect(name)).newly_held = count


def _rows(sql: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from cursor.fetchall()
