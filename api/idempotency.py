"""``Idempotency-Key``: a write that is sent again is answered again, and not done again.

The key's row and the write share one transaction, so a process that dies leaves neither. A second
request with the same key waits for the first on the row's unique index, then gets its answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import Conflict
from api.models import IdempotencyKey
from api.permissions import SignedIn


def once(request: SignedIn, work: Callable[[], Response]) -> Response:
    """Do ``work`` once per key; without a key simply do it, in one transaction either way."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        with transaction.atomic():
            return work()
    if len(key) > 200 or not key.isprintable():
        raise ValidationError({"Idempotency-Key": ["At most 200 printable characters."]})
    digest = _digest(request)
    with transaction.atomic():
        row, new = IdempotencyKey.objects.get_or_create(
            user=request.user, key=key, defaults={"request_digest": digest}
        )
        if not new:
            return _again(row, digest)
        answer = work()
        row.status, row.body = answer.status_code, _plain(answer.data)
        row.save(update_fields=["status", "body"])
        return answer


def _again(row: IdempotencyKey, digest: str) -> Response:
    if row.request_digest != digest:
        raise Conflict("This Idempotency-Key came before with another request. Use a new key.")
    return Response(row.body, status=row.status or 200)


def _digest(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def _plain(data: Any) -> Any:
    return json.loads(json.dumps(data, cls=DjangoJSONEncoder))
