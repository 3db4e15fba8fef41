"""The outbox: tell the outside world exactly what was committed, at least once, in the end.

An app registers a handler per kind; :func:`deliver` claims messages with ``SKIP LOCKED`` and a
lease, calls the handler outside any transaction, and repeats with growing pauses what failed.
Handlers are idempotent: a message may come twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from work.models import OutboxMessage

log = structlog.get_logger(__name__)
Handler = Callable[[OutboxMessage], None]
_HANDLERS: dict[str, Handler] = {}
_LEASE = timedelta(minutes=5)
"""Longer than the longest call of a handler, so that nobody else takes the message meanwhile."""
_LONGEST_PAUSE = timedelta(hours=6)
_MOST_DOUBLINGS = 9
"""2**9 minutes are more than the longest pause; more doublings would only overflow."""
_GIVE_UP_AFTER = 3
_DOWN_FOR = 2
"""Companies for which a kind must fail before its vendor counts as down."""
_REST = timedelta(minutes=5)


class GivenUp(Exception):
    """Raised by a handler whose message can never be delivered: it is put aside and not tried again.

    ``why`` is a few words without patient data; the handler lets the people it concerns know.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotNow(Exception):
    """Raised by a handler whose message is to be tried again: ``why`` is a sentence without patient data.

    It is kept with the message and shown to whoever can do something about it.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that delivers messages of this kind."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        return handler

    return register


def post(company_id: int, kind: str, payload: dict[str, Any], *, at: datetime) -> OutboxMessage:
    """Write one message; call this inside the transaction that makes it true."""
    return post_many([(company_id, kind, payload)], at=at)[0]


def post_many(messages: list[tuple[int, str, dict[str, Any]]], *, at: datetime) -> list[OutboxMessage]:
    """Write many messages in one statement."""
    rows = [
        OutboxMessage(company_id=company_id, kind=kind, payload=payload, created_at=at, next_at=at)
        for company_id, kind, payload in messages
    ]
    return OutboxMessage.objects.bulk_create(rows, batch_size=1000)


_OF_EACH = """
    INSERT INTO work_outboxmessage (company_id, kind, payload, created_at, next_at, attempts, failure)
    SELECT %(company)s, %(kind)s, jsonb_build_object(%(key)s::text, id), %(at)s, %(at)s, 0, ''
    FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS each(id, place) ORDER BY place"""


def post_of_each(company_id: int, kind: str, key: str, ids: Iterable[int], *, at: datetime) -> None:
    """A message about each of many rows, ``{key: id}``: thousands as one statement."""
    values: dict[str, Any] = {
        "company": company_id,
        "kind": kind,
        "key": key,
        "ids": list(ids),
        "at": at,
    }
    if values["ids"]:
        with connection.cursor() as cursor:
            cursor.execute(_OF_EACH, values)


def deliver(*, at: datetime) -> int:
    """Deliver what is due at this moment, one message after the other; give how many are done with.

    What of a kind fails three times in a row for a company is left alone for some minutes, all that waits of
    it there: one company's wrong token must not keep the others waiting. When that happens to a second
    company, and the kind went well for none, the vendor is down and all that waits of the kind is left alone,
    so that a vendor who hangs does not keep the other kinds waiting.
    """
    began, delivered = monotonic(), 0
    failed, silent, heard = Counter[tuple[str, int]](), set[tuple[str, int]](), set[str]()
    while message := _claim(at, now := at + timedelta(seconds=monotonic() - began)):
        mine = (message.kind, message.company_id)
        if _deliver_one(message, now):
            delivered += 1
            failed[mine] = 0
            heard.add(message.kind)
            continue
        failed[mine] += 1
        if failed[mine] >= _GIVE_UP_AFTER:
            silent.add(mine)
            down = sum(kind == message.kind for kind, _ in silent) >= _DOWN_FOR and message.kind not in heard
            _put_off(message.kind, None if down else message.company_id, at, now)
    return delivered


def hasten(company_id: int, kinds: Iterable[str], *, at: datetime) -> int:
    """Try at once what waits of these kinds, for what stood in its way was mended; give how many."""
    waiting = OutboxMessage.objects.filter(company_id=company_id, kind__in=list(kinds), done_at=None)
    return waiting.filter(next_at__gt=at).update(next_at=at)


def _due(at: datetime, now: datetime) -> QuerySet[OutboxMessage]:
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    rows = OutboxMessage.objects.select_for_update(skip_locked=True)
    return rows.filter(free, done_at=None, next_at__lte=at)


def _claim(at: datetime, now: datetime) -> OutboxMessage | None:
    """Take the message that has waited longest. One at a time: a lease outlasts one call, not a hundred."""
    with transaction.atomic():
        message = _due(at, now).order_by("next_at", "id").first()
        if message is not None:
            OutboxMessage.objects.filter(pk=message.pk).update(leased_until=now + _LEASE)
    return message


def _put_off(kind: str, company_id: int | None, at: datetime, now: datetime) -> None:
    """Let everything else of this kind wait, of one company or of all; it counts as no attempt of theirs."""
    with transaction.atomic():
        rows = _due(at, now).filter(kind=kind)
        if company_id is not None:
            rows = rows.filter(company_id=company_id)
        waiting = list(rows.values_list("pk", flat=True))
        OutboxMessage.objects.filter(pk__in=waiting).update(next_at=now + _REST)
    log.warning("outbox_put_off", kind=kind, messages=len(waiting))


def _deliver_one(message: OutboxMessage, at: datetime) -> bool:
    mine = OutboxMessage.objects.filter(pk=message.pk, done_at=None)
    try:
        _HANDLERS[message.kind](message)
    except GivenUp as end:
        log.warning("outbox_given_up", kind=message.kind, id=message.pk, why=end.why)
        return bool(mine.update(done_at=at, leased_until=None, failure=f"given up: {end.why}"[:300]))
    except Exception as error:
        # Whatever went wrong with one message must not stop the others; it is logged by its kind
        # and id, shown by its type or by the handler's own sentence, and tried again.
        log.warning("outbox_failed", kind=message.kind, id=message.pk, error=type(error).__name__)
        said = error.why[:300] if isinstance(error, NotNow) else type(error).__name__
        pause = min(timedelta(minutes=2 ** min(message.attempts, _MOST_DOUBLINGS)), _LONGEST_PAUSE)
        mine.update(attempts=message.attempts + 1, next_at=at + pause, leased_until=None, failure=said)
        return False
    return bool(mine.update(done_at=at, leased_until=None, failure=""))
