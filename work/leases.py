"""Leases: who may do a named piece of work right now, safe against the dead and the slow."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Case, Func, IntegerField, When

from work.models import Lease


class Lost(Exception):
    """The lease ran out and somebody else holds it: stop, change nothing more."""


class _Session(Func):
    """The database's own number of our session, which ends with the process, however that ends."""

    template = "pg_backend_pid()"
    output_field = IntegerField()


def take(name: str, *, at: datetime, lifetime: timedelta, while_alive: bool = False) -> int | None:
    """Take the lease and give its fence, or ``None`` while somebody else holds it.

    ``while_alive``: it is free at once when the holder's session with the database is gone, so that nobody
    waits for the dead. A holder that lives and only lost its session is fenced like one that slept. Behind a
    pooler sessions outlive processes; then the lifetime alone decides.
    """
    Lease.objects.bulk_create([Lease(name=name)], ignore_conflicts=True)
    with transaction.atomic():
        lease = Lease.objects.select_for_update().get(name=name)
        if lease.held_until is not None and lease.held_until > at and not _is_gone(lease.holder):
            return None
        fence = lease.fence + 1
        Lease.objects.filter(pk=lease.pk).update(
            fence=fence, held_until=at + lifetime, holder=_Session() if while_alive else None
        )
        return fence


def _is_gone(session: int | None) -> bool:
    """Whether the database knows this session no more; a number that is in use again counts as alive."""
    if session is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)", [session])
        return bool(cursor.fetchone()[0])


def keep(name: str, fence: int, *, at: datetime, lifetime: timedelta) -> None:
    """Lengthen a lease that is still ours, or raise :class:`Lost`."""
    ours = Case(When(holder=None, then=None), default=_Session())
    kept = Lease.objects.filter(name=name, fence=fence).update(held_until=at + lifetime, holder=ours)
    if not kept:
        raise Lost(f"The lease on {name} is held by somebody else now.")


def pin(name: str, fence: int) -> None:
    """Have nobody take a lease that is still ours before this transaction ends, or raise :class:`Lost`.

    Whoever keeps it meanwhile, in another session of the holder's, does not wait for us: only taking does.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM work_lease WHERE name = %s AND fence = %s FOR KEY SHARE", [name, fence])
        if not cursor.rowcount:
            raise Lost(f"The lease on {name} is held by somebody else now.")


def give_back(name: str, fence: int) -> None:
    """End our lease; one that was lost already is left alone."""
    Lease.objects.filter(name=name, fence=fence).update(held_until=None, holder=None)
