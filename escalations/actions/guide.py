"""What people do with the guide: open it, find a place unclear, settle that, search in vain for a ticket."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.audit import acting
from accounts.models import User
from accounts.roles import Can, refusal
from accounts.steps import Refused
from escalations.models import Deflection, PolicyVersion, UnclearReport

TWICE = timedelta(minutes=1)
"""Within this the same person saying the same again has pressed twice."""
LONGEST_TOLD = 400


def count_view(*, by: User) -> int:
    """Count that somebody opened the guide, and say how often that was in this company (R-DOC-1)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO escalations_guidecount (company_id, views) VALUES (%s, 1) "
            "ON CONFLICT (company_id) DO UPDATE SET views = escalations_guidecount.views + 1 RETURNING views",
            [by.company_id],
        )
        views: int = cursor.fetchone()[0]
        return views


def report_unclear(
    version: PolicyVersion, place: str, words: str, *, by: User, at: datetime
) -> UnclearReport:
    """Keep that somebody finds a place of the guide unclear; pressed twice it is kept once."""
    said: dict[str, Any] = {"place": place, "words": words, "policy_version": version}
    with transaction.atomic(), acting(by, "report unclear"):
        return _once(UnclearReport, said, by, at)


def log_no_ticket(version: PolicyVersion, rule: str, told: str, *, by: User, at: datetime) -> Deflection:
    """Log that "Which ticket?" led to none, and what the caller was told (R-X-9); pressed twice, once."""
    said: dict[str, Any] = {"rule": rule, "told": told[:LONGEST_TOLD], "type": "", "policy_version": version}
    with transaction.atomic(), acting(by, "deflect"):
        return _once(Deflection, said, by, at)


def _once(model: Any, said: dict[str, Any], by: User, at: datetime) -> Any:
    """A row that says this, unless the person has just said it; their own row puts two presses in line."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    rows = model.objects.filter(company_id=by.company_id, by=by, at__gt=at - TWICE, at__lte=at, **said)
    found = rows.order_by("-at").first()
    return found or model.objects.create(company_id=by.company_id, by=by, at=at, **said)


def settle_report(report: UnclearReport, note: str, *, by: User, at: datetime) -> None:
    """Settle what was unclear, saying what was done about it.

    Raises Refused for whoever is no admin ("role"), and when somebody else has settled it already ("stale").
    """
    if not by.may(Can.SETTINGS):
        raise Refused(refusal(Can.SETTINGS), "role")
    with transaction.atomic(), acting(by, "settle unclear"):
        rows = UnclearReport.objects.filter(pk=report.pk, company_id=by.company_id, settled_at=None)
        if not rows.update(settled_at=at, settled_by=by, settled_note=note):
            raise Refused("Somebody else has settled this meanwhile.", "stale")
