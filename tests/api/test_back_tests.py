"""``holding/back-tests/``: begun once for a key, read while it is worked on, cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from deductibles.models import BackTest
from deductibles.worth import back_running
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world_once")]
URL = "/api/v1/holding/back-tests/"


@pytest.fixture
def body(world: World) -> dict[str, Any]:
    row = BackTest.objects.get(pk=world.rows["holding/back-test"])
    return {
        "from_on": f"{row.from_on}", "until_on": f"{row.until_on}", "max_days": 15,
        "dollar_threshold": "250.00", "monitor_above": "0",
    }  # fmt: skip


def test_a_small_history_is_answered_at_once_and_a_key_begins_one(
    api: Any, ben: User, body: dict[str, Any]
) -> None:
    before = BackTest.objects.count()
    program = api(ben)
    first = program.post(URL, body, HTTP_IDEMPOTENCY_KEY="once")
    again = program.post(URL, body, HTTP_IDEMPOTENCY_KEY="once")
    assert (first.status_code, again.status_code) == (200, 200) and first.json() == again.json()
    assert BackTest.objects.count() == before + 1
    told = first.json()
    assert (told["state"], told["max_days"], told["dollar_threshold"]) == ("done", 15, "250.00")
    result = told["result"]
    assert sum(result["tried"]["outcomes"].values()) == result["claims"] > 0
    assert result["sentences"][0].endswith(".")
    assert program.get(f"{URL}{told['id']}/").json() == told
    assert program.get(URL).json()["results"][0]["id"] == told["id"]


def test_a_large_one_is_accepted_and_can_be_cancelled_once(
    api: Any, ben: User, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_running, "AT_ONCE", -1)
    program = api(ben)
    answer = program.post(URL, body)
    assert (answer.status_code, answer.json()["state"], answer.json()["result"]) == (202, "waiting", None)
    steps = f"{URL}{answer.json()['id']}/steps/"
    assert program.post(steps, {"act": "save"}).status_code == 400
    assert program.post(steps, {"act": "cancel"}).json()["state"] == "cancelled"
    assert program.post(steps, {"act": "cancel"}).status_code == 409
    assert [row["id"] for row in program.get(f"{URL}?state=cancelled").json()["results"]] == [
        answer.json()["id"]
    ]


def test_what_is_wrong_is_named_all_at_once(api: Any, ben: User, body: dict[str, Any]) -> None:
    answer = api(ben).post(URL, {**body, "until_on": "2999-01-01", "max_days": 0, "dollar_threshold": None})
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"until_on", "max_days", "dollar_threshold"}
    assert api(ben).post(URL, {**body, "payer": "999999999"}).status_code == 404
