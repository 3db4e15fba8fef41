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
from functools import partial
from time import perf_counter
from typing import Any

import aiohttp
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.audit import acting
from bench.nightly import AT_A_TIME, BATCH, ROWS_AT_HAND, ROWS_ONE_BY_ONE
from deductibles import asking, due, nightly, writing
from deductibles.actions import holding, nightwork
from deductibles.domain import cadence, worklists
from deductibles.gateways.arboost_answers import answer_of
from sandbox.answering import result
from sandbox.script import Book
from work import outbox

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


def at_hand(company: Any, target: date) -> dict[str, Any]:
    """The database part alone: questions are read by the page, and their answers kept, as a night does both.

    Weighing is left out of the time on purpose: it is no work of the database, and the loop of rows has none.
    So every answer is weighed before. Then all is read again, and what belongs to a page is handed to the
    night's writers, who write it in their sessions while the next page is read.
    """
    from deductibles.models import settings_in_force
    from deductibles.nights import holding_night, open_run

    row = open_run(company, "check", target, by=None, at=timezone.now())
    with holding_night(company, row, at=timezone.now()) as under_way:
        assert under_way is not None
        with under_way.writing("plan nightly check"):
            nightwork.plan(row)
        asked = asking.Asking.of(under_way, settings_in_force(company.pk))
        pages = [_weighed(asked, page, target) for page in _pages_at_hand(row, asked)]
        write = partial(asking._write_down, under_way)
        # A night has a few batches in hand, not twenty thousand answers for the collector to look at.
        with nightly.older_objects_left_alone():
            began = perf_counter()
            with writing.beside(write, under_way.keep) as writer:
                for _, batches in zip(_pages_at_hand(row, asked), pages, strict=True):
                    for batch in batches:
                        writer.hand_over(batch)
            seconds = perf_counter() - began
    done = sum(len(batch.weighed) for batches in pages for batch in batches)
    return {"claims": done, "seconds": seconds}


def _pages_at_hand(row: Any, asked: asking.Asking) -> Iterator[list[due.Due]]:
    """What is asked about, as a night reads it, up to some thousand."""
    last = done = 0
    while done < ROWS_AT_HAND and (page := due.page(row, asked.payers, after=last, size=asking.PAGE)):
        last, done = page[-1].pk, done + len(page)
        yield page


def _weighed(asked: asking.Asking, page: list[due.Due], target: date) -> list[asking.Batch]:
    weighed = [asking._weigh(asked, one, _answer(one, target)) for one in page]
    some = [weighed[first : first + BATCH] for first in range(0, len(weighed), BATCH)]
    return [asking.Batch(batch, asked.breakers.hear(asking._words(batch))) for batch in some]


def _answer(one: Any, target: date) -> Any:
    """What the stand-in would say about this claim."""
    question = asking._question_of(one, target)
    said = result(Book(), question.as_json(), target)
    return answer_of(question, said)


def one_by_one(company: Any, target: date) -> dict[str, Any]:
    """The same, a hold at a time as one would write it with the ORM, on a sample.

    The questions are read at once, with what is asked; then, each in its transaction, a claim is locked, its
    answer kept, hold and question are saved, what lay with a biller is taken back, and a claim that is met
    goes to the queue. There is no lease, no counting, and nothing is read again under the lock. Weighing is
    left out of the time here too.
    """
    from deductibles.models import Question, settings_in_force
    from deductibles.nights import Night, open_run

    row = open_run(company, "check", target, by=None, at=timezone.now())
    with transaction.atomic(), acting(None, "plan row by row"):
        nightwork.plan(row)
    asked = asking.Asking.of(Night(company, row, timezone.now(), 0), settings_in_force(company.pk))
    read = Question.objects.select_related("hold__claim__patient", "hold__coverage__payer", "hold__payer")
    with nightly.older_objects_left_alone():
        began = perf_counter()
        rows = list(read.filter(company=company, run=row, open=True).order_by("pk")[:ROWS_ONE_BY_ONE])
        seconds = perf_counter() - began
        for question in rows:
            weighed = asking._weigh(asked, question, _answer(question, target))
            began = perf_counter()
            with transaction.atomic(), acting(None, "row by row"):
                _keep_one(weighed, target)
            seconds += perf_counter() - began
    return {"claims": len(rows), "seconds": seconds}


def _keep_one(weighed: asking.Weighed, target: date) -> None:
    """What a night writes for one answer that settles its question."""
    from deductibles.models import Claim, Concern, Snapshot

    question: Any = weighed.question
    row, found, now = question.hold, weighed.evidence, timezone.now()
    claim = Claim.objects.select_for_update().get(pk=row.claim_id)
    row.snapshot = Snapshot.objects.create(
        company_id=row.company_id,
        claim=claim,
        coverage=row.asked_coverage,
        source="nightly",
        asked_at=now,
        as_of=target,
        trace=question.trace,
        outcome=found.outcome,
        detail=found.detail,
        x12_271=found.text,
        reading=found.reading,
        annual=found.annual,
        remaining=found.remaining,
        usable=found.usable,
        may_release=found.may_release,
        may_hold=found.may_hold,
        says_met=found.says_met,
        proven_until=found.proven_until,
        reason_code=found.reason_code,
        flags=list(found.flags),
    )
    row.annual, row.remaining = found.annual, found.remaining
    row.flags = [*found.flags, *weighed.verdict.flags]
    row.last_asked_at = row.last_answered_at = now
    row.nightly_answers += 1
    row.next_check_on = cadence.next_check_on(row.anchor_on, target)
    Concern.objects.filter(claim=claim, kind__in=(*worklists.ANSWERED, worklists.UNANSWERED)).delete()
    if weighed.verdict.release:
        claim.status, claim.version, claim.changed_at = "queued", claim.version + 1, now
        claim.save()
        row.active, row.ended_at, row.queued_at = False, now, now
        row.reason_code, row.release_why = weighed.verdict.reason_code, list(weighed.verdict.why)
        outbox.post(row.company_id, holding.UNMONITOR, {"hold": row.pk}, at=now)
    row.save()
    question.asked_at = question.answered_at = now
    question.open = False
    question.save()
