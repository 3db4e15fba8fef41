"""The set-based statements of the nightly check: what it plans, releases and counts, by the thousand.

Every function here runs inside one transaction of the caller and locks claims first, in order of id.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from deductibles.actions import concerns, holding, moves, release_dates
from deductibles.domain import cadence, hold, states
from deductibles.due import Held
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
    ORDER BY d.id
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
    found = list(pairs)
    done = let_go(found, at)
    if found:
        _execute(
            _RELEASED,
            at=at,
            ids=[row.pk for row, _ in found],
            codes=[verdict.reason_code for _, verdict in found],
            whys=[json.dumps(list(verdict.why)) for _, verdict in found],
        )
    count(run, released=done.released, timed_out=done.timed_out)
    return done.released + done.timed_out


def let_go(found: Sequence[tuple[Hold | Held, hold.Verdict]], at: datetime) -> Released:
    """What a release is apart from the holds' own rows: claims to the queue, monitoring ended."""
    if not found:
        return Released()
    moved = moves.apply([row.claim_id for row, _ in found], "release", states.HOLD, at=at)
    automatic = [row.pk for row, _ in found if row.kind == Hold.Kind.AUTOMATIC]
    outbox.post_of_each(found[0][0].company_id, holding.UNMONITOR, "hold", automatic, at=at)
    late = sum(verdict.reason_code == hold.ELAPSED for _, verdict in found)
    return Released(moved - late, late)


_COUNTED = """
    UPDATE work_run SET asked = asked + %(asked)s, answered = answered + %(answered)s,
        released = released + %(released)s, timed_out = timed_out + %(timed_out)s
    WHERE id = %(run)s"""


def count(run: Run, **more: int) -> None:
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
