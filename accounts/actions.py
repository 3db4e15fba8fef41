"""What changes about people: their API tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.audit import acting
from accounts.models import ApiToken, User


def issue_token(user: User, *, name: str, by: User | None, at: datetime, lifetime: timedelta) -> str:
    """Make a token and give its key, which is kept nowhere: only its digest is stored."""
    key = ApiToken.new_key()
    with transaction.atomic(), acting(by, "issue token"):
        ApiToken.objects.create(
            user=user,
            name=name[:80],
            digest=ApiToken.digest_of(key),
            created_at=at,
            expires_at=at + lifetime,
        )
    return key
