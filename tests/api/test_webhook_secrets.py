"""A webhook's secret by API: told to whoever had it made, again for minutes, and kept nowhere readable."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from pghistory.models import Context
from rest_framework.test import APIClient
from standardwebhooks import Webhook

from accounts.models import User
from api.idempotency import forget_answers
from api.models import IdempotencyKey
from config.management.commands import print_schema
from tests.api.test_webhooks import URL, at, body
from tests.hooked import only
from tests.receiver import Receiver
from tests.tickets import filed
from work.hooks.models import HookEndpoint
from work.hooks.secrets import PREFIX, TOLD_AGAIN
from work.hooks.sending import send_due

pytest_plugins = ["tests.hooked"]
pytestmark = pytest.mark.django_db
Api = Callable[[User], APIClient]
MORNING = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
ADD: Any = {"HTTP_IDEMPOTENCY_KEY": "add-1"}
ROTATE: Any = {"HTTP_IDEMPOTENCY_KEY": "rotate-1"}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as found:
        yield found


@pytest.fixture
def program(clock: Any, api: Api, adam: User) -> APIClient:
    return api(adam)


def rotate(program: APIClient, made: dict[str, Any], **headers: Any) -> Any:
    return program.post(at(made, "steps/"), {"act": "rotate"}, **headers)


def everything_kept() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for name in tables:
            cursor.execute(f"SELECT string_agg(to_jsonb(t)::text, ' ') FROM {name} t")  # noqa: S608
            found.append(cursor.fetchone()[0] or "")
    return " ".join(found)


class TestAConnectionThatBroke:
    """The same request with the same key, because nobody heard the answer."""

    def test_the_secret_is_told_again_within_minutes_and_nothing_is_done_twice(
        self, program: APIClient, clock: Any
    ) -> None:
        first = program.post(URL, body(), **ADD)
        clock.shift(TOLD_AGAIN - timedelta(seconds=1))
        again = program.post(URL, body(), **ADD)
        assert (first.status_code, again.status_code) == (201, 201) and first.json() == again.json()
        assert first.json()["secret"].startswith(PREFIX) and HookEndpoint.objects.count() == 1

    def test_and_after_that_it_is_said_how_to_get_one(self, program: APIClient, clock: Any) -> None:
        first = program.post(URL, body(), **ADD).json()
        clock.shift(TOLD_AGAIN)
        late = program.post(URL, body(), **ADD)
        assert late.status_code == 201 and late.json()["id"] == first["id"]
        assert late.json()["secret"] is None and "have a new one made (rotate)" in late.json()["secret_note"]
        assert rotate(program, first).json()["secret"].startswith(PREFIX), "as it was told"

    def test_a_rotation_is_told_again_too_and_makes_no_third_secret(
        self, program: APIClient, clock: Any
    ) -> None:
        made = program.post(URL, body()).json()
        first = rotate(program, made, **ROTATE).json()
        clock.shift(timedelta(minutes=2))
        assert rotate(program, made, **ROTATE).json() == first
        assert first["secret"] not in (None, made["secret"])
        clock.shift(TOLD_AGAIN)
        late = rotate(program, made, **ROTATE).json()
        assert late["secret"] is None and "end-earlier" in late["secret_note"]
        ended = program.post(at(made, "steps/"), {"act": "end-earlier"})
        assert ended.status_code == 200 and "secret" not in ended.json()
        assert rotate(program, made).json()["secret"] not in (None, first["secret"]), "as it was told"

    def test_one_that_was_replaced_meanwhile_is_not_told(self, program: APIClient, clock: Any) -> None:
        made = program.post(URL, body(), **ADD).json()
        clock.shift(timedelta(minutes=1))
        newer = rotate(program, made).json()["secret"]
        again = program.post(URL, body(), **ADD)
        assert again.json()["secret"] is None and newer not in again.content.decode()
        assert "end-earlier" in again.json()["secret_note"]

    def test_nor_is_one_of_a_webhook_that_was_removed(self, program: APIClient) -> None:
        made = program.post(URL, body(), **ADD).json()
        program.delete(at(made))
        again = program.post(URL, body(), **ADD).json()
        assert again["secret"] is None and "add another one" in again["secret_note"]

    def test_nor_one_that_cannot_be_opened_any_more(self, program: APIClient, settings: Any) -> None:
        program.post(URL, body(), **ADD)
        settings.SECRETS_KEY = "another-key-another-key-another-key-another"
        again = program.post(URL, body(), **ADD)
        assert again.status_code == 201 and again.json()["secret"] is None

    def test_another_admin_with_the_same_key_is_told_nothing_of_it(
        self, program: APIClient, api: Api, adam: User, sue: User
    ) -> None:
        first = program.post(URL, body(), **ADD).json()
        sue.role = "admin"
        sue.save()
        hers = api(sue).post(URL, body(), **ADD).json()
        assert hers["id"] != first["id"] and hers["secret"] != first["secret"]

    def test_one_who_is_no_admin_any_more_is_told_nothing(
        self, program: APIClient, adam: User, sue: User
    ) -> None:
        program.post(URL, body(), **ADD)
        User.objects.filter(pk=adam.pk).update(role="agent")
        again = program.post(URL, body(), **ADD)
        assert again.status_code == 403 and PREFIX not in again.content.decode()

    def test_the_same_key_with_another_request_is_a_conflict(self, program: APIClient) -> None:
        program.post(URL, body(), **ADD)
        other = program.post(URL, body(description="Another"), **ADD)
        assert other.status_code == 409 and PREFIX not in other.content.decode()

    def test_who_asks_again_is_answered_though_the_name_leads_inside_by_now(
        self, program: APIClient, monkeypatch: Any
    ) -> None:
        from work.hooks import probe

        typed = body(address="https://receiver.example/")
        monkeypatch.setattr(probe.reach, "look_up", lambda *asked: [("8.8.8.8", 443)])
        first = program.post(URL, typed, **ADD).json()
        monkeypatch.setattr(probe.reach, "look_up", lambda *asked: [("10.0.0.7", 443)])
        assert program.post(URL, typed, **ADD).json() == first

    def test_without_a_key_a_second_request_adds_a_second_one(self, program: APIClient) -> None:
        assert program.post(URL, body()).json()["id"] != program.post(URL, body()).json()["id"]


def test_the_secret_verifies_what_is_sent(
    program: APIClient, inbox: Receiver, ana: User, hook_patient: Any
) -> None:
    made = program.post(URL, body(address=inbox.url, events=["ticket.filed"])).json()
    filed("supervisor", ana, hook_patient, MORNING)
    assert send_due(at=MORNING) == 1 and only().status == "delivered"
    (got,) = inbox.got
    assert Webhook(made["secret"]).verify(got.body, got.headers)


class TestWhereItIsNot:
    def test_in_no_table_readable_whatever_was_asked_and_repeated(
        self, program: APIClient, clock: Any
    ) -> None:
        made = program.post(URL, body(), **ADD).json()
        newer = rotate(program, made, **ROTATE).json()
        for _ in range(2):
            program.post(URL, body(), **ADD)
            rotate(program, made, **ROTATE)
            clock.shift(TOLD_AGAIN)
        kept = everything_kept()
        assert str(IdempotencyKey.objects.count()) == "2" and "rotate-1" in kept, "the store is looked at"
        for secret in (made["secret"], newer["secret"]):
            assert secret not in kept and secret.removeprefix(PREFIX) not in kept
        assert not re.search(rf"{PREFIX}\w", kept)

    def test_its_sealed_text_is_in_the_endpoint_alone(self, program: APIClient) -> None:
        program.post(URL, body(), **ADD)
        sealed = HookEndpoint.objects.get().secret
        assert everything_kept().count(sealed) == 1

    def test_the_audit_tells_who_did_what_and_never_the_secret(self, program: APIClient) -> None:
        made = program.post(URL, body(), **ADD).json()
        newer = rotate(program, made).json()
        program.patch(at(made), {"description": "Another"})
        program.delete(at(made))
        acts = Context.objects.filter(metadata__act__icontains="webhook").order_by("created_at")
        told = {(one.metadata["act"], one.metadata["who"]) for one in acts}
        assert told == {
            ("add webhook", "adam"), ("new secret of a webhook", "adam"), ("change webhook", "adam"),
            ("remove webhook", "adam"),
        }  # fmt: skip
        said = json.dumps(list(acts.values("metadata"))) + json.dumps(
            list(HookEndpoint.pgh_event_models["update"].objects.values()),  # type: ignore[attr-defined]
            default=str,
        )
        assert "Another" in said and PREFIX not in said and newer["secret"].removeprefix(PREFIX) not in said

    def test_in_no_log_and_no_refusal(self, program: APIClient, monkeypatch: Any, caplog: Any) -> None:
        made = program.post(URL, body(), **ADD).json()
        told = [made["secret"], rotate(program, made, **ROTATE).json()["secret"]]

        def breaks(*given: Any, **named: Any) -> None:
            raise RuntimeError("broken on purpose")

        monkeypatch.setattr("work.hooks.api.told_again", breaks)
        monkeypatch.setattr("work.hooks.actions.HookHealth.objects.create", breaks)
        answers = [program.post(URL, body(), **ADD), program.post(URL, body())]
        assert [answer.status_code for answer in answers] == [500, 500]
        assert "RuntimeError" in caplog.text, "what went wrong is logged"
        said = caplog.text + " ".join(answer.content.decode() for answer in answers)
        assert "broken on purpose" not in " ".join(answer.content.decode() for answer in answers)
        assert not any(secret in said for secret in told) and PREFIX not in said

    def test_not_in_the_description_of_the_api(self) -> None:
        assert PREFIX not in print_schema.text()


class TestForgetting:
    def test_answers_are_forgotten_after_a_day_and_no_sooner(self, program: APIClient, clock: Any) -> None:
        program.post(URL, body(), **ADD)
        clock.shift(timedelta(hours=23))
        program.post(URL, body(), HTTP_IDEMPOTENCY_KEY="later")
        assert forget_answers(at=datetime.now(UTC)) == 0
        assert forget_answers(at=datetime.now(UTC) + timedelta(hours=1, seconds=1)) == 1
        assert IdempotencyKey.objects.get().key == "later"

    def test_the_sweep_does_it(self, program: APIClient, clock: Any) -> None:
        from config.sweeping import sweep

        program.post(URL, body(), **ADD)
        sweep(at=MORNING + timedelta(days=1, minutes=1))
        assert not IdempotencyKey.objects.exists()
