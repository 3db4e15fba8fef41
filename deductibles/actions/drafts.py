"""What is kept of a claim form while it is typed: a closed browser or an ended session loses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction

from accounts.models import User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions import claims
from deductibles.models import Claim, EntryDraft

LONGEST = 200_000
"""Characters of JSON that are kept of one form; what is longer stays in the browser alone."""
KEPT_FOR = timedelta(days=14)
_OVER_FOR = 600
"""Seconds for which a form that is done with is remembered: what it still had on the way ends sooner."""

Said = dict[str, list[str]]


def keep_entry(said: Said, *, by: User, at: datetime, key: str, claim: Claim | None = None) -> bool:
    """Keep the fields of a claim form as they stand now; say whether they were kept.

    Not of a form that was saved or thrown away while they were on their way.
    """
    if not by.may(Can.WORK_CLAIMS):
        raise Refused(refusal(Can.WORK_CLAIMS), "role")
    if not key or len(json.dumps(said)) > LONGEST or saved_as(key, by=by, claim=claim) is not None:
        return False
    row = EntryDraft(company_id=by.company_id, user=by, key=key, claim=claim, said=said, updated_at=at)
    EntryDraft.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user", "key"], update_fields=["said", "updated_at"]
    )
    if cache.get(_over(key, by)):
        _empty(key, by)
        return False
    return True


def enter_once(data: Mapping[str, Any], *, key: str, by: User, at: datetime) -> Claim:
    """Enter the claim of a form, as ``create_claim``: the same form sent twice is one claim (I2).

    Its row stays and names the claim, so that the form, brought back by the Back button, is known again.
    """
    if not by.may(Can.WORK_CLAIMS):
        raise Refused(refusal(Can.WORK_CLAIMS), "role")
    with transaction.atomic():
        empty = {"company_id": by.company_id, "updated_at": at}
        EntryDraft.objects.get_or_create(user=by, key=key, defaults=empty)
        row = EntryDraft.objects.select_for_update(of=("self",)).select_related("claim").get(user=by, key=key)
        if row.claim is None:
            row.claim, row.said, row.updated_at = claims.create_claim(data, by=by, at=at), {}, at
            row.save(update_fields=["claim", "said", "updated_at"])
        made = row.claim
    cache.set(_over(key, by), True, _OVER_FOR)
    return made


def save_entry(claim: Claim, data: Mapping[str, Any], *, key: str, by: User, at: datetime) -> Claim:
    """Save the form of a draft, as ``edit_claim``; what was kept of the form is not needed any more."""
    with transaction.atomic():
        changed = claims.edit_claim(claim, data, by=by, at=at)
        _empty(key, by)
    cache.set(_over(key, by), True, _OVER_FOR)
    return changed


def saved_as(key: str, *, by: User, claim: Claim | None = None) -> Claim | None:
    """The claim that a new claim's form was saved as already; None for one that was not, or is an edit."""
    if not key or claim is not None:
        return None
    row = EntryDraft.objects.filter(user=by, key=key).exclude(claim=None).select_related("claim").first()
    return row.claim if row else None


def discard_entry(key: str, *, by: User) -> None:
    """Throw away what this person's form kept: it was saved, or is not wanted any more."""
    if key:
        cache.set(_over(key, by), True, _OVER_FOR)
        _empty(key, by)


def forget_old_entries(*, at: datetime) -> int:
    """Throw away forms nobody came back to; give the number."""
    rows = EntryDraft.objects.filter(updated_at__lt=at - KEPT_FOR)
    deleted: tuple[int, dict[str, Any]] = rows.delete()
    return deleted[0]


def _empty(key: str, by: User) -> None:
    """Nothing typed is kept under this name any more; which claim it became is."""
    rows = EntryDraft.objects.filter(user=by, key=key)
    rows.filter(claim=None).delete()
    rows.exclude(said={}).update(said={})


def _over(key: str, by: User) -> str:
    return f"claim-form-over:{by.pk}:{key}"
