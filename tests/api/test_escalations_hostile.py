"""Escalation tickets by API: every field, filter and address with what nobody should send."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from escalations.models import Ticket
from tests.api.ticket_bodies import GOOD_ANSWERS, URL, Api
from tests.hostile import HOSTILE, HOSTILE_TEXT, MEANINGLESS, as_json

pytestmark = pytest.mark.django_db


def send(client: APIClient, url: str, body: Any) -> Any:
    return client.post(url, as_json(body), content_type="application/json")


@pytest.mark.parametrize("name", ["type", "status", "standing", "assignee", "patient", "ordering"])
@pytest.mark.parametrize("value", [text for text in HOSTILE_TEXT if text.strip() and "\ud800" not in text])
def test_a_hostile_filter_is_refused_with_a_sentence(api: Api, ana: User, name: str, value: str) -> None:
    answer = api(ana).get(URL, {name: value[:2000]})
    assert answer.status_code in (400, 404)
    assert answer.json()["message"]


@pytest.mark.parametrize("name", ["q", "received_after", "due_before", "cursor", "page_size", "colour"])
@pytest.mark.parametrize("value", [text for text in HOSTILE_TEXT if "\ud800" not in text])
def test_no_query_makes_the_list_fail(api: Api, ana: User, name: str, value: str) -> None:
    assert api(ana).get(URL, {name: value[:2000]}).status_code < 500


@pytest.mark.parametrize("cursor", ["cD1nYXJiYWdl", "bz0xJnA9MjAyNi0xMy00NQ==", "cD0xZTk5OQ=="])
@pytest.mark.parametrize("ordering", ["due_at", "-number"])
def test_a_forged_cursor_is_not_found(api: Api, ana: User, cursor: str, ordering: str) -> None:
    assert api(ana).get(f"{URL}?ordering={ordering}&cursor={cursor}").status_code in (400, 404)


@pytest.mark.parametrize(
    "field", ["type", "channel", "caller", "patient", "answers", "acknowledged", "received_at", "draft"]
)
@pytest.mark.parametrize("value", MEANINGLESS)
def test_a_hostile_value_of_a_ticket_is_refused_with_a_sentence(
    api: Api, ana: User, body: dict[str, Any], field: str, value: Any
) -> None:
    if (field, value) == ("draft", True):
        pytest.skip("a draft is what is asked for")
    answer = send(api(ana), URL, {**body, field: value})
    expected = (400, 404) if field == "patient" else (400,)
    assert answer.status_code in expected, (field, str(value)[:40])
    assert answer.json()["message"]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("key", ["recipient", "account_status", "a stranger"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_answer_is_refused_with_a_sentence(
    api: Api, ana: User, body: dict[str, Any], key: str, value: Any
) -> None:
    answer = send(api(ana), URL, {**body, "answers": {**GOOD_ANSWERS, key: value}})
    assert answer.status_code == 400
    assert answer.json()["problems"] or answer.json()["fields"] or answer.json()["code"] == "parse_error"


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_note_is_kept_or_refused_but_never_fails(
    api: Api, ana: User, body: dict[str, Any], value: Any
) -> None:
    answer = send(api(ana), URL, {**body, "note": value})
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        assert Ticket.objects.get().note == (value or "").strip()


@pytest.mark.parametrize(
    ("act", "field"),
    [
        ("wait", "reason"),
        ("resolve", "outcome"),
        ("resolve", "note"),
        ("comment", "note"),
        ("assign", "user"),
        ("cancel", "reason"),
        ("take", "version"),
        ("", "act"),
    ],
)
@pytest.mark.parametrize("value", HOSTILE)
def test_no_hostile_fact_of_a_step_makes_it_fail(
    api: Api, sue: User, filed: dict[str, Any], act: str, field: str, value: Any
) -> None:
    step = {"act": act, **({"outcome": "Sent"} if field == "note" and act == "resolve" else {}), field: value}
    answer = send(api(sue), f"{URL}{filed['id']}/steps/", step)
    assert answer.status_code in (200, 400, 404)
    if field in ("user", "version", "act") and value not in (None,):
        assert answer.status_code in (400, 404)


@pytest.mark.parametrize("value", [[], "text", 5, None, [1, 2]])
@pytest.mark.parametrize("path", ["", "1/steps/"])
def test_a_body_that_is_no_object_is_refused(
    api: Api, ana: User, filed: dict[str, Any], path: str, value: Any
) -> None:
    url = URL + path.replace("1", filed["id"])
    assert api(ana).post(url, value, format="json").status_code == 400


@pytest.mark.parametrize(
    "key", ["0", "999999", "9" * 40, "-1", "E-9999", "e", "%00", "1e3", "٣", "..", "E-1001%20"]
)
@pytest.mark.parametrize("path", ["", "ledger/", "steps/"])
def test_an_id_that_is_nobodys_is_not_found(
    api: Api, ana: User, filed: dict[str, Any], key: str, path: str
) -> None:
    client = api(ana)
    url = f"{URL}{key}/{path}"
    answer = client.post(url, {"act": "take"}) if path == "steps/" else client.get(url)
    assert answer.status_code == 404
