"""A change of the policy that reaches many open tickets: part by part, in the background (K13).

What was decided stands in the database: the version is in force, the tickets it is put over are written down
with the version each had. Each part is one transaction with the mark of how far it is, so that whoever comes
next goes on where somebody died, and no ticket is moved or told of twice. All of it counts as of the moment
at which it was published: what a part does an hour later is what the whole would have done then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F

from accounts.audit import acting
from accounts.models import Company, User
from accounts.steps import Refused
from escalations.actions.notices import Fact, notify
from escalations.actions.policy_turn import turn
from escalations.actions.reclock_telling import Tally, tell_tally
from escalations.actions.reclock_writing import Under
from escalations.actions.reclocking import catch_up as catch_up_with_calendar
from escalations.domain.reclock import Change, is_late
from escalations.models import PolicyMove, PolicyRun, PolicyVersion, Reclocking
from escalations.policy_over import planned_for_many, put_under_calendar_in_force, still_under
from escalations.running import no_cycles
from work import leases

log = structlog.get_logger(__name__)
TASK = "escalations.go_on_with_policy"
AT_ONCE = 5_000
"""So many tickets are put under a version within the request; more are left to a worker."""
PART = 4_000
"""Tickets of one transaction: about a second, for so long nobody else can step on them."""
MOST_ATTEMPTS = 5
UNDER_WAY = (
    "A version is still being put over open tickets. Wait until it has reached all of them, then try again."
)
FINISHED = "There is nothing left to go on with."
OVERTAKEN = "Another version was put over open tickets since, so this one is not gone on with."
LEASE = timedelta(minutes=10)
_ENOUGH = 40.0
"""Seconds after which the sweep leaves what is left to the next minute's."""
_State = PolicyRun.State


def is_under_way(company: Company) -> bool:
    """Whether a change of the company's policy is on its way through open tickets."""
    return PolicyRun.objects.filter(company=company, state=_State.WORKING).exists()


def begin(change: Reclocking, planned: int) -> PolicyRun:
    """Write down that a change is to reach so many tickets; inside the transaction that makes it."""
    return PolicyRun.objects.create(
        company=change.company, change=change, planned=planned, began_at=change.at
    )


def ring(run: PolicyRun) -> None:
    """Let a worker begin; where none hears it, the minute's sweep does. Call it after the commit."""
    try:
        current_app.send_task(TASK, args=[run.pk])
    except Exception as error:
        log.warning("doorbell_silent", run=run.pk, error=type(error).__name__)


def go_on(change: Reclocking, *, by: User, at: datetime) -> PolicyRun:
    """Take up a run that was stopped because it failed again and again.

    Raises Refused ("role"), ("unknown") when it is not stopped, ("older") when another version was put over
    open tickets since.
    """
    with turn(change.company, by, "go on with policy"):
        run = PolicyRun.objects.filter(change=change, state=_State.STOPPED).first()
        if run is None:
            raise Refused(FINISHED, "unknown")
        later = Reclocking.objects.filter(company=change.company, policy__isnull=False, pk__gt=change.pk)
        if later.exists():
            raise Refused(OVERTAKEN, "older")
        run.state, run.attempts, run.ended_at = _State.WORKING, 0, None
        run.save(update_fields=["state", "attempts", "ended_at"])
    return run


def catch_up(*, at: datetime) -> int:
    """Take up every run that nobody works on; give how many were worked on."""
    began, worked = monotonic(), 0
    waiting = PolicyRun.objects.filter(state=_State.WORKING).order_by("pk").values_list("pk", flat=True)
    for key in list(waiting):
        left = _ENOUGH - (monotonic() - began)
        if left <= 0:
            break
        worked += work_on(key, at=at + timedelta(seconds=monotonic() - began), seconds=left)
    return worked


def lease_of(company: int) -> str:
    """What whoever works on a company's changes of the policy holds."""
    return f"policy of company {company}"


def work_on(key: int, *, at: datetime, seconds: float | None = None) -> bool:
    """Bring one run as far as it goes, for about so many ``seconds``; False if somebody else does."""
    run = PolicyRun.objects.filter(pk=key, state=_State.WORKING).first()
    if run is None:
        return False
    lease = lease_of(run.company_id)
    fence = leases.take(lease, at=at, lifetime=LEASE, while_alive=True)
    if fence is None:
        return False
    try:
        _attempt(_Work(run, at, lease, fence, seconds))
    finally:
        leases.give_back(lease, fence)
    return True


