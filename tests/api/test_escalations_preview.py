"""``POST turnaround/preview/``: the worked examples of the paper, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.hostile import HOSTILE, MEANINGLESS, as_json

pytestmark = pytest.mark.django_db
Api = Callable[[User], APIClient]
URL = "/api/v1/turnaround/preview/"
AT = "2026-05-20T10:00:00-05:00"
CALENDAR = {
    "zone": "America/Chicago",
    "hours": {"mon": [["09:00", "18:00"]]},
    "holidays": [],
    "exceptions": [],
}


def send(client: APIClient, url: str, body: Any) -> Any:
    return client.post(url, as_json(body), content_type="application/json")


EXAMPLES = [
    ({"max": 48, "unit": "business_hour"}, "2026-05-15T17:59:00-05:00", None, "2026-05-19T17:59:00-05:00"),
    ({"max": 48, "unit": "business_hour"}, "2026-05-22T17:59:00-05:00", None, "2026-05-27T17:59:00-05:00"),
    ({"max": 48, "unit": "business_hour"}, "2026-05-16T10:00:00-05:00", None, "2026-05-20T09:00:00-05:00"),
    ({"max": 2, "unit": "business_day"}, "2026-05-15T00:30:00-05:00", None, "2026-05-19T18:00:00-05:00"),
    ({"max": 2, "unit": "business_day"}, "2026-05-15T18:01:00-05:00", None, "2026-05-19T18:00:00-05:00"),
    (
        {"type": "itemized-bill", "channel": "phone"},
        AT,
        "2026-05-28T18:00:00-05:00",
        "2026-06-01T18:00:00-05:00",
    ),
    (
        {"type": "itemized-bill", "channel": "email"},
        AT,
        "2026-05-26T18:00:00-05:00",
        "2026-05-28T18:00:00-05:00",
    ),
    ({"max": 24, "unit": "clock_hour"}, "2026-10-31T18:00:00-05:00", None, "2026-11-01T17:00:00-06:00"),
    ({"max": 1, "unit": "week"}, "2026-05-16T10:00:00-05:00", None, "2026-05-22T18:00:00-05:00"),
    (
        {
            "min": 5,
            "max": 7,
            "unit": "business_day",
            "pauses": [["2026-05-12T10:00:00-05:00", "2026-05-14T15:00:00-05:00"]],
        },
        "2026-05-11T10:00:00-05:00",
        "2026-05-20T18:00:00-05:00",
        "2026-05-22T18:00:00-05:00",
    ),
]


@pytest.mark.parametrize(("asked", "received_at", "expected_from", "due_at"), EXAMPLES)
def test_the_worked_examples_hold_by_api(
    api: Api, ana: User, asked: dict[str, Any], received_at: str, expected_from: str | None, due_at: str
) -> None:
    answer = api(ana).post(URL, {**asked, "received_at": received_at})
    assert answer.status_code == 200, answer.json()
    found = answer.json()
    assert (found["expected_from"], found["due_at"]) == (expected_from, due_at)
    assert found["promise"] and found["ledger"][-1]["date"] == due_at[:10]
    assert set(found["ledger"][0]) == {"date", "counted", "why"}


@pytest.mark.parametrize("who", ["ana", "ben", "sue", "adam", "otto"])
def test_everyone_signed_in_may_ask(api: Api, cast: dict[str, User], who: str) -> None:
    body = {"type": "itemized-bill", "channel": "phone", "received_at": AT}
    assert api(cast[who]).post(URL, body).json()["promise"] == "between Thursday 28 May and Monday 1 June"


def test_a_stranger_may_not(db: None) -> None:
    assert APIClient().post(URL, {}, format="json").status_code in (401, 403)


def test_a_calendar_of_ones_own_is_used(api: Api, ana: User) -> None:
    body = {"max": 2, "unit": "business_day", "received_at": AT, "calendar": CALENDAR}
    assert api(ana).post(URL, body).json()["due_at"] == "2026-06-01T18:00:00-05:00"


def test_what_states_no_time_gets_no_date_k8(api: Api, ana: User) -> None:
    found = api(ana).post(URL, {"unit": "none", "received_at": AT}).json()
    assert (found["expected_from"], found["due_at"]) == (None, None)
    assert "no time is stated" in found["promise"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"min": 9}, "min"),
        ({"max": None}, "max"),
        ({"max": "7"}, "max"),
        ({"max": 10**9}, "max"),
        ({"unit": "fortnight"}, "unit"),
        ({"received_at": "2026-05-20T10:00:00"}, "received_at"),
        ({"received_at": "9999-12-31T23:59:59-12:00"}, "received_at"),
        ({"type": "itemized-bill"}, "max"),
        ({"calendar": {"zone": "Mars/Base", "hours": {}}}, "calendar.zone"),
        ({"calendar": {"zone": "UTC", "hours": {}}}, "calendar.hours"),
        ({"pauses": [["2026-05-22T10:00:00Z", "2026-05-21T10:00:00Z"]]}, "pauses"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_counted_is_named(api: Api, ana: User, changes: dict[str, Any], field: str) -> None:
    body = {"min": 5, "max": 7, "unit": "business_day", "received_at": AT, **changes}
    answer = api(ana).post(URL, body)
    assert answer.status_code == 400
    assert field in answer.json()["fields"] or field == "max" and "min" in answer.json()["fields"]


@pytest.mark.parametrize("field", ["received_at", "max", "unit", "calendar", "pauses"])
@pytest.mark.parametrize("value", MEANINGLESS)
def test_a_hostile_value_is_refused_with_a_sentence(api: Api, ana: User, field: str, value: Any) -> None:
    body = {"max": 7, "unit": "business_day", "received_at": AT, field: value}
    answer = send(api(ana), URL, body)
    assert answer.status_code == 400
    assert answer.json()["message"]


@pytest.mark.parametrize("field", ["min", "type", "channel"])
@pytest.mark.parametrize("value", HOSTILE)
def test_no_hostile_value_makes_it_fail(api: Api, ana: User, field: str, value: Any) -> None:
    body = {"type": "itemized-bill", "channel": "phone", "received_at": AT, field: value}
    assert send(api(ana), URL, body).status_code in (200, 400)


@pytest.mark.parametrize("field", ["zone", "hours", "holidays", "exceptions"])
@pytest.mark.parametrize("value", MEANINGLESS)
def test_a_hostile_calendar_is_refused_with_a_sentence(api: Api, ana: User, field: str, value: Any) -> None:
    body = {"max": 7, "unit": "business_day", "received_at": AT, "calendar": {**CALENDAR, field: value}}
    assert send(api(ana), URL, body).status_code == 400
