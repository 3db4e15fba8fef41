"""Steps by API that bear on the filing: a call about the same thing, and another type (K12)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from escalations.models import Ticket, TicketEvent
from patients.models import Patient
from tests.api.ticket_bodies import Api, rules, steps
from tests.filing_cases import good_body, mark

pytestmark = pytest.mark.django_db


def test_a_call_about_the_same_thing_is_counted_on_the_ticket_r_x_7(
    api: Api, ana: User, filed: dict[str, Any]
) -> None:
    answer = api(ana).post(steps(filed), {"act": "contact", "note": "Where is my bill?"})
    assert answer.status_code == 200 and answer.json()["version"] == filed["version"]
    assert TicketEvent.objects.filter(act="contact", text="Where is my bill?").count() == 1
    assert api(ana).post(steps(filed), {"act": "contact"}).status_code == 400


def test_a_change_of_type_answers_with_the_ticket_or_every_problem_k12(
    api: Api, sue: User, ana: User, filed: dict[str, Any]
) -> None:
    refused = api(sue).post(steps(filed), {"act": "retype", "type": "refund"})
    assert refused.status_code == 400 and rules(refused) == {"R-REF-1", "R-REF-2"}
    answers = good_body("refund", Patient.objects.get())["answers"]
    change = {"act": "retype", "type": "refund", "answers": answers, "note": "Meant a refund."}
    assert api(ana).post(steps(filed), change).status_code == 403
    changed = api(sue).post(steps(filed), change)
    assert changed.status_code == 200, changed.json()
    found = changed.json()
    assert (found["type"], found["number"], found["received_at"]) == (
        "refund",
        filed["number"],
        filed["received_at"],
    )
    assert found["expected_from"] is None and found["due_at"] > filed["due_at"]
    assert api(sue).post(steps(filed), change).status_code == 409, "nothing would change"


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"type": "no-such-type"}, "type"),
        ({"type": ["refund"]}, "type"),
        ({"channel": "pigeon"}, "channel"),
        ({"answers": "none"}, "answers"),
        ({"answers": {"amount": "1"}}, "answers.amount"),
        ({"type": "refund", "answers": {"amount": "NaN"}}, "answers.amount"),
        ({"acknowledged": "R-APPEAL-2"}, "acknowledged"),
        ({"acknowledged": ["R-APPEAL-2"]}, "acknowledged"),
        ({"override": "R-ITEM-4"}, "overrides"),
        ({"note": 5}, "note"),
    ],
)
def test_a_change_of_type_that_cannot_be_read_says_where(
    api: Api, sue: User, filed: dict[str, Any], facts: dict[str, Any], named: str
) -> None:
    answer = api(sue).post(steps(filed), {"act": "retype", **facts})
    assert answer.status_code == 400
    assert answer.json()["fields"][named][0]["message"].endswith(".")
    assert Ticket.objects.get().version == 1


def test_an_unknown_name_in_a_change_of_type_is_refused(api: Api, sue: User, filed: dict[str, Any]) -> None:
    change = {"act": "retype", "channel": "email", "colour": "red"}
    answer = api(sue).post(steps(filed), change)
    assert answer.status_code == 400 and answer.json()["fields"]
    assert Ticket.objects.get().channel == "phone"


def test_a_callback_to_who_refused_calls_is_no_way_round_by_type_r_dnc_2(
    api: Api, sue: User, filed: dict[str, Any], patient: Patient
) -> None:
    mark(patient, {"refused": ["calls"]}, sue)
    answers = good_body("patient-callback", patient)["answers"]
    answer = api(sue).post(steps(filed), {"act": "retype", "type": "patient-callback", "answers": answers})
    assert answer.status_code == 400 and rules(answer) == {"R-DNC-2"}
