"""Reads a company's holds and payments for the forecast: a page of the table at a time, numbers alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection

from accounts.models import Company
from deductibles.domain import cadence, hold
from deductibles.worth.history import (
    BY_HAND,
    BY_TIME,
    ENDED,
    EPOCH,
    HELD,
    MET,
    WINDOW,
    History,
    history_of,
    packed,
)

PAGE = 50_000
_READ = f"""
    SELECT h.id, COALESCE(h.payer_id, 0), (h.kind = 'manual')::int, h.started_on - %(epoch)s::date,
        h.started_on - %(epoch)s::date - ((h.started_on - h.anchor_on) %% {cadence.EVERY}),
        COALESCE(h.release_on - %(epoch)s::date, 0),
        COALESCE((COALESCE(h.queued_at, h.ended_at) AT TIME ZONE %(zone)s)::date - %(epoch)s::date, 0),
        CASE WHEN h.queued_at IS NULL THEN CASE WHEN h.ended_at IS NULL THEN {HELD} ELSE {ENDED} END
            WHEN h.reason_code = ANY(%(met)s) THEN {MET}
            WHEN h.reason_code = %(elapsed)s THEN {BY_TIME} ELSE {BY_HAND} END,
        COALESCE(at_hold.remaining, -1)::float8, c.total::float8,
        COALESCE(money.paid_on, 0), COALESCE(money.paid, 0)::float8, COALESCE(money.allowed, -1)::float8
    FROM deductibles_hold h
    JOIN deductibles_claim c ON c.id = h.claim_id
    LEFT JOIN LATERAL (
        SELECT s.remaining FROM deductibles_snapshot s
        WHERE s.claim_id = h.claim_id AND s.coverage_id = h.coverage_id AND s.as_of <= h.started_on
          AND s.remaining IS NOT NULL
        ORDER BY s.id DESC LIMIT 1) at_hold ON h.kind = 'automatic'
    LEFT JOIN LATERAL (
        SELECT MAX(GREATEST(p.paid_on, (p.posted_at AT TIME ZONE %(zone)s)::date)) - %(epoch)s::date
                AS paid_on,
            SUM(p.paid) AS paid, SUM(p.allowed) AS allowed
        FROM deductibles_payment p
        WHERE p.claim_id = h.claim_id AND p.posted_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM deductibles_hold later WHERE later.claim_id = h.claim_id
                          AND later.id > h.id AND later.queued_at IS NOT NULL)
        ) money ON h.queued_at IS NOT NULL
    WHERE h.company_id = %(company)s AND h.id > %(after)s AND (h.started_on > %(since)s OR h.active)
    ORDER BY h.id LIMIT {PAGE}"""  # noqa: S608  made of constants
_REDATED = """
    WITH dated AS (
        SELECT pgh_obj_id AS hold, release_on, MIN(pgh_created_at) AS known_at
        FROM deductibles_holdevent WHERE company_id = %(company)s GROUP BY pgh_obj_id, release_on
    ), moved AS (SELECT hold FROM dated GROUP BY hold HAVING COUNT(*) > 1)
    SELECT hold, (known_at AT TIME ZONE %(zone)s)::date - %(epoch)s::date,
        COALESCE(release_on - %(epoch)s::date, 0)
    FROM dated JOIN moved USING (hold) ORDER BY hold, known_at"""


def read(company: Company, until: date, *, replays: bool) -> History:
    """Everything a forecast of this day, or of those before it, may rest on.

    ``replays``: days before it are looked at too, and need to know which release dates were moved since.
    """
    values: dict[str, Any] = {
        "company": company.pk,
        "zone": company.time_zone,
        "epoch": EPOCH,
        "since": until - timedelta(days=WINDOW + 180),
        "met": sorted(hold.MET_CODES),
        "elapsed": hold.ELAPSED,
    }
    pages: list[Any] = []
    after = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_READ, {**values, "after": after})
            rows = cursor.fetchall()
            if not rows:
                break
            after = rows[-1][0]
            pages.append(packed(rows))
        moved: list[Any] = []
        if replays:
            cursor.execute(_REDATED, values)
            moved = cursor.fetchall()
    return history_of(pages, moved)
