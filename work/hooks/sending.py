"""What waits goes out: taken by lease, sent many at a time, recorded one by one.

An attempt is written down before anything is sent and ended when its outcome is known. A worker that dies
in between leaves it open; when its lease has run out the delivery is sent again under the same
``webhook-id``, so every event arrives at least once. The number of the attempt fences: whoever slept past
its lease records nothing over a newer one.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import F

from accounts.models import Company
from work import leases
from work.hooks import switching
from work.hooks.domain import schedule, states
from work.hooks.domain.catalogue import body_of
from work.hooks.models import HookAttempt, HookDelivery, HookEndpoint, HookHealth
from work.hooks.secrets import Unreadable, headers_of
from work.hooks.wire import LIMITS, HookLine, Outcome
from work.wire import Limits

log = structlog.get_logger(__name__)
MOST_AT_ONCE = 32
MOST_OF_ONE = 8
"""So many of one endpoint are under way at a time; of one that fails, one."""
LEASE = timedelta(seconds=60)
"""Longer than the longest attempt with its recording, so that nobody else takes the delivery meanwhile."""
BUDGET = 40.0
"""Seconds after which a round takes nothing new: others need the worker too."""
_NAME = "webhooks"
_ROUND = timedelta(seconds=BUDGET + 40)
UNREADABLE = (
    "The secret of this endpoint cannot be opened any more, for SECRETS_KEY was changed. Make a new one."
)
LOST = "The worker was stopped at every attempt, so nobody knows whether the receiver got it."
Gate = Callable[[Company, datetime], bool]
_gates: list[Gate] = []


def only_while(gate: Gate) -> None:
    """Say when a company's events may leave at all: a copy of the database sends nothing."""
    _gates[:] = [gate]


def may_leave(company: Company, at: datetime) -> bool:
    """Whether this company's events may leave from this database."""
    return all(gate(company, at) for gate in _gates)


def send_due(*, at: datetime, budget: float = BUDGET, limits: Limits = LIMITS) -> int:
    """Send what is due, as long as the budget of seconds lasts; give how many attempts ended.

    One at a time does this, whoever else is asked to comes back when the bell rings next.
    """
    if not HookDelivery.objects.filter(
        status=states.WAITING, next_at__lte=at, endpoint__enabled=True
    ).exists():
        return 0
    fence = leases.take(_NAME, at=at, lifetime=_ROUND, while_alive=True)
    if fence is None:
        return 0
    try:
        return Round(at, budget, limits).run()
    finally:
        leases.give_back(_NAME, fence)


@dataclass(frozen=True)
class Begun:
    """An attempt that has begun: everything its sending and recording need."""

    delivery: int
    number: int
    tries: int
    endpoint: HookEndpoint
    event_id: str
    body: str


