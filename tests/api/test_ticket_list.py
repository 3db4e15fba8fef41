"""The tickets' list by API: every filter of the page, several values, searches, refusals in sentences."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Company, User
from escalations.filters import NAMES
from escalations.models import Breach, Ticket
from escalations.serializers import TicketQuery
from tests.api.ticket_bodies import URL, Api
from tests.factories import PatientFactory
from tests.tickets import ago, filed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(ana: User, acme: Company) -> dict[str, Ticket]:
    patient = PatientFactory(company=acme, last_name="Nowak", phone="3125550147")
    found = {
        "refund": filed("refund", ana, patient, ago(days=3), note="Her attorney wrote."),
        "bill": filed("itemized-bill", ana, PatientFactory(company=acme), ago(days=25), channel="email"),
        "form": filed("requisition-form", ana, PatientFactory(company=acme), ago(days=1), caller="provider"),
    }
    bill = found["bill"]
    Breach.objects.create(company=acme, ticket=bill, cycle=1, due_at=bill.due_at, seen_at=ago(days=1))
    return found


def numbers(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.json()
    return {row["number"] for row in answer.json()["results"]}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"type": "refund"}, {"refund"}),
        ({"type": "refund,itemized-bill"}, {"refund", "bill"}),
        ({"standing": "breached"}, {"bill"}),
        ({"status": "open,resolved"}, {"refund", "bill", "form"}),
        ({"caller": "provider"}, {"form"}),
        ({"channel": "email", "breached": "yes"}, {"bill"}),
        ({"late_reason": "none"}, {"bill"}),
        ({"q": "attorneys"}, {"refund"}),
        ({"q": '"attorney wrote"'}, {"refund"}),
        ({"q": "312-555-0147"}, {"refund"}),
        ({"q": "nowack", "type": "refund"}, {"refund"}),
        ({"filed_by": "me"}, {"refund", "bill", "form"}),
        ({"watched": "me"}, set()),
    ],
)
def test_the_list_is_filtered_as_the_page_is(
    api: Api, ana: User, desk: dict[str, Ticket], asked: dict[str, str], names: set[str]
) -> None:
    assert numbers(api(ana).get(URL, asked)) == {desk[name].number for name in names}


def test_the_contracts_filters_keep_their_names_and_meaning(
    api: Api, ana: User, desk: dict[str, Ticket]
) -> None:
    since, until = ago(days=5).date().isoformat(), ago(days=10).date().isoformat()
    asked = {
        "type": "refund",
        "status": "open",
        "assignee": "none",
        "received_after": since,
        "ordering": "due_at",
    }
    patient = str(desk["refund"].patient_id)
    assert numbers(api(ana).get(URL, {**asked, "patient": patient, "q": "nowak"})) == {desk["refund"].number}
    assert numbers(api(ana).get(URL, {"due_before": until})) == {desk["bill"].number}
    assert numbers(api(ana).get(URL, {"standing": "breached"})) == {desk["bill"].number}


def test_every_filter_of_the_page_is_one_of_the_api() -> None:
    assert set(TicketQuery().fields) == set(NAMES)


@pytest.mark.parametrize("name", ["colour", "type[]", "Type", "page"])
def test_a_name_that_is_no_filter_is_refused(api: Api, ana: User, name: str) -> None:
    answer = api(ana).get(URL, {name: "x"})
    assert answer.status_code == 400 and "Unknown field" in answer.content.decode()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "q"])
@pytest.mark.parametrize("value", ["no such thing", "9" * 30, "a,b"])
def test_a_value_that_is_none_is_refused_with_a_sentence_or_not_found(
    api: Api, ana: User, name: str, value: str
) -> None:
    answer = api(ana).get(URL, {name: value})
    assert answer.status_code in (400, 404)
    assert answer.status_code == 404 or name in answer.content.decode()


def test_a_search_that_only_leaves_out_is_refused(api: Api, ana: User) -> None:
    answer = api(ana).get(URL, {"q": "-attorney"})
    assert answer.status_code == 400 and "Name something to look for" in answer.content.decode()


def test_another_companys_rows_are_not_found(api: Api, otto: User, desk: dict[str, Ticket]) -> None:
    assert numbers(api(otto).get(URL, {"q": "attorney"})) == set()
    assert numbers(api(otto).get(URL, {"q": "nowak"})) == set()
    patient = desk["refund"].patient_id
    assert api(otto).get(URL, {"patient": patient}).status_code == 404
    assert api(otto).get(URL, {"filed_by": "ana"}).status_code == 404


@pytest.mark.parametrize("ordering", ["resolved_at", "-resolved_at", "updated_at", "-updated_at"])
def test_pages_in_the_new_orders_follow_each_other(
    api: Api, ana: User, desk: dict[str, Ticket], ordering: str
) -> None:
    client = api(ana)
    answer = client.get(URL, {"ordering": ordering, "page_size": 2})
    first = numbers(answer)
    second = numbers(client.get(answer.json()["next"]))
    assert len(first) == 2 and first | second == {ticket.number for ticket in desk.values()}
