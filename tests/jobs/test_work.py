"""Leases and the outbox: one holder at a time, nothing lost, nothing told twice."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Company
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
    assert outbox._claim(NOW, NOW).pk == message.pk
    assert outbox.deliver(at=NOW + MINUTE) == 0
    assert outbox.deliver(at=NOW + 6 * MINUTE) == 1
    assert told == [message.pk]


def test_a_message_that_failed_for_weeks_does_not_stop_the_others(acme, heard):
    told, _ = heard
    old = OutboxMessage.objects.create(
        company=acme, kind="nobody.knows", created_at=NOW, next_at=NOW, attempts=41
    )
    good = outbox.post(acme.pk, "test.tell", {"id": 4}, at=NOW)
    assert outbox.deliver(at=NOW) == 1
    old.refresh_from_db()
    assert told == [good.pk] and old.next_at - NOW >= timedelta(hours=6)


def test_a_vendor_that_is_down_is_tried_three_times_and_the_other_kinds_go_out(acme, heard):
    told, _ = heard
    tried = []

    def hang(message):
        tried.append(message.pk)
        raise TimeoutError

    outbox.handles("test.hangs")(hang)
    try:
        outbox.post_many([(acme.pk, "test.hangs", {"id": place}) for place in range(9)], at=NOW)
        good = outbox.post(acme.pk, "test.tell", {"id": 5}, at=NOW)
        assert outbox.deliver(at=NOW) == 1
        assert len(tried) == 3 and told == [good.pk]
        assert outbox.deliver(at=NOW + timedelta(seconds=30)) == 0
        assert len(tried) == 3, "the rest of that kind has a pause"
        outbox.handles("test.hangs")(lambda message: None)
        assert outbox.deliver(at=NOW + 30 * MINUTE) == 9
    finally:
        outbox._HANDLERS.pop("test.hangs")


def test_a_message_that_is_being_delivered_is_taken_by_nobody_else_however_long_the_queue(acme, heard):
    told, _ = heard
    seen = []

    def slow(message):
        seen.append(list(OutboxMessage.objects.exclude(leased_until=None).values_list("pk", flat=True)))
        told.append(message.pk)

    outbox.handles("test.tell")(slow)
    rows = outbox.post_many([(acme.pk, "test.tell", {"id": place}) for place in range(3)], at=NOW)
    assert outbox.deliver(at=NOW) == 3
    assert seen == [[row.pk] for row in rows], "only the one under way is leased"


def test_one_companys_trouble_keeps_no_other_company_waiting(cast, heard):
    told, _ = heard
    acme, other = cast["ana"].company, cast["otto"].company

    def listen(message):
        if message.company_id == acme.pk:
            raise outbox.NotNow("The token is not known.")
        told.append(message.pk)

    outbox.handles("test.tell")(listen)
    outbox.post_many([(acme.pk, "test.tell", {}) for _ in range(6)], at=NOW)
    outbox.post_many([(other.pk, "test.tell", {}) for _ in range(6)], at=NOW)
    assert outbox.deliver(at=NOW) == 6
    tried = OutboxMessage.objects.filter(company=acme, attempts=1)
    assert tried.count() == 3 and {row.failure for row in tried} == {"The token is not known."}


def test_a_vendor_that_is_down_for_two_companies_is_left_alone_for_all(cast, heard):
    tried = []

    def hang(message):
        tried.append(message.company_id)
        raise TimeoutError

    outbox.handles("test.tell")(hang)
    companies = [cast["ana"].company, cast["otto"].company, Company.objects.create(key="third", name="Third")]
    for company in companies:
        outbox.post_many([(company.pk, "test.tell", {}) for _ in range(5)], at=NOW)
    assert outbox.deliver(at=NOW) == 0
    assert len(tried) == 6 and companies[2].pk not in tried


def test_what_was_mended_is_told_at_once(acme, heard):
    told, failing = heard
    failing.append(True)
    message = outbox.post(acme.pk, "test.tell", {}, at=NOW)
    outbox.deliver(at=NOW)
    failing.clear()
    assert outbox.hasten(acme.pk, ["test.tell"], at=NOW) == 1
    assert outbox.deliver(at=NOW) == 1 and told == [message.pk]
