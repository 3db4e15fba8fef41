"""What both nightly runs share: one row a night, one worker at a time, and the night's own book-keeping."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from accounts.audit import acting
from accounts.models import Company
from work import leases
from work.models import Run

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=150)
"""Longer than the longest wait for AR Boost. A worker that died frees its night at once; one on a machine
that vanished, or behind a pooler, in minutes."""
PATIENCE = timedelta(seconds=60)
"""A worker that sleeps in the middle of a transaction keeps its locks so long; then the database ends it."""
AT_UTC = time(3, 0)
MOST_FAILURES = 1000


@dataclass
class Night:
    """One run under way: who holds it, and what went wrong so far.

    ``left_out`` are the claims of the file that is being written that cannot be in it, each with the reason.
    """

    company: Company
    run: Run
    at: datetime
    fence: int
    failures: list[dict[str, Any]] = field(default_factory=list)
    outages: Counter[str] = field(default_factory=Counter)
    left_out: dict[int, str] = field(default_factory=dict)
    began: float = field(default_factory=monotonic)

    @property
    def lease(self) -> str:
        return _lease(self.run)

    @property
    def ended_at(self) -> datetime:
        """Now, counted in whole seconds from the moment the night was started at."""
        return self.at + timedelta(seconds=int(monotonic() - self.began))

    def keep(self) -> None:
        """Renew our hold on the night, or raise ``leases.Lost``; in a transaction it fences the writes."""
        leases.keep(self.lease, self.fence, at=timezone.now(), lifetime=LEASE)

    @contextmanager
    def writing(self, act: str, *, beside: bool = False) -> Iterator[None]:
        """One transaction of this night: fenced, and named in the audit.

        ``beside``: somebody else renews our hold meanwhile, and must not wait for this transaction.
        """
        with transaction.atomic(), acting(None, act, run=self.run.pk, company=self.run.company_id):
            _end_sleepers()
            if beside:
                leases.pin(self.lease, self.fence)
            else:
                self.keep()
            yield

    def set_aside(self, claim: str, why: str) -> None:
        """List a claim that failed; the night goes on (D-CHK-9)."""
        if len(self.failures) < MOST_FAILURES:
            self.failures.append({"claim": claim, "why": why})

    def report(self) -> list[dict[str, Any]]:
        """Everything that went wrong, outages told once with the number of claims they touched."""
        told = [
            {
                "claim": None,
                "why": f"{why} {count} claim{'s' * (count != 1)} not answered; asked again tomorrow.",
            }
            for why, count in self.outages.items()
        ]
        return told + self.failures


def _end_sleepers() -> None:
    """Have the database end this session if it falls asleep in this transaction: others wait for it."""
    with connection.cursor() as cursor:
        milliseconds = str(round(PATIENCE.total_seconds() * 1000))
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, true)", [milliseconds])


def lease_of(kind: str, company: int) -> str:
    """What whoever works on a company's nights of a kind holds."""
    return f"night:{kind}:{company}"


def _lease(run: Run) -> str:
    return lease_of(run.kind, run.company_id)


def open_run(company: Company, kind: str, target_date: date, *, by: Any, at: datetime) -> Run:
    """The one row of this company, kind and night (D-CHK-6)."""
    with transaction.atomic(), acting(by, f"start nightly {kind}"):
        run, _ = Run.objects.get_or_create(
            company=company, kind=kind, target_date=target_date, defaults={"created_at": at}
        )
    return run


@contextmanager
def holding_night(company: Company, run: Run, *, at: datetime) -> Iterator[Night | None]:
    """Hold the night while the block runs; gives None when it is done already or somebody else's.

    An exception marks the run failed, with a sentence, and goes on; the next sweep tries again.
    """
    fence = leases.take(_lease(run), at=timezone.now(), lifetime=LEASE, while_alive=True)
    if fence is None:
        yield None
        return
    night = Night(company, run, at, fence)
    try:
        run.refresh_from_db()
        if run.state == Run.State.DONE:
            yield None
            return
        _mark(night, state=Run.State.RUNNING, started_at=run.started_at or at)
        yield night
    except leases.Lost:
        log.warning("night_lost", run=run.pk)
    except Exception as error:
        log.error("night_failed", run=run.pk, error=type(error).__name__, where=_where(error))
        why = f"The run stopped unexpectedly ({type(error).__name__}). It is tried again by itself."
        with suppress(leases.Lost):
            fail(night, why)
    finally:
        leases.give_back(night.lease, fence)


def _where(error: Exception) -> str:
    """File and line only: messages and values of an error could name a patient (I8)."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def fail(night: Night, sentence: str) -> None:
    """End the run as failed, saying why in plain words."""
    failures = [{"claim": None, "why": sentence}, *night.report()]
    _mark(night, state=Run.State.FAILED, finished_at=night.ended_at, failures=failures)


def finish(night: Night, **counts: int) -> None:
    """End the run as done, with its counts."""
    _mark(night, state=Run.State.DONE, finished_at=night.ended_at, failures=night.report(), **counts)


def _mark(night: Night, **values: Any) -> None:
    """Change the run's row; a worker that lost the night raises ``leases.Lost`` and leaves it alone."""
    with night.writing(f"nightly {night.run.kind}"):
        Run.objects.filter(pk=night.run.pk).update(**values)
    night.run.refresh_from_db()


def newest_night(company: Company, at: datetime) -> date:
    """The target date of the newest night whose 03:00 UTC has passed: the company's date at that moment."""
    moment = datetime.combine(at.astimezone(UTC).date(), AT_UTC, UTC)
    if moment > at:
        moment -= timedelta(days=1)
    return moment.astimezone(company.zone).date()


def begun_early(company: Company, newest: date) -> list[Run]:
    """Runs of nights still to come that somebody asked for and that are not at their end, oldest first."""
    rows = Run.objects.filter(company=company, target_date__gt=newest)
    return list(rows.filter(state__in=(Run.State.WAITING, Run.State.RUNNING)).order_by("target_date", "pk"))


def left_behind(newest: Run) -> list[Run]:
    """Runs of earlier nights that never came to their end, oldest first."""
    earlier = Run.objects.filter(
        company_id=newest.company_id, kind=newest.kind, target_date__lt=newest.target_date
    )
    return list(earlier.exclude(state=Run.State.DONE).order_by("target_date"))
