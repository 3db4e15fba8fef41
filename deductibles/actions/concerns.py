"""What answers leave for a biller to see to: written and taken back beside the answers. In transactions.

A night hands in a batch and pays two statements for it, whether one claim of it is in trouble or all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from deductibles.actions.columns import array
from deductibles.domain import states, worklists
from deductibles.models import Claim, Snapshot
from work.models import Run


@dataclass(frozen=True)
class Found:
    """What one answer about a claim leaves: list -> codes. Unsettled answers take nothing back."""

    company_id: int
    claim_id: int
    payer_id: int | None
    troubles: Mapping[str, Sequence[str]]
    settled: bool = True


_TAKE_BACK = """
    DELETE FROM deductibles_concern c
    WHERE c.claim_id = ANY(%(settled)s::bigint[]) AND c.kind = ANY(%(kinds)s)
      AND NOT EXISTS (SELECT 1 FROM unnest(%(claims)s::bigint[], %(lists)s::text[]) AS k(claim, kind)
                      WHERE k.claim = c.claim_id AND k.kind = c.kind)"""
_WRITE = """
    INSERT INTO deductibles_concern (company_id, claim_id, payer_id, kind, since_on, codes)
    SELECT v.company, v.claim, v.payer, v.kind, %(on)s, v.codes
    FROM unnest(%(companies)s::bigint[], %(claims)s::bigint[], %(payers)s::bigint[], %(lists)s::text[],
                %(codes)s::jsonb[]) AS v(company, claim, payer, kind, codes)
    ORDER BY v.claim, v.kind
    ON CONFLICT (claim_id, kind) DO UPDATE SET codes = EXCLUDED.codes, payer_id = EXCLUDED.payer_id
    WHERE (deductibles_concern.codes, deductibles_concern.payer_id)
          IS DISTINCT FROM (EXCLUDED.codes, EXCLUDED.payer_id)"""
_FORGET = """
    DELETE FROM deductibles_concern WHERE claim_id = ANY(%(claims)s::bigint[])
    AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))"""
_UNANSWERED = """
    INSERT INTO deductibles_concern (company_id, claim_id, payer_id, kind, since_on, codes)
    SELECT h.company_id, h.claim_id, h.payer_id, %(kind)s, min(older.for_date), '[]'::jsonb
    FROM deductibles_question q
    JOIN deductibles_hold h ON h.id = q.hold_id AND h.active
    JOIN deductibles_question older ON older.hold_id = q.hold_id AND older.for_date < q.for_date
         AND older.answered_at IS NULL
    WHERE q.run_id = %(run)s AND q.open
      AND NOT EXISTS (SELECT 1 FROM deductibles_question between_them
                      WHERE between_them.hold_id = q.hold_id AND between_them.for_date > older.for_date
                        AND between_them.answered_at IS NOT NULL)
    GROUP BY h.company_id, h.claim_id, h.payer_id
    ORDER BY h.claim_id
    ON CONFLICT (claim_id, kind) DO NOTHING"""


def of_answer(claim: Claim, snapshot: Snapshot, *, on: date, reason: str = "", unknown: bool = False) -> None:
    """Write down what the answer a person brought leaves; ``unknown``: it decided nothing (D-HOLD-3).

    A draft is in front of the person who asks: nothing of it stands on a list.
    """
    if claim.status not in (states.HOLD, states.QUEUED):
        return
    found = worklists.troubles_of(snapshot.outcome, snapshot.reading, snapshot.flags)
    if unknown:
        code = worklists.why_unknown(snapshot.outcome, snapshot.reading, reason)
        found[worklists.UNKNOWN] = [code]
    settled = unknown or snapshot.outcome != "unavailable"
    payer = snapshot.coverage.payer_id
    left = Found(claim.company_id, claim.pk, payer, found, settled)
    write([left], on=on, kinds=(*worklists.ANSWERED, worklists.UNKNOWN, worklists.UNANSWERED))


def write(
    rows: Iterable[Found], *, on: date, kinds: Sequence[str] = (*worklists.ANSWERED, worklists.UNANSWERED)
) -> None:
    """Keep what these answers leave, and take back of ``kinds`` what they settle."""
    kept = list(rows)
    lines = [(row, kind, codes) for row in kept for kind, codes in row.troubles.items()]
    named = {
        "claims": [row.claim_id for row, _, _ in lines],
        "lists": [kind for _, kind, _ in lines],
    }
    settled = [row.claim_id for row in kept if row.settled]
    if settled:
        _execute(_TAKE_BACK, settled=array(settled), kinds=list(kinds), **named)
    if lines:
        _execute(
            _WRITE,
            on=on,
            companies=[row.company_id for row, _, _ in lines],
            payers=[row.payer_id for row, _, _ in lines],
            codes=[json.dumps(list(codes)) for _, _, codes in lines],
            **named,
        )


def not_answered(run: Run) -> None:
    """Write down whose question stayed open tonight after an older date of the grid went unanswered too."""
    _execute(_UNANSWERED, run=run.pk, kind=worklists.UNANSWERED)


def told(kind: str, said: Mapping[int, str], *, on: date) -> None:
    """Write down what came back about claims that were sent: claim -> the sentence; the newest counts."""
    if not said:
        return
    claims = Claim.objects.filter(pk__in=said).values_list("pk", "company_id", "payer_id")
    rows = [Found(company, key, payer, {kind: [said[key]]}) for key, company, payer in claims]
    write(rows, on=on, kinds=())


def forget(claim_ids: Iterable[int], kinds: Sequence[str] | None = None) -> None:
    """Take claims off the lists: they left, or what was said was about another coverage."""
    _execute(_FORGET, claims=list(claim_ids), kinds=None if kinds is None else list(kinds))


_BUT_UNPAID = tuple(kind for kind, _ in worklists.CONCERN_CHOICES if kind != worklists.UNPAID)
_LEFT_BEHIND = {
    states.HOLD: (worklists.UNKNOWN, worklists.UNWRITTEN),
    states.QUEUED: (worklists.UNANSWERED,),
    states.SUBMITTED: _BUT_UNPAID,
    states.ACCEPTED: _BUT_UNPAID,
}
"""What no longer concerns a claim that is held, or released: it does not go out unasked, or is not asked.

A receipt that comes late takes nothing off what a remittance said.
"""


def moved(claim_ids: Iterable[int], target: str | None) -> None:
    """What a move takes off the lists: everything, of a claim that left or is a draft again."""
    if target is not None:
        forget(claim_ids, _LEFT_BEHIND.get(target))


def _execute(sql: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
