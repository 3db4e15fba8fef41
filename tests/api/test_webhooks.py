"""``webhooks/`` by a program: added, changed, tested, switched, removed; what is refused in which words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from rest_framework.test import APIClient

from accounts.actions import issue_token
from accounts.models import Company, User
from accounts.roles import Can
from api.models import IdempotencyKey
from deductibles.actions import sending
from tests.hooked import add, only
from tests.receiver import Receiver
from tests.tickets import filed
from work.hooks import actions, probe
from work.hooks.domain.catalogue import EVENTS, TEST
from work.hooks.models import HookDelivery, HookEndpoint
from work.hooks.switching import switch_itself_off

pytest_plugins = ["tests.hooked"]
pytestmark = pytest.mark.django_db
Api = Callable[[User], APIClient]
URL = "/api/v1/webhooks/"
PUBLIC = "https://8.8.8.8/hook"


def at(row: HookEndpoint | dict[str, Any], more: str = "") -> str:
    key = row["id"] if isinstance(row, dict) else row.pk
    return f"{URL}{key}/{more}"


def body(**other: Any) -> dict[str, Any]:
    return {
        "address": PUBLIC,
        "description": "Data warehouse",
        "events": ["claim.paid", "claim.held"],
        **other,
    }


@pytest.fixture
def program(api: Api, adam: User) -> APIClient:
    return api(adam)


@pytest.fixture
def row(hook: Any) -> HookEndpoint:
    """The webhook that is told of everything, as it is now."""
    return HookEndpoint.objects.get()


def do(program: APIClient, row: HookEndpoint, act: str, **more: Any) -> Any:
    return program.post(at(row, "steps/"), {"act": act, **more})


class TestAdding:
    def test_the_answer_is_the_webhook_with_its_secret_and_no_other_answer_has_one(
        self, program: APIClient
    ) -> None:
        made = program.post(URL, body())
        assert made.status_code == 201 and "no-store" in made["Cache-Control"]
        told = made.json()
        secret = told.pop("secret")
        assert secret.startswith("whsec_") and told.pop("secret_note") == ""
        assert told["events"] == ["claim.held", "claim.paid"] and told["description"] == "Data warehouse"
        assert (told["enabled"], told["version"], told["changed_by"], told["test"]) == (True, 1, "adam", None)
        assert datetime.fromisoformat(told["created_at"]).utcoffset() in (
            timedelta(hours=-5),
            timedelta(hours=-6),
        )
        for answer in (program.get(at(told)), program.get(URL)):
            assert secret not in answer.content.decode() and b"whsec_" not in answer.content
        assert program.get(at(told)).json() == told == program.get(URL).json()["results"][0]

    @pytest.mark.parametrize(
        ("sent", "field", "said"),
        [
            ({"address": "http://169.254.169.254/latest/"}, "address", "must begin with https"),
            ({"address": "https://169.254.169.254/latest/"}, "address", "private network"),
            ({"address": "https://[::ffff:169.254.169.254]/"}, "address", "private network"),
            ({"address": "https://10.0.0.7/"}, "address", "private network"),
            ({"address": "https://localhost:8000/"}, "address", "private network"),
            ({"address": "https://name:word@receiver.example/"}, "address", "name and password"),
            ({"address": ""}, "address", "The address is missing"),
            ({"address": "https://receiver.example/" + "x" * 600}, "address", "500"),
            ({"address": "https://a\0b.example/"}, "address", "NUL"),
            ({"address": 7.5}, "address", "https"),
            ({"address": ["https://8.8.8.8/"]}, "address", "string"),
            ({"description": "x" * 121}, "description", "120"),
            ({"description": "a\u202eb"}, "description", "Use letters"),
            ({"events": []}, "events", "Choose at least one event"),
            ({"events": ["claim.eaten"]}, "events.0", "webhook-events/ lists them"),
            ({"events": [["claim.held"]]}, "events.0", "webhook-events/ lists them"),
            ({"events": "claim.held"}, "events", "list"),
            ({"events": {"claim.held": True}}, "events", "list"),
            ({"events": ["claim.held"] * 101}, "events", "At most 100"),
            ({"secret": "whsec_mine"}, "secret", "Unknown field"),
            ({"enabled": False}, "enabled", "Unknown field"),
        ],
    )
    def test_what_cannot_be_kept_is_named_and_not_repeated(
        self, program: APIClient, sent: dict[str, Any], field: str, said: str
    ) -> None:
        answer = program.post(URL, body(**sent))
        assert answer.status_code == 400 and said in str(answer.json()["fields"][field])
        assert not HookEndpoint.objects.exists()

    def test_a_list_of_a_hundred_thousand_events_is_refused_in_one_sentence(self, program: APIClient) -> None:
        answer = program.post(URL, body(events=["claim.eaten"] * 100_000))
        assert answer.status_code == 400 and len(answer.content) < 500

    def test_a_name_that_leads_inside_is_refused(self, program: APIClient, monkeypatch: Any) -> None:
        monkeypatch.setattr(probe.reach, "look_up", lambda host, port, seconds: [("169.254.169.254", port)])
        answer = program.post(URL, body(address="https://innocent.example/"))
        assert answer.status_code == 400 and "private network" in str(answer.json()["fields"]["address"])

    def test_where_it_leads_is_asked_outside_every_transaction(
        self, program: APIClient, monkeypatch: Any
    ) -> None:
        """One that waits for the network in a transaction keeps a row of keys locked meanwhile."""
        depths = []

        def look_up(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
            depths.append(len(connection.savepoint_ids))
            return [("8.8.8.8", port)]

        monkeypatch.setattr(probe.reach, "look_up", look_up)
        outside = len(connection.savepoint_ids)
        typed = body(address="https://receiver.example/")
        made = program.post(URL, typed, HTTP_IDEMPOTENCY_KEY="add")
        changed = program.patch(
            at(made.json()), {"address": "https://other.example/"}, HTTP_IDEMPOTENCY_KEY="x"
        )
        assert (made.status_code, changed.status_code) == (201, 200) and depths == [outside, outside]

    def test_there_is_an_end_to_how_many(self, program: APIClient, row: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(actions, "MOST_ENDPOINTS", 1)
        answer = program.post(URL, body())
        assert answer.status_code == 409 and "Remove one" in answer.json()["message"]


class TestChanging:
    def test_what_is_named_is_changed_and_the_rest_stays(self, program: APIClient, row: HookEndpoint) -> None:
        changed = program.patch(at(row), {"events": ["ticket.filed"], "version": row.version})
        assert changed.status_code == 200
        told = changed.json()
        assert told["events"] == ["ticket.filed"] and told["version"] == row.version + 1
        assert (told["address"], told["description"]) == (row.address, row.description)

    def test_of_two_admins_the_second_is_told_and_changes_nothing(
        self, program: APIClient, row: HookEndpoint
    ) -> None:
        seen = row.version
        assert program.patch(at(row), {"description": "First", "version": seen}).status_code == 200
        second = program.patch(at(row), {"description": "Second", "version": seen})
        assert second.status_code == 409 and second.json()["code"] == "stale"
        assert "Look again" in second.json()["message"]
        row.refresh_from_db()
        assert row.description == "First"
        assert program.patch(at(row), {"description": "Second"}).status_code == 200, "by what is there"

    def test_every_act_decided_on_another_version_is_refused(
        self, program: APIClient, row: HookEndpoint
    ) -> None:
        stale = row.version + 7
        for act in ("test", "rotate", "end-earlier", "on", "off", "replay"):
            more = {"since": "2026-05-01"} if act == "replay" else {}
            answer = do(program, row, act, version=stale, **more)
            assert (answer.status_code, answer.json()["code"]) == (409, "stale"), act
        assert program.delete(f"{at(row)}?version={stale}").status_code == 409
        assert HookEndpoint.objects.get().version == row.version

    @pytest.mark.parametrize("sent", [{}, {"version": 1}])
    def test_a_change_of_nothing_is_refused(self, program: APIClient, row: Any, sent: dict[str, Any]) -> None:
        answer = program.patch(at(row), sent)
        assert answer.status_code == 400 and "Say what is to be another" in str(answer.json()["fields"])

    def test_what_cannot_be_kept_is_named(self, program: APIClient, row: HookEndpoint) -> None:
        answer = program.patch(at(row), {"address": "https://169.254.169.254/", "events": []})
        assert answer.status_code == 400 and answer.json()["fields"].keys() == {"address", "events"}


class TestActs:
    def test_off_on_and_removed_with_what_waits(
        self, program: APIClient, row: HookEndpoint, ana: User, hook_patient: Any
    ) -> None:
        off = do(program, row, "off")
        assert off.status_code == 200 and off.json()["off_by"] == "adam" and not off.json()["enabled"]
        assert do(program, row, "off").status_code == 409
        assert do(program, row, "on").json()["off_by"] is None
        assert do(program, row, "on").status_code == 409
        filed("supervisor", ana, hook_patient, datetime.now(UTC))
        assert program.delete(at(row)).json() == {"withdrawn": 1}
        assert program.delete(at(row)).status_code == 409
        assert program.get(URL).json()["results"] == []
        (gone,) = program.get(URL, {"removed": "true"}).json()["results"]
        assert gone["removed_at"] and gone["secret_made_at"] and not gone["enabled"]
        for act in ("test", "rotate", "on", "off", "replay"):
            more = {"since": "2026-05-01"} if act == "replay" else {}
            refused = do(program, row, act, **more)
            assert refused.status_code == 409 and "was removed" in refused.json()["message"], act
        assert program.patch(at(row), {"description": "Back"}).status_code == 409
        assert program.get(at(row, "deliveries/")).json()["results"][0]["status"] == "withdrawn"

    def test_one_that_switched_itself_off_says_why_and_names_nobody(
        self, program: APIClient, row: HookEndpoint
    ) -> None:
        switch_itself_off(row, "Nothing but failures for 5 days.", at=datetime.now(UTC))
        told = program.get(at(row)).json()
        assert told["off_why"].startswith("Nothing but") and told["off_by"] is None and told["off_at"]

    def test_a_test_names_every_step_and_a_failing_one_is_no_refusal(
        self, program: APIClient, row: HookEndpoint, inbox: Receiver
    ) -> None:
        good = do(program, row, "test")
        assert good.status_code == 200 and good.json()["test"]["passed"]
        assert (good.json()["test"]["by"], len(inbox.got)) == ("adam", 1)
        assert "secret" not in good.json() and not HookDelivery.objects.exists()
        inbox.answers = [500]
        bad = do(program, row, "test").json()["test"]
        assert not bad["passed"] and bad["steps"][-1]["state"] == "failed" and bad["steps"][-1]["mend"]
        assert program.get(at(row)).json()["test"] == bad

    def test_a_test_sent_twice_with_one_key_is_sent_once(
        self, program: APIClient, row: HookEndpoint, inbox: Receiver
    ) -> None:
        answers = [
            program.post(at(row, "steps/"), {"act": "test"}, HTTP_IDEMPOTENCY_KEY="try") for _ in range(2)
        ]
        assert len(inbox.got) == 1 and answers[0].json() == answers[1].json()

    def test_a_test_is_sent_outside_every_transaction(
        self, program: APIClient, row: HookEndpoint, inbox: Receiver, monkeypatch: Any
    ) -> None:
        depths, outside = [], len(connection.savepoint_ids)
        monkeypatch.setattr(
            actions, "may_leave", lambda *asked: depths.append(len(connection.savepoint_ids)) or 1
        )
        for key in ("", "try"):
            answer = program.post(at(row, "steps/"), {"act": "test"}, HTTP_IDEMPOTENCY_KEY=key)
            assert answer.json()["test"]["passed"]
        assert depths == [outside, outside]

    def test_where_sending_is_disarmed_a_test_says_so(
        self, program: APIClient, row: HookEndpoint, acme: Company, adam: User, inbox: Receiver
    ) -> None:
        sending.disarm(acme, "Restored.", by=adam, at=datetime.now(UTC))
        answer = do(program, row, "test")
        assert answer.status_code == 409 and "disarmed" in answer.json()["message"] and inbox.got == []

    @pytest.mark.parametrize(
        ("sent", "field", "said"),
        [
            ({}, "act", "required"),
            ({"act": "explode"}, "act", "end-earlier"),
            ({"act": ["on"]}, "act", "end-earlier"),
            ({"act": "remove"}, "act", "It is one of"),
            ({"act": "replay"}, "since", "from which day on"),
            ({"act": "replay", "since": "yesterday"}, "since", "Date has wrong format"),
            ({"act": "replay", "since": "٢٠٢٦-05-20"}, "since", "Date has wrong format"),
            ({"act": "on", "since": "2026-05-20"}, "since", "replay alone"),
            ({"act": "on", "version": "x"}, "version", "integer"),
            ({"act": "rotate", "secret": "whsec_mine"}, "secret", "Unknown field"),
        ],
    )
    def test_what_is_no_act_is_told_what_is(
        self, program: APIClient, row: HookEndpoint, sent: dict[str, Any], field: str, said: str
    ) -> None:
        answer = program.post(at(row, "steps/"), sent)
        assert answer.status_code == 400 and said in str(answer.json()["fields"][field])

    def test_days_at_both_ends_of_the_calendar_are_days(self, program: APIClient, row: HookEndpoint) -> None:
        for day in ("0001-01-01", "9999-12-31"):
            assert do(program, row, "replay", since=day).json()["replayed"] == 0
            assert program.get(at(row, "deliveries/"), {"since": day}).status_code == 200

    def test_what_others_did_between_reading_and_acting_counts(
        self, row: HookEndpoint, adam: User, ana: User, hook_patient: Any
    ) -> None:
        """Two admins at once: one removes it after the other's request has read it."""
        filed("supervisor", ana, hook_patient, datetime.now(UTC))
        delivery = only()
        HookDelivery.objects.update(status="failed")
        read = HookEndpoint.objects.get()
        actions.remove(HookEndpoint.objects.get(), by=adam, at=datetime.now(UTC))
        for act in (
            lambda: actions.replay_failed(
                read, datetime(2020, 1, 1, tzinfo=UTC), by=adam, at=datetime.now(UTC)
            ),
            lambda: actions.replay(delivery, by=adam, at=datetime.now(UTC)),
        ):
            with pytest.raises(actions.Refused, match="was removed"):
                act()
        assert only().status == "failed", "nothing waits for what is not there"


