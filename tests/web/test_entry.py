"""Entering a claim: the form is never lost, coverages move, Find Insurance, what is kept while it is typed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.steps import Refused
from deductibles.actions import drafts
from deductibles.models import Claim, EntryDraft
from patients.models import Patient
from tests import factories
from tests.api.claim_bodies import TODAY
from tests.hostile import HOSTILE_TEXT
from tests.web.test_bad_input import Typed
from tests.web.test_claims import _typed, sent

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)

NEW, KEY = "/claims/new/", "entry-key-one"


@pytest.fixture
def patient(acme):
    return factories.PatientFactory(company=acme, first_name="Adaeze", last_name="Fontaine")


@pytest.fixture
def payer(acme):
    return factories.PayerFactory(company=acme, name="Northline Blue")


def fields(answer) -> dict[str, str]:
    """What stands in the fields of a page, the last of each name."""
    return {name: values[-1] for name, values in Typed(answer.content.decode()).values.items()}


def said_by(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# --- Patient Details ------------------------------------------------------------------------------


PERSON = {
    "new-first_name": "Ilse",
    "new-last_name": "Marchetti",
    "new-date_of_birth": "3/14/1971",
    "new-sex": "F",
    "new-line1": "9 Quarry Street",
    "new-city": "Evanston",
    "new-state": "IL",
    "new-zip": "60201",
}


def test_a_new_patient_is_added_and_the_claim_stays_as_it_was_typed(page_as, ben, payer, patient):
    typed = {**_typed(patient, payer, patient=""), **PERSON, "do": "add-patient"}
    answer = page_as(ben).post(NEW, typed)
    made = Patient.objects.get(last_name="Marchetti")
    shown = fields(answer)
    assert answer.status_code == 200 and shown["patient"] == str(made.pk)
    assert (made.line1, made.date_of_birth.isoformat()) == ("9 Quarry Street", "1971-03-14")
    assert shown["charges-2-amount"] == "$1,000.50" and shown["diagnoses"] == "R55, I10"
    assert not Claim.objects.exists()


def test_a_new_patient_with_slips_is_told_all_of_them_and_keeps_the_claim(page_as, ben, payer, patient):
    wrong = {"new-date_of_birth": "1971-02-30", "new-zip": "1"}
    answer = page_as(ben).post(
        NEW, {**_typed(patient, payer, patient=""), **PERSON, **wrong, "do": "add-patient"}
    )
    assert answer.status_code == 400
    assert {"new-date_of_birth", "new-zip"} <= Typed(answer.content.decode()).wrong
    assert fields(answer)["charges-0-code"] == "A0429"


def test_a_twin_is_asked_about_once_and_may_be_taken_or_not(page_as, ben, payer, patient):
    client, typed = page_as(ben), {**_typed(patient, payer, patient=""), **PERSON, "do": "add-patient"}
    client.post(NEW, typed)
    asked = client.post(NEW, typed)
    twin = Patient.objects.get(last_name="Marchetti")
    assert asked.status_code == 409 and "Is this the same person?" in asked.content.decode()
    assert f'name="choose" value="{twin.pk}"' in asked.content.decode()
    client.post(NEW, {**typed, "known": str(twin.pk)})
    assert Patient.objects.filter(last_name="Marchetti").count() == 2


# --- Coverage and Charges without script ------------------------------------------------------------


def test_coverages_move_and_leave_and_one_stays_primary(page_as, ben, patient, payer):
    client = page_as(ben)
    typed = _typed(
        patient, payer, **{"coverages-secondary-payer": payer.pk, "coverages-secondary-member_id": "SECOND1"}
    )
    up = fields(client.post(NEW, {**typed, "do": "coverage-up:secondary"}))
    assert (up["coverages-primary-member_id"], up["coverages-secondary-member_id"]) == (
        "SECOND1",
        "TST000100",
    )
    down = fields(client.post(NEW, {**typed, "do": "coverage-down:primary"}))
    assert down["coverages-primary-member_id"] == "SECOND1"
    gone = fields(client.post(NEW, {**typed, "coverages": "2", "do": "coverage-remove:primary"}))
    assert gone["coverages-primary-member_id"] == "SECOND1" and "coverages-secondary-member_id" not in gone
    more = fields(client.post(NEW, {**_typed(patient, payer), "coverages": "1", "do": "coverage-add"}))
    assert "coverages-secondary-payer" in more or "coverages-secondary-member_id" in more
    assert not Claim.objects.exists()


def test_a_charge_line_leaves_and_the_rest_move_up(page_as, ben, patient, payer):
    left = fields(page_as(ben).post(NEW, {**_typed(patient, payer), "do": "charge-remove:1"}))
    assert left["charges-1-code"] == "A0425" and left["charges-0-code"] == "on", "empty"


@pytest.mark.parametrize(
    "do", ["coverage-up", "coverage-remove", "charge-remove", "nonsense", "keep", "discard"]
)
def test_hostile_buttons_do_nothing_and_break_nothing(page_as, ben, patient, payer, do):
    client = page_as(ben)
    for about in ("", "primary", "51", *HOSTILE_TEXT):
        answer = sent(client, NEW, {**_typed(patient, payer), "do": f"{do}:{about}"})
        assert answer.status_code in (200, 302), about
    assert not Claim.objects.exists()


def test_a_subscriber_who_is_not_the_patient_is_kept_with_the_coverage(page_as, ben, patient, payer):
    at = "coverages-primary"
    person = {"first_name": "Otis", "last_name": "Fontaine", "date_of_birth": "1969-01-02", "sex": "M"}
    typed = _typed(patient, payer, **{f"{at}-relationship": "child"})
    page_as(ben).post(NEW, {**typed, **{f"{at}-subscriber-{n}": v for n, v in person.items()}})
    kept = Claim.objects.get().coverages.get()
    assert kept.relationship == "child" and kept.subscriber["first_name"] == "Otis"


def test_the_total_and_everything_missing_stand_beside_the_form(page_as, ben, patient, payer):
    client = page_as(ben)
    answer = client.post(
        NEW, {**_typed(patient, payer, diagnoses="", place_of_service=""), "do": "keep", "key": KEY}
    )
    said = said_by(answer)
    assert "Add at least one diagnosis." in said
    assert "Enter the billing provider in Settings" in said
    assert 'href="#place_of_service"' in answer.content.decode()
    page = client.post(NEW, {**_typed(patient, payer), "do": "stay"}).content.decode()
    assert '<output id="entry-total">$1,850.50</output>' in page


def test_enter_without_script_saves_nothing(page_as, ben, patient, payer):
    page = page_as(ben).get(NEW).content.decode()
    first = re.search(r"<button[^>]*>", page[page.index('id="claim-form"') :])[0]
    assert 'value="stay"' in first, "the button that Enter presses"
    assert page_as(ben).post(NEW, {**_typed(patient, payer), "do": "stay"}).status_code == 200
    assert not Claim.objects.exists()


# --- drafts kept ------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_as_it_is_and_found_again(page_as, ben, patient, payer):
    client = page_as(ben)
    typed = _typed(patient, payer, **{"charges-2-amount": "1.000,50", "key": KEY})
    kept = client.post(NEW, {**typed, "do": "keep"})
    assert "Draft kept" in kept.content.decode()
    listed = client.get(NEW).content.decode()
    assert f"resume={KEY}" in listed and "Adaeze Fontaine" in listed
    again = fields(client.get(f"{NEW}?resume={KEY}"))
    assert (again["charges-2-amount"], again["patient"], again["key"]) == ("1.000,50", str(patient.pk), KEY)
    assert not Claim.objects.exists()


def test_a_form_nobody_typed_into_leaves_no_draft(page_as, ben, patient):
    untouched = {
        "patient": patient.pk,
        "rows": "4",
        "coverages": "1",
        "coverages-primary-relationship": "self",
    }
    page_as(ben).post(NEW, {**untouched, "key": KEY, "do": "keep"})
    assert not EntryDraft.objects.exists()


def test_a_kept_form_is_its_owners_alone_and_can_be_thrown_away(page_as, ben, bo, sue, patient, payer, cast):
    client = page_as(ben)
    client.post(NEW, {**_typed(patient, payer), "key": KEY, "do": "keep"})
    stranger = page_as(bo).get(f"{NEW}?resume={KEY}")
    assert "Fontaine" not in stranger.content.decode()
    page_as(bo).post(NEW, {"do": f"discard:{KEY}"})
    assert EntryDraft.objects.count() == 1
    assert client.post(NEW, {"do": f"discard:{KEY}"}).status_code == 302
    assert not EntryDraft.objects.exists()
    client.post(NEW, {**_typed(patient, payer), "key": KEY, "do": "keep"})
    assert not EntryDraft.objects.exists(), "what was still on its way when it was thrown away"


def test_a_form_sent_twice_is_one_claim_and_the_second_is_shown_beside_the_first(
    page_as, ben, patient, payer
):
    """The Back button, and a double click (I2)."""
    client, typed = page_as(ben), _typed(patient, payer, key=KEY)
    saved = client.post(NEW, typed)
    again = client.post(NEW, {**typed, "diagnoses": "I10"})
    assert Claim.objects.count() == 1
    assert again.status_code == 409
    page = said_by(again)
    assert "R55, I10" in page and "What you typed" in page and "Save mine" in page
    version = fields(again)["version"]
    assert f'action="{saved.url}edit/"' in again.content.decode()
    client.post(f"{saved.url}edit/", {**typed, "diagnoses": "I10", "version": version})
    assert Claim.objects.get().diagnoses == ["I10"]
    assert client.get(f"{NEW}?resume={KEY}").url == f"{saved.url}edit/"


def test_two_tabs_at_one_draft_see_both_values(page_as, ben, cast, patient, payer):
    client = page_as(ben)
    path = client.post(NEW, _typed(patient, payer)).url + "edit/"
    version = fields(client.get(path))["version"]
    client.post(path, _typed(patient, payer, diagnoses="S72.001A", version=version))
    late = client.post(
        path, _typed(patient, payer, diagnoses="I10", version=version, **{"charges-2-amount": "9"})
    )
    said = said_by(late)
    assert late.status_code == 409
    assert "S72.001A" in said and "I10" in said and "You saved this in another window meanwhile." in said
    assert "1000.50" in said, "the stored amount beside the typed one"
    assert "Northline Blue" not in re.sub(
        r".*<table class=\"conflict-table\">(.*?)</table>.*", r"\1", late.content.decode(), flags=re.S
    ), "the same payer is no difference"
    saved = client.post(path, _typed(patient, payer, diagnoses="I10", version=fields(late)["version"]))
    assert saved.status_code == 302 and Claim.objects.get().diagnoses == ["I10"]


def test_unsaved_changes_of_a_draft_are_offered_when_it_is_opened_again(page_as, ben, patient, payer):
    client = page_as(ben)
    path = client.post(NEW, _typed(patient, payer)).url + "edit/"
    client.post(path, {**_typed(patient, payer, diagnoses="I10"), "key": KEY, "do": "keep", "version": "1"})
    page = client.get(path).content.decode()
    assert "Changes that were not saved." in page and f"resume={KEY}" in page
    resumed = fields(client.get(f"{path}?resume={KEY}"))
    assert (resumed["diagnoses"], resumed["version"]) == ("I10", "1")
    client.post(path, {**_typed(patient, payer, diagnoses="I10"), "key": KEY, "version": "1"})
    assert "Changes that were not saved." not in client.get(path).content.decode()


def test_saved_drafts_of_this_person_are_listed_where_claims_are_entered(page_as, ben, cast, patient, payer):
    client = page_as(ben)
    number = client.post(NEW, _typed(patient, payer)).url.split("/")[-2]
    assert f"/claims/{number}/edit/" in client.get(NEW).content.decode()


def test_a_coverage_that_stays_keeps_its_answer_when_the_draft_is_changed(page_as, ben, line):
    claim = line.enter(line.member(), served=TODAY - timedelta(days=5))
    client = page_as(ben)
    client.post(f"/claims/{claim.number}/steps/", {"act": "eligibility"})
    before = claim.coverages.get(ended_at=None).pk
    shown = fields(client.get(f"/claims/{claim.number}/edit/"))
    client.post(f"/claims/{claim.number}/edit/", {**shown, "diagnoses": "I10", "do": "save"})
    assert claim.coverages.get(ended_at=None).pk == before
    assert "will be held until" in client.get(f"/claims/{claim.number}/review/").content.decode()


def test_old_forms_are_forgotten_and_only_billers_keep_any(cast):
    now = timezone.now()
    drafts.keep_entry({"diagnoses": ["R55"]}, by=cast["ben"], at=now - timedelta(days=15), key=KEY)
    assert drafts.forget_old_entries(at=now) == 1
    assert not drafts.keep_entry({"note": ["x" * 300_000]}, by=cast["ben"], at=now, key=KEY)
    with pytest.raises(Refused):
        drafts.keep_entry({"diagnoses": ["R55"]}, by=cast["ana"], at=now, key=KEY)


def test_a_colleague_who_saved_meanwhile_is_named(page_as, ben, patient, payer):
    rita = User.objects.create(username="rita", role="biller", company=ben.company)
    client = page_as(ben)
    path = client.post(NEW, _typed(patient, payer)).url + "edit/"
    version = fields(client.get(path))["version"]
    page_as(rita).post(path, _typed(patient, payer, diagnoses="S72.001A", version=version))
    late = client.post(path, _typed(patient, payer, diagnoses="I10", version=version))
    assert f"{rita} changed this while you were typing." in said_by(late)
