"""What a night writes for answers that were weighed: kept, followed by their holds and claims, and closed.

A fixed number of statements for some hundred answers, inside one transaction of the caller. Claims are locked
first, in order of id, and each hold is changed once, by one statement that says what came and what follows:
a second change of a row in one transaction has every reference of it checked again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from io import StringIO
from typing import Any

import orjson
from django.db import connection

from deductibles.actions import columns, concerns, moves, nightwork
from deductibles.actions.columns import array, cell, texts
from deductibles.domain import cadence, hold, worklists
from deductibles.domain.evidence import Evidence
from deductibles.due import Due
from deductibles.models import Question
from work.models import Run


@dataclass(frozen=True)
class Weighed:
    """One question with what its answer proves and what follows."""

    question: Question | Due
    evidence: Evidence
    verdict: hold.Verdict


def record(run: Run, weighed: Sequence[Weighed], *, at: datetime) -> int:
    """Keep a batch of answers, move what they release, and close what they settle; give the released.

    A hold that ended while it was asked about (a person was quicker) is left as it is; one whose line was
    pinned meanwhile is asked again tomorrow, for the answer was read by another line (D-CLM-4).
    """
    claims = moves.locked_on_hold(item.question.hold.claim_id for item in weighed)
    on_hold = [item for item in weighed if item.question.hold.claim_id in claims]
    keys = _keys_of_answers(on_hold)
    changed = _update_holds(on_hold, keys, run, at)
    live = [item for item in on_hold if item.question.hold_id in changed]
    _keep_answers([item for item in live if item.question.hold_id in keys], keys, run, at)
    concerns.write([_concern_of(item) for item in live], on=run.target_date)
    read_otherwise = _still_active([item for item in on_hold if item.question.hold_id not in changed])
    closed = [item for item in weighed if item.question.hold_id not in read_otherwise]
    _close_questions(closed, at)
    met = nightwork.let_go([(w.question.hold, w.verdict) for w in live if w.verdict.release], at)
    settled = sum(item.evidence.settled for item in closed)
    _check_references()
    nightwork.count(run, asked=len(closed), answered=settled, released=met.released, timed_out=met.timed_out)
    return met.released + met.timed_out


def _check_references() -> None:
    """Have the references of what was written checked now, and not at the end of the transaction.

    Next the run's row is locked to be counted in, and whoever writes beside us waits for it until we end.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _still_active(items: Sequence[Weighed]) -> Collection[int]:
    """Of the holds that were not changed, those that have not ended: another line is pinned by now."""
    if not items:
        return ()
    with connection.cursor() as cursor:
        ids = array([item.question.hold_id for item in items])
        cursor.execute("SELECT id FROM deductibles_hold WHERE id = ANY(%s::bigint[]) AND active", [ids])
        return {key for (key,) in cursor.fetchall()}


def _concern_of(item: Weighed) -> concerns.Found:
    """What the answer leaves for a biller to see to; an answer that did not come takes nothing back."""
    row, found = item.question.hold, item.evidence
    flags = [*found.flags, *item.verdict.flags]
    troubles = worklists.troubles_of(found.outcome, found.reading, flags)
    return concerns.Found(row.company_id, row.claim_id, row.payer_id, troubles, found.settled)


_KEYS = """
    SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence('deductibles_snapshot', 'id')::regclass AS name
                                 OFFSET 0) s, generate_series(1, %s)"""
_KEPT = """
    COPY deductibles_snapshot (id, company_id, source, asked_at, as_of, claim_id, coverage_id, trace, outcome,
        detail, x12_271, reading, annual, remaining, usable, may_release, may_hold, says_met, proven_until,
        reason_code, flags) FROM STDIN"""
"""An answer has no history to be written with it, in which a COPY would name nobody: it never changes."""


def _keys_of_answers(items: Sequence[Weighed]) -> dict[int, int]:
    """A key for each answer that is kept, by the hold it is about: its hold is changed before it is there."""
    rows = [item.question.hold_id for item in items if item.evidence.settled or item.evidence.flags]
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [len(rows)])
        return dict(zip(rows, [key for (key,) in cursor.fetchall()], strict=True))


def _keep_answers(rows: Sequence[Weighed], keys: dict[int, int], run: Run, at: datetime) -> None:
    """Keep what came back, all at once."""
    if not rows:
        return
    when = f"{at}", f"{run.target_date}"
    told = [_kept_row(keys[item.question.hold_id], item, run.company_id, when) for item in rows]
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(_KEPT, StringIO("\n".join([*told, ""])))


def _kept_row(key: int, item: Weighed, company_id: int, when: tuple[str, str]) -> str:
    """One answer, in the order of the columns above; ``when`` it was asked, and as of which day."""
    question, found = item.question, item.evidence
    held: Any = question.hold
    return columns.line(
        *(key, company_id, "nightly", *when, held.claim_id, held.asked_coverage.pk),
        *(question.trace, found.outcome, cell(found.detail[:300]), cell(found.text)),
        *(cell(_json(found.reading)), found.annual, found.remaining, found.usable, found.may_release),
        *(found.may_hold, found.says_met, found.proven_until, cell(found.reason_code[:60])),
        cell(_flags(found.flags)),
    )


