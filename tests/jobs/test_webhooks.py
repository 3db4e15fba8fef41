"""Webhooks end to end: what happened is signed and sent to a real receiver, again until it is received."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.models import Company, User
from deductibles.actions import moves, sending
from escalations import actions as desk
from escalations.models import Ticket
from escalations.policies import policy_of
from patients.models import Patient
from tests.api.test_holds import hold_many
from tests.hooked import NOW, add, only, types
from tests.receiver import Answer, Receiver, receiver
from tests.tickets import filed
from work import outbox
from work.hooks import actions
from work.hooks.domain import states
from work.hooks.forgetting import forget_deliveries
from work.hooks.sending import MOST_OF_ONE, send_due
from work.models import HookAttempt, HookDelivery, HookEndpoint, HookHealth
from work.wire import Limits

pytest_plugins = ["tests.hooked"]
pytestmark = pytest.mark.django_db
HASTY = Limits(connect=1.0, total=1.0, body=64 * 2**10)


class TestWhatIsWrittenDown:
    def test_a_tickets_life_each_step_once(
        self, hook_ticket: Ticket, ana: User, sue: User, hook: Any
    ) -> None:
        desk.act(hook_ticket, "take", by=ana, at=NOW)
        desk.watch_clocks(at=NOW + timedelta(days=5))
        desk.watch_clocks(at=NOW + timedelta(days=5, minutes=1))
        late, facts = (
            NOW + timedelta(days=5, hours=1),
            {"outcome": first_outcome(hook_ticket), "note": "done"},
        )
        desk.act(Ticket.objects.get(), "resolve", by=sue, at=late, facts=facts)
        desk.act(Ticket.objects.get(), "reopen", by=sue, at=late, facts={"note": "again"})
        assert types() == [
            *("ticket.filed", "ticket.changed", "ticket.breached", "ticket.resolved", "ticket.reopened"),
        ]
        first = HookDelivery.objects.order_by("id")[0]
        assert first.data["number"] == hook_ticket.number and first.data["status"] == "open"
        assert first.data["due_at"] == "2026-05-19T23:00:00Z"

    def test_nothing_about_a_patient_or_in_their_words(
        self, hook_ticket: Ticket, hook_patient: Patient
    ) -> None:
        told = json.dumps([row.data for row in HookDelivery.objects.all()])
        for secret in (
            hook_patient.last_name,
            hook_patient.first_name,
            str(hook_patient.date_of_birth),
            hook_patient.phone,
        ):
            assert not secret or secret not in told
        assert set(only().data) == {
            *("id", "number", "act", "type", "status", "urgency", "cycle", "version", "due_at")
        }

    def test_a_bulk_act_on_claims_is_one_event_a_claim(self, acme: Company, hook: Any) -> None:
        keys = [hold.claim_id for hold in hold_many(acme, 150)]
        HookDelivery.objects.all().delete()
        moves.apply(keys, "release", "hold", at=NOW)
        moves.apply(keys, "submit", "queued", at=NOW)
        moves.apply(keys[:1], "reject", "submitted", at=NOW)
        assert sorted(types()) == ["claim.rejected", *["claim.released"] * 150, *["claim.submitted"] * 150]
        row = HookDelivery.objects.get(event_type="claim.rejected")
        assert (row.data["status_before"], row.data["status"]) == ("submitted", "rejected")

    def test_the_statement_is_one_however_many_rows(
        self, acme: Company, hook: Any, django_assert_num_queries: Any
    ) -> None:
        keys = [hold.claim_id for hold in hold_many(acme, 120)]
        with django_assert_num_queries(4):
            moves.apply(keys, "release", "hold", at=NOW)

    def test_what_is_undone_is_told_to_nobody(self, ana: User, hook_patient: Patient, hook: Any) -> None:
        with transaction.atomic():
            filed("supervisor", ana, hook_patient, NOW)
            transaction.set_rollback(True)
        assert types() == []

    def test_only_what_was_asked_for_only_of_ones_own_company_and_not_while_off(
        self,
        acme: Company,
        other: Company,
        adam: User,
        olga: User,
        ana: User,
        inbox: Receiver,
        hook_patient: Patient,
    ) -> None:
        mine, _ = add(acme, adam, inbox, "ticket.filed")
        add(acme, adam, inbox, "ticket.resolved")
        add(other, olga, inbox)
        off, _ = add(acme, adam, inbox, "ticket.filed")
        actions.switch_off(off, by=adam, at=NOW)
        filed("supervisor", ana, hook_patient, NOW)
        assert [(row.endpoint_id, row.event_type) for row in HookDelivery.objects.all()] == [
            (mine.pk, "ticket.filed")
        ]


def first_outcome(hook_ticket: Ticket) -> str:
    found = policy_of(hook_ticket.policy_version).types
    return next(one for one in found if one.key == hook_ticket.type).outcomes[0]


class TestSending:
    def test_the_receiver_verifies_it_with_the_library_and_nobody_else_can(
        self, inbox: Receiver, hook: Any, ana: User, hook_patient: Patient
    ) -> None:
        now = datetime.now(UTC)
        filed("supervisor", ana, hook_patient, now)
        assert send_due(at=now) == 1
        (got,) = inbox.got
        body = Webhook(hook[1]).verify(got.body, got.headers)
        assert body["type"] == "ticket.filed" and body["data"]["status"] == "open"
        assert got.path == "/holdline?key=1" and got.headers["Content-Type"] == "application/json"
        with pytest.raises(WebhookVerificationError):
            Webhook(hook[1]).verify(got.body.replace(b"open", b"over"), got.headers)
        row = only()
        assert (row.status, row.attempts, got.headers["webhook-id"]) == ("delivered", 1, row.event_id)
        attempt = HookAttempt.objects.get()
        assert (attempt.status, attempt.answer, attempt.said) == (200, "thank you", "")

    def test_a_failure_comes_again_under_the_same_id_and_a_new_time_until_it_is_received(
        self, inbox: Receiver, hook: Any, hook_ticket: Ticket
    ) -> None:
        inbox.answers = [500, 503, 200]
        moment, pauses = NOW, []
        for _ in range(3):
            assert send_due(at=moment) == 1
            assert send_due(at=moment + timedelta(seconds=2)) == 0, "it rests"
            row = only()
            pauses.append(row.next_at - moment)
            moment = row.next_at + timedelta(seconds=1)
        assert timedelta(seconds=5) <= pauses[0] < timedelta(seconds=9)
        assert timedelta(minutes=5) <= pauses[1] < timedelta(minutes=7)
        assert len({got.headers["webhook-id"] for got in inbox.got}) == 1
        assert len({got.body for got in inbox.got}) == 1
        assert len({got.headers["webhook-timestamp"] for got in inbox.got}) == 3
        assert only().status == "delivered" and HookHealth.objects.get().failing_since is None

    def test_after_ten_attempts_it_is_given_up_and_can_be_sent_again(
        self, inbox: Receiver, hook: Any, hook_ticket: Ticket, adam: User
    ) -> None:
        inbox.answers = [500]
        moment = NOW
        for _ in range(10):
            assert send_due(at=moment) == 1
            moment = only().next_at + timedelta(minutes=6)
        assert only().status == "failed" and len(inbox.got) == 10
        assert moment - NOW < timedelta(days=5)
        inbox.answers = [200]
        assert actions.replay_failed(hook[0], NOW + timedelta(hours=1), by=adam, at=moment) == 0
        assert actions.replay_failed(hook[0], NOW, by=adam, at=moment) == 1
        assert send_due(at=moment) == 1
        row = only()
        assert (row.status, row.attempts, row.asked_by) == ("delivered", 11, adam)
        assert len({got.headers["webhook-id"] for got in inbox.got}) == 1

    @pytest.mark.parametrize(
        ("answer", "status", "words"),
        [
            (Answer(302, (("Location", "http://127.0.0.1:1/"),)), 302, "redirect. None is followed"),
            (Answer(hangs=True), None, "did not answer in time"),
            (Answer(401), 401, "perhaps not the signature"),
            (Answer(400, body=b"\xff\x00no<script>"), 400, "only an answer from 200 to 299"),
        ],
        ids=["redirect", "hangs", "unauthorised", "garbage"],
    )
    def test_what_is_no_success_is_said_in_words(
        self, inbox: Receiver, hook_ticket: Ticket, answer: Answer, status: int | None, words: str
    ) -> None:
        inbox.answers = [answer]
        assert send_due(at=NOW, limits=HASTY) == 1
        attempt = HookAttempt.objects.get()
        assert attempt.status == status and words in attempt.said and attempt.milliseconds is not None
        assert only().status == "waiting" and len(inbox.got) == 1

    def test_a_huge_answer_is_a_success_of_which_five_hundred_bytes_are_kept(
        self, inbox: Receiver, hook_ticket: Ticket
    ) -> None:
        inbox.answers = [Answer(200, size=50 * 2**20)]
        assert send_due(at=NOW) == 1
        attempt = HookAttempt.objects.get()
        assert only().status == "delivered" and len(attempt.answer) == 500
        assert attempt.milliseconds is not None and attempt.milliseconds < 3000

    def test_a_receiver_that_is_gone_is_switched_off_and_every_admin_told(
        self, inbox: Receiver, hook: Any, hook_ticket: Ticket, adam: User
    ) -> None:
        User.objects.filter(pk=adam.pk).update(email="adam@acme.example")
        inbox.answers = [410]
        send_due(at=NOW)
        endpoint = HookEndpoint.objects.get()
        assert not endpoint.enabled and "410" in endpoint.off_why and only().status == "failed"
        outbox.deliver(at=NOW + timedelta(seconds=5))
        (sent,) = mail.outbox
        assert sent.to == ["adam@acme.example"] and f"/settings/webhooks/{endpoint.pk}/" in sent.body
        assert hook[1] not in sent.body and hook_ticket.number not in sent.body

    def test_five_days_of_nothing_but_failures_switch_it_off_and_one_success_before_does_not(
        self, inbox: Receiver, hook: Any, ana: User, hook_patient: Patient
    ) -> None:
        inbox.answers = [500]
        for day in range(7):
            filed("supervisor", ana, hook_patient, NOW + timedelta(days=day))
            if day == 1:
                inbox.answers = [200, 500]
            HookHealth.objects.update(resting_until=None)
            take_last(NOW + timedelta(days=day))
            assert HookEndpoint.objects.get().enabled is True, day
        filed("supervisor", ana, hook_patient, NOW + timedelta(days=8))
        HookHealth.objects.update(resting_until=None)
        take_last(NOW + timedelta(days=8))
        endpoint = HookEndpoint.objects.get()
        assert not endpoint.enabled and "5 days" in endpoint.off_why and endpoint.off_by is None

    def test_retry_after_is_heeded(self, inbox: Receiver, hook_ticket: Ticket) -> None:
        inbox.answers = [Answer(429, (("Retry-After", "90"),))]
        send_due(at=NOW)
        assert only().next_at - NOW >= timedelta(seconds=90)
        resting = HookHealth.objects.get().resting_until
        assert resting is not None and resting - NOW >= timedelta(seconds=90)

    def test_while_a_rotation_overlaps_both_secrets_verify(
        self, inbox: Receiver, hook: Any, adam: User, ana: User, hook_patient: Patient
    ) -> None:
        now = datetime.now(UTC)
        newer = actions.rotate(hook[0], by=adam, at=now)
        for later in (timedelta(0), actions.OVERLAP + timedelta(minutes=1)):
            filed("supervisor", ana, hook_patient, now + later)
            send_due(at=now + later)
        during, after = inbox.got
        for secret in (hook[1], newer):
            assert Webhook(secret).verify(during.body, during.headers)
        with time_machine.travel(now + later):
            assert Webhook(newer).verify(after.body, after.headers)
            with pytest.raises(WebhookVerificationError):
                Webhook(hook[1]).verify(after.body, after.headers)

    def test_a_copy_of_the_database_tells_nobody(
        self, inbox: Receiver, acme: Company, adam: User, hook_ticket: Ticket
    ) -> None:
        sending.disarm(acme, "Restored.", by=adam, at=NOW)
        assert send_due(at=NOW) == 0 and inbox.got == [] and only().status == "waiting"
        sending.arm(acme, by=adam, at=NOW)
        assert send_due(at=NOW) == 1

    def test_a_changed_key_is_said_and_nothing_is_sent_unsigned(
        self, inbox: Receiver, hook_ticket: Ticket, settings: Any
    ) -> None:
        settings.SECRETS_KEY = "another-key-another-key-another-key-another"
        assert send_due(at=NOW) == 1
        assert inbox.got == [] and "Make a new one" in HookAttempt.objects.get().said

    def test_one_that_fails_gets_one_at_a_time_and_keeps_no_other_waiting(
        self, acme: Company, adam: User, inbox: Receiver, ana: User, hook_patient: Patient
    ) -> None:
        with receiver() as broken:
            broken.answers = [500]
            add(acme, adam, broken, "ticket.filed")
            add(acme, adam, inbox, "ticket.filed")
            for _ in range(20):
                filed("supervisor", ana, hook_patient, NOW)
            send_due(at=NOW)
            send_due(at=NOW + timedelta(seconds=1))
            assert len(inbox.got) == 20 and inbox.most_at_once <= MOST_OF_ONE
            assert len(broken.got) <= MOST_OF_ONE
            before = len(broken.got)
            send_due(at=NOW + timedelta(seconds=45))
            assert len(broken.got) == before + 1

    def test_what_is_done_with_is_forgotten_after_a_month(
        self, inbox: Receiver, hook_ticket: Ticket, ana: User
    ) -> None:
        send_due(at=NOW)
        desk.act(hook_ticket, "take", by=ana, at=NOW)
        assert forget_deliveries(at=NOW + timedelta(days=29)) == 0
        assert forget_deliveries(at=NOW + timedelta(days=31)) == 1
        assert types() == ["ticket.changed"], "what waits is kept"


def take_last(at: datetime) -> None:
    """Send the newest delivery alone."""
    HookDelivery.objects.filter(status=states.WAITING).update(next_at=at + timedelta(days=99))
    newest = HookDelivery.objects.order_by("-id")[0]
    HookDelivery.objects.filter(pk=newest.pk).update(next_at=at)
    assert send_due(at=at) == 1
