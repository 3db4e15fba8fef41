"""``escalations/bulk/``: by ids or by filter, counted before it is done, and done once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Company, User
from escalations import actions
from escalations.models import Ticket
from tests.factories import PatientFactory
from tests.tickets import filed

URL = "/api/v1/escalations/bulk/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def three(acme: Company, ana: User) -> list[Ticket]:
    """Two by phone and one by e-mail, an hour old."""
    at, patient = datetime.now(UTC) - timedelta(hours=1), PatientFactory(company=acme)
    return [filed("itemized-bill", ana, patient, at, channel=one) for one in ("phone", "phone", "email")]


def ids(tickets: list[Ticket]) -> list[str]:
    return [str(one.pk) for one in tickets]


def test_tickets_are_assigned_by_their_ids(api: Any, sue: User, three: list[Ticket]) -> None:
    answer = api(sue).post(URL, {"act": "assign", "ids": ids(three), "user": "ana", "expected_count": 3})
    assert (answer.status_code, answer.json()) == (200, {"done": 3, "skipped": []})
    assert set(Ticket.objects.values_list("assignee__username", flat=True)) == {"ana"}


def test_all_that_a_filter_matches_are_acted_on_and_no_others(
    api: Any, sue: User, three: list[Ticket]
) -> None:
    answer = api(sue).post(URL, {"act": "take", "filter": {"channel": "phone"}, "expected_count": 2})
    assert answer.json()["done"] == 2
    assert Ticket.objects.get(assignee=None) == three[2]


def test_a_band_of_the_board_is_a_filter(api: Any, sue: User, three: list[Ticket]) -> None:
    Ticket.objects.filter(pk=three[0].pk).update(assignee=sue)
    listed = api(sue).get("/api/v1/escalations/", {"band": "unassigned"}).json()["results"]
    assert {row["number"] for row in listed} == {three[1].number, three[2].number}
    answer = api(sue).post(URL, {"act": "take", "filter": {"band": "unassigned"}, "expected_count": 2})
    assert answer.json()["done"] == 2


def test_a_count_that_differs_is_409_and_changes_nothing(api: Any, sue: User, three: list[Ticket]) -> None:
    for chosen in ({"filter": {"channel": "phone"}}, {"ids": ids(three)}):
        answer = api(sue).post(URL, {"act": "take", **chosen, "expected_count": 9})
        assert answer.status_code == 409
    assert not Ticket.objects.exclude(assignee=None).exists()


def test_what_was_left_comes_back_with_why(api: Any, sue: User, ana: User, three: list[Ticket]) -> None:
    actions.act(three[0], "resolve", by=sue, at=datetime.now(UTC), facts={"outcome": "Sent"})
    answer = api(sue).post(URL, {"act": "start", "ids": ids(three)}).json()
    assert answer["done"] == 2
    (left,) = answer["skipped"]
    assert (left["id"], left["number"]) == (str(three[0].pk), three[0].number)
    assert "resolved" in left["why"]


def test_a_version_that_is_old_leaves_the_ticket(api: Any, sue: User, ana: User, three: list[Ticket]) -> None:
    seen = {str(one.pk): one.version for one in three}
    actions.act(three[0], "take", by=ana, at=datetime.now(UTC))
    answer = api(sue).post(URL, {"act": "take", "ids": ids(three), "versions": seen}).json()
    assert answer["done"] == 2 and "Taken, by" in answer["skipped"][0]["why"]


def test_the_same_key_is_done_once(api: Any, sue: User, three: list[Ticket]) -> None:
    body = {"act": "comment", "ids": ids(three), "note": "Looked at."}
    client = api(sue)
    first, second = (client.post(URL, body, headers={"Idempotency-Key": "once"}) for _ in range(2))
    assert first.json() == second.json() == {"done": 3, "skipped": []}
    assert three[0].events.filter(act="comment").count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "act"),
        ({"act": "take"}, "ids"),
        ({"act": "take", "ids": []}, "ids"),
        ({"act": "take", "ids": ["x"]}, "ids"),
        ({"act": "take", "ids": ["1"], "filter": {}}, "ids"),
        ({"act": "take", "ids": [str(one) for one in range(1, 5_002)]}, "ids"),
        ({"act": "take", "filter": []}, "filter"),
        ({"act": "take", "filter": {"mood": "blue"}}, "filter"),
        ({"act": "take", "filter": {"channel": "fax"}}, "channel"),
        ({"act": "take", "ids": ["1"], "expected_count": "2"}, "expected_count"),
        ({"act": "take", "ids": ["1"], "versions": {"1": "x"}}, "versions"),
        ({"act": "take", "ids": ["1"], "mood": "blue"}, "mood"),
    ],
)
def test_a_body_that_is_wrong_is_told_where(
    api: Any, sue: User, three: list[Ticket], body: dict[str, Any], field: str
) -> None:
    answer = api(sue).post(URL, body)
    assert answer.status_code == 400
    assert field in str(answer.json())
    assert not Ticket.objects.exclude(assignee=None).exists()


def test_facts_are_read_as_for_one_ticket(api: Any, sue: User, three: list[Ticket]) -> None:
    answer = api(sue).post(URL, {"act": "wait", "ids": ids(three), "reason": "the moon"})
    assert answer.status_code == 400 and "reason" in str(answer.json())


def test_another_companys_ticket_is_404_and_a_biller_403(
    api: Any, otto: User, ben: User, three: list[Ticket]
) -> None:
    body = {"act": "take", "ids": ids(three)}
    assert api(otto).post(URL, body).status_code == 404
    assert api(ben).post(URL, body).status_code == 403
    assert not Ticket.objects.exclude(assignee=None).exists()
