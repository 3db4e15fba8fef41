"""The two nightly runs, each a story to be read from top to bottom, and what catches up missed ones.

Every step is a transaction of its own that finds only what is still to do, so a run that was killed at
any line and is started again completes, and a night that is run twice asks, releases and records once.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings as config
from django.db import DatabaseError
from django.db.models import Q

from accounts.models import Company
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles import nights, submitting
from deductibles.actions import hold_totals, holding, moves, nightwork, outcomes
from deductibles.asking import ask_who_is_due, take_in, threshold
from deductibles.domain import hold
from deductibles.models import DeductibleSettings, Hold, settings_in_force
from deductibles.nights import Night
from work.leases import Lost
from work.models import Run

__all__ = ["ask_who_is_due", "catch_up", "check_night", "start_night", "submission_night", "take_in"]

log = structlog.get_logger(__name__)
PAGE = 1000
RETRY = timedelta(minutes=15)


def start_night(company: Company, kind: str, target_date: date | None, *, by: Any, at: datetime) -> Run:
    """Run one night now, to its end; the same night again answers the same run (D-CHK-6).

    Call it outside any transaction. Refused for roles that may not, and for a date after the company's
    today unless the gateways are the demo's stand-ins.
    """
    target = refuse_start(company, target_date, by=by, at=at)
    run = check_night if kind == Run.Kind.CHECK else submission_night
    return run(company, target, by=by, at=at)


def refuse_start(company: Company, target_date: date | None, *, by: Any, at: datetime) -> date:
    """Give the date a night would be started for, or raise Refused as :func:`start_night` does."""
    if by is not None and not by.may(Can.START_NIGHTS):
        raise Refused(refusal(Can.START_NIGHTS), "role")
    today = moves.local_date(company, at)
    target = target_date or today
    if target > today and not config.DEMO:
        raise Refused(f"{target:%-d %B %Y} is after today. Only a demo may run nights of the future.")
    return target


def check_night(company: Company, target_date: date, *, by: Any, at: datetime) -> Run:
    """The nightly check (D-CHK-1…9): ask who is due, decide, then release those whose days are used up."""
    run = nights.open_run(company, Run.Kind.CHECK, target_date, by=by, at=at)
    if run.state == Run.State.DONE:
        return run
    with nights.holding_night(company, run, at=at) as night:
        if night is not None:
            settings = settings_in_force(company.pk)
            apply_settings(night, settings)
            release_proven(night, settings)
            with older_objects_left_alone():
                ask_who_is_due(night, settings)
            release_elapsed(night, settings)
            close_check(night)
    run.refresh_from_db()
    return run


@contextmanager
def older_objects_left_alone() -> Iterator[None]:
    """Spare the garbage collector the objects of the whole process: it took a quarter of the time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def submission_night(company: Company, target_date: date, *, by: Any, at: datetime) -> Run:
    """The nightly submission (D-SUB-0…2): first what was written and not handed over, then what is queued."""
    run = nights.open_run(company, Run.Kind.SUBMISSION, target_date, by=by, at=at)
    if run.state == Run.State.DONE:
        return run
    with nights.holding_night(company, run, at=at) as night:
        if night is not None:
            submitting.submit(night)
    run.refresh_from_db()
    return run


def apply_settings(night: Night, settings: DeductibleSettings) -> None:
    """Days that were changed while claims are held apply from this run on (deductibles.md section 4)."""
    last = 0
    while changed := nightwork.to_redate(settings, after=last, size=PAGE):
        last = changed[-1]
        page = Hold.objects.filter(company=night.company, pk__in=changed)
        rows = list(page.select_related("claim").order_by("pk"))
        _in_turn(night, rows, partial(_redate, night, settings))


def _redate(night: Night, settings: DeductibleSettings, rows: Sequence[Hold]) -> None:
    with night.writing("apply settings"):
        nightwork.redate(settings, nightwork.locked_held(rows, Q(active=True)))


def release_proven(night: Night, settings: DeductibleSettings) -> None:
    """Release without asking what a stored answer proves met (D-HOLD-6), tonight and by now.

    A night of last year that is caught up in January must not release on last year's proof.
    """
    today = max(night.run.target_date, moves.local_date(night.company, night.at))
    wanted = holding.proven_met(settings.dollar_threshold, today)
    work = partial(_release, night, "release, deductible met", wanted, partial(_proven, settings))
    for likely in holding.may_be_met(settings.dollar_threshold):
        for rows in _pages(night, likely):
            _in_turn(night, rows, work)


def _proven(settings: DeductibleSettings, row: Hold) -> hold.Verdict:
    return holding.judge_stored(row, threshold(settings, row.payer))


def _release(
    night: Night, act: str, wanted: Q, judge: Callable[[Hold], hold.Verdict], rows: Sequence[Hold]
) -> None:
    """Release, of these rows, what is still wanted once their claims are locked."""
    with night.writing(act):
        judged = [(row, judge(row)) for row in nightwork.locked_held(rows, wanted)]
        nightwork.release([pair for pair in judged if pair[1].release], night.run, at=night.at)


