"""Webhooks when workers die or meet, where nothing may be sent, and secrets that stay where they are."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from django.db import connection, connections

from accounts.models import Company, User
from escalations.models import Ticket
from patients.models import Patient
from tests.api.test_holds import hold_many
from tests.hooked import NOW, add, only
from tests.receiver import Answer, Receiver
from tests.tickets import filed
from work.hooks import actions
from work.hooks.sending import LEASE, Round, end, send_due, take
from work.hooks.wire import HookLine, Outcome
from work.models import HookAttempt, HookDelivery, HookEndpoint

pytest_plugins = ["tests.hooked"]
pytestmark = pytest.mark.django_db


class TestWhenAWorkerDies:
    def test_between_sending_and_recording_it_comes_again_under_the_same_id(
        self, inbox: Receiver, hook_ticket: Ticket
    ) -> None:
        (begun,) = take(10, at=NOW)
        with HookLine() as line:
            line.call(line.post(inbox.url, {"webhook-id": begun.event_id}, begun.body))
        assert send_due(at=NOW + timedelta(seconds=30)) == 0, "its lease still holds"
        assert send_due(at=NOW + LEASE + timedelta(seconds=1)) == 1
        assert [got.headers["webhook-id"] for got in inbox.got] == [only().event_id] * 2
        first, second = HookAttempt.objects.order_by("number")
        assert (first.ended_at, second.status, only().status) == (None, 200, "delivered")

    def test_one_that_slept_past_its_lease_changes_nothing_over_a_newer_attempt(
        self, inbox: Receiver, hook_ticket: Ticket
    ) -> None:
        later = NOW + LEASE + timedelta(seconds=1)
        (slow,), (newer,) = take(10, at=NOW), take(10, at=later)
        assert end(slow, Outcome(step="answer", said="It slept."), at=later) is False
        assert only().leased_until == later + LEASE, "the newer one is still under way, and alone"
        assert HookAttempt.objects.get(number=1).said == "It slept."
        assert end(newer, Outcome(status=200), at=later) is True and only().status == "delivered"

    def test_one_that_always_dies_is_given_up_at_last(self, inbox: Receiver, hook_ticket: Ticket) -> None:
        HookDelivery.objects.update(tries=10)
        assert send_due(at=NOW) == 1
        assert only().status == "failed" and inbox.got == []


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def test_no_attempt_is_begun_twice(self, acme: Company, hook: Any, inbox: Receiver) -> None:
        hold_many(acme, 6)
        assert HookDelivery.objects.count() == 6
        gate, found = threading.Barrier(2), []

        def work() -> None:
            try:
                gate.wait(10)
                found.append([one.delivery for one in take(32, at=datetime.now(UTC))])
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        taken = [key for keys in found for key in keys]
        assert len(taken) == len(set(taken)) == 6 == HookAttempt.objects.count()

    def test_while_one_sends_the_other_goes_away_and_does_not_wait(
        self, acme: Company, hook: Any, inbox: Receiver
    ) -> None:
        hold_many(acme, 2)
        inbox.answers = [Answer(after=1.5)]
        now = datetime.now(UTC)
        other = threading.Thread(target=lambda: (send_due(at=now), connections.close_all()))
        other.start()
        while not inbox.got:
            pass
        assert send_due(at=now) == 0
        other.join(20)
        assert len(inbox.got) == 2 and set(HookDelivery.objects.values_list("status", flat=True)) == {
            "delivered"
        }


class TestWhereNothingMayBeSent:
    @pytest.mark.parametrize(
        "url", ["https://127.0.0.1:9/", "https://localhost/", "https://[::1]/", "http://x.example/"]
    )
    def test_an_address_that_got_into_the_table_is_still_refused(
        self, inbox: Receiver, hook_ticket: Ticket, settings: Any, url: str
    ) -> None:
        settings.WEBHOOKS_TO_LOOPBACK = False
        HookEndpoint.objects.update(address=url)
        send_due(at=NOW)
        attempt = HookAttempt.objects.get()
        assert attempt.step == "address" and inbox.got == []

    def test_a_name_that_leads_here_is_refused_where_it_is_looked_up(
        self, inbox: Receiver, settings: Any
    ) -> None:
        """The name is looked up once, and what came back is judged before anything is sent."""
        settings.WEBHOOKS_TO_LOOPBACK = False
        port = inbox.server.server_port
        with HookLine() as line:
            found = line.call(_send_anyway(line, f"http://localhost:{port}/"))
        assert "private network" in found and inbox.got == []


async def _send_anyway(line: HookLine, url: str) -> str:
    from work.wire import Unavailable

    try:
        await line.send("POST", url, headers={}, body=b"{}")
    except Unavailable as problem:
        return str(problem)
    return "sent"


def test_no_secret_is_kept_readable_logged_or_in_the_history(
    acme: Company, adam: User, inbox: Receiver, ana: User, hook_patient: Patient
) -> None:
    with structlog.testing.capture_logs() as logs:
        row, first = add(acme, adam, inbox)
        second = actions.rotate(row, by=adam, at=NOW)
        filed("supervisor", ana, hook_patient, NOW)
        send_due(at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM work_hookendpointevent e")
        history = " ".join(line for (line,) in cursor.fetchall())
        cursor.execute("SELECT row_to_json(e)::text FROM work_hookendpoint e")
        kept = " ".join(line for (line,) in cursor.fetchall())
    assert logs and history
    for secret in (first, second, first.removeprefix("whsec_")):
        assert secret not in str(logs) and secret not in history and secret not in kept
    row.refresh_from_db()
    assert row.secret not in history and row.earlier_secret not in history
    assert inbox.url not in str(logs)


def test_a_round_ends_when_its_budget_is_used_up(acme: Company, hook: Any, inbox: Receiver) -> None:
    hold_many(acme, 3)
    assert Round(NOW + timedelta(days=1), budget=-1.0).run() == 0 and inbox.got == []
