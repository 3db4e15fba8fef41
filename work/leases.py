"""Leases: who may do a named piece of work right now, safe against the dead and the slow."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from work.models import Lease


class Lost(Exception):
    """The lease ran out and somebody else holds it: stop, change nothing more."""


def take(name: str, *, at: datetime, lifetime: timedelta) -> int | None:
    """Take the lease and give its fence, or ``None`` while somebody else holds it."""
    Lease.objects.bulk_create([Lease(name=name)], ignore_conflicts=True)
    with transaction.atomic():
        lease = Lease.objects.select_for_update().get(name=name)
        if lease.held_until is not None and lease.held_until > at:
            return None
        lease.fence += 1
        lease.held_until = at + lifetime
        lease.save(update_fields=["fence", "held_until"])
        return lease.fence


def keep(name: str, fence: int, *, at: datetime, lifetime: timedelta) -> None:
    """Lengthen a lease that is still ours, or raise :class:`Lost`."""
    kept = Lease.objects.filter(name=name, fence=fence).update(held_until=at + lifetime)
    if not kept:
        raise Lost(f"The lease on {name} is held by somebody else now.")


def give_back(name: str, fence: int) -> None:
    """End our lease; one that was lost already is left alone."""
    Lease.objects.filter(name=name, fence=fence).update(held_until=None)
