"""``GET runs/``: all background work by the API, with the filters of the page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.roles import Can
from tests import background as made
from tests.api.test_token_limits import client_of
from tests.background import NOON

pytestmark = pytest.mark.django_db
URL = "/api/v1/runs/"


@pytest.fixture(autouse=True)
def at_noon() -> Any:
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        yield


def kinds(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [row["kind"] for row in answer.json()["results"]]


def test_every_kind_stands_there_the_newest_first(api, adam, cast) -> None:
    one = made.one_of_each(cast)
    answer = api(adam).get(URL)
    assert kinds(answer) == list(made.KINDS)
    check = next(row for row in answer.json()["results"] if row["kind"] == "check")
    assert check == {
        "id": f"check-{one['check'].pk}",
        "kind": "check",
        "kind_label": "Deductible check",
        "what": f"Night of {one['check'].target_date:%a %-d %b}",
        "detail": "",
        "state": "done",
        "state_label": "Done",
        "progress": None,
        "asked_at": "2026-05-20T11:58:00-05:00",
        "began_at": "2026-05-20T11:58:00-05:00",
        "seen_at": None,
        "finished_at": "2026-05-20T12:00:00-05:00",
        "started_by": "by itself",
        "result": "5 of 5 answered; 0 deductible met, 0 time elapsed.",
        "trouble": "",
        "standing_still": "",
        "page": f"/settings/runs/{one['check'].pk}/",
    }


def test_what_is_under_way_says_how_far_it_is_and_that_it_stands_still(api, ben) -> None:
    made.brought(
        ben, NOON - timedelta(minutes=20), state="checking", about=5000, looked=1500, finished_at=None,
        seen_at=NOON - timedelta(minutes=9), looking_since=NOON - timedelta(minutes=10),
    )  # fmt: skip
    (row,) = api(ben).get(URL, {"state": "running"}).json()["results"]
    assert row["progress"] == {"done": 1500, "whole": 5000, "words": "1,500 of about 5,000 rows looked at."}
    assert row["seen_at"] == "2026-05-20T11:51:00-05:00"
    assert row["standing_still"].startswith("Nobody has worked on it for 10 minutes.")
    assert kinds(api(ben).get(URL, {"trouble": "yes"})) == ["import"]


def test_filters(api, adam, acme, ben) -> None:
    made.night(acme, NOON, state="failed")
    made.night(acme, NOON - timedelta(days=3), days_ago=4)
    made.brought(ben, NOON - timedelta(days=1))
    client = api(adam)
    assert kinds(client.get(URL, {"kind": "check"})) == ["check", "check"]
    assert kinds(client.get(URL, {"state": "failed"})) == ["check"]
    assert kinds(client.get(URL, {"since": "2026-05-19"})) == ["check", "import"]
    assert kinds(client.get(URL, {"until": "2026-05-18"})) == ["check"]


def test_somebody_sees_the_kinds_they_may_and_a_token_made_for_less_fewer(
    api, ben, adam, cast, page_as
) -> None:
    made.one_of_each(cast)
    assert set(kinds(api(ben).get(URL))) == made.KINDS.keys() - {"calendar", "company-file", "rules"}
    assert kinds(api(ben).get(URL, {"kind": "rules"})) == []
    client = api(adam)
    assert {row["page"] for row in client.get(URL, {"kind": "import"}).json()["results"]} == {None}
    assert "visits.csv" not in client.get(URL).content.decode()
    assert set(kinds(client_of(ben, Can.READ_NIGHTS).get(URL))) == {
        "check",
        "submission",
        "forecast",
        "recount",
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "nonsense"}, "kind"),
        ({"state": "asleep"}, "state"),
        ({"trouble": "no"}, "trouble"),
        ({"since": "20.5.2026"}, "since"),
        ({"until": "0001-01-01"}, "until"),
        ({"since": "9999-12-31"}, "since"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_filter_that_is_not_understood_is_named(api, adam, query: dict[str, str], field: str) -> None:
    answer = api(adam).get(URL, query)
    assert answer.status_code == 400 and field in answer.json()["fields"]


def test_pages_miss_and_double_nothing(api, adam, cast) -> None:
    made.one_of_each(cast)
    client, address, seen = api(adam), f"{URL}?page_size=4", []
    while address:
        answer = client.get(address).json()
        seen.append([row["id"] for row in answer["results"]])
        address = answer["next"]
    assert [len(page) for page in seen] == [4, 4, 1]
    assert len({one for page in seen for one in page}) == 9
    back = client.get(answer["previous"]).json()
    assert [row["id"] for row in back["results"]] == seen[1]
    assert client.get(URL, {"cursor": "nonsense"}).status_code == 404


def test_the_nights_stay_where_they_were(api, adam, acme) -> None:
    made.night(acme, NOON)
    assert api(adam).get("/api/v1/nightly-runs/").json()["results"][0]["kind"] == "check"