def _attempt(work: _Work) -> None:
    key = work.run.pk
    PolicyRun.objects.filter(pk=key).update(attempts=F("attempts") + 1)
    work.run.refresh_from_db()
    if work.run.attempts > MOST_ATTEMPTS:
        PolicyRun.objects.filter(pk=key, state=_State.WORKING).update(state=_State.STOPPED, ended_at=work.at)
        log.error("policy_run_stopped", run=key)
        return
    try:
        work.go()
    except leases.Lost:
        log.warning("policy_run_lease_lost", run=key)
    except Exception as error:  # the next attempt goes on; nobody else's work may end with it
        log.error("policy_run_failed", run=key, error=type(error).__name__)


@dataclass(frozen=True)
class _Slice:
    """Tickets that had the version ``was`` and get the version ``new``."""

    was: int
    new: PolicyVersion
    tickets: Sequence[int]


class _Work:
    """One holder of the lease at one run."""

    def __init__(self, run: PolicyRun, at: datetime, lease: str, fence: int, seconds: float | None) -> None:
        self.run, self.at, self._lease, self._fence = run, at, lease, fence
        self._seconds, self._began = seconds, monotonic()
        related = Reclocking.objects.select_related("company", "by", "policy", "undoes")
        self.change = related.get(pk=run.change_id)
        of = self.change.undoes or self.change
        self.moves = list(PolicyMove.objects.filter(change=of).select_related("version").order_by("version"))

    @property
    def now(self) -> datetime:
        """The moment, counted on from when the work was begun."""
        return self.at + timedelta(seconds=monotonic() - self._began)

    def go(self) -> None:
        """Part after part until all is done, or the time is over."""
        while self._part():
            leases.keep(self._lease, self._fence, at=self.now, lifetime=LEASE)
            if self._seconds is not None and monotonic() - self._began > self._seconds:
                return

    def _part(self) -> bool:
        """One part with its mark, and with the last one the end; whether there are more."""
        change, company = self.change, self.change.company
        with transaction.atomic(), acting(change.by, "reclock", company=company.pk), no_cycles():
            Company.objects.select_for_update(no_key=True).get(pk=company.pk)
            leases.pin(self._lease, self._fence)
            run = PolicyRun.objects.select_for_update().get(pk=self.run.pk)
            if run.state != _State.WORKING:
                return False
            catch_up_with_calendar(company, at=self.now)
            tally = Tally.from_json(run.people)
            with planned_for_many():
                for one in self._slices(run.done):
                    moved = self._write(one)
                    tally.take(company, moved)
                    self._count(run, moved)
            run.done = min(run.done + PART, run.planned)
            run.people, run.part_at, run.attempts = tally.to_json(), self.now, 0
            if run.done == run.planned:
                self._end(run, tally)
            run.save()
        return run.state == _State.WORKING

    def _slices(self, start: int) -> list[_Slice]:
        """The next tickets: of one list of versions and tickets, those from ``start`` on."""
        found, end, passed = [], start + PART, 0
        for move in self.moves:
            first, last = max(start - passed, 0), max(end - passed, 0)
            tickets = move.tickets[first:last]
            if tickets and self.change.policy is not None:
                undone = self.change.undoes
                was = undone.policy_id if undone else move.version_id
                new = move.version if undone else self.change.policy
                found.append(_Slice(was or 0, new, tickets))
            passed += len(move.tickets)
        return found

    def _write(self, one: _Slice) -> list[Change]:
        """Put those that still have the version they had under the new one; the changes that moved a date."""
        company, change = self.change.company, self.change
        tickets = still_under(company, one.was, one.tickets)
        if not tickets:
            return []
        put_under_calendar_in_force(company, at=self.now, only=tickets)
        under = Under(company, None, one.new, change.by, change.at, undone=change.undoes is not None)
        return under.write(under.outlook(tickets))

    def _count(self, run: PolicyRun, moved: Sequence[Change]) -> None:
        at = self.change.at
        late = [(is_late(one.clock, one.clock, at), is_late(one.clock, one.moments, at)) for one in moved]
        run.moved += len(moved)
        run.breaches += sum(will and not was for was, will in late)
        run.unbreaches += sum(was and not will for was, will in late)

    def _end(self, run: PolicyRun, tally: Tally) -> None:
        """All is done: the change says what it came to, and everybody is told, once."""
        change, now = self.change, self.now
        run.state, run.ended_at = _State.DONE, now
        change.moved, change.breaches, change.unbreaches = run.moved, run.breaches, run.unbreaches
        change.unfinished = False
        change.save(update_fields=["moved", "breaches", "unbreaches", "unfinished"])
        tell_tally(change, tally, what="policy", at=now)
        if change.by is not None and change.policy is not None:
            said = f"Version {change.policy.number} of the rules has reached all open tickets"
            words = f"{said}: {run.moved:,} due date{'' if run.moved == 1 else 's'} moved."
            notify([Fact(change.by, "reclocked", None, f"policy run:{run.pk}", words)], at=now)
