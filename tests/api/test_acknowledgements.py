"""What came back, by API: a file is taken in once, and says what became of every claim in it."""

from __future__ import annotations

import pytest

from deductibles.models import Arrival, Claim
from tests.claim_line import Line, days
from tests.domain.answer_files import ack_277, ack_999, paid_835, told

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
PATH = "/api/v1/acknowledgements/"


@pytest.fixture
def sent(line: Line) -> Claim:
    met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    claim = line.complete(line.member(amounts=met)).claim
    line.submit(days(1))
    return Claim.objects.get(pk=claim.pk)


def test_a_rejection_comes_as_json_or_as_the_file_itself_and_is_taken_in_once_D_SUB_3(api, ben, sent):
    text = ack_277(*told(sent.number, "A7:562:85"))
    first = api(ben).post(PATH, {"x12": text, "name": "today.277"})
    assert first.status_code == 201
    (answer,) = first.json()["answers"]
    assert (answer["claim"], answer["word"], answer["standing"]) == (sent.number, "rejected", "applied")
    assert "NPI" in answer["sentence"]
    again = api(ben).generic("POST", PATH, text, content_type="text/plain")
    assert again.status_code == 200 and again.json()["id"] == first.json()["id"]
    shown = api(ben).get(f"/api/v1/claims/{sent.pk}/").json()
    assert (shown["status"], shown["status_label"]) == ("rejected", "Rejected")


def test_a_rejected_claim_is_corrected_and_an_accepted_one_is_paid(api, ben, sent):
    api(ben).post(PATH, {"x12": ack_277(*told(sent.number, "A7:21"))})
    steps = f"/api/v1/claims/{sent.pk}/steps/"
    assert api(ben).post(steps, {"act": "post_payment", "paid": "10"}).status_code == 409
    assert api(ben).post(steps, {"act": "correct"}).json()["status"] == "draft"
    assert api(ben).post(steps, {"act": "correct"}).status_code == 409


def test_a_payment_of_an_835_and_one_by_hand(api, ben, sent):
    rows = [f"CLP*{sent.number}*1*850*480*120*12*P", "CAS*CO*45*250", "CAS*PR*1*120"]
    (paid,) = api(ben).post(PATH, {"x12": paid_835(rows, total="480")}).json()["payments"]
    assert (paid["claim"], paid["deductible"], paid["allowed"], paid["posted"]) == (
        sent.number,
        "120.00",
        "600.00",
        True,
    )
    assert api(ben).get(f"/api/v1/claims/{sent.pk}/").json()["status"] == "paid"


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "x12"),
        ({"x12": ""}, "x12"),
        ({"x12": 5}, "x12"),
        ({"x12": "ISA*00*"}, "x12"),
        ({"x12": ack_999("AK9*A*1*1*1")[:-3]}, "x12"),
        ({"x12": ack_999("AK9*A*1*1*1"), "file": "x"}, "file"),
    ],
)
def test_what_is_no_file_is_refused_in_words_and_not_kept(api, ben, body, field):
    answer = api(ben).post(PATH, body)
    assert answer.status_code == 400 and field in answer.json()["fields"]
    assert not Arrival.objects.exists()


def test_another_company_sees_and_moves_nothing(api, ben, bo, sue, ana, adam, sent):
    text = ack_277(*told(sent.number, "A7:21"))
    theirs = api(bo).post(PATH, {"x12": text}).json()
    assert (theirs["state"], theirs["answers"][0]["claim"]) == ("aside", None)
    assert Claim.objects.get(pk=sent.pk).status == "submitted"
    assert api(ben).get(PATH).json()["results"] == []
    assert [api(who).post(PATH, {"x12": text}).status_code for who in (sue, ana, adam)] == [403, 403, 403]
    (listed,) = api(bo).get(PATH, {"state": "aside"}).json()["results"]
    assert listed["id"] == theirs["id"] and "answers" not in listed