class TestWhoMay:
    def test_a_key_made_for_less_is_told_so(self, adam: User, row: HookEndpoint) -> None:
        now = datetime.now(UTC)
        key = issue_token(
            adam, name="nights", by=None, at=now, lifetime=timedelta(days=1), may_do=[Can.READ_NIGHTS]
        )
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
        for answer in (client.get(URL), client.post(URL, body(), format="json")):
            assert answer.status_code == 403 and "made for less" in answer.json()["message"]
        assert client.post(at(row, "steps/"), {"act": "off"}, format="json").status_code == 403
        assert client.delete(at(row)).status_code == 403 and HookEndpoint.objects.get().enabled

    def test_nothing_of_another_company_is_there(
        self, api: Api, olga: User, row: HookEndpoint, other: Company, inbox: Receiver
    ) -> None:
        theirs, _ = add(other, olga, inbox)
        program = api(olga)
        assert [one["id"] for one in program.get(URL).json()["results"]] == [str(theirs.pk)]
        for answer in (
            program.get(at(row)),
            program.patch(at(row), {"description": "Mine"}),
            program.delete(at(row)),
            do(program, row, "rotate"),
            program.get(at(row, "deliveries/")),
        ):
            assert answer.status_code == 404
        for key in ("x", "-1", "0", "9" * 30, "1e3", "%00"):
            assert program.get(f"{URL}{key}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_rotate_at_once_one_is_told_that_two_secrets_sign(
    api: Api, adam: User, row: HookEndpoint
) -> None:
    clients, answers, gate = [api(adam), api(adam)], [], threading.Barrier(2)

    def ask(client: APIClient) -> None:
        try:
            gate.wait(10)
            answers.append(do(client, row, "rotate"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_with_one_key_make_one_webhook_and_tell_both_its_secret(
    api: Api, adam: User
) -> None:
    clients, answers, gate = [api(adam), api(adam)], [], threading.Barrier(2)

    def ask(client: APIClient) -> None:
        try:
            gate.wait(10)
            answers.append(client.post(URL, body(), HTTP_IDEMPOTENCY_KEY="one"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json() and HookEndpoint.objects.count() == 1
    assert IdempotencyKey.objects.count() == 1


def test_every_event_is_told_with_a_sample_that_holds_nothing_of_a_patient(program: APIClient) -> None:
    told = {one["type"]: one for one in program.get("/api/v1/webhook-events/").json()}
    assert told.keys() == {*EVENTS, TEST}
    assert [one["type"] for one in told.values() if not one["subscribable"]] == [TEST]
    for key, one in told.items():
        assert one["sample"]["type"] == key and one["sample"]["timestamp"] == "2026-05-20T20:00:00.000Z"
        assert one["comes"].endswith(".")
    assert told["claim.held"]["sample"]["data"] == {
        "id": "1092", "number": "C-1092", "sequence": 1, "status": "hold", "status_before": "draft", "version": 4,
    }  # fmt: skip
