"""Who is alive: each process writes when it was last seen, and anybody may ask how long ago that was.

The database keeps it, not the broker, so that the question has an answer while the broker is down. The
scheduler and each worker write for themselves; so a silent one is told from one that merely has no work.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Max

from work.models import Heartbeat

FORGOTTEN = timedelta(days=1)
"""After this long a process that never came back is no longer remembered, unless it was the last one."""
LONGEST_NAME = 120


def record(kind: str, name: str, *, at: datetime) -> None:
    """Write down that this process lives; one statement."""
    row = Heartbeat(kind=kind, name=name[:LONGEST_NAME], seen_at=at)
    Heartbeat.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["kind", "name"], update_fields=["seen_at"]
    )


def forget(*, at: datetime) -> None:
    """Drop processes unseen for a day while a newer one of their kind is known."""
    for kind, seen in last_seen().items():
        Heartbeat.objects.filter(kind=kind, seen_at__lt=min(at - FORGOTTEN, seen)).delete()


def last_seen() -> dict[str, datetime]:
    """The newest moment of each kind that was ever seen; one query."""
    rows = Heartbeat.objects.values_list("kind").annotate(newest=Max("seen_at")).order_by("kind")
    return dict(rows)


def ages(seen: Mapping[str, datetime], now: datetime) -> dict[str, int | None]:
    """Whole seconds since each kind was seen, never negative; None for one that never was."""
    found: dict[str, int | None] = dict.fromkeys(Heartbeat.Kind.values)
    return found | {kind: max(0, int((now - at).total_seconds())) for kind, at in seen.items()}


def alive(kind: str, *, since: datetime) -> list[str]:
    """The names of the processes of this kind seen since then."""
    rows = Heartbeat.objects.filter(kind=kind, seen_at__gte=since)
    return list(rows.order_by("name").values_list("name", flat=True))