def _json(reading: Mapping[str, Any]) -> str:
    """As JSON. By the standard library it was half of what a line costs.

    What only that one writes (half a letter, a number of 65 bits) it writes still: whether it can be kept,
    the database says, of this one claim.
    """
    try:
        return orjson.dumps(reading).decode()
    except TypeError:
        return json.dumps(reading, separators=(",", ":"))


@lru_cache(maxsize=256)
def _flags(flags: tuple[str, ...]) -> str:
    return json.dumps(flags)


_ANSWERED = """
    UPDATE deductibles_hold h SET
        last_asked_at = %(at)s,
        last_answered_at = CASE WHEN v.settled THEN %(at)s ELSE h.last_answered_at END,
        nightly_answers = h.nightly_answers + CASE WHEN v.settled THEN 1 ELSE 0 END,
        snapshot_id = COALESCE(v.snapshot, h.snapshot_id),
        annual = CASE WHEN v.usable THEN v.annual ELSE h.annual END,
        remaining = CASE WHEN v.usable THEN v.remaining ELSE h.remaining END,
        flags = v.flags, next_check_on = v.next_check_on,
        active = v.code IS NULL,
        ended_at = CASE WHEN v.code IS NULL THEN h.ended_at ELSE %(at)s END,
        queued_at = CASE WHEN v.code IS NULL THEN h.queued_at ELSE %(at)s END,
        reason_code = COALESCE(v.code, h.reason_code), release_why = COALESCE(v.why, h.release_why)
    FROM unnest(%(ids)s::bigint[], %(settled)s::bool[], %(usable)s::bool[], %(snapshots)s::bigint[],
                %(annual)s::numeric[], %(remaining)s::numeric[], %(flags)s::jsonb[], %(next)s::date[],
                %(codes)s::text[], %(whys)s::jsonb[], %(pins)s::jsonb[])
         AS v(id, settled, usable, snapshot, annual, remaining, flags, next_check_on, code, why, pin)
    WHERE h.id = v.id AND h.id = ANY(%(ids)s::bigint[]) AND h.active
      AND (SELECT c.pin FROM deductibles_coverage c WHERE c.id = h.coverage_id) IS NOT DISTINCT FROM v.pin
    RETURNING h.id"""
"""``code`` is null of those that stay; ``pin`` is the line by which the answer was read (D-CLM-4).

The ids stand there twice: joined alone they are looked up one by one, as an array by one way through the
index.
"""


def _update_holds(items: Sequence[Weighed], keys: dict[int, int], run: Run, at: datetime) -> Collection[int]:
    """Write what came into the holds that are still active and read by the same line; give their keys."""
    if not items:
        return ()
    tomorrow = run.target_date + timedelta(days=1)
    settled = [item.evidence.settled for item in items]
    after = [
        cadence.next_check_on(item.question.hold.anchor_on, run.target_date) if done else tomorrow
        for item, done in zip(items, settled, strict=True)
    ]
    leaving = [item.verdict if item.verdict.release else None for item in items]
    values: dict[str, Any] = {
        "at": at,
        "ids": array([item.question.hold_id for item in items]),
        "settled": array(settled),
        "usable": array([item.evidence.usable and item.evidence.settled for item in items]),
        "snapshots": array(
            [keys[item.question.hold_id] if item.evidence.settled else None for item in items]
        ),
        "annual": array([item.evidence.annual for item in items]),
        "remaining": array([item.evidence.remaining for item in items]),
        "flags": texts([_flags((*item.evidence.flags, *item.verdict.flags)) for item in items]),
        "next": array(after),
        "codes": texts([None if one is None else one.reason_code for one in leaving]),
        "whys": texts([None if one is None else json.dumps(list(one.why)) for one in leaving]),
        "pins": texts([_pin_of(item) for item in items]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, values)
        return {key for (key,) in cursor.fetchall()}


def _pin_of(item: Weighed) -> str | None:
    pin = item.question.hold.asked_coverage.pin
    return None if pin is None else json.dumps(pin)


_CLOSED = """
    UPDATE deductibles_question q SET asked_at = %(at)s, open = q.open AND NOT v.settled,
        answered_at = CASE WHEN v.settled THEN %(at)s ELSE q.answered_at END
    FROM unnest(%(ids)s::bigint[], %(settled)s::bool[]) AS v(id, settled)
    WHERE q.id = v.id AND q.id = ANY(%(ids)s::bigint[])"""


def _close_questions(weighed: Sequence[Weighed], at: datetime) -> None:
    ids = [item.question.pk for item in weighed]
    if ids:
        settled = array([item.evidence.settled for item in weighed])
        with connection.cursor() as cursor:
            cursor.execute(_CLOSED, {"at": at, "ids": array(ids), "settled": settled})
