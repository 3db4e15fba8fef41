"""Pinning a line, further coverages, stale versions and the pages of the audit, by the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from deductibles.actions import deciding, holds
from deductibles.models import Claim, Hold
from tests.api.claim_bodies import TODAY
from tests.domain.eligibility_answer import ACTIVE, answer, file_of
from tests.factories import PayerFactory
from tests.hostile import HOSTILE_TEXT

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db

INSIDE, OUTSIDE = "EB*C*IND*30***29*1500*****Y", "EB*C*IND*30***29*3000*****N"
TEXT = file_of(answer(ACTIVE, "EB*C*IND*30***23*1500*****Y", INSIDE, OUTSIDE))

SENDABLE = [text for text in HOSTILE_TEXT if text.encode("utf-8", "ignore").decode() == text]
"""Half characters cannot be sent by this client; tests/api/test_claims_hostile.py sends them."""


@pytest.fixture
def claim(line):
    member = line.member(x12_271=TEXT, readdress=["trace", "patient", "date", "years"])
    row = line.enter(member, served=TODAY - timedelta(days=5))
    return deciding.complete(row, by=line.biller, at=timezone.now()).claim


@pytest.fixture
def call(api, ben, claim):
    client = api(ben)
    return lambda body, **more: client.post(f"/api/v1/claims/{claim.pk}/steps/", body, **more)


def number(claim, raw):
    trail = claim.snapshots.order_by("-pk").first().trail
    return next(row["number"] for row in trail if row["raw"] == raw)


def test_d_clm_4_a_line_is_pinned_by_its_number_and_taken_off(call, claim):
    answered = call({"act": "pin", "line": number(claim, OUTSIDE), "reason": "no contract"})
    assert answered.status_code == 200, answered.json()
    assert answered.json()["hold"]["remaining"] == "3000.00"
    pin = answered.json()["pin"]
    assert pin["line"]["network"] == "N" and (pin["by"], pin["reason"]) == ("ben", "no contract")
    off = call({"act": "unpin"}).json()
    assert off["hold"]["remaining"] == "1500.00" and off["pin"] is None
    assert call({"act": "unpin"}).status_code == 409


def test_what_is_no_line_is_named_and_nothing_is_pinned(call, claim):
    for given in (None, "", 0, -1, 99999, 1.5, True, [15], {"line": 15}, "15 OR 1=1", *SENDABLE):
        refused = call({"act": "pin", "line": given})
        assert refused.status_code == 400, given
        assert "line" in refused.json()["fields"], given
    assert claim.coverages.get().pin is None


@pytest.mark.parametrize("reason", [1, ["x"], "x" * 201, "two\nlines", "nul\x00"])
def test_a_reason_that_cannot_be_kept_is_named(call, claim, reason):
    refused = call({"act": "pin", "line": number(claim, OUTSIDE), "reason": reason})
    assert refused.status_code == 400 and "reason" in refused.json()["fields"]


def test_another_newest_answer_and_another_version_are_409(call, claim, line):
    refused = call({"act": "pin", "line": number(claim, OUTSIDE), "answer": "1"})
    assert refused.status_code == 409 and "newer answer" in refused.json()["message"]
    version = Claim.objects.get(pk=claim.pk).version
    holds.queue(claim, by=line.biller, at=timezone.now())
    refused = call({"act": "unqueue", "version": version})
    assert refused.status_code == 409 and "ben changed this claim" in refused.json()["message"]
    assert call({"act": "unqueue", "version": "x"}).status_code == 400
    assert call({"act": "unqueue", "version": version + 1}).status_code == 200


def test_an_act_with_its_version_may_be_sent_twice_under_one_key(call, claim):
    body = {"act": "queue", "version": Claim.objects.get(pk=claim.pk).version}
    first, second = (call(body, HTTP_IDEMPOTENCY_KEY="once") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200) and first.json() == second.json()


def test_d_hold_4_further_coverages_are_added_and_ended_and_hold_nothing(call, claim, acme):
    payer = PayerFactory(company=acme)
    added = call({"act": "cover", "rank": "secondary", "payer": str(payer.pk), "member_id": "SEC1"}).json()
    assert [row["rank"] for row in added["coverages"]] == ["primary", "secondary"]
    assert added["status"] == "hold"
    refused = call({"act": "cover", "rank": "primary", "payer": str(payer.pk), "member_id": "SEC1"})
    assert refused.status_code == 400 and "rank" in refused.json()["fields"]
    ended = call({"act": "end_coverage", "rank": "secondary"}).json()
    assert [row["rank"] for row in ended["coverages"]] == ["primary"]
    assert call({"act": "end_coverage", "rank": "secondary"}).status_code == 409
    assert call({"act": "make_primary", "rank": "tertiary"}).status_code == 409


def test_another_companys_payer_is_not_there(call, claim, other):
    theirs = PayerFactory(company=other)
    body = {"act": "cover", "rank": "secondary", "payer": str(theirs.pk), "member_id": "SEC1"}
    assert call(body).status_code == 404


def test_coverages_as_they_are_read_may_be_sent_back(api, ben, line):
    row = line.enter(line.member(), served=TODAY - timedelta(days=5))
    url = f"/api/v1/claims/{row.pk}/"
    read = api(ben).get(url).json()["coverages"]
    assert api(ben).patch(url, {"coverages": read}).status_code == 200


def test_d_hold_5_the_second_put_first_is_asked_and_days_count_from_the_first_hold(call, claim, line):
    member = line.member(amounts=[{"from": "2000-01-01", "annual": "900.00", "remaining": "700.00"}])
    first = Hold.objects.get(claim=claim)
    call({"act": "cover", "rank": "secondary", "payer": str(line.payer.pk), "member_id": member})
    done = call({"act": "make_primary", "rank": "secondary"}).json()
    assert [row["member_id"] for row in done["coverages"]] == [member, first.coverage.member_id]
    now = Hold.objects.get(claim=claim, active=True)
    assert (now.remaining, now.anchor_on) == (700, first.anchor_on)


def test_the_audit_is_read_by_pages_newest_first(api, ben, claim):
    client, url = api(ben), f"/api/v1/claims/{claim.pk}/audit/"
    whole = client.get(url).json()
    assert whole["next"] is None and whole["previous"] is None
    told, page = [], client.get(f"{url}?page_size=2").json()
    while True:
        told += page["results"]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert told == whole["results"] and page["previous"]
    for forged in ("x", "e-1", "e999999", "e９", "%00"):
        assert client.get(f"{url}?cursor={forged}").status_code == 404
