"""The outbox: tell the outside world exactly what was committed, at least once, in the end.

An app registers a handler per kind; :func:`deliver` claims messages with ``SKIP LOCKED`` and a
lease, calls the handler outside any transaction, and repeats with growing pauses what failed.
Handlers are idempotent: a message may come twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q

from work.models import OutboxMessage

log = structlog.get_logger(__name__)
Handler = Callable[[OutboxMessage], None]
_HANDLERS: dict[str, Handler] = {}
_LEASE = timedelta(minutes=5)
_LONGEST_PAUSE = timedelta(hours=6)


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


def deliver(*, at: datetime, limit: int = 100) -> int:
    """Deliver what is due; give the number delivered."""
    delivered = 0
    for message in _claim(at, limit):
        delivered += _deliver_one(message, at)
    return delivered


def _claim(at: datetime, limit: int) -> list[OutboxMessage]:
    with transaction.atomic():
        free = Q(leased_until=None) | Q(leased_until__lte=at)
        rows = list(
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(free, done_at=None, next_at__lte=at)
            .order_by("next_at", "id")[:limit]
        )
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(leased_until=at + _LEASE)
    return rows


def _deliver_one(message: OutboxMessage, at: datetime) -> int:
    mine = OutboxMessage.objects.filter(pk=message.pk, done_at=None)
    try:
        _HANDLERS[message.kind](message)
    except Exception as error:
        # Whatever went wrong with one message must not stop the others; it is logged by its kind
        # and id, shown by its type, and tried again.
        log.warning("outbox_failed", kind=message.kind, id=message.pk, error=type(error).__name__)
        pause = min(timedelta(minutes=2**message.attempts), _LONGEST_PAUSE)
        mine.update(
            attempts=message.attempts + 1, next_at=at + pause, leased_until=None, failure=type(error).__name__
        )
        return 0
    return mine.update(done_at=at, leased_until=None, failure="")
