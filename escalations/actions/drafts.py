"""What is kept of a filing form while it is typed, so that a closed browser or an ended session loses
nothing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from escalations.models import FilingDraft

LONGEST = 200_000
"""Characters of JSON that are kept of one form; what is longer stays in the browser alone."""
KEPT_FOR = timedelta(days=14)


def save_draft(said: dict[str, list[str]], *, by: User, at: datetime, key: str) -> bool:
    """Keep the form's fields as they stand now, in one statement; say whether they were kept."""
    if not key or len(json.dumps(said)) > LONGEST:
        return False
    row = FilingDraft(company_id=by.company_id, user=by, key=key, said=said, created_at=at, updated_at=at)
    FilingDraft.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user", "key"], update_fields=["said", "updated_at"]
    )
    return True


def discard_draft(key: str, *, by: User) -> None:
    """Throw away what this person's form kept, unless it was kept as a ticket."""
    FilingDraft.objects.filter(user=by, key=key, ticket=None).delete()


def forget_old_drafts(*, at: datetime) -> int:
    """Throw away what nobody came back to; give the number."""
    rows = FilingDraft.objects.filter(ticket=None, updated_at__lt=at - KEPT_FOR)
    deleted: tuple[int, dict[str, Any]] = rows.delete()
    return deleted[0]
