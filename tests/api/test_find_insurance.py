"""``POST claims/{id}/find-insurance/`` (D-HOLD-1): candidates, their deductible, and what an outage answers."""

from __future__ import annotations

import pytest

from deductibles.models import Claim, Finding
from patients.models import Payer
from tests.claim_line import DAY0

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)

AMOUNTS = [{"from": "2000-01-01", "annual": "2000.00", "remaining": "1305.00"}]


def finder_says(line, member, **script):
    person = line.patient
    whom = {"first_name": person.first_name, "last_name": person.last_name}
    line.vendor.script(member, found_for=whom, amounts=AMOUNTS, **script)


def path_of(claim: Claim) -> str:
    return f"/api/v1/claims/{claim.pk}/find-insurance/"


def test_candidates_name_payer_member_and_deductible_and_change_nothing(api, ben, line):
    Payer.objects.filter(pk=line.payer.pk).update(name="Example Health Plan", payer_id="ex001")
    claim = line.enter(line.member(), served=DAY0)
    finder_says(line, "FOUND00001")
    answer = api(ben).post(path_of(claim), {}, format="json")
    assert answer.status_code == 200
    said = answer.json()
    (one,) = said["candidates"]
    assert (said["outcome"], one["rank"], one["member_id"]) == ("answered", "primary", "FOUND00001")
    assert one["payer"] == {"id": str(line.payer.pk), "name": "EXAMPLE HEALTH PLAN", "payer_id": "EX001"}
    assert one["active"] is True and one["relationship"] == "self"
    assert one["deductible"] | {"flags": []} == {
        "type": "Individual, annual",
        "annual": "2000.00",
        "remaining": "1305.00",
        "usable": True,
        "flags": [],
    }
    assert list(claim.coverages.values_list("member_id", flat=True)) == ["TST000001"]


def test_a_payer_that_is_not_ours_has_no_id(api, ben, line):
    claim = line.enter(line.member(), served=DAY0)
    finder_says(line, "FOUND00001")
    (one,) = api(ben).post(path_of(claim), {}, format="json").json()["candidates"]
    assert one["payer"]["id"] is None and one["payer"]["payer_id"] == "EX001"


def test_an_outage_is_an_answer_with_its_sentence(api, ben, line):
    claim = line.enter(line.member(), served=DAY0)
    line.vendor.script("*", status=503)
    said = api(ben).post(path_of(claim), {}, format="json").json()
    assert (said["outcome"], said["candidates"]) == ("unavailable", [])
    assert said["detail"].startswith("AR Boost") and said["detail"].endswith(".")


def test_the_same_key_asks_once(api, ben, line):
    claim = line.enter(line.member(), served=DAY0)
    client = api(ben)
    first = client.post(path_of(claim), {}, format="json", headers={"Idempotency-Key": "find-1"})
    again = client.post(path_of(claim), {}, format="json", headers={"Idempotency-Key": "find-1"})
    assert first.json() == again.json() and Finding.objects.count() == 1


def test_fields_strangers_and_claims_that_have_left_are_refused(api, ben, bo, sue, line):
    claim = line.enter(line.member(), served=DAY0)
    assert api(ben).post(path_of(claim), {"patient": "1"}, format="json").status_code == 400
    assert api(bo).post(path_of(claim), {}, format="json").status_code == 404
    assert api(sue).post(path_of(claim), {}, format="json").status_code == 403
    Claim.objects.filter(pk=claim.pk).update(status="void")
    left = api(ben).post(path_of(claim), {}, format="json")
    assert left.status_code == 409 and "Void" in left.json()["message"]
    assert not Finding.objects.exists()
