"""The work on a back-test: some thousand claims at a time, by one worker of a company at a time.

What is done is written down with each part, so that whoever comes next goes on behind it when somebody died.
No payer is asked: everything is read from what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from time import monotonic

import structlog
from celery import current_app
from django.db.models import F, Max

from deductibles.actions import back_testing
from deductibles.domain import back_sums, back_terms, filing, replay
from deductibles.domain.back_sums import Judged
from deductibles.models import BackTest, BackTestPart
from deductibles.worth import back_result, histories, packing
from deductibles.worth.histories import Past
from work import leases

log = structlog.get_logger(__name__)
TASK = "deductibles.work_on_back_test"
PAGES = 2
"""Pages of claims in one part."""
AT_ONCE = 2_000
"""Claims that are looked at within the request; more are left to a worker."""
MOST_ATTEMPTS = 5
GIVEN_UP = "Holdline failed over this back-test several times and gave it up. Run it again."
LEASE = timedelta(minutes=10)
_ENOUGH = 40.0
"""Seconds after which the sweep leaves what is left to the next minute's."""
_State = BackTest.State


def go_on(row: BackTest, *, at: datetime) -> None:
    """Do a small back-test at once; ring for a worker otherwise. Call it outside any transaction."""
    if row.claims <= AT_ONCE:
        work_on(row.pk, at=at)
        row.refresh_from_db()
        return
    try:
        current_app.send_task(TASK, args=[row.pk])
    except Exception as error:
        log.warning("doorbell_silent", back_test=row.pk, error=type(error).__name__)


def catch_up(*, at: datetime, seconds: float | None = _ENOUGH) -> int:
    """Take up every back-test under way that nobody works on; give how many were worked on."""
    began, worked = monotonic(), 0
    waiting = BackTest.objects.filter(state__in=back_testing.UNDER_WAY).order_by("pk")
    for key in list(waiting.values_list("pk", flat=True)):
        gone = monotonic() - began
        if seconds is not None and gone >= seconds:
            break
        left = None if seconds is None else seconds - gone
        worked += work_on(key, at=at + timedelta(seconds=gone), seconds=left)
    return worked


def lease_of(company: int) -> str:
    """What whoever works on a company's back-tests holds."""
    return f"back-tests of company {company}"


def work_on(key: int, *, at: datetime, seconds: float | None = None) -> bool:
    """Bring one back-test as far as it goes, for about so many ``seconds``; False if somebody else does."""
    row = BackTest.objects.filter(pk=key, state__in=back_testing.UNDER_WAY).first()
    if row is None:
        return False
    lease = lease_of(row.company_id)
    fence = leases.take(lease, at=at, lifetime=LEASE, while_alive=True)
    if fence is None:
        return False
    try:
        _attempt(row, at, lease, fence, seconds)
    finally:
        leases.give_back(lease, fence)
    return True


def _attempt(row: BackTest, at: datetime, lease: str, fence: int, seconds: float | None) -> None:
    mine = BackTest.objects.filter(pk=row.pk, state__in=back_testing.UNDER_WAY)
    if not mine.update(state=_State.RUNNING, attempts=F("attempts") + 1):
        return
    if row.started_at is None:
        mine.filter(started_at=None).update(started_at=at)
    row = BackTest.objects.select_related("company").get(pk=row.pk)
    began = monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=monotonic() - began)

    try:
        if row.attempts > MOST_ATTEMPTS:
            back_testing.give_up(row, GIVEN_UP, at=at)
            return
        for _ in _parts(row):
            leases.keep(lease, fence, at=now(), lifetime=LEASE)
            if seconds is not None and monotonic() - began > seconds:
                return
        if BackTest.objects.filter(pk=row.pk, state=_State.RUNNING).exists():
            back_testing.finish(row, back_result.of(row), at=now())
    except leases.Lost:
        log.warning("back_test_lease_lost", back_test=row.pk)
    except Exception as error:  # the next attempt goes on; nobody else's work may end with it
        log.error("back_test_failed", back_test=row.pk, error=type(error).__name__)


def _parts(row: BackTest) -> Iterator[None]:
    """Look at the claims behind those that were looked at, and write each part down; stop when cancelled."""
    known = BackTestPart.objects.filter(of=row).aggregate(last=Max("last"), number=Max("number"))
    number = (known["number"] or 0) + 1
    bench = Bench(row)
    coming = histories.pages(row, after=known["last"] or 0)
    while pages := list(islice(coming, PAGES)):
        sums, lines = back_sums.new_sums(), list[packing.Line]()
        for page in pages:
            sums["left_out"] += page.left_out
            for past in page.pasts:
                one = bench.judge(past)
                back_sums.add(sums, one)
                lines.append(packing.line_of(past.number, one))
        last, looked_at = pages[-1].last, sum(page.looked_at for page in pages)
        packed = packing.pack(lines)
        if not back_testing.keep_part(row, number, last=last, looked_at=looked_at, sums=sums, lines=packed):
            return
        number += 1
        yield


class Bench:
    """The two sets of terms of a back-test, to which claims are put one after the other."""

    def __init__(self, row: BackTest) -> None:
        self.now, self.new = back_terms.books(row.terms)
        self.rates = back_terms.rates_of(row.terms)
        self.differ = back_terms.differing(self.now, self.new)

    def judge(self, past: Past) -> Judged:
        """What becomes of one claim under both."""
        now = replay.replay(past.history, self.now)
        episodes = past.history.episodes
        other = any(each.payer in self.differ for each in episodes) or self._came_later(episodes)
        new = replay.replay(past.history, self.new) if other else now
        terms = self.now[episodes[-1].payer]
        return Judged(
            total=past.total,
            payer=past.payer,
            decided_on=past.decided_on,
            deadline_on=filing.deadline(past.history.date_of_service, terms.limit_days),
            guard_days=terms.rules.guard_days,
            now=now,
            new=new,
            happened=past.happened,
            paid=past.paid,
            gains=back_sums.gains_of(now, new, past.paid, self.rates),
        )

    def _came_later(self, episodes: tuple[replay.Episode, ...]) -> bool:
        return None in self.differ and any(each.payer not in self.now for each in episodes)
