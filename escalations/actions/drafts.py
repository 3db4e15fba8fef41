"""What is kept of a filing form while it is typed, so that a closed browser or an ended session loses
nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache

from accounts.models import User
from escalations.models import FilingDraft, Ticket

LONGEST = 200_000
"""Characters of JSON that are kept of one form; what is longer stays in the browser alone."""
KEPT_FOR = timedelta(days=14)
_OVER_FOR = 600
"""Seconds for which a form that is done with is remembered: a request that was under way then ends sooner."""


def save_draft(said: dict[str, list[str]], *, by: User, at: datetime, key: str) -> bool:
    """Keep the form's fields as they stand now; say whether they were kept.

    Not of a form that was done with while they were on their way: whoever comes last sees that of the other,
    for one writes before looking and the other marks before deleting.
    """
    if not key or len(json.dumps(said)) > LONGEST:
        return False
    row = FilingDraft(company_id=by.company_id, user=by, key=key, said=said, created_at=at, updated_at=at)
    FilingDraft.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user", "key"], update_fields=["said", "updated_at"]
    )
    if cache.get(_over(key, by)) or Ticket.objects.filter(filed_by=by, form_key=key).exists():
        _delete(key, by)
        return False
    return True


def discard_draft(key: str, *, by: User, done: bool = False) -> None:
    """Throw away what this person's form kept, unless it was kept as a ticket.

    ``done`` with the form as well: what it still had on the way is not kept either.
    """
    if key and done:
        cache.set(_over(key, by), True, _OVER_FOR)
    _delete(key, by)


def _over(key: str, by: User) -> str:
    return f"draft-over:{by.pk}:{key}"


def _delete(key: str, by: User) -> None:
    FilingDraft.objects.filter(user=by, key=key, ticket=None).delete()


def forget_old_drafts(*, at: datetime) -> int:
    """Throw away what nobody came back to; give the number."""
    rows = FilingDraft.objects.filter(ticket=None, updated_at__lt=at - KEPT_FOR)
    deleted: tuple[int, dict[str, Any]] = rows.delete()
    return deleted[0]
