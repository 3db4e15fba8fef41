"""Leases and the outbox: one holder at a time, nothing lost, nothing told twice."""

from datetime import UTC, datetime, timedelta

import pytest

from work import leases, outbox
from work.models import OutboxMessage

NOW = datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_only_one_holder_at_a_time(db):
    first = leases.take("night", at=NOW, lifetime=MINUTE)
    assert first == 1
    assert leases.take("night", at=NOW, lifetime=MINUTE) is None
    leases.give_back("night", first)
    assert leases.take("night", at=NOW, lifetime=MINUTE) == 2


def test_a_dead_holders_lease_runs_out_and_its_fence_is_refused(db):
    first = leases.take("night", at=NOW, lifetime=MINUTE)
    second = leases.take("night", at=NOW + 2 * MINUTE, lifetime=MINUTE)
    assert second == first + 1
    with pytest.raises(leases.Lost):
        leases.keep("night", first, at=NOW, lifetime=MINUTE)
    leases.give_back("night", first)
    assert leases.take("night", at=NOW + 2 * MINUTE, lifetime=MINUTE) is None


@pytest.fixture
def heard():
    told: list[int] = []
    failing: list[bool] = []

    def listen(message):
        if failing:
            raise ConnectionError("with a detail that stays out of the row")
        told.append(message.pk)

    outbox.handles("test.tell")(listen)
    yield told, failing
    outbox._HANDLERS.pop("test.tell")


def test_a_message_is_delivered_once(acme, heard):
    told, _ = heard
    message = outbox.post(acme.pk, "test.tell", {"id": 1}, at=NOW)
    assert outbox.deliver(at=NOW) == 1
    assert outbox.deliver(at=NOW + MINUTE) == 0
    assert told == [message.pk]


def test_a_failed_message_waits_longer_each_time_and_is_delivered_in_the_end(acme, heard):
    told, failing = heard
    failing.append(True)
    message = outbox.post(acme.pk, "test.tell", {"id": 1}, at=NOW)
    assert outbox.deliver(at=NOW) == 0
    assert outbox.deliver(at=NOW) == 0
    message.refresh_from_db()
    assert (message.attempts, message.failure) == (1, "ConnectionError")
    failing.clear()
    assert outbox.deliver(at=NOW + 2 * MINUTE) == 1
    assert told == [message.pk]


def test_one_bad_message_does_not_stop_the_others(acme, heard):
    told, _ = heard
    OutboxMessage.objects.create(company=acme, kind="nobody.knows", created_at=NOW, next_at=NOW)
    good = outbox.post(acme.pk, "test.tell", {"id": 2}, at=NOW)
    assert outbox.deliver(at=NOW) == 1
    assert told == [good.pk]


def test_a_message_whose_worker_died_is_claimed_again(acme, heard):
    told, _ = heard
    message = outbox.post(acme.pk, "test.tell", {"id": 3}, at=NOW)
    assert [row.pk for row in outbox._claim(NOW, 10)] == [message.pk]
    assert outbox.deliver(at=NOW + MINUTE) == 0
    assert outbox.deliver(at=NOW + 6 * MINUTE) == 1
    assert told == [message.pk]
