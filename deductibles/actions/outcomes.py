"""Keeps the outcome ledger: a line for each claim that was held, released, and paid or denied too late.

A line follows from the hold as it was first written, how it went, and the payment that counts; it is written
again whenever a payment is kept, so it is right after a correction as well. Which payment counts:

- the one that was posted, of an 835 or by hand;
- after the payer took that back (CLP02 22), the newest that came behind it, and until then none;
- without one that was posted, a denial because the time for filing had passed (CO 29). One that a biller
  closed by posting nothing stays such a denial.

:mod:`deductibles.domain.gain` says what the columns mean and what the worth is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db import connection, transaction

from accounts.audit import acting
from accounts.models import Company
from deductibles.actions import moves
from deductibles.domain import gain, hold, posting
from deductibles.x12.remittance import REVERSAL, TOO_LATE

PAGE = 5_000

COLUMNS = (
    *("company_id", "claim_id", "hold_id", "payer_id", "payment_id", "settings_id", "kind", "reason"),
    *("held_on", "released_on", "heard_on", "days", "remaining_at_hold", "remaining_at_release", "allowed"),
    *("deductible", "paid", "co_insurance", "lost", "missing"),
)

_SUM = "(SELECT sum((a->>'amount')::numeric) FROM jsonb_array_elements({rows}) a WHERE {which})"
_CO_29 = _SUM.format(rows="{rows}", which="a->>'group' = %(late_group)s AND a->>'reason' = %(late_reason)s")
_PR_2 = _SUM.format(rows="p.adjustments", which="a->>'group' = 'PR' AND a->>'reason' = '2'")

FOUND = f"""
    SELECT h.company_id, h.claim_id, h.id AS hold_id, h.payer_id, p.id AS payment_id, began.settings_id,
        h.kind,
        CASE WHEN h.kind = 'manual' OR h.reason_code = %(by_hand)s THEN 'h'
             WHEN h.reason_code = ANY(%(met)s) THEN 'm'
             WHEN h.reason_code = %(elapsed)s THEN 'e' ELSE 'u' END AS reason,
        h.anchor_on AS held_on, went.released_on,
        COALESCE(p.paid_on, (p.at AT TIME ZONE co.time_zone)::date) AS heard_on,
        GREATEST(went.released_on - h.anchor_on, 0) AS days,
        began.remaining AS remaining_at_hold, h.remaining AS remaining_at_release,
        p.allowed, p.deductible, p.paid,
        CASE WHEN pr2 >= 0 AND p.paid >= 0 AND pr2 + p.paid > 0 THEN round(pr2 / (pr2 + p.paid), 4) END
            AS co_insurance,
        lost,
        CASE WHEN p.id = n.reversed THEN %(reversed)s
             WHEN lost > 0 AND p.paid = 0 THEN ''
             ELSE concat_ws(',', CASE WHEN began.remaining IS NULL THEN %(remaining)s END,
                                 CASE WHEN p.allowed IS NULL THEN %(allowed)s END,
                                 CASE WHEN p.deductible IS NULL THEN %(deductible)s END) END AS missing
    FROM (SELECT DISTINCT ON (one.claim_id) one.* FROM deductibles_hold one
          WHERE one.company_id = %(company)s AND one.claim_id = ANY(%(claims)s::bigint[])
            AND one.queued_at IS NOT NULL
          ORDER BY one.claim_id, one.id DESC) h
    JOIN accounts_company co ON co.id = h.company_id
    JOIN deductibles_claim c ON c.id = h.claim_id
    CROSS JOIN LATERAL (SELECT (h.queued_at AT TIME ZONE co.time_zone)::date AS released_on) went
    CROSS JOIN LATERAL (
        SELECT max(q.id) FILTER (WHERE q.posted_at IS NOT NULL) AS posted,
            max(q.id) FILTER (WHERE q.status = %(reversal)s) AS reversed,
            max(q.id) FILTER (WHERE q.filed_too_late) AS late,
            max(q.id) FILTER (WHERE q.why_not = %(again)s) AS again
        FROM deductibles_payment q WHERE q.claim_id = h.claim_id AND q.sequence = c.sequence) n
    JOIN deductibles_payment p ON p.id = CASE
        WHEN n.posted IS NULL THEN n.late
        WHEN n.reversed > n.posted
            THEN CASE WHEN GREATEST(n.again, n.late) > n.reversed THEN GREATEST(n.again, n.late)
                      ELSE n.reversed END
        ELSE n.posted END
    LEFT JOIN LATERAL (
        SELECT e.remaining, e.settings_id FROM deductibles_holdevent e
        WHERE e.claim_id = h.claim_id AND e.pgh_obj_id = h.id AND e.pgh_label = 'insert'
        ORDER BY e.pgh_id LIMIT 1) began ON true
    LEFT JOIN deductibles_payment denied ON denied.id = n.late AND p.by_id IS NOT NULL AND p.paid = 0
        AND denied.id < p.id
    CROSS JOIN LATERAL (SELECT
        COALESCE({_PR_2}, CASE WHEN p.arrival_id IS NOT NULL THEN 0 END) AS pr2,
        COALESCE(CASE WHEN denied.id IS NOT NULL THEN {_CO_29.format(rows="denied.adjustments")}
                      ELSE {_CO_29.format(rows="p.adjustments")} END, 0) AS lost) sums"""  # noqa: S608
"""The lines that these claims should have; made of constants."""

_KEEP = f"""
    WITH found AS ({FOUND}),
    gone AS (DELETE FROM deductibles_holdoutcome o
             WHERE o.company_id = %(company)s AND o.claim_id = ANY(%(claims)s::bigint[])
               AND NOT EXISTS (SELECT 1 FROM found f WHERE f.claim_id = o.claim_id))
    INSERT INTO deductibles_holdoutcome ({", ".join(COLUMNS)})
    SELECT {", ".join(COLUMNS)} FROM found
    ON CONFLICT (claim_id) DO UPDATE SET {", ".join(f"{one} = EXCLUDED.{one}" for one in COLUMNS[2:])}
    WHERE ({", ".join(f"deductibles_holdoutcome.{one}" for one in COLUMNS[2:])})
        IS DISTINCT FROM ({", ".join(f"EXCLUDED.{one}" for one in COLUMNS[2:])})"""  # noqa: S608

_VALUES = {
    "by_hand": hold.BY_HAND,
    "met": sorted(hold.MET_CODES),
    "elapsed": hold.ELAPSED,
    "reversal": REVERSAL,
    "again": posting.PAID_ALREADY,
    "late_group": TOO_LATE[0],
    "late_reason": TOO_LATE[1],
    "reversed": gain.REVERSED,
    "remaining": gain.REMAINING,
    "allowed": gain.ALLOWED,
    "deductible": gain.DEDUCTIBLE,
}


def values(company_id: int, claim_ids: Collection[int]) -> dict[str, Any]:
    """What :data:`FOUND` is asked with."""
    return {**_VALUES, "company": company_id, "claims": sorted(claim_ids)}


def keep(company_id: int, claim_ids: Collection[int]) -> int:
    """Write the lines of these claims, and take away what is none any more; give how many changed.

    Inside the caller's transaction, which has the claims locked.
    """
    if not claim_ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values(company_id, claim_ids))
        return int(cursor.rowcount)


_MISSED = """
    SELECT DISTINCT p.claim_id FROM deductibles_payment p
    JOIN deductibles_hold h ON h.claim_id = p.claim_id AND h.queued_at IS NOT NULL
    WHERE p.company_id = %(company)s AND p.claim_id > %(after)s
      AND (p.posted_at IS NOT NULL OR p.filed_too_late) {unknown}
    ORDER BY p.claim_id LIMIT %(size)s"""
_UNKNOWN = "AND NOT EXISTS (SELECT 1 FROM deductibles_holdoutcome o WHERE o.claim_id = p.claim_id)"


def catch_up(company: Company, *, everything: bool = False) -> int:
    """Write the lines that are not there yet, page after page; give how many were written.

    They are those of payments from before there was a ledger. ``everything``: also those that are there, for
    whoever does not trust them.
    """
    done = 0
    for page in _pages(company.pk, "" if everything else _UNKNOWN):
        with transaction.atomic(), acting(None, "count outcomes", company=company.pk):
            # Or a payment that is kept meanwhile would be written over by what was read before it.
            moves.locked(page, only=("status",))
            done += keep(company.pk, page)
    return done


def _pages(company_id: int, unknown: str) -> Iterator[list[int]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            asked = {"company": company_id, "after": last, "size": PAGE}
            cursor.execute(_MISSED.format(unknown=unknown), asked)
            page = [key for (key,) in cursor.fetchall()]
        if not page:
            return
        last = page[-1]
        yield page
