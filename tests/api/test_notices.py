"""Notifications by API: the list in pages, its filter, and marking as read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Company, User
from escalations.actions.notices import Fact, notify
from escalations.models import Notification, Ticket
from tests.api.ticket_bodies import Api
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db
URL, READ = "/api/v1/notifications/", "/api/v1/notifications/read/"
NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def ticket(ana: User, acme: Company) -> Ticket:
    return filed("refund", ana, PatientFactory(company=acme), NOW)


@pytest.fixture
def three(ana: User, ticket: Ticket) -> list[Notification]:
    """Three things ana was told."""
    facts = [Fact(ana, "breach", ticket, f"k:{n}", f"{ticket.number} is late ({n}).") for n in range(3)]
    return notify(facts, at=NOW)


def test_the_list_is_the_newest_first_in_one_shape(
    api: Api, ana: User, three: list[Notification], ticket: Ticket
) -> None:
    found = api(ana).get(URL).json()
    assert found["next"] is None and [one["id"] for one in found["results"]] == [
        str(one.pk) for one in reversed(three)
    ]
    assert found["results"][0] == {
        "id": str(three[2].pk),
        "kind": "breach",
        "words": f"{ticket.number} is late (2).",
        "ticket": ticket.number,
        "at": "2026-05-20T10:00:00-05:00",
        "read_at": None,
    }


def test_pages_follow_each_other(api: Api, ana: User, three: list[Notification]) -> None:
    client = api(ana)
    first = client.get(f"{URL}?page_size=2").json()
    second = client.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), second["next"]) == (2, 1, None)


def test_some_are_marked_and_then_all(api: Api, ana: User, three: list[Notification]) -> None:
    client = api(ana)
    assert client.post(READ, {"ids": [str(three[0].pk)]}).json() == {"marked": 1, "unread": 2}
    assert client.post(READ, {"ids": [str(three[0].pk)]}).json() == {"marked": 0, "unread": 2}
    assert len(client.get(f"{URL}?unread=true").json()["results"]) == 2
    assert [one["id"] for one in client.get(f"{URL}?unread=false").json()["results"]] == [str(three[0].pk)]
    assert client.post(READ, {"all": True}).json() == {"marked": 2, "unread": 0}


def test_one_id_of_somebody_else_marks_none(
    api: Api, ana: User, sue: User, otto: User, ticket: Ticket, three: list[Notification]
) -> None:
    (hers,) = notify([Fact(sue, "breach", ticket, "sue", "For sue.")], at=NOW)
    for person in (sue, otto):
        assert api(person).post(READ, {"ids": [str(three[0].pk)]}).status_code == 404
    assert api(ana).post(READ, {"ids": [str(three[0].pk), str(hers.pk)]}).status_code == 404
    assert not Notification.objects.exclude(read_at=None).exists()
    assert api(otto).get(URL).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": ["1"], "all": True}, "ids"),
        ({"all": False}, "ids"),
        ({"all": "yes"}, "all"),
        ({"ids": "1"}, "ids"),
        ({"ids": [True]}, "ids"),
        ({"ids": [str(n) for n in range(501)]}, "ids"),
        ({"ids": ["1"], "until": 3}, "until"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_name(
    api: Api, ana: User, three: list[Notification], body: dict[str, Any], field: str
) -> None:
    answer = api(ana).post(READ, body)
    assert answer.status_code == 400 and list(answer.json()["fields"]) == [field]
    assert not Notification.objects.exclude(read_at=None).exists()


@pytest.mark.parametrize("query", ["unread=perhaps", "kind=breach", "unread=true&unread=false", "cursor=x"])
def test_a_query_that_is_not_understood_is_refused(api: Api, ana: User, query: str) -> None:
    assert api(ana).get(f"{URL}?{query}").status_code in (400, 404)


def test_a_key_sent_twice_marks_once(api: Api, ana: User, ticket: Ticket, three: list[Notification]) -> None:
    client = api(ana)
    first = client.post(READ, {"all": True}, headers={"Idempotency-Key": "one"})
    notify([Fact(ana, "breach", ticket, "later", "Later.")], at=NOW)
    again = client.post(READ, {"all": True}, headers={"Idempotency-Key": "one"})
    assert first.json() == again.json() == {"marked": 3, "unread": 0}
    assert len(client.get(f"{URL}?unread=true").json()["results"]) == 1


def test_an_admin_reads_no_tickets_and_is_told_none(api: Api, adam: User) -> None:
    assert api(adam).get(URL).status_code == 403 and api(adam).post(READ, {"all": True}).status_code == 403
