"""The claim pages: a draft entered on one page, completed, held and explained; what was typed is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from deductibles.models import Claim, Snapshot
from tests.api.claim_bodies import TODAY
from tests.factories import PatientFactory, PayerFactory
from tests.hostile import HOSTILE_TEXT

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)


RECENT = TODAY - timedelta(days=5)


def _typed(whom, payer, **changes):
    typed = {
        "patient": whom.pk,
        "date_of_service": RECENT.isoformat(),
        "place_of_service": "41",
        "diagnoses": "R55, I10",
        "coverages-primary-payer": payer.pk,
        "coverages-primary-member_id": "TST000100",
        "charges-0-code": "A0429",
        "charges-0-modifiers": "RH",
        "charges-0-amount": "850.00",
        "charges-2-code": "A0425",
        "charges-2-modifiers": "RH",
        "charges-2-units": "12",
        "charges-2-amount": "$1,000.50",
        "charges-2-diagnosis_pointers": "1 2",
        "ambulance-reason": "A",
        "ambulance-miles": "12",
        "rows": "6",
    }
    for end in ("pickup", "dropoff"):
        home = {"line1": "1 Test Street", "city": "Chicago", "state": "IL", "zip": "60601"}
        typed |= {f"ambulance-{end}-{name}": value for name, value in home.items()}
    return {**typed, **changes}


def sent(client, path, typed):
    """Post as a stranger would: also bytes that are no UTF-8."""
    body = urlencode(typed, errors="surrogatepass")
    return client.generic("POST", path, body, content_type="application/x-www-form-urlencoded")


@pytest.fixture
def patient(acme):
    return PatientFactory(company=acme, first_name="Adaeze", last_name="Fontaine")


@pytest.fixture
def payer(acme):
    return PayerFactory(company=acme)


def test_a_claim_entered_on_the_page_is_a_draft_to_look_over(page_as, ben, patient, payer):
    client = page_as(ben)
    saved = client.post("/claims/new/", _typed(patient, payer))
    claim = Claim.objects.get()
    assert saved.url == f"/claims/{claim.number}/"
    assert [charge.code for charge in claim.charges.all()] == ["A0429", "A0425"]
    assert str(claim.total) == "1850.50"
    page = client.get(saved.url).content.decode()
    assert "Adaeze Fontaine" in page
    assert "Final review" in page
    assert "Billing provider" in page


def test_everything_typed_is_kept_and_each_sentence_stands_beside_its_field(page_as, ben, patient, payer):
    typed = _typed(patient, payer, **{"charges-2-amount": "1.000,50", "date_of_service": "2026-02-30"})
    answer = page_as(ben).post("/claims/new/", typed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert not Claim.objects.exists()
    assert "1.000,50" in page
    assert "2026-02-30" in page
    assert 'href="#charges-2-amount"' in page
    assert 'href="#date_of_service"' in page
    assert "Adaeze Fontaine" in page


def test_rows_are_added_without_script_and_nothing_is_saved(page_as, ben, patient, payer):
    answer = page_as(ben).post("/claims/new/", {**_typed(patient, payer), "more": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "charges-9-code" in page and "charges-10-code" not in page
    assert "$1,000.50" in page
    assert not Claim.objects.exists()


def test_the_patient_is_found_by_name_and_chosen(page_as, ben, patient, payer):
    client = page_as(ben)
    found = client.post("/claims/new/", {"sought": "fontaine", "find": "1", "diagnoses": "R55"})
    page = found.content.decode()
    assert f'name="choose" value="{patient.pk}"' in page
    assert "R55" in page
    chosen = client.post("/claims/new/", {"choose": patient.pk, "diagnoses": "R55"}).content.decode()
    assert f'name="patient" value="{patient.pk}"' in chosen
    assert client.get(f"/claims/new/?patient={patient.pk}").status_code == 200


def test_a_draft_without_patient_says_so(page_as, ben, patient, payer):
    answer = page_as(ben).post("/claims/new/", _typed(patient, payer, patient=""))
    assert answer.status_code == 400
    assert "Patient is missing" in answer.content.decode()


def test_a_draft_is_edited_and_a_stale_copy_is_not_saved(page_as, ben, patient, payer):
    client = page_as(ben)
    client.post("/claims/new/", _typed(patient, payer))
    claim = Claim.objects.get()
    path = f"/claims/{claim.number}/edit/"
    page = client.get(path).content.decode()
    assert 'value="1000.50"' in page
    version = re.search(r'name="version" value="(\d+)"', page).group(1)
    changed = client.post(path, _typed(patient, payer, diagnoses="R55", version=version))
    assert changed.status_code == 302
    stale = client.post(path, _typed(patient, payer, diagnoses="I10", version=version))
    assert stale.status_code == 409
    assert "I10" in stale.content.decode()


def test_a_completed_claim_says_until_when_it_is_held_and_why(page_as, ben, line):
    claim = line.enter(line.member(), served=RECENT)
    client = page_as(ben)
    done = client.post(f"/claims/{claim.number}/steps/", {"act": "complete"})
    assert done.status_code == 302
    page = client.get(f"/claims/{claim.number}/").content.decode()
    assert "Suspended - Hold for Deductible" in page
    assert "Held until <em>" in page
    assert "or sooner if the deductible is met." in page
    assert "$1,500.00" in page
    assert "Why it is held" in page
    assert "The lines it was read from" in page
    assert "Remaining over threshold $100.00" in page
    audit = client.get(f"/claims/{claim.number}/?tab=audit").content.decode()
    assert "Annual: $1,500.00" in audit
    assert re.search(r"Held at most \d+ days from \d{1,2} [A-Z][a-z]+ \d{4}\.", audit)


def test_the_final_review_says_that_the_claim_will_be_held(page_as, ben, line):
    claim = line.enter(line.member(), served=RECENT)
    client = page_as(ben)
    client.post(f"/claims/{claim.number}/steps/", {"act": "eligibility"})
    page = client.get(f"/claims/{claim.number}/").content.decode()
    assert "This claim will be held until" in page
    told = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page)
    named = {"Deductible type": "Individual, annual", "Annual": "$1,500.00", "Remaining": "$1,500.00"}
    assert named.items() <= dict(told).items()


def test_the_claim_page_of_a_draft_foretells_no_queue_after_an_outage_D_NEW_2(page_as, ben, line):
    """Completing asks once more then; the page says so, as the final review does."""
    claim = line.enter(line.member(reject={"code": "42", "follow_up": "R", "loop": "2100A"}), served=RECENT)
    client = page_as(ben)
    client.post(f"/claims/{claim.number}/steps/", {"act": "eligibility"})
    page = client.get(f"/claims/{claim.number}/").content.decode()
    assert "will be queued for submission" not in page and "Completing asks once more." in page


def test_an_incomplete_claim_is_not_completed_and_all_is_listed(page_as, ben, patient, payer):
    client = page_as(ben)
    client.post("/claims/new/", _typed(patient, payer, diagnoses="", **{"charges-0-code": ""}))
    claim = Claim.objects.get()
    answer = client.post(f"/claims/{claim.number}/steps/", {"act": "complete"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert f"/claims/{claim.number}/edit/#diagnoses" in page
    assert f"/claims/{claim.number}/edit/#charges-0-code" in page
    assert Claim.objects.get().status == "draft"


@pytest.mark.parametrize("tab", ["", "claim", "charges", "cob", "submissions", "audit", "nonsense"])
def test_every_tab_is_read_in_few_queries(page_as, ben, line, tab, django_assert_max_num_queries):
    claim = line.complete(line.member(), served=RECENT, day=RECENT).claim
    client = page_as(ben)
    client.get("/claims/")  # the counts of the navigation are kept for a minute
    with django_assert_max_num_queries(12):
        assert client.get(f"/claims/{claim.number}/?tab={tab}").status_code == 200


def test_another_patients_answer_is_refused_in_words(page_as, ben, line):
    from pathlib import Path

    text = (Path(__file__).parent.parent / "data/x271/plain_ppo.edi").read_text()
    claim = line.enter(line.member(), served=RECENT)
    path = f"/claims/{claim.number}/steps/"
    answer = page_as(ben).post(path, {"act": "file_answer", "x12_271": text})
    assert answer.status_code == 409
    assert "not about this patient" in answer.content.decode()
    assert not Snapshot.objects.exists()


def test_a_manual_hold_inside_the_guard_asks_once_more(page_as, ben, line):
    line.payer.filing_limit_days = 10
    line.payer.save()
    claim = line.enter(line.member(), served=RECENT)
    client = page_as(ben)
    asked = client.post(f"/claims/{claim.number}/steps/", {"act": "hold"})
    assert asked.status_code == 409
    assert "Hold it all the same" in asked.content.decode()
    client.post(f"/claims/{claim.number}/steps/", {"act": "hold", "confirmed": "yes"})
    assert Claim.objects.get().status == "hold"


@pytest.mark.parametrize("field", sorted(_typed(type("P", (), {"pk": 1}), type("P", (), {"pk": 1}))))
def test_hostile_text_is_refused_or_kept_and_never_breaks_the_page(page_as, ben, patient, payer, field):
    client = page_as(ben)
    for value in HOSTILE_TEXT:
        answer = sent(client, "/claims/new/", _typed(patient, payer, **{field: value}))
        assert answer.status_code in (302, 400), (field, value[:40])
        if answer.status_code == 302:
            assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize("act", HOSTILE_TEXT)
def test_a_hostile_act_is_refused_in_words(page_as, ben, patient, payer, act):
    client = page_as(ben)
    client.post("/claims/new/", _typed(patient, payer))
    claim = Claim.objects.get()
    answer = sent(client, f"/claims/{claim.number}/steps/", {"act": act})
    assert answer.status_code == 400


@pytest.mark.parametrize("number", ["nothing", "C-999999", "%00", "٣", "x" * 300, "C-1 OR 1=1"])
def test_a_claim_that_is_not_there_is_404(page_as, ben, number):
    for tail in ("", "edit/"):
        assert page_as(ben).get(f"/claims/{number}/{tail}").status_code == 404
    assert page_as(ben).post(f"/claims/{number}/steps/", {"act": "void"}).status_code == 404


def test_another_companys_claim_is_not_there(page_as, ben, bo, other):
    theirs = PatientFactory(company=other)
    page_as(bo).post("/claims/new/", _typed(theirs, PayerFactory(company=other)))
    number = Claim.objects.get().number
    assert page_as(ben).get(f"/claims/{number}/").status_code == 404
    assert page_as(ben).get(f"/claims/{number}/edit/").status_code == 404
    assert page_as(ben).post(f"/claims/{number}/steps/", {"act": "void"}).status_code == 404


def test_supervisors_read_claims_and_are_told_who_changes_them(page_as, sue, ana, ben, patient, payer):
    page_as(ben).post("/claims/new/", _typed(patient, payer))
    number = Claim.objects.get().number
    page = page_as(sue).get(f"/claims/{number}/").content.decode()
    assert "Complete claim" not in page
    assert page_as(sue).post(f"/claims/{number}/steps/", {"act": "void"}).status_code == 403
    refused = page_as(ana).get("/claims/")
    assert refused.status_code == 403
    assert "biller" in refused.content.decode()


def test_claims_are_found_by_number_name_and_status(page_as, ben, patient, payer):
    client = page_as(ben)
    client.post("/claims/new/", _typed(patient, payer))
    number = Claim.objects.get().number
    for sought in (number, number.lower(), "fontaine", "TST000100"):
        assert number in client.post("/claims/", {"q": sought}, follow=True).content.decode(), sought
    assert number in client.get("/claims/?status=draft").content.decode()
    assert number not in client.get("/claims/?status=void").content.decode()
    for sought in HOSTILE_TEXT:
        assert sent(client, "/claims/", {"q": sought}).status_code == 302
    assert client.get("/claims/?cursor=forged").status_code == 404
