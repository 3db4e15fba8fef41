"""What is measured against what: the nightly check, a bare loop, its database part, and a loop of rows.

Each runs in a process of its own for one company and date, and tells how many claims it did; see ``nightly``.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.audit import acting
from bench.nightly import AT_A_TIME, BATCH
from deductibles import nightly
from deductibles.domain import cadence

_DUE = """
    SELECT h.id, v.member_id, v.group_number, v.relationship, p.first_name, p.last_name, p.date_of_birth,
        p.sex, y.name, y.payer_id
    FROM deductibles_hold h JOIN deductibles_coverage v ON v.id = h.coverage_id
        JOIN patients_payer y ON y.id = v.payer_id JOIN deductibles_claim c ON c.id = h.claim_id
        JOIN patients_patient p ON p.id = c.patient_id
    WHERE h.company_id = %s AND h.active AND h.kind = 'automatic' AND h.anchor_on = ANY(%s) AND h.id > %s
    ORDER BY h.id LIMIT %s"""
_BELIEVE = """
    UPDATE deductibles_hold h SET last_asked_at = now(), last_answered_at = now(), annual = v.annual,
        remaining = v.remaining, next_check_on = %s
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS v(id, annual, remaining) WHERE h.id = v.id"""


def night(company: Any, target: date) -> dict[str, Any]:
    """The nightly check as it runs every night."""
    run = nightly.check_night(company, target, by=None, at=timezone.now())
    assert run.state == "done" and run.answered == run.due and not run.failures, (run.state, run.failures)
    return {"claims": run.due, "released": run.released, "elapsed": run.timed_out}


def bare(company: Any, target: date) -> dict[str, Any]:
    """Fetch, ask, believe."""
    # One loop with one connection, which nobody else uses meanwhile.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    return {"claims": asyncio.run(_ask_all(company.pk, target))}


async def _ask_all(company: int, target: date) -> int:
    pages = _pages(company, target)
    headers = {"Authorization": f"Bearer {settings.ARBOOST_TOKEN}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(headers=headers) as session:
        done = await asyncio.gather(*(_ask_in_turn(session, pages, target) for _ in range(AT_A_TIME)))
    return sum(done)


def _pages(company: int, target: date) -> Iterator[list[tuple]]:
    last, anchors = 0, cadence.anchors([target])
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [company, anchors, last, BATCH])
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield rows


async def _ask_in_turn(session: Any, pages: Iterator[list[tuple]], target: date) -> int:
    asked = 0
    for rows in pages:
        body = {"target_date": target.isoformat(), "claims": [_claim(row, target) for row in rows]}
        address = f"{settings.ARBOOST_URL}/v1/deductible-monitoring/checks"
        async with session.post(address, data=json.dumps(body)) as response:
            answer = json.loads(await response.read())
        _believe(answer["results"], target)
        asked += len(rows)
    return asked


def _claim(row: tuple, target: date) -> dict[str, Any]:
    key, member, group, relationship, first, last, born, sex, payer, payer_id = row
    person = {"first_name": first, "last_name": last, "date_of_birth": born.isoformat(), "sex": sex}
    return {
        "reference": str(key),
        "trace": f"T{key}",
        "payer": {"name": payer, "payer_id": payer_id},
        "subscriber": {**person, "member_id": member, "group_number": group, "relationship": relationship},
        "patient": person,
        "as_of": target.isoformat(),
        "service_types": ["30"],
    }


def _believe(results: list[dict[str, Any]], target: date) -> None:
    keys = [int(result["reference"]) for result in results]
    annual = [Decimal(result["deductible"]["annual"]) for result in results]
    remaining = [Decimal(result["deductible"]["remaining"]) for result in results]
    with transaction.atomic(), acting(None, "bare loop"), connection.cursor() as cursor:
        cursor.execute(_BELIEVE, [target + timedelta(days=7), keys, annual, remaining])
