"""The set-based statements of the nightly check: what it plans, records and releases, by the thousand.

Every function here runs inside one transaction of the caller and locks claims first, in order of id.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from io import StringIO
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from deductibles.actions import columns, concerns, holding, moves, release_dates
from deductibles.actions.columns import array, cell, texts
from deductibles.domain import cadence, hold, states, worklists
from deductibles.domain.evidence import Evidence
from deductibles.due import Due, Held
from deductibles.models import DeductibleSettings, Hold, Question
from work import outbox
from work.models import Run

_NEW_DATES = f"""
    SELECT n.id, n.release_on
    FROM (SELECT h.id, h.release_on AS before, {release_dates.release_on_sql()} AS release_on
          FROM deductibles_hold h JOIN deductibles_claim c ON c.id = h.claim_id
          LEFT JOIN patients_payer p ON p.id = h.payer_id
          WHERE h.company_id = %(company)s AND h.active {{chosen}}) n
    WHERE n.before IS DISTINCT FROM n.release_on"""  # noqa: S608  made of constants

_REDATE = """
    UPDATE deductibles_hold h SET release_on = v.release_on, settings_id = %(settings)s
    FROM unnest(%(ids)s::bigint[], %(dates)s::date[]) AS v(id, release_on)
    WHERE h.id = v.id AND h.active"""


def to_redate(settings: DeductibleSettings, *, after: int, size: int) -> list[int]:
    """Holds behind ``after`` whose release date is another under the settings in force, by id (D-CONF-3)."""
    found = _new_dates(
        settings, "AND h.id > %(after)s", " ORDER BY n.id LIMIT %(size)s", after=after, size=size
    )
    return [hold_id for hold_id, _ in found]


def redate(settings: DeductibleSettings, rows: Sequence[Hold]) -> None:
    """Give these locked holds the release dates of the settings in force.

    What is off keeps its dates, but for a filing deadline that was learned meanwhile (section 5).
    """
    found = _new_dates(settings, "AND h.id = ANY(%(ids)s)", ids=[row.pk for row in rows])
    if found:
        ids, dates = zip(*found, strict=True)
        _execute(_REDATE, settings=settings.pk, ids=list(ids), dates=list(dates))


def _new_dates(
    settings: DeductibleSettings, chosen: str, page: str = "", **which: Any
) -> list[tuple[int, date | None]]:
    values = {"company": settings.company_id, **release_dates.values(settings), **which}
    with connection.cursor() as cursor:
        cursor.execute(_NEW_DATES.format(chosen=chosen) + page, values)
        return cursor.fetchall()


_PLAN = """
    INSERT INTO deductibles_question (company_id, hold_id, run_id, for_date, open)
    SELECT d.company_id, d.id, %(run)s, d.for_date, true
    FROM (SELECT h.company_id, h.id, h.anchor_on + ((%(target)s::date - h.anchor_on) / 7) * 7 AS for_date
          FROM deductibles_hold h
          WHERE h.company_id = %(company)s AND h.active AND h.kind = 'automatic'
            AND h.anchor_on <= %(target)s::date - 7
            AND (h.anchor_on = ANY(%(anchors)s::date[]) OR h.id IN (
                SELECT q.hold_id FROM deductibles_question q
                WHERE q.company_id = %(company)s AND q.open))) d
    WHERE NOT EXISTS (SELECT 1 FROM deductibles_question known
                      WHERE known.hold_id = d.id
                        AND (known.for_date > d.for_date OR known.for_date = d.for_date
                             AND (known.run_id = %(run)s OR NOT known.open)))
    ON CONFLICT (hold_id, for_date) DO UPDATE SET run_id = EXCLUDED.run_id
    WHERE deductibles_question.open
      AND NOT EXISTS (SELECT 1 FROM work_run later
                      WHERE later.id = deductibles_question.run_id
                        AND later.target_date > %(target)s::date)"""

_SUPERSEDE = """
    UPDATE deductibles_question q SET open = false
    FROM deductibles_hold h
    WHERE q.company_id = %(company)s AND q.open AND h.id = q.hold_id
      AND (NOT h.active OR EXISTS (SELECT 1 FROM deductibles_question newer
                                   WHERE newer.hold_id = q.hold_id AND newer.for_date > q.for_date))"""


def plan(run: Run) -> None:
    """Write down every question of the night before any is asked, each hold and date once (D-CHK-2…7).

    Due are holds whose grid meets this night or one that was missed, and those whose last question is
    unanswered; each is asked for its newest grid date only. What a later night has asked stays its own, and
    a night that goes on after its worker died finds its questions planned and writes nothing.
    """
    anchors = cadence.anchors(missed_nights(run.company_id, run.target_date))
    values = {"run": run.pk, "company": run.company_id, "target": run.target_date, "anchors": anchors}
    _execute(_PLAN, **values)
    _execute(_SUPERSEDE, company=run.company_id)


def missed_nights(company_id: int, target: date) -> list[date]:
    """This night and those missed before it; a week of them covers every grid."""
    done = Run.objects.filter(company_id=company_id, kind=Run.Kind.CHECK, state=Run.State.DONE)
    last = done.order_by("-target_date").values_list("target_date", flat=True).first()
    gap = (target - last).days if last else cadence.EVERY
    missed = gap if 0 < gap < cadence.EVERY else cadence.EVERY
    return [target - timedelta(days=back) for back in range(missed)]


@dataclass(frozen=True)
class Weighed:
    """One question with what its answer proves and what follows."""

    question: Question | Due
    evidence: Evidence
    verdict: hold.Verdict


_ANSWERED = """
    UPDATE deductibles_hold h SET
        last_asked_at = %(at)s,
        last_answered_at = CASE WHEN v.settled THEN %(at)s ELSE h.last_answered_at END,
        nightly_answers = h.nightly_answers + CASE WHEN v.settled THEN 1 ELSE 0 END,
        snapshot_id = COALESCE(v.snapshot, h.snapshot_id),
        annual = CASE WHEN v.usable THEN v.annual ELSE h.annual END,
        remaining = CASE WHEN v.usable THEN v.remaining ELSE h.remaining END,
        flags = v.flags, next_check_on = v.next_check_on
    FROM unnest(%(ids)s::bigint[], %(settled)s::bool[], %(usable)s::bool[], %(snapshots)s::bigint[],
                %(annual)s::numeric[], %(remaining)s::numeric[], %(flags)s::jsonb[], %(next)s::date[])
         AS v(id, settled, usable, snapshot, annual, remaining, flags, next_check_on)
    WHERE h.id = v.id AND h.active"""


def record(run: Run, weighed: Sequence[Weighed], *, at: datetime) -> int:
    """Keep a batch of answers, move what they release, and close what they settle; give the released.

    A hold that ended while it was asked about (a person was quicker) is left as it is; one whose line was
    pinned meanwhile is asked again tomorrow, for the answer was read by another line (D-CLM-4).
    """
    claims = moves.locked_on_hold(item.question.hold.claim_id for item in weighed)
    held = _pins([item.question.hold_id for item in weighed])
    weighed = [item for item in weighed if _read_by_the_pin(item, held)]
    live = [
        item for item in weighed if item.question.hold_id in held and item.question.hold.claim_id in claims
    ]
    _update_holds(live, _keep_answers(live, run, at), run, at)
    concerns.write([_concern_of(item) for item in live], on=run.target_date)
    _close_questions(weighed, at)
    met = _release([(w.question.hold, w.verdict) for w in live if w.verdict.release], at)
    settled = sum(item.evidence.settled for item in weighed)
    _count(run, asked=len(weighed), answered=settled, released=met.released, timed_out=met.timed_out)
    return met.released + met.timed_out


_PINS = """
    SELECT h.id, v.pin FROM deductibles_hold h LEFT JOIN deductibles_coverage v ON v.id = h.coverage_id
    WHERE h.id = ANY(%s::bigint[]) AND h.active"""


def _pins(hold_ids: Sequence[int]) -> dict[int, Any]:
    """Of those of these holds that are active, the line that is pinned now."""
    with connection.cursor() as cursor:
        cursor.execute(_PINS, [array(hold_ids)])
        return {key: json.loads(pin) if pin else None for key, pin in cursor.fetchall()}


def _read_by_the_pin(item: Weighed, pins: dict[int, Any]) -> bool:
    row = item.question.hold
    return row.pk not in pins or pins[row.pk] == row.asked_coverage.pin


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


def _keep_answers(live: Sequence[Weighed], run: Run, at: datetime) -> dict[int, int]:
    """Keep what came back, all at once; give the key of the answer by the hold it is about."""
    rows = [item for item in live if item.evidence.settled or item.evidence.flags]
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [len(rows)])
        keys = [key for (key,) in cursor.fetchall()]
        when = f"{at}", f"{run.target_date}"
        told = [_kept_row(key, item, run.company_id, when) for key, item in zip(keys, rows, strict=True)]
        with connection.wrap_database_errors:
            cursor.copy_expert(_KEPT, StringIO("\n".join([*told, ""])))
    return {item.question.hold_id: key for item, key in zip(rows, keys, strict=True)}


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


_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


@lru_cache(maxsize=256)
def _flags(flags: tuple[str, ...]) -> str:
    return json.dumps(flags)


def _update_holds(live: Sequence[Weighed], kept: dict[int, int], run: Run, at: datetime) -> None:
    if not live:
        return
    tomorrow = run.target_date + timedelta(days=1)
    settled = [item.evidence.settled for item in live]
    after = [
        cadence.next_check_on(item.question.hold.anchor_on, run.target_date) if done else tomorrow
        for item, done in zip(live, settled, strict=True)
    ]
    _execute(
        _ANSWERED,
        at=at,
        ids=array([item.question.hold_id for item in live]),
        settled=array(settled),
        usable=array([item.evidence.usable and item.evidence.settled for item in live]),
        snapshots=array(
            [kept.get(item.question.hold_id) if item.evidence.settled else None for item in live]
        ),
        annual=array([item.evidence.annual for item in live]),
        remaining=array([item.evidence.remaining for item in live]),
        flags=texts([_flags((*item.evidence.flags, *item.verdict.flags)) for item in live]),
        next=array(after),
    )


_CLOSED = """
    UPDATE deductibles_question q SET asked_at = %(at)s, open = q.open AND NOT v.settled,
        answered_at = CASE WHEN v.settled THEN %(at)s ELSE q.answered_at END
    FROM unnest(%(ids)s::bigint[], %(settled)s::bool[]) AS v(id, settled)
    WHERE q.id = v.id"""


def _close_questions(weighed: Sequence[Weighed], at: datetime) -> None:
    ids = [item.question.pk for item in weighed]
    if ids:
        settled = array([item.evidence.settled for item in weighed])
        _execute(_CLOSED, at=at, ids=array(ids), settled=settled)


_RELEASED = """
    UPDATE deductibles_hold h SET active = false, ended_at = %(at)s, queued_at = %(at)s,
        reason_code = v.code, release_why = v.why
    FROM unnest(%(ids)s::bigint[], %(codes)s::text[], %(whys)s::jsonb[]) AS v(id, code, why)
    WHERE h.id = v.id AND h.active"""


@dataclass(frozen=True)
class Released:
    """How many claims went to the queue, by why."""

    released: int = 0
    timed_out: int = 0


def release(pairs: Iterable[tuple[Hold | Held, hold.Verdict]], run: Run, *, at: datetime) -> int:
    """Release locked, active holds: claims to the queue, entries with their reason, monitoring ended."""
    done = _release(list(pairs), at)
    _count(run, released=done.released, timed_out=done.timed_out)
    return done.released + done.timed_out


def _release(found: Sequence[tuple[Hold | Held, hold.Verdict]], at: datetime) -> Released:
    if not found:
        return Released()
    moved = moves.apply([row.claim_id for row, _ in found], "release", states.HOLD, at=at)
    _execute(
        _RELEASED,
        at=at,
        ids=[row.pk for row, _ in found],
        codes=[verdict.reason_code for _, verdict in found],
        whys=[json.dumps(list(verdict.why)) for _, verdict in found],
    )
    automatic = [row.pk for row, _ in found if row.kind == Hold.Kind.AUTOMATIC]
    outbox.post_of_each(found[0][0].company_id, holding.UNMONITOR, "hold", automatic, at=at)
    late = sum(verdict.reason_code == hold.ELAPSED for _, verdict in found)
    return Released(moved - late, late)


_COUNTED = """
    UPDATE work_run SET asked = asked + %(asked)s, answered = answered + %(answered)s,
        released = released + %(released)s, timed_out = timed_out + %(timed_out)s
    WHERE id = %(run)s"""


def _count(run: Run, **more: int) -> None:
    """Add to what the run's page shows while the night is under way."""
    added = {"asked": 0, "answered": 0, "released": 0, "timed_out": 0, **more}
    if any(more.values()):
        _execute(_COUNTED, run=run.pk, **added)


