"""Find Insurance while a claim is entered: cards, payers of ours or new ones, and what the found amounts decide."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deductibles.models import Claim, Finding, Snapshot
from patients.models import Payer
from tests import factories
from tests.api.claim_bodies import TODAY
from tests.hostile import HOSTILE_TEXT
from tests.web.test_claims import _typed, sent
from tests.web.test_entry import KEY, NEW, fields

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def patient(acme):
    return factories.PatientFactory(company=acme, first_name="Adaeze", last_name="Fontaine")


@pytest.fixture
def payer(acme):
    return factories.PayerFactory(company=acme, name="Northline Blue")


def finder_says(line, *members, **script):
    person = line.patient
    whom = {"first_name": person.first_name, "last_name": person.last_name}
    for member in members:
        line.vendor.script(member, found_for=whom, **script)


AMOUNTS = [{"from": "2000-01-01", "annual": "2000.00", "remaining": "1305.00"}]


def found_on_page(client, line, **more):
    return client.post(NEW, {**_typed(line.patient, line.payer), "do": "find-insurance", **more})


def test_found_coverages_stand_on_cards_with_their_deductible_and_the_form_stays(page_as, ben, line):
    finder_says(line, "FOUND00001", "FOUND00002", amounts=AMOUNTS)
    answer = found_on_page(page_as(ben), line)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count('class="found-card"') == 2
    assert "FOUND00002" in page and "$2,000.00" in page and "$1,305.00" in page
    assert "Individual, annual" in page
    assert fields(answer)["charges-2-amount"] == "$1,000.50"
    assert not Claim.objects.exists()


def test_a_found_coverage_of_an_unknown_payer_makes_the_payer_and_stands_as_primary(page_as, ben, line):
    finder_says(line, "FOUND00001", "FOUND00002", amounts=AMOUNTS)
    client, empty = page_as(ben), {"coverages-primary-payer": "", "coverages-primary-member_id": ""}
    found_on_page(client, line, **empty)
    typed = {**_typed(line.patient, line.payer), **empty, "found-0-payer": "new", "found-0-kind": "medicare"}
    first = client.post(NEW, {**typed, "do": "take:0"})
    made = Payer.objects.get(payer_id="EX001")
    assert (made.name, made.kind) == ("EXAMPLE HEALTH PLAN", "medicare")
    shown = fields(first)
    assert (shown["coverages-primary-payer"], shown["coverages-primary-member_id"]) == (
        str(made.pk),
        "FOUND00001",
    )
    second = client.post(
        NEW, {**shown, **typed, **{n: v for n, v in shown.items() if "coverages" in n}, "do": "take:1"}
    )
    assert fields(second)["coverages-secondary-member_id"] == "FOUND00002"


def test_a_found_payer_may_be_said_to_be_one_of_ours(page_as, ben, line):
    finder_says(line, "FOUND00001", amounts=AMOUNTS)
    client = page_as(ben)
    empty = {"coverages-primary-payer": "", "coverages-primary-member_id": ""}
    found_on_page(client, line, **empty)
    answer = client.post(
        NEW, {**_typed(line.patient, line.payer), **empty, "found-0-payer": line.payer.pk, "do": "take:0"}
    )
    assert fields(answer)["coverages-primary-payer"] == str(line.payer.pk)
    assert not Payer.objects.filter(payer_id="EX001").exists()


def test_a_taken_coverage_brings_its_deductible_and_completing_does_not_ask_again(page_as, ben, line):
    """D-NEW-1, D-HOLD-2, D-NEW-3: the amounts of the finder decide, and AR Boost is told when completed."""
    Payer.objects.filter(pk=line.payer.pk).update(name="EXAMPLE HEALTH PLAN", payer_id="EX001")
    finder_says(line, "FOUND00001", amounts=AMOUNTS)
    client = page_as(ben)
    typed = {**_typed(line.patient, line.payer), "coverages-primary-member_id": "found00001", "key": KEY}
    client.post(NEW, {**typed, "do": "find-insurance"})
    saved = client.post(NEW, {**typed, "do": "review"})
    review = client.get(saved.url).content.decode()
    assert (
        "will be held until <em>" in review
        and "$1,305.00" in review
        and "company settings, version 1" in review
    )
    asked = [one for one in line.vendor.requests() if one["path"] == "/v1/eligibility"]
    client.post(saved.url, {"act": "complete"})
    claim = Claim.objects.get()
    assert claim.status == "hold" and claim.holds.get().remaining == 1305
    assert Snapshot.objects.get().source == "finder"
    assert [one for one in line.vendor.requests() if one["path"] == "/v1/eligibility"] == asked == []


def test_the_finding_of_another_member_or_payer_is_no_answer_about_this_coverage(page_as, ben, line):
    finder_says(line, "FOUND00001", amounts=AMOUNTS)
    client = page_as(ben)
    found_on_page(client, line)
    client.post(NEW, _typed(line.patient, line.payer, **{"coverages-primary-member_id": "FOUND00001"}))
    assert Claim.objects.count() == 1 and not Snapshot.objects.exists()


def test_what_was_found_yesterday_counts_no_more(page_as, ben, line):
    Payer.objects.filter(pk=line.payer.pk).update(name="EXAMPLE HEALTH PLAN", payer_id="EX001")
    finder_says(line, "FOUND00001", amounts=AMOUNTS)
    client = page_as(ben)
    found_on_page(client, line)
    Finding.objects.update(as_of=TODAY - timedelta(days=1))
    client.post(NEW, _typed(line.patient, line.payer, **{"coverages-primary-member_id": "FOUND00001"}))
    assert not Snapshot.objects.exists()


def test_another_patients_271_from_the_finder_proves_nothing(page_as, ben, line):
    Payer.objects.filter(pk=line.payer.pk).update(name="EXAMPLE HEALTH PLAN", payer_id="EX001")
    finder_says(line, "FOUND00001", amounts=AMOUNTS, another_patient={"echo": "all"})
    client = page_as(ben)
    page = found_on_page(client, line).content.decode()
    assert "$1,305.00" not in page
    client.post(NEW, _typed(line.patient, line.payer, **{"coverages-primary-member_id": "FOUND00001"}))
    assert not Snapshot.objects.exists()


def test_ar_boost_down_is_said_and_entry_by_hand_goes_on(page_as, ben, line):
    line.vendor.script("*", status=503)
    client = page_as(ben)
    answer = found_on_page(client, line)
    assert answer.status_code == 200
    assert "Insurance Finder gave no answer." in answer.content.decode()
    assert "Type the coverage below" in answer.content.decode()
    assert client.post(NEW, _typed(line.patient, line.payer)).status_code == 302


def test_finding_without_a_patient_and_taking_what_is_not_there_are_refused_in_words(
    page_as, ben, payer, patient
):
    client, typed = page_as(ben), _typed(patient, payer)
    none = client.post(NEW, {**typed, "patient": "", "do": "find-insurance"})
    assert none.status_code == 400 and "Choose the patient first" in none.content.decode()
    for place in ("0", "99", "-1", "", "x", *HOSTILE_TEXT):
        answer = sent(client, NEW, {**typed, "do": f"take:{place}"})
        assert answer.status_code == 409, place
        assert "Press Find Insurance again." in answer.content.decode()
