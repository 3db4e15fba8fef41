"""The log of an endpoint, as its page and programs ask for it: what is looked for, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, QuerySet, Subquery

from work.hooks.forms import begins
from work.hooks.models import HookAttempt, HookDelivery


def looked_for(
    rows: QuerySet[HookDelivery], said: Mapping[str, Any], zone: ZoneInfo
) -> QuerySet[HookDelivery]:
    """Those of a ``status``, of an ``event``, ``since`` a day in this zone, about a ``number``."""
    wanted = Q()
    if said.get("status"):
        wanted &= Q(status=said["status"])
    if said.get("event"):
        wanted &= Q(event_type=said["event"])
    if said.get("since"):
        wanted &= Q(occurred_at__gte=begins(said["since"], zone))
    if said.get("number"):
        wanted &= Q(data__number=said["number"].strip().upper())
    return rows.filter(wanted)


def with_newest_attempt(rows: QuerySet[HookDelivery]) -> QuerySet[HookDelivery]:
    """The same, each with what its newest attempt was answered (``last_status``, ``last_said``)."""
    last = HookAttempt.objects.filter(delivery=OuterRef("pk"), number=OuterRef("attempts"))
    return rows.annotate(last_status=Subquery(last.values("status")), last_said=Subquery(last.values("said")))


def why(row: HookDelivery) -> str:
    """What the newest attempt was answered, or why it failed; empty where nobody asked for it."""
    status = getattr(row, "last_status", None)
    return getattr(row, "last_said", "") or (f"Answered {status}" if status else "")