def counts(run: Run) -> dict[str, int]:
    """How far the night is, counted from what is written down.

    One that an earlier night asked in vain, and this one could not ask, was not asked tonight.
    """
    found = Question.objects.filter(run=run).aggregate(
        due=Count("pk"),
        asked=Count("pk", filter=Q(asked_at__gte=run.started_at)),
        answered=Count("answered_at"),
    )
    return dict(found)


def show_progress(run: Run) -> None:
    """Begin counting where the night begins, or where it goes on after it was broken off."""
    Run.objects.filter(pk=run.pk).update(**counts(run))


def waiting(run: Run) -> QuerySet[Question]:
    """The questions of the night that are not answered."""
    return Question.objects.filter(company=run.company_id, run=run, open=True)


def not_asked(*, since: datetime) -> Q:
    """Those that were not asked since then."""
    return Q(asked_at=None) | Q(asked_at__lt=since)


def not_asked_of(run: Run, payers: Collection[int], *, since: datetime) -> list[tuple[int, int]]:
    """How many claims of each of these payers were not asked about since then."""
    rows = waiting(run).filter(not_asked(since=since), hold__payer__in=payers)
    return list(rows.values_list("hold__payer").annotate(Count("pk")).order_by("hold__payer"))


def locked_held(rows: Sequence[Hold], wanted: Q) -> list[Hold]:
    """Lock the claims of these holds, and read anew those that are still held and still wanted.

    What was read before the lock may be over: a person may have asked, queued or released meanwhile.
    """
    claims = moves.locked(row.claim_id for row in rows)
    still = Hold.objects.filter(wanted, pk__in=[row.pk for row in rows], active=True).order_by("pk")
    kept = still.select_related("claim", "payer", "snapshot").defer("snapshot__x12_271", "snapshot__reading")
    return [row for row in kept if claims[row.claim_id].status == states.HOLD]


def put_off(run: Run) -> None:
    """Show that what stayed unanswered is asked again tomorrow night (D-CHK-7)."""
    tomorrow = run.target_date + timedelta(days=1)
    waiting = Question.objects.filter(run=run, open=True).values("hold")
    Hold.objects.filter(pk__in=waiting, active=True).exclude(next_check_on=tomorrow).update(
        next_check_on=tomorrow
    )
    concerns.not_answered(run)


def _execute(sql: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
