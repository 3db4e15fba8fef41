"""``Idempotency-Key``: a write that is sent again is answered again, and not done again.

:func:`once` is for writes of one transaction: the key's row shares it, so a process that dies leaves
neither, and a second request waits for the first on the row's unique index, then gets its answer.
:func:`once_after` is for acts that wait for the network: the key is reserved before the act and its answer
kept after it; meanwhile a second request is told that the first is still in progress.

An answer is kept for a day. A secret that is told once is not kept at all: its write says with ``kept`` what
of the answer is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Conflict
from api.models import IdempotencyKey
from api.permissions import SignedIn

LONGEST_KEY = 200
ABANDONED_AFTER = timedelta(minutes=10)
"""A reservation without an answer for so long belongs to a process that died: its key may be used again."""
KEPT = timedelta(days=1)
"""How long a key is known, with its answer; after that it is a new one."""
_BATCH = 5_000
_OLDEST = """
    DELETE FROM api_idempotencykey WHERE id IN (
        SELECT id FROM (
            SELECT id, created_at FROM api_idempotencykey ORDER BY id LIMIT %s
        ) AS oldest WHERE created_at < %s)"""
"""Keys are numbered as they come, so the oldest are found without an index of moments."""


def key_of(request: Request) -> str:
    """The request's key, empty without one; raises ValidationError for what cannot be a key."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [f"At most {LONGEST_KEY} printable characters."]})
    return key


def answered(request: SignedIn) -> Response | None:
    """The answer that this very request was given before; None when it is new, or came without a key.

    For what is looked at before the transaction of :func:`once`: who only asks again is not looked at again.
    """
    key = key_of(request)
    row = IdempotencyKey.objects.filter(user=request.user, key=key).first() if key else None
    return None if row is None or row.status is None else _again(row, _digest(request))


def once(
    request: SignedIn,
    work: Callable[[], Response],
    *,
    said: Any = None,
    kept: Callable[[Any], Any] = lambda data: data,
) -> Response:
    """Do ``work`` once per key; without a key simply do it, in one transaction either way.

    ``said`` stands for a body that is no JSON, such as the digest of an uploaded file. ``kept`` makes of what
    is answered now what is kept and answered again: the same, less a secret.
    """
    key = key_of(request)
    if not key:
        with transaction.atomic():
            return work()
    digest = _digest(request, said)
    with transaction.atomic():
        row, new = IdempotencyKey.objects.get_or_create(
            user=request.user, key=key, defaults={"request_digest": digest}
        )
        if not new:
            return _again(row, digest)
        answer = work()
        row.status, row.body = answer.status_code, _plain(kept(answer.data))
        row.save(update_fields=["status", "body"])
        return answer


def once_after(request: SignedIn, work: Callable[[], Response]) -> Response:
    """Like :func:`once` for acts that commit by themselves; call it outside any transaction.

    A refused act leaves its key free. A process that dies between its act and the answer leaves the key
    reserved; after ten minutes the request may be sent again, and acts on what it then finds.
    """
    key = key_of(request)
    if not key:
        return work()
    digest = _digest(request)
    row, new = IdempotencyKey.objects.get_or_create(
        user=request.user, key=key, defaults={"request_digest": digest}
    )
    if not new and not _taken_over(row, digest):
        return _again(row, digest)
    mine = IdempotencyKey.objects.filter(pk=row.pk, status=None, created_at=row.created_at)
    try:
        answer = work()
    except BaseException:
        mine.delete()
        raise
    mine.update(status=answer.status_code, body=_plain(answer.data))
    return answer


def forget_answers(*, at: datetime) -> int:
    """Drop the oldest keys that were kept for long enough, a batch at a time; give how many."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, [_BATCH, at - KEPT])
        return int(cursor.rowcount)


def _taken_over(row: IdempotencyKey, digest: str) -> bool:
    """Take an abandoned reservation over; of two who try, one does."""
    now = timezone.now()
    if row.request_digest != digest or row.created_at > now - ABANDONED_AFTER:
        return False
    abandoned = IdempotencyKey.objects.filter(pk=row.pk, status=None, created_at=row.created_at)
    row.created_at = now
    return bool(abandoned.update(created_at=now))


def _again(row: IdempotencyKey, digest: str) -> Response:
    if row.request_digest != digest:
        raise Conflict("This Idempotency-Key came before with another request. Use a new key.")
    if row.status is None:
        raise Conflict("The first request with this Idempotency-Key is still in progress. Ask again later.")
    return Response(row.body, status=row.status)


def _digest(request: Request, said: Any = None) -> str:
    body = json.dumps(request.data if said is None else said, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def _plain(data: Any) -> Any:
    return json.loads(json.dumps(data, cls=DjangoJSONEncoder))
