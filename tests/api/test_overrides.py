"""Overrides, dismissals and links by API: kept with their reasons, told with each ticket."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from escalations.models import Ticket, TicketEvent, Waiver
from patients.models import Patient
from tests.api.ticket_bodies import GOOD_ANSWERS, URL, Api, draft_of, rules, steps
from tests.filing_cases import file_good, good_body

pytestmark = pytest.mark.django_db


def neither(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "answers": {**GOOD_ANSWERS, "account_status": "neither"}}


WHY = {"rule": "R-ITEM-4", "reason": "Billing confirmed the payment by mail."}


@pytest.mark.parametrize("said", [{"override": WHY}, {"override": [WHY]}, {"overrides": [WHY]}])
def test_a_supervisor_overrides_what_may_be_with_a_reason(
    api: Api, sue: User, body: dict[str, Any], said: dict[str, Any]
) -> None:
    answer = api(sue).post(URL, {**neither(body), **said})
    assert answer.status_code == 201
    assert answer.json()["overrides"] == [WHY]
    waiver = Waiver.objects.get()
    assert (waiver.kind, waiver.rule, waiver.by) == ("override", "R-ITEM-4", sue)
    assert "R-ITEM-4 was overridden" in TicketEvent.objects.get().text


def test_an_agent_overrides_nothing(api: Api, ana: User, body: dict[str, Any]) -> None:
    answer = api(ana).post(URL, {**neither(body), "override": WHY})
    assert answer.status_code == 403 and "supervisor" in answer.json()["message"]
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ({"rule": "R-ITEM-2", "reason": "x"}, "override"),
        ({"rule": "R-NOBODY-1", "reason": "x"}, "override"),
        ({"rule": "R-ITEM-4", "reason": " "}, "required"),
        ({"rule": "R-ITEM-4"}, "required"),
        ({"rule": "R-ITEM-4", "reason": "x", "colour": "red"}, "unknown"),
        ("R-ITEM-4", "type"),
        ([WHY] * 21, "type"),
        ({"rule": "R-ITEM-4", "reason": "x" * 301}, "too_long"),
        ({"rule": ["R-ITEM-4"], "reason": "x"}, "type"),
    ],
)
def test_an_override_that_cannot_be_is_refused_with_a_sentence(
    api: Api, sue: User, body: dict[str, Any], override: Any, code: str
) -> None:
    answer = api(sue).post(URL, {**neither(body), "override": override})
    assert answer.status_code == 400
    (wrong,) = answer.json()["fields"]["overrides"]
    assert wrong["code"] == code and wrong["message"].endswith(".")
    assert not Ticket.objects.exists()


def test_an_override_of_a_rule_that_does_not_speak_is_not_kept(
    api: Api, sue: User, body: dict[str, Any]
) -> None:
    assert api(sue).post(URL, {**body, "override": WHY}).json()["overrides"] == []
    assert not Waiver.objects.exists()


def test_what_was_overridden_in_a_draft_is_said_again_by_who_files_it(
    api: Api, ana: User, sue: User, body: dict[str, Any]
) -> None:
    """Otherwise an agent could file what only a supervisor may let through."""
    kept = draft_of(api, sue, {**neither(body), "override": WHY})
    refused = api(ana).post(steps(kept), {"act": "file"})
    assert refused.status_code == 400 and rules(refused) == {"R-ITEM-4"}
    assert api(ana).post(steps(kept), {"act": "file", "override": WHY}).status_code == 403
    filed = api(sue).post(steps(kept), {"act": "file", "override": WHY})
    assert filed.status_code == 200 and filed.json()["overrides"] == [WHY]


# Dismissals and links


def test_a_dismissed_keyword_is_kept_with_its_reason_r_exec_1(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    said = {**body, "note": "Her lawyer paid the bill. It is no fraud."}
    filed = api(ana).post(URL, {**said, "dismissals": [{"word": "lawyer", "reason": "He only paid."}]}).json()
    heard = {one["word"]: (one["decision"], one["reason"]) for one in filed["keywords"]}
    assert heard == {"Lawyer": ("dismissed", "He only paid."), "Fraud": ("", "")}
    later = api(ana).post(steps(filed), {"act": "dismiss", "word": "fraud", "reason": "She said so."})
    assert later.status_code == 200
    assert [one["decision"] for one in later.json()["keywords"]] == ["dismissed", "dismissed"]
    assert set(Waiver.objects.values_list("subject", flat=True)) == {"Lawyer", "Fraud"}


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"word": "fraud", "reason": "x"}, 409),
        ({"word": "lawyer"}, 400),
        ({"reason": "x"}, 400),
        ({"word": "lawyer", "reason": "x", "colour": "red"}, 400),
        ({"word": ["lawyer"], "reason": "x"}, 400),
    ],
)
def test_a_dismissal_that_cannot_be_is_refused_with_a_sentence(
    api: Api, ana: User, body: dict[str, Any], facts: dict[str, Any], status: int
) -> None:
    filed = api(ana).post(URL, {**body, "note": "Her lawyer paid."}).json()
    answer = api(ana).post(steps(filed), {"act": "dismiss", **facts})
    assert answer.status_code == status and answer.json()["message"]
    assert Ticket.objects.get().version == 1


def test_a_ticket_that_comes_out_of_another_is_linked_to_it(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    first = api(ana).post(URL, {**body, "note": "Says it is fraud."}).json()
    second = good_body("executive-keywords", Patient.objects.get())
    filed = api(ana).post(URL, {**second, "follows": first["number"]}).json()
    assert filed["links"] == [{"kind": "follows", "number": first["number"]}]
    again = api(ana).get(f"{URL}{first['number']}/").json()
    assert again["linked_from"] == [{"kind": "follows", "number": filed["number"]}]
    assert again["keywords"][0]["decision"] == "linked"
    assert api(ana).post(URL, {**body, "follows": "E-9999"}).status_code == 404


def test_the_ticket_an_answer_names_is_a_link(api: Api, ana: User, patient: Patient) -> None:
    update = file_good("insurance-update", patient, ana)
    Ticket.objects.filter(pk=update.pk).update(answers={**update.answers, "sent_on": "2025-01-06"})
    body = good_body("supervisor", patient)
    body["answers"] = {"scenario": "update_overdue", "linked_update": update.number}
    filed = api(ana).post(URL, body).json()
    assert filed["links"] == [{"kind": "names", "number": update.number}]


def test_the_list_tells_what_came_with_each_ticket_in_as_few_queries(
    api: Api, ana: User, sue: User, body: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    first = api(sue).post(URL, {**neither(body), "override": WHY}).json()
    for _ in range(12):
        api(ana).post(URL, {**body, "follows": first["number"], "note": "fraud"})
    client = api(ana)
    client.get(URL)
    with django_assert_max_num_queries(8):
        found = client.get(URL).json()["results"]
    assert found[-1]["overrides"] == [WHY] and len(found[-1]["linked_from"]) == 12
    assert found[0]["links"] and found[0]["keywords"]
