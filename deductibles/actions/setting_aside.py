"""Taking a claim off a work list until a day, with the reason; and bringing it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from deductibles.actions import moves
from deductibles.actions.moves import Invalid
from deductibles.domain import states, worklists
from deductibles.models import Claim, Hold, SetAside
from patients.domain.intake import Wrong, day, read_all, text

LONGEST = timedelta(days=90)
"""Nothing is out of sight for longer than this."""
REASON = 300


def set_aside(claim: Claim, kind: str, data: Mapping[str, Any], *, by: User, at: datetime) -> SetAside:
    """Take a claim off one list until ``data["until_on"]``; it comes back by itself on that day.

    Invalid without a reason, or for a day that is not later than today or more than 90 days off. Refused
    when the claim does not stand on that list (any more).
    """
    _refuse_all_but_billers(by)
    today = moves.local_date(claim.company, at)
    clean, wrong = read_all(
        {"until_on": day("Until"), "reason": text("Reason", REASON, required=True)}, dict(data)
    )
    if "until_on" in clean and not today < clean["until_on"] <= today + LONGEST:
        last = today + LONGEST
        wrong["until_on"] = Wrong("range", f"Until must be a day from tomorrow to {last:%-d %B %Y}.")
    if wrong:
        raise Invalid.of(wrong)
    with transaction.atomic(), acting(by, "set aside", reason=f"{_label(kind)}: {clean['reason']}"):
        claim = moves.lock(claim)
        if not stands_on(claim, kind, today):
            raise Refused(f"Claim {claim.number} does not stand on “{_label(kind)}” any more.")
        row, _ = SetAside.objects.update_or_create(
            company_id=claim.company_id,
            claim=claim,
            kind=kind,
            defaults={**clean, "set_at": at, "set_by": by},
        )
    return row


def bring_back(claim: Claim, kind: str, *, by: User, at: datetime) -> None:
    """Put a claim back on its list before its day; Refused when it is not set aside."""
    _refuse_all_but_billers(by)
    today = moves.local_date(claim.company, at)
    with transaction.atomic(), acting(by, "bring back", reason=_label(kind)):
        claim = moves.lock(claim)
        if not kept(claim, kind, today).update(until_on=today, set_at=at, set_by=by):
            raise Refused(f"Claim {claim.number} is not set aside on “{_label(kind)}”.")


def kept(claim: Claim, kind: str, today: date) -> QuerySet[SetAside]:
    """What keeps a claim off a list today: none, or one row."""
    return SetAside.objects.filter(claim=claim, kind=kind, until_on__gt=today)


def stands_on(claim: Claim, kind: str, today: date) -> bool:
    """Whether a claim stands on a list, set aside or not."""
    if kind == worklists.DEADLINE:
        limit = claim.payer.filing_limit_days if claim.payer else None
        known = limit is not None and claim.status in states.UNSENT
        return known and claim.date_of_service + timedelta(days=limit or 0) <= today + timedelta(days=90)
    held = Hold.objects.filter(claim=claim, active=True)
    if kind == worklists.NO_END:
        return held.filter(release_on=None).exists()
    if kind == worklists.PLAN_YEAR:
        end = worklists.plan_year_end(today)
        held = held.filter(kind=Hold.Kind.AUTOMATIC, snapshot__proven_until__range=(today, end or today))
        return end is not None and held.filter(release_on__gt=end).exists()
    return claim.concerns.filter(kind=kind).exists()


def _refuse_all_but_billers(by: User) -> None:
    if not by.may(Can.WORK_CLAIMS):
        raise Refused(refusal(Can.WORK_CLAIMS), "role")


def _label(kind: str) -> str:
    return worklists.BY_KEY[kind].label