def _in_turn(night: Night, rows: Sequence[Hold], work: Callable[[Sequence[Hold]], None]) -> None:
    """Do this for a page at once; when that fails, row by row, setting aside what fails again (D-CHK-9).

    Also a row that was alone is tried twice: the database may have hung up on us, and that is over.
    """
    try:
        work(rows)
    except Lost:
        raise
    except Exception as error:
        log.warning("page_failed", run=night.run.pk, rows=len(rows), error=type(error).__name__)
        for row in rows:
            _alone(night, row, work)


def _alone(night: Night, row: Hold, work: Callable[[Sequence[Hold]], None]) -> None:
    try:
        work([row])
    except Lost:
        raise
    except Exception as error:
        log.warning("claim_set_aside", run=night.run.pk, hold=row.pk, error=type(error).__name__)
        why = f"Its hold could not be changed ({type(error).__name__}). It is tried again tomorrow."
        night.set_aside(row.claim.number, why)


def release_elapsed(night: Night, settings: DeductibleSettings) -> None:
    """Release, every night and on the exact day, what has used up its days or meets the guard (D-CHK-4)."""
    wanted = Q(active=True, release_on__lte=night.run.target_date)
    work = partial(_release, night, "release, time elapsed", wanted, partial(_elapsed, settings))
    for rows in _pages(night, wanted):
        _in_turn(night, rows, work)


def _elapsed(settings: DeductibleSettings, row: Hold) -> hold.Verdict:
    when = holding.release_date_of(row, settings)
    same = when is not None and when.on == row.release_on
    why = when.sentence if when and same else f"Held until {row.release_on:%-d %B %Y}."
    return hold.Verdict(True, hold.ELAPSED, (why,))


def _pages(night: Night, wanted: Q) -> Iterator[list[Hold]]:
    """Holds of the company in pages, by id, so that one that cannot be released is passed once."""
    last = 0
    while True:
        rows = Hold.objects.filter(wanted, company=night.company, pk__gt=last).order_by("pk")
        # The answer's text is long and says nothing here.
        rows = rows.defer("snapshot__x12_271", "snapshot__reading")
        page = list(rows.select_related("payer", "claim", "snapshot")[:PAGE])
        if not page:
            return
        last = page[-1].pk
        yield page


def close_check(night: Night) -> None:
    """Count from what is written down, and end the run."""
    try:
        with night.writing("nightly check"):
            nightwork.put_off(night.run)
    except DatabaseError as error:
        # Only the date that is shown; the open questions themselves make it due tomorrow.
        log.warning("next_checks_not_shown", run=night.run.pk, error=type(error).__name__)
    hold_totals.fold(night.company)
    _count_outcomes(night)
    nights.finish(night, **nightwork.counts(night.run))


def _count_outcomes(night: Night) -> None:
    """Lines of the outcome ledger that are missing, as those of payments from before it; a night goes on."""
    try:
        outcomes.catch_up(night.company)
    except DatabaseError as error:
        log.warning("outcomes_not_counted", run=night.run.pk, error=type(error).__name__)


def catch_up(*, at: datetime) -> list[Run]:
    """Run what is not done of every company's nights (I9, I10); what failed, again later."""
    done: list[Run] = []
    for company in Company.objects.order_by("pk"):
        try:
            done += _catch_up(company, at)
        except Exception as error:
            # One company's trouble (its time zone, a lost lease) must not keep the others waiting.
            log.error("catch_up_failed", company=company.pk, error=type(error).__name__)
    return done


def _catch_up(company: Company, at: datetime) -> list[Run]:
    """The newest night first: it asks for all the missed ones (D-CHK-5). Then what earlier ones left."""
    target = nights.newest_night(company, at)
    newest = [_unless_done(company, Run.Kind.CHECK, target, at)]
    if newest[0].state in (Run.State.DONE, Run.State.FAILED):
        # A check that keeps failing must not keep what is queued from going out.
        newest.append(_unless_done(company, Run.Kind.SUBMISSION, target, at))
    # While the newest fails, an earlier one would fail for the same reason.
    left = [run for each in newest if each.state == Run.State.DONE for run in nights.left_behind(each)]
    others = [*left, *nights.begun_early(company, target)]
    return [newest[0], *(_unless_done(company, run.kind, run.target_date, at) for run in others)]


def _unless_done(company: Company, kind: str, target: date, at: datetime) -> Run:
    run = Run.objects.filter(company=company, kind=kind, target_date=target).first()
    resting = run and run.state == Run.State.FAILED and run.finished_at and run.finished_at > at - RETRY
    if run is not None and (run.state == Run.State.DONE or resting):
        return run
    return start_night(company, kind, target, by=None, at=at)
