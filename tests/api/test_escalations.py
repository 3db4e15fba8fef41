"""Escalation tickets by API: filing, rules, lists, steps, isolation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from escalations import actions, policies
from escalations.filing import read_filing
from escalations.models import Deflection, PolicyVersion, Ticket
from patients.models import Patient
from tests.api.ticket_bodies import GOOD_ANSWERS, URL, Api
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db
KEYS = {
    "files",
    "id",
    "keywords",
    "links",
    "overrides",
    "number",
    "type",
    "status",
    "standing",
    "urgency",
    "channel",
    "received_at",
    "expected_from",
    "due_at",
    "promise",
    "assignee",
    "patient",
    "answers",
    "policy_version",
    "cycle",
    "steps",
}


def rules_of(answer: Any) -> set[str]:
    return {problem["rule"] for problem in answer.json()["problems"]}


def make_tickets(user: User, number: int) -> None:
    now = datetime.now(UTC)
    for index in range(number):
        at = now - timedelta(days=index % 20, minutes=index)
        patient = PatientFactory(company=user.company)
        said = {"type": "itemized-bill", "channel": "phone", "caller": "patient", "patient": patient.pk}
        filing = read_filing(user, {**said, "answers": GOOD_ANSWERS}, at=at)
        actions.file_ticket(filing, by=user, at=at)


def test_a_ticket_is_filed_with_its_promise_r_all_2(api: Api, ana: User, body: dict[str, Any]) -> None:
    answer = api(ana).post(URL, body)
    ticket = answer.json()
    assert answer.status_code == 201
    assert set(ticket) >= KEYS
    assert ticket["number"] == "E-1001" and ticket["status"] == "open" and ticket["standing"] == "on_track"
    assert ticket["promise"].startswith("between ")
    steps = ["take", "start", "wait", "resolve", "cancel", "dismiss", "contact", "call", "comment"]
    assert ticket["steps"] == steps
    assert ticket["policy_version"] == 1 and ticket["patient"] == body["patient"]
    again = api(ana).get(f"{URL}{ticket['id']}/")
    assert again.json() == ticket
    assert api(ana).get(f"{URL}{ticket['number']}/").json()["id"] == ticket["id"]


def test_a_ticket_received_earlier_counts_from_then_k18(api: Api, ana: User, body: dict[str, Any]) -> None:
    now = datetime.now(UTC)
    earlier = (now - timedelta(days=10)).isoformat()
    ticket = api(ana).post(URL, {**body, "received_at": earlier}).json()
    assert datetime.fromisoformat(ticket["received_at"]) == datetime.fromisoformat(earlier)
    assert datetime.fromisoformat(ticket["due_at"]) < now + timedelta(days=5)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("R-ALL-1", {"channel": ""}),
        ("R-ALL-1", {"caller": ""}),
        ("R-ALL-1", {"patient": None}),
        ("R-ITEM-2", {"answers": {**GOOD_ANSWERS, "recipient": "insurer"}}),
        ("R-ITEM-2", {"answers": {"account_status": "paid"}}),
        ("R-ITEM-3", {"caller": "insurance_representative"}),
        ("R-ITEM-4", {"answers": {**GOOD_ANSWERS, "account_status": "neither"}}),
        ("R-ITEM-4", {"answers": {"recipient": "patient"}}),
    ],
)
def test_each_rule_refuses_on_the_server(
    api: Api, ana: User, body: dict[str, Any], rule: str, changes: dict[str, Any]
) -> None:
    answer = api(ana).post(URL, {**body, **changes})
    assert answer.status_code == 400
    assert rules_of(answer) == {rule}
    for problem in answer.json()["problems"]:
        assert problem["message"] and problem["instead"] and problem["strength"] in ("BLOCK", "REQUIRE")
    assert not Ticket.objects.exists()


def test_taking_a_rule_out_of_the_policy_lets_the_ticket_through(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    """The negative control of R-ITEM-2, through the whole stack."""
    data = policies.shipped_policy()
    kind = next(one for one in data["types"] if one["key"] == "itemized-bill")
    kind["rules"] = [rule for rule in kind["rules"] if rule["id"] != "R-ITEM-2"]
    policies.put_in_force(PolicyVersion, ana.company, data, by=None, at=datetime.now(UTC))
    answer = api(ana).post(URL, {**body, "answers": {**GOOD_ANSWERS, "recipient": "insurer"}})
    assert answer.status_code == 201


def test_everything_is_told_at_once(api: Api, ana: User, body: dict[str, Any]) -> None:
    wrong = {**body, "channel": "pigeon", "caller": "", "answers": {"recipient": "insurer"}}
    answer = api(ana).post(URL, wrong)
    assert rules_of(answer) == {"R-ALL-1", "R-ITEM-2", "R-ITEM-4"}
    assert set(answer.json()["fields"]) == {"channel"}


def test_a_caller_turned_away_is_logged_once_a_key_r_item_3(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    turned = {**body, "caller": "insurance_representative", "patient": None}
    for _ in range(2):
        answer = api(ana).post(URL, turned, headers={"Idempotency-Key": "call-1"})
        assert answer.status_code == 400
        assert "itemized@acme.example" in answer.json()["problems"][0]["instead"]
    assert Deflection.objects.get().by == ana
    assert not Ticket.objects.exists()


def test_the_same_key_files_once(api: Api, ana: User, body: dict[str, Any]) -> None:
    first, second = (api(ana).post(URL, body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Ticket.objects.count() == 1


def test_types_tell_a_program_all_it_needs_to_file(api: Api, adam: User) -> None:
    types = {kind["key"]: kind for kind in api(adam).get("/api/v1/escalation-types/").json()}
    assert len(types) == 20
    kind = types["itemized-bill"]
    assert (kind["key"], kind["name"], kind["version"]) == ("itemized-bill", "Itemized Bill", 1)
    assert kind["turnarounds"][0] == {
        "channel": "phone",
        "min": 5,
        "max": 7,
        "unit": "business_day",
        "label": "5–7 business days",
    }
    assert all(question["required"] for question in kind["questions"])
    everywhere = {rule["id"] for rule in policies.shipped_policy()["every_type"]["rules"]}
    listed = {rule["id"] for rule in kind["rules"]}
    assert {"R-ALL-1", "R-ALL-2", "R-ALL-3"} <= everywhere
    assert listed - everywhere == {"R-ITEM-1", "R-ITEM-2", "R-ITEM-3", "R-ITEM-4"}


def test_a_turnaround_stands_for_every_type_also_where_none_is_stated(api: Api, adam: User) -> None:
    for kind in api(adam).get("/api/v1/escalation-types/").json():
        assert kind["turnarounds"], kind["key"]
        for row in kind["turnarounds"]:
            assert set(row) == {"channel", "min", "max", "unit", "label"}
            assert row["channel"] in ("phone", "email", "any")
            assert row["min"] is None or row["min"] <= row["max"]


def test_questions_and_rules_tell_what_a_form_needs_to_ask_them(api: Api, adam: User) -> None:
    types = {kind["key"]: kind for kind in api(adam).get("/api/v1/escalation-types/").json()}
    asked = {q["key"]: q for q in types["supervisor"]["questions"]}
    assert asked["linked_update"]["of_type"] == "insurance-update" and asked["linked_update"]["hint"]
    assert asked["scenario"]["required"] and not asked["date_of_service"]["required"]
    updates = {q["key"]: q for q in types["insurance-update"]["questions"]}
    assert updates["sent_on"]["default"] == "today"
    waited = next(q for q in types["callback-ptp-pte"]["questions"] if q["key"] == "waited")
    assert waited["suffix"] == "seconds"
    rules = {(rule["id"], rule["part"]): rule for rule in types["refund"]["rules"]}
    assert rules["R-REF-2", ""]["suggest"] == "missing-payment"
    assert rules["R-REF-1", "amount"]["strength"] == "REQUIRE"
    assert not any(rule["override"] for rule in types["stop-claim"]["rules"])


def test_the_steps_of_a_tickets_life(api: Api, ana: User, sue: User, filed: dict[str, Any]) -> None:
    url = f"{URL}{filed['id']}/steps/"
    for who, step, status, standing in [
        (ana, {"act": "take"}, "open", "on_track"),
        (ana, {"act": "start"}, "started", "on_track"),
        (ana, {"act": "wait", "reason": "patient"}, "waiting", "paused"),
        (ana, {"act": "resume"}, "started", "on_track"),
        (ana, {"act": "comment", "note": "Rang back."}, "started", "on_track"),
        (ana, {"act": "resolve", "outcome": "Sent", "note": ""}, "resolved", "closed"),
        (sue, {"act": "reopen"}, "open", "on_track"),
        (sue, {"act": "assign", "user": "sue"}, "open", "on_track"),
        (sue, {"act": "cancel", "reason": "Filed twice."}, "cancelled", "closed"),
    ]:
        answer = api(who).post(url, step)
        assert answer.status_code == 200, answer.json()
        assert (answer.json()["status"], answer.json()["standing"]) == (status, standing), step
    assert answer.json()["assignee"] == "sue" and answer.json()["cycle"] == 2


@pytest.mark.parametrize(
    ("who", "step", "status"),
    [
        ("ana", {"act": "resume"}, 409),
        ("ana", {"act": "assign", "user": "ana"}, 403),
        ("ana", {"act": "reopen"}, 403),
        ("ben", {"act": "take"}, 403),
        ("adam", {"act": "comment", "note": "x"}, 403),
        ("ana", {"act": "explode"}, 400),
        ("ana", {}, 400),
        ("ana", {"act": "take", "colour": "red"}, 400),
        ("ana", {"act": "wait"}, 400),
        ("ana", {"act": "wait", "reason": "because"}, 400),
        ("ana", {"act": "resolve"}, 400),
        ("ana", {"act": "comment", "note": "  "}, 400),
        ("ana", {"act": "take", "version": "1"}, 400),
        ("ana", {"act": "take", "version": 77}, 409),
        ("sue", {"act": "assign", "user": "otto"}, 404),
        ("sue", {"act": "assign", "user": "ben"}, 400),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_a_sentence(
    api: Api, cast: dict[str, User], filed: dict[str, Any], who: str, step: dict[str, Any], status: int
) -> None:
    answer = api(cast[who]).post(f"{URL}{filed['id']}/steps/", step)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert Ticket.objects.get().version == 1


def test_the_ledger_explains_the_due_date_k19(api: Api, ana: User, filed: dict[str, Any]) -> None:
    lines = api(ana).get(f"{URL}{filed['id']}/ledger/").json()["ledger"]
    assert lines[0]["counted"] == "day 0"
    assert lines[-1]["counted"] == "7" and lines[-1]["date"] == filed["due_at"][:10]


def test_the_list_is_filtered_by_each_of_its_filters(
    api: Api, ana: User, body: dict[str, Any], patient: Patient
) -> None:
    client = api(ana)
    mine = client.post(URL, body).json()
    other_patient = PatientFactory(company=ana.company, last_name="Zeppelin")
    second = client.post(URL, {**body, "patient": str(other_patient.pk), "channel": "email"}).json()
    client.post(f"{URL}{mine['id']}/steps/", {"act": "start"})

    def numbers(query: str) -> list[str]:
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == 200, (query, answer.json())
        return [ticket["number"] for ticket in answer.json()["results"]]

    assert numbers("type=itemized-bill") == [second["number"], mine["number"]]
    assert numbers("status=started") == [mine["number"]]
    assert numbers("standing=on_track&ordering=number") == [mine["number"], second["number"]]
    assert numbers("standing=breached") == []
    assert (
        numbers("assignee=me") == numbers("assignee=ana") == numbers(f"assignee={ana.pk}") == [mine["number"]]
    )
    assert numbers("assignee=none") == [second["number"]]
    assert numbers(f"patient={patient.pk}") == [mine["number"]]
    assert numbers("q=zepp") == numbers(f"q={second['number']}") == [second["number"]]
    assert numbers("received_after=2020-01-01") == [second["number"], mine["number"]]
    assert numbers("due_before=2020-01-01") == []
    assert numbers("ordering=due_at") == [second["number"], mine["number"]]


@pytest.mark.parametrize(
    "ordering", ["due_at", "-due_at", "received_at", "-received_at", "number", "-number"]
)
def test_pages_follow_each_other_without_gap_or_repeat(api: Api, ana: User, ordering: str) -> None:
    make_tickets(ana, 11)
    url, seen = f"{URL}?page_size=4&ordering={ordering}", []
    while url:
        page = api(ana).get(url).json()
        seen += [ticket["number"] for ticket in page["results"]]
        url = page["next"]
    assert len(seen) == len(set(seen)) == 11


def test_another_companys_ticket_patient_and_people_are_not_found(
    api: Api, ana: User, otto: User, filed: dict[str, Any], body: dict[str, Any]
) -> None:
    client = api(otto)
    for key in (filed["id"], filed["number"]):
        assert client.get(f"{URL}{key}/").status_code == 404
        assert client.get(f"{URL}{key}/ledger/").status_code == 404
        assert client.post(f"{URL}{key}/steps/", {"act": "comment", "note": "x"}).status_code == 404
    assert client.get(URL).json()["results"] == []
    assert client.post(URL, body).status_code == 404
    for query in (f"patient={body['patient']}", "assignee=ana", f"assignee={ana.pk}"):
        assert client.get(f"{URL}?{query}").status_code == 404
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("ana", 200), ("sue", 200), ("ben", 200), ("adam", 403)])
def test_only_those_who_may_read_tickets(api: Api, cast: dict[str, User], who: str, status: int) -> None:
    assert api(cast[who]).get(URL).status_code == status


def test_the_list_takes_as_few_queries_for_a_hundred_as_for_twenty_five(
    api: Api, ana: User, django_assert_max_num_queries: Any
) -> None:
    make_tickets(ana, 25)
    client = api(ana)
    client.get(URL)
    with django_assert_max_num_queries(8) as few:
        assert len(client.get(URL).json()["results"]) == 25
    make_tickets(ana, 75)
    with django_assert_max_num_queries(8) as many:
        assert len(client.get(URL).json()["results"]) == 100
    assert len(few) == len(many)


def test_filing_and_reading_one_ticket_take_at_most_twelve_queries(
    api: Api, ana: User, body: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    client = api(ana)
    client.post(URL, body)
    with django_assert_max_num_queries(12):
        ticket = client.post(URL, body).json()
    with django_assert_max_num_queries(12):
        client.get(f"{URL}{ticket['id']}/")
