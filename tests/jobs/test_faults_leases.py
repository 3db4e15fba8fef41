"""A night whose worker is dead is free at once; one whose worker lives is not (I10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from django.db import connection, transaction
from django.utils import timezone

from work import leases
from work.models import Lease

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def other_session() -> psycopg2.extensions.connection:
    """A session with this test's database beside ours."""
    given = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port")
    return psycopg2.connect(**{name: given[name] for name in wanted if name in given})


def held_by(session: psycopg2.extensions.connection) -> None:
    """The lease, taken for a minute by a process whose session this is."""
    assert leases.take("night", at=NOW, lifetime=MINUTE, while_alive=True) == 1
    Lease.objects.update(holder=session.info.backend_pid)


def test_a_lease_is_free_as_soon_as_its_holders_session_is_gone() -> None:
    holder = other_session()
    held_by(holder)
    assert leases.take("night", at=NOW, lifetime=MINUTE, while_alive=True) is None
    end(holder)
    assert leases.take("night", at=NOW, lifetime=MINUTE, while_alive=True) == 2


def test_a_lease_that_is_kept_belongs_to_the_session_that_keeps_it() -> None:
    first = other_session()
    held_by(first)
    leases.keep("night", 1, at=NOW, lifetime=MINUTE)
    end(first)
    assert leases.take("night", at=NOW, lifetime=MINUTE) is None, "the holder lives on in another session"


def test_a_lease_for_a_time_is_held_for_that_time_whoever_dies() -> None:
    assert leases.take("once an hour", at=NOW, lifetime=MINUTE) == 1
    leases.keep("once an hour", 1, at=NOW, lifetime=MINUTE)
    assert Lease.objects.get().holder is None
    connection.close()
    assert leases.take("once an hour", at=NOW, lifetime=MINUTE) is None


def end(session: psycopg2.extensions.connection) -> None:
    """Close it and wait until the server has noticed: milliseconds."""
    pid = session.info.backend_pid
    session.close()
    ends = timezone.now() + timedelta(seconds=10)
    while timezone.now() < ends:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [pid])
            if not cursor.fetchone()[0]:
                return
    raise AssertionError("the session did not end")


def test_whoever_writes_beside_the_holder_stops_only_those_who_would_take_the_lease() -> None:
    fence = leases.take("night", at=NOW, lifetime=MINUTE)
    beside = other_session()
    with transaction.atomic(), beside.cursor() as cursor:
        leases.pin("night", fence)
        cursor.execute("SET lock_timeout = '200ms'")
        cursor.execute("UPDATE work_lease SET held_until = now()")
        beside.commit()
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            cursor.execute("SELECT FROM work_lease FOR UPDATE")
    beside.close()
    with pytest.raises(leases.Lost), transaction.atomic():
        leases.pin("night", fence - 1)
