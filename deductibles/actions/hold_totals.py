"""The sums above the Hold for Deductible page: folded together at night, counted anew when in doubt.

The triggers of migration 0013 keep them; see :class:`deductibles.models.HoldTotal`.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from deductibles.models import HoldTotal

_KEYS = "company_id, part, kind, reason_code, payer_id, release_on"
# What another transaction has just added is not seen, and what it folds is passed by: nobody waits.
_FOLD = f"""
    WITH gone AS (
        DELETE FROM deductibles_holdtotal WHERE id IN (
            SELECT id FROM deductibles_holdtotal WHERE company_id = %(company)s FOR UPDATE SKIP LOCKED)
        RETURNING {_KEYS}, lines, dollars)
    INSERT INTO deductibles_holdtotal ({_KEYS}, lines, dollars)
    SELECT {_KEYS}, sum(lines), sum(dollars) FROM gone GROUP BY {_KEYS}
    HAVING sum(lines) <> 0 OR sum(dollars) <> 0"""  # noqa: S608
# One statement sees one moment: what is not in it yet brings its own row when it is committed.
_RECOUNT = f"""
    WITH gone AS (DELETE FROM deductibles_holdtotal WHERE company_id = %(company)s)
    INSERT INTO deductibles_holdtotal ({_KEYS}, lines, dollars)
    SELECT h.company_id,
        CASE WHEN active THEN 'held' WHEN queued_at IS NOT NULL THEN 'queued' ELSE 'ended' END,
        kind, reason_code, h.payer_id, release_on, count(*), sum(c.total)
    FROM deductibles_hold h JOIN deductibles_claim c ON c.id = h.claim_id
    WHERE h.company_id = %(company)s AND cleared_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6"""  # noqa: S608


def fold(company: Any) -> None:
    """Make one row of those that are alike; the sums stay what they are.

    While they are counted anew nothing is folded: what is put together then would be counted twice.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('hold totals'), %s)", [company.pk])
        if cursor.fetchone()[0]:
            cursor.execute(_FOLD, {"company": company.pk})


def recount(company: Any) -> None:
    """Count a company's lines anew, from the holds themselves; for rows that were made without triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Two at once would each count, and each take away only what was there before both.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('hold totals'), %s)", [company.pk])
        cursor.execute(_RECOUNT, {"company": company.pk})


def lines_of(company: Any) -> int:
    """How many lines the sums of a company say there are."""
    return HoldTotal.objects.filter(company=company).aggregate(lines=Sum("lines"))["lines"] or 0