class Round:
    """One worker's round: what is due is taken a few at a time, while others of it are under way."""

    def __init__(self, at: datetime, budget: float, limits: Limits = LIMITS) -> None:
        self.at, self.budget, self.limits = at, budget, limits
        self.began = monotonic()
        self.under_way: dict[Future[Outcome], Begun] = {}
        self.ended = 0
        self._open: dict[int, bool] = {}

    def now(self) -> datetime:
        """The moment, counted from the one that was handed in."""
        return self.at + timedelta(seconds=monotonic() - self.began)

    def run(self) -> int:
        """Send until nothing is due; every outcome is recorded as soon as it is there."""
        with HookLine(self.limits) as line:
            while self._take(line) or self.under_way:
                done, _ = wait(self.under_way, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in done:
                    self._end(self.under_way.pop(future), _outcome_of(future))
        return self.ended

    def _take(self, line: HookLine) -> int:
        free = MOST_AT_ONCE - len(self.under_way)
        if free <= 0 or monotonic() - self.began > self.budget:
            return 0
        begun = take(free, at=self.now(), may=self._may)
        for one in begun:
            if one.tries > schedule.MOST_ATTEMPTS:
                self._end(one, Outcome(step="worker", said=LOST))
                continue
            try:
                headers = headers_of(one.endpoint, one.event_id, one.body, self.now())
            except Unreadable:
                self._end(one, Outcome(step="secret", said=UNREADABLE))
                continue
            sent = line.submit(line.post(one.endpoint.address, headers, one.body))
            self.under_way[sent] = one
        return len(begun)

    def _end(self, begun: Begun, outcome: Outcome) -> None:
        self.ended += 1
        end(begun, outcome, at=self.now())

    def _may(self, company: Company) -> bool:
        if company.pk not in self._open:
            self._open[company.pk] = may_leave(company, self.at)
        return self._open[company.pk]


def _outcome_of(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Exception as error:
        # Whatever went wrong with one must not stop the others, or come again for ever.
        log.warning("webhook_not_sent", error=type(error).__name__)
        return Outcome(step="answer", said=f"It could not be sent ({type(error).__name__}).")


_DUE = """
    SELECT due.id FROM work_hookendpoint e
    JOIN work_hookhealth h ON h.endpoint_id = e.id
    CROSS JOIN LATERAL (
        SELECT d.id FROM work_hookdelivery d
        WHERE d.endpoint_id = e.id AND d.status = 'waiting' AND d.next_at <= %(at)s
            AND (d.leased_until IS NULL OR d.leased_until <= %(at)s)
        ORDER BY d.next_at, d.id
        LIMIT greatest(0, CASE WHEN h.failing_since IS NULL THEN %(most)s ELSE 1 END - (
            SELECT count(*) FROM work_hookdelivery b
            WHERE b.endpoint_id = e.id AND b.status = 'waiting' AND b.leased_until > %(at)s))
        FOR UPDATE OF d SKIP LOCKED
    ) due
    WHERE e.enabled AND e.company_id = ANY(%(companies)s::bigint[])
        AND (h.resting_until IS NULL OR h.resting_until <= %(at)s)
    ORDER BY due.id LIMIT %(free)s"""


def take(free: int, *, at: datetime, may: Callable[[Company], bool] = lambda company: True) -> list[Begun]:
    """Begin attempts of at most so many deliveries: leased and written down before anything is sent."""
    companies = Company.objects.filter(pk__in=HookEndpoint.objects.filter(enabled=True).values("company"))
    allowed = [company.pk for company in companies if may(company)]
    values: dict[str, Any] = {"at": at, "most": MOST_OF_ONE, "free": free, "companies": allowed}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DUE, values)
            keys = [key for (key,) in cursor.fetchall()]
        if not keys:
            return []
        mine = HookDelivery.objects.filter(pk__in=keys)
        mine.update(leased_until=at + LEASE, attempts=F("attempts") + 1, tries=F("tries") + 1)
        rows = list(mine.select_related("endpoint").order_by("pk"))
        HookAttempt.objects.bulk_create(
            HookAttempt(company_id=row.company_id, delivery=row, number=row.attempts, began_at=at)
            for row in rows
        )
    return [_begun(row) for row in rows]


def _begun(row: HookDelivery) -> Begun:
    body = body_of(row.event_type, row.occurred_at, row.data)
    return Begun(row.pk, row.attempts, row.tries, row.endpoint, row.event_id, body)


def end(begun: Begun, outcome: Outcome, *, at: datetime) -> bool:
    """Record how an attempt ended, with what follows for its delivery and its endpoint; one transaction.

    False when a newer attempt has begun meanwhile: then only this one's own line is ended.
    """
    log.info(
        "webhook_attempt",
        endpoint=begun.endpoint.pk,
        delivery=begun.delivery,
        attempt=begun.number,
        status=outcome.status,
        step=outcome.step,
    )
    with transaction.atomic():
        HookAttempt.objects.filter(delivery=begun.delivery, number=begun.number).update(
            ended_at=at,
            milliseconds=outcome.milliseconds,
            status=outcome.status,
            step=outcome.step,
            said=outcome.said[:300],
            answer=outcome.answer,
        )
        mine = HookDelivery.objects.filter(
            pk=begun.delivery, attempts=begun.number, status=states.WAITING
        ).update(**_what_follows(begun, outcome, at))
        note(begun.endpoint, outcome, at=at)
    return bool(mine)


def _what_follows(begun: Begun, outcome: Outcome, at: datetime) -> dict[str, Any]:
    if not outcome.step:
        return {"status": states.DELIVERED, "leased_until": None, "done_at": at}
    pause = schedule.pause_after(begun.tries, random.random(), outcome.asked)  # noqa: S311  spreads, hides nothing
    if pause is None or outcome.gone:
        return {"status": states.FAILED, "leased_until": None, "done_at": at}
    return {"next_at": at + pause, "leased_until": None}


def note(endpoint: HookEndpoint, outcome: Outcome, *, at: datetime) -> None:
    """Note how the endpoint does; one that is gone, or failed for days, is switched off."""
    with transaction.atomic():
        health = HookHealth.objects.select_for_update().get(endpoint=endpoint)
        if not outcome.step:
            health.answered_at, health.failing_since, health.failures, health.resting_until = (
                at,
                None,
                0,
                None,
            )
        else:
            health.failing_since = health.failing_since or at
            health.failed_at, health.failure = at, outcome.said[:300]
            if not (health.resting_until and at < health.resting_until):
                health.failures += 1  # those that were under way together are one failure
            health.resting_until = at + schedule.rest_after(health.failures, outcome.asked)
        health.save()
        if outcome.gone:
            switching.switch_itself_off(
                endpoint, "The receiver answered 410: it wants nothing any more.", at=at
            )
        elif health.failing_since and at - health.failing_since >= schedule.GIVE_UP_AFTER:
            days = schedule.GIVE_UP_AFTER.days
            switching.switch_itself_off(endpoint, f"Nothing but failures for {days} days.", at=at)
