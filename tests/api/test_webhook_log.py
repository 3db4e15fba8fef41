"""What went to a webhook, by API: filtered like its page, in pages, each with its attempts, sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from deductibles.domain.states import CLAIM
from deductibles.models import Claim
from escalations.models import Ticket, TicketEvent
from tests.api.test_holds import hold_many
from tests.hooked import NOW, add
from tests.receiver import Answer, Receiver
from tests.world_rows import make_delivery
from work.hooks.domain import catalogue
from work.hooks.models import HookAttempt, HookDelivery, HookEndpoint
from work.hooks.sending import LEASE, send_due, take

pytest_plugins = ["tests.hooked"]
pytestmark = pytest.mark.django_db
Api = Callable[[User], APIClient]
ONE = "/api/v1/webhook-deliveries/"


@pytest.fixture
def program(api: Api, adam: User) -> APIClient:
    return api(adam)


@pytest.fixture
def row(hook: Any) -> HookEndpoint:
    return HookEndpoint.objects.get()


def of(row: HookEndpoint) -> str:
    return f"/api/v1/webhooks/{row.pk}/deliveries/"


def found(program: APIClient, row: HookEndpoint, **asked: Any) -> list[str]:
    answer = program.get(of(row), asked)
    assert answer.status_code == 200, answer.json()
    return [one["event_id"] for one in answer.json()["results"]]


class TestTheList:
    def test_tells_what_became_of_each_the_newest_first(
        self, program: APIClient, row: HookEndpoint, hook_ticket: Ticket, inbox: Receiver
    ) -> None:
        inbox.answers = [Answer(500)]
        send_due(at=NOW)
        make_delivery(row, index=7, at=NOW)
        given_up, waits = program.get(of(row)).json()["results"]
        assert (given_up["status"], given_up["number"], given_up["next_at"]) == ("failed", "C-7", None)
        assert given_up["done_at"] == "2026-05-15T10:00:00-05:00"
        assert (waits["status"], waits["event"]) == ("waiting", "ticket.filed")
        assert waits["number"] == hook_ticket.number and waits["webhook"] == str(row.pk)
        assert (waits["attempts"], waits["answered"]) == (1, 500) and "trouble of its own" in waits["why"]
        assert waits["next_at"] and waits["done_at"] is None and not waits["under_way"]

    def test_is_filtered_as_the_page_is(
        self, program: APIClient, row: HookEndpoint, hook_ticket: Any
    ) -> None:
        make_delivery(row, index=7, at=NOW)
        HookDelivery.objects.filter(event_id="claim-7-1").update(occurred_at=NOW - timedelta(days=3))
        ticket = HookDelivery.objects.get(event_type="ticket.filed").event_id
        assert found(program, row) == ["claim-7-1", ticket]
        assert found(program, row, status="failed") == ["claim-7-1"]
        assert found(program, row, event="ticket.filed") == [ticket]
        assert found(program, row, number=" c-7 ") == ["claim-7-1"]
        assert found(program, row, number=hook_ticket.number.lower()) == [ticket]
        assert found(program, row, since="2026-05-15") == [ticket], "from midnight in Chicago on"
        assert found(program, row, since="2026-05-12", status="failed") == ["claim-7-1"]
        assert found(program, row, status="delivered") == []

    def test_the_day_begins_in_the_companys_zone(self, program: APIClient, row: HookEndpoint) -> None:
        make_delivery(row, index=1, at=datetime(2026, 5, 15, 4, 59, tzinfo=UTC))
        make_delivery(row, index=2, at=datetime(2026, 5, 15, 5, 0, tzinfo=UTC))
        assert found(program, row, since="2026-05-15") == ["claim-2-1"]

    @pytest.mark.parametrize(
        "asked",
        [
            {"status": "lost"}, {"event": "claim.eaten"}, {"since": "soon"}, {"since": "2026-02-30"},
            {"number": "x" * 25}, {"number": "a\0b"}, {"before": "3"}, {"status": ["failed", "waiting"]},
        ],
    )  # fmt: skip
    def test_a_filter_that_cannot_be_is_refused_and_not_ignored(
        self, program: APIClient, row: HookEndpoint, asked: dict[str, Any]
    ) -> None:
        assert program.get(of(row), asked).status_code == 400

    def test_pages_follow_each_other_to_the_end(self, program: APIClient, row: HookEndpoint) -> None:
        for index in range(5):
            make_delivery(row, index=index, at=NOW)
        address, seen = f"{of(row)}?status=failed&page_size=2", []
        while address:
            page = program.get(address).json()
            seen += [one["event_id"] for one in page["results"]]
            address = page["next"]
        assert seen == [f"claim-{index}-1" for index in (4, 3, 2, 1, 0)]
        assert program.get(of(row), {"cursor": "forged"}).status_code == 404

    def test_holds_nothing_of_another_webhook(
        self, program: APIClient, row: HookEndpoint, acme: Any, adam: User, inbox: Receiver
    ) -> None:
        second, _ = add(acme, adam, inbox)
        make_delivery(second, index=9, at=NOW)
        assert found(program, row) == [] and found(program, second) == ["claim-9-1"]


class TestOne:
    def test_is_told_with_its_body_and_every_attempt(
        self, program: APIClient, row: HookEndpoint, hook_ticket: Ticket, inbox: Receiver
    ) -> None:
        inbox.answers = [Answer(500, body=b"no disk"), 200]
        send_due(at=NOW)
        send_due(at=NOW + timedelta(minutes=10))
        key = HookDelivery.objects.get().pk
        told = program.get(f"{ONE}{key}/").json()
        assert told["body"]["type"] == "ticket.filed" and told["body"]["data"]["number"] == hook_ticket.number
        newest, oldest = told["log"]
        assert (newest["number"], newest["status"], newest["step"]) == (2, 200, "")
        assert (oldest["number"], oldest["status"], oldest["answer"]) == (1, 500, "no disk")
        assert (told["status"], told["answered"], told["why"]) == ("delivered", 200, "Answered 200")

    def test_one_under_way_says_so(self, program: APIClient, row: HookEndpoint, hook_ticket: Any) -> None:
        now = datetime.now(UTC)
        HookDelivery.objects.update(next_at=now)
        assert len(take(1, at=now)) == 1
        told = program.get(f"{ONE}{HookDelivery.objects.get().pk}/").json()
        assert told["under_way"] and told["log"][0]["ended_at"] is None

    def test_of_very_many_attempts_the_newest_hundred_are_told(
        self, program: APIClient, row: HookEndpoint
    ) -> None:
        sent = make_delivery(row, index=1, at=NOW)
        HookAttempt.objects.bulk_create(
            HookAttempt(company=row.company, delivery=sent, number=number, began_at=NOW)
            for number in range(3, 130)
        )
        log = program.get(f"{ONE}{sent.pk}/").json()["log"]
        assert [one["number"] for one in log] == list(range(129, 29, -1))


class TestSendingAgain:
    def test_one_goes_out_again_under_the_same_id(
        self, program: APIClient, row: HookEndpoint, hook_ticket: Any, inbox: Receiver
    ) -> None:
        now = datetime.now(UTC) + timedelta(seconds=5)
        send_due(at=now)
        path = f"{ONE}{HookDelivery.objects.get().pk}/"
        again = program.post(f"{path}replay/", {}, HTTP_IDEMPOTENCY_KEY="again")
        assert again.status_code == 200 and again.json()["status"] == "waiting"
        assert again.json()["asked_by"] == "adam" and again.json()["asked_at"]
        send_due(at=now + LEASE)
        assert len(inbox.got) == 2 and len({got.headers["webhook-id"] for got in inbox.got}) == 1
        assert program.post(f"{path}replay/", {}, HTTP_IDEMPOTENCY_KEY="again").json() == again.json()
        assert program.get(path).json()["status"] == "delivered", "the key was answered, nothing done"

    def test_all_that_was_given_up_since_a_day(
        self, program: APIClient, row: HookEndpoint, adam: User
    ) -> None:
        for index in range(3):
            make_delivery(row, index=index, at=NOW - timedelta(days=index))
        steps = f"/api/v1/webhooks/{row.pk}/steps/"
        done = program.post(steps, {"act": "replay", "since": "2026-05-14"}, HTTP_IDEMPOTENCY_KEY="all")
        assert done.json()["replayed"] == 2
        assert found(program, row, status="waiting") == ["claim-1-1", "claim-0-1"]
        assert (
            program.post(steps, {"act": "replay", "since": "2026-05-14"}, HTTP_IDEMPOTENCY_KEY="all").json()[
                "replayed"
            ]
            == 2
        )
        assert program.post(steps, {"act": "replay", "since": "2026-05-14"}).json()["replayed"] == 0

    def test_what_is_withdrawn_or_off_is_refused_in_a_sentence(
        self, program: APIClient, row: HookEndpoint, adam: User
    ) -> None:
        sent = make_delivery(row, index=1, at=NOW)
        program.post(f"/api/v1/webhooks/{row.pk}/steps/", {"act": "off"})
        refused = program.post(f"{ONE}{sent.pk}/replay/")
        assert refused.status_code == 409 and "Switch it on first" in refused.json()["message"]
        assert program.post(f"{ONE}{sent.pk}/replay/", {"since": "2026-05-01"}).status_code == 400
        assert program.post(f"{ONE}{sent.pk}/replay/", [1]).status_code == 400


def test_nothing_of_another_company_is_there(api: Api, olga: User, row: HookEndpoint) -> None:
    sent = make_delivery(row, index=1, at=NOW)
    program = api(olga)
    assert program.get(f"{ONE}{sent.pk}/").status_code == 404
    assert program.post(f"{ONE}{sent.pk}/replay/", {}).status_code == 404
    sent.refresh_from_db()
    assert sent.status == "failed" and program.get(f"{ONE}x/").status_code == 404


class TestSamples:
    """What webhook-events/ shows is what the database writes down."""

    @pytest.mark.parametrize("key", [event.key for event in catalogue.CLAIMS if event.key != "claim.entered"])
    def test_a_claims(self, row: HookEndpoint, acme: Any, key: str) -> None:
        sample = catalogue.sample_of(key)["data"]
        before, after = sample["status_before"], sample["status"]
        assert any(before in step.source and step.target == after for step in CLAIM), "such a move there is"
        (hold,) = hold_many(acme, 1)
        claim = Claim.objects.get(pk=hold.claim_id)
        _walk(claim, before)
        HookDelivery.objects.all().delete()
        Claim.objects.filter(pk=claim.pk).update(status=after)
        written = HookDelivery.objects.get()
        assert written.event_type == key and _shape(written.data) == _shape(sample)

    @pytest.mark.parametrize("key", [event.key for event in catalogue.TICKETS])
    def test_a_tickets(self, row: HookEndpoint, hook_ticket: Ticket, key: str) -> None:
        sample = catalogue.sample_of(key)["data"]
        HookDelivery.objects.all().delete()
        if key == "ticket.merged":
            Ticket.objects.filter(pk=hook_ticket.pk).update(status="merged")
        TicketEvent.objects.create(
            company=hook_ticket.company, ticket=hook_ticket, act=sample["act"], at=NOW, title="x", version=2
        )
        written = HookDelivery.objects.get()
        assert written.event_type == key and _shape(written.data) == _shape(sample)

    def test_that_of_a_new_claim(self, row: HookEndpoint, acme: Any) -> None:
        hold_many(acme, 1)
        written = HookDelivery.objects.earliest("id")
        sample = catalogue.sample_of("claim.entered")["data"]
        assert written.event_type == "claim.entered" and written.data.keys() == sample.keys()
        assert written.data["status_before"] is sample["status_before"] is None


def _shape(data: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in data.items()}


_WAYS = {
    "hold": [], "queued": ["queued"], "draft": ["queued", "draft"],
    "submitted": ["queued", "submitted"], "accepted": ["queued", "submitted", "accepted"],
    "rejected": ["queued", "submitted", "rejected"],
}  # fmt: skip


def _walk(claim: Claim, status: str) -> None:
    """Bring a held claim to a status, by legal moves."""
    for target in _WAYS[status]:
        Claim.objects.filter(pk=claim.pk).update(status=target)
