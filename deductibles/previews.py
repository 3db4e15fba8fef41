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

from django.db import connection, transaction

from accounts.models import Company
from deductibles.actions import moves
from deductibles.actions.release_dates import release_on_sql
from deductibles.models import DeductibleSettings
from patients.models import NEVER_HELD_KINDS
from work.models import Run

NO_PAYER = "no payer"
TAKEN = (Run.State.DONE, Run.State.RUNNING)
"""States of a night that read its settings already."""


def _claims(which: str) -> str:
    return f"COALESCE(SUM(claims) FILTER (WHERE {which}), 0)::int"


_THRESHOLD = "COALESCE(p.dollar_threshold, %({s}_dollar_threshold)s)"
_MET = f"""(h.kind = 'automatic' AND (said.id IS NOT NULL
    OR COALESCE(proof.proven AND h.remaining <= {_THRESHOLD}, false)))"""
_LEAVES = "({s}_met OR COALESCE({s}_release_on <= %(night)s, false))"

# First claims that no rule tells apart are counted together: some ten thousand kinds of a million. An answer
# is looked up where it may prove something, and a date of service counts where there is a filing limit.
# Each OFFSET 0 keeps a step a step: what it works out is worked out once a row, not once for every use.
_HELD = f"""
    WITH alike AS MATERIALIZED (
        SELECT h.payer_id, h.kind, h.release_on, h.guard_waived,
            CASE WHEN h.kind = 'manual' THEN h.started_on ELSE h.anchor_on END AS since,
            CASE WHEN p.filing_limit_days IS NOT NULL AND NOT h.guard_waived
                THEN c.date_of_service END AS date_of_service,
            {_MET.format(s="now")} AS now_met, {_MET.format(s="new")} AS new_met,
            COUNT(*) AS claims, SUM(c.total) AS dollars
        FROM deductibles_hold h
        JOIN deductibles_claim c ON c.id = h.claim_id
        LEFT JOIN patients_payer p ON p.id = h.payer_id
        LEFT JOIN deductibles_snapshot said ON said.id = h.snapshot_id AND said.company_id = %(company)s
            AND said.claim_id = h.claim_id AND said.says_met AND said.proven_until >= %(proof)s
        LEFT JOIN LATERAL (
            SELECT true AS proven FROM deductibles_snapshot s
            WHERE s.id = h.snapshot_id AND s.may_release AND s.proven_until >= %(proof)s
              AND h.kind = 'automatic' AND h.remaining <= GREATEST(
                  {_THRESHOLD.format(s="now")}, {_THRESHOLD.format(s="new")})
            OFFSET 0) proof ON true
        WHERE h.company_id = %(company)s AND h.active
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    ), held AS (
        SELECT h.payer_id, p.name, h.claims, h.dollars, h.now_met, h.new_met,
            h.kind = 'automatic' AS automatic, %(night)s - h.since AS days,
            {release_on_sql("now_", since="h.since")} AS now_release_on,
            {release_on_sql("new_", since="h.since")} AS new_release_on
        FROM alike h
        CROSS JOIN LATERAL (SELECT h.date_of_service) c
        LEFT JOIN patients_payer p ON p.id = h.payer_id
        OFFSET 0
    ), judged AS (
        SELECT payer_id, name, claims, dollars, days, now_release_on, new_release_on, new_met AS met,
            {_LEAVES.format(s="new")} AS leaves, {_LEAVES.format(s="now")} AS leaves_now,
            automatic AND days > 0 AND days %% 7 = 0 AS due
        FROM held OFFSET 0
    )
    SELECT payer_id, name, days, SUM(claims)::int,
        {_claims("leaves")}, COALESCE(SUM(dollars) FILTER (WHERE leaves), 0),
        {_claims("leaves AND met")}, {_claims("leaves AND leaves_now")},
        {_claims("leaves_now AND NOT leaves")},
        {_claims("NOT leaves AND new_release_on < now_release_on")},
        {_claims("NOT leaves AND new_release_on > now_release_on")}, {_claims("due AND NOT met")}
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


_BY_ALL_PROCESSORS = """
    SELECT set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true)"""
"""The planner takes each claim for a kind of its own, too many to be handed from one process to another."""


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
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_BY_ALL_PROCESSORS)
        rows = list(_rows(_HELD, values))
    for payer, name, days, held, leave, dollars, *others in rows:
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
