"""The final review: everything the bill will say, everything it lacks, held or not and why (D-NEW-2, D-NEW-3)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from deductibles.models import Claim
from patients.models import Patient, Payer
from tests.api.claim_bodies import TODAY
from tests.hostile import HOSTILE_TEXT
from tests.web.test_claims import sent

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)

SERVED = TODAY - timedelta(days=5)


def said(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def review_of(claim: Claim) -> str:
    return f"/claims/{claim.number}/review/"


def monitored(line) -> list[str]:
    return [one["path"] for one in line.vendor.requests() if "deductible-monitoring" in one["path"]]


def test_it_says_held_with_type_amounts_rule_release_date_and_deadline(page_as, ben, line):
    Payer.objects.filter(pk=line.payer.pk).update(filing_limit_days=180, dollar_threshold="75.00")
    claim = line.enter(line.member(), served=SERVED)
    client = page_as(ben)
    client.post(review_of(claim), {"act": "eligibility"})
    page = said(client.get(review_of(claim)))
    release, deadline = TODAY + timedelta(days=30), SERVED + timedelta(days=180)
    assert f"This claim will be held until {release:%A} {release.day} {release:%B %Y}" in page
    assert "Suspended - Hold for Deductible" in page
    assert "Deductible type Individual, annual" in page
    assert "Annual $1,500.00" in page and "Remaining $1,500.00" in page
    assert f"payer {line.payer.name}" in page, "the payer's own threshold applied"
    assert "company settings, version 1" in page, "the company's number for the rest"
    assert f"Filing deadline {deadline.day} {deadline:%B %Y}" in page


def test_it_says_queued_and_why(page_as, ben, line):
    amounts = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    claim = line.enter(line.member(amounts=amounts), served=SERVED)
    client = page_as(ben)
    client.post(review_of(claim), {"act": "eligibility"})
    page = said(client.get(review_of(claim)))
    assert "This claim will be queued for submission, not held." in page
    assert "$0.00 remaining is not more than the threshold of $100.00" in page


def test_nobody_is_asked_by_looking_and_nothing_registered_before_completing(page_as, ben, line):
    """D-NEW-3."""
    claim = line.enter(line.member(), served=SERVED)
    client = page_as(ben)
    assert "was not asked about" in said(client.get(review_of(claim)))
    client.post(review_of(claim), {"act": "eligibility"})
    client.get(review_of(claim))
    assert monitored(line) == []
    done = client.post(review_of(claim), {"act": "complete"})
    assert done.url == f"/claims/{claim.number}/" and Claim.objects.get().status == "hold"
    assert client.get(review_of(claim)).url == f"/claims/{claim.number}/"


def test_an_outage_is_said_with_what_follows_from_it(page_as, ben, line):
    claim = line.enter(line.member(outcome="unavailable", send=[]), served=SERVED)
    client = page_as(ben)
    client.post(review_of(claim), {"act": "eligibility"})
    page = said(client.get(review_of(claim)))
    assert "AR Boost gave no usable answer today." in page and "deductible unknown" in page


def test_everything_missing_is_listed_at_once_each_with_the_link_that_mends_it(page_as, ben, line):
    Patient.objects.filter(pk=line.patient.pk).update(line1="", city="", state="", zip="")
    coverages = [
        {"rank": "primary", "payer": line.payer.pk, "member_id": "TST000100"},
        {"rank": "secondary", "payer": line.payer.pk, "member_id": "", "relationship": "spouse"},
    ]
    charges = [
        {"code": "A0427", "units": "1", "amount": "850.00"},
        {"code": "?", "units": "1", "amount": "1"},
    ]
    claim = line.enter(coverages=coverages, charges=charges, diagnoses=[], ambulance=None, served=SERVED)
    answer = page_as(ben).post(review_of(claim), {"act": "complete"})
    page, edit = answer.content.decode(), f"/claims/{claim.number}/edit/"
    assert answer.status_code == 400 and Claim.objects.get().status == "draft"
    assert "things are missing before this claim can be completed." in page
    for anchor in (
        "diagnoses",
        "charges-1-code",
        "coverages-secondary-member_id",
        "coverages-secondary-subscriber-first_name",
        "ambulance-reason",
    ):
        assert f'href="{edit}#{anchor}"' in page, anchor
    back = f"/patients/{line.patient.pk}/edit/?next=%2Fclaims%2F{claim.number}%2Freview%2F"
    assert f'href="{back}"' in page


def test_the_patients_form_leads_back_to_the_review(page_as, ben, line):
    claim = line.enter(line.member(), served=SERVED)
    client, path = page_as(ben), f"/patients/{line.patient.pk}/edit/"
    shown = client.get(f"{path}?next={review_of(claim)}").content.decode()
    assert f'name="next" value="{review_of(claim)}"' in shown
    person = {"first_name": "Ilse", "last_name": "Marchetti", "date_of_birth": "1971-03-14", "version": "1"}
    assert client.post(path, {**person, "next": review_of(claim)}).url == review_of(claim)
    away = client.post(path, {**person, "version": "2", "next": "https://elsewhere.example/"})
    assert away.url == f"/patients/{line.patient.pk}/"


def test_the_whole_bill_stands_on_it(page_as, ben, line):
    subscriber = {"first_name": "Otis", "last_name": "Marlowe", "date_of_birth": "1960-01-01", "sex": "M"}
    coverages = [
        {"rank": "primary", "payer": line.payer.pk, "member_id": "TST000100", "group_number": "G-77"},
        {
            "rank": "secondary",
            "payer": line.payer.pk,
            "member_id": "SECOND1",
            "relationship": "child",
            "subscriber": subscriber,
        },
    ]
    claim = line.enter(coverages=coverages, diagnoses=["R55", "I10"], served=SERVED)
    page = said(page_as(ben).get(review_of(claim)))
    for words in (
        "TST000100",
        "G-77",
        "Otis Marlowe, patient is child",
        "R55, I10",
        "A0427",
        "$850.00",
        "41 Ambulance, land",
        "1 Test Street, Chicago IL 60601",
        "1234567893, check digit agrees",
        "341600000X",
    ):
        assert words in page, words


def test_an_unknown_act_does_nothing_in_words_and_an_unknown_claim_is_not_there(page_as, ben, bo, line):
    claim = line.enter(line.member(), served=SERVED)
    client = page_as(ben)
    for act in ("", "void", *HOSTILE_TEXT[:5]):
        unclear = sent(client, review_of(claim), {"act": act})
        assert unclear.status_code == 400 and "nothing was done" in unclear.content.decode()
        assert Claim.objects.get(pk=claim.pk).status == "draft"
    assert page_as(bo).get(review_of(claim)).status_code == 404
    assert client.get("/claims/C-999999/review/").status_code == 404


def test_the_review_is_read_in_few_queries(page_as, ben, line, django_assert_max_num_queries):
    claim = line.enter(line.member(), served=SERVED)
    client = page_as(ben)
    client.post(review_of(claim), {"act": "eligibility"})
    client.get(review_of(claim))
    with django_assert_max_num_queries(12):
        client.get(review_of(claim))
