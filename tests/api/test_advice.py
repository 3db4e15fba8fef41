"""``POST escalations/advice/``: what is said before anything is filed, and that nothing is saved by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Company, User
from escalations.models import Ticket
from patients.models import Patient, PatientReading
from tests.api.ticket_bodies import GOOD_ANSWERS, URL, Api
from tests.factories import PatientFactory
from tests.filing_cases import TYPES, file_good, good_body, mark

pytestmark = pytest.mark.django_db
ADVICE = f"{URL}advice/"
CONTRACT = {"promise", "expected_from", "due_at", "keywords", "problems", "suggestions", "open_tickets"}


def advice(api: Api, user: User, body: dict[str, Any]) -> dict[str, Any]:
    answer = api(user).post(ADVICE, body)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def rules(found: dict[str, Any], name: str = "problems") -> set[str]:
    return {one["rule"] for one in found[name]}


def offered(found: dict[str, Any]) -> dict[str, str]:
    return {one["rule"]: one["type"] for one in found["suggestions"]}


def stored() -> dict[str, int]:
    """How many rows there are of everything, audit included, but who read whom."""
    models = (one for one in apps.get_models() if one is not PatientReading and one._meta.managed)
    return {one._meta.label: one._default_manager.count() for one in models}


def test_the_promise_is_the_one_the_ticket_is_filed_with_r_all_2(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    found = advice(api, ana, body)
    ticket = api(ana).post(URL, body).json()
    assert set(found) >= CONTRACT
    assert {name: found[name] for name in ("promise", "expected_from", "due_at")} == {
        name: ticket[name] for name in ("promise", "expected_from", "due_at")
    }


def test_nothing_is_saved_but_that_the_patient_was_read(
    api: Api, ana: User, body: dict[str, Any], patient: Patient
) -> None:
    client = api(ana)
    client.post(ADVICE, {})
    before = stored()
    turned = {**body, "caller": "insurance_representative"}
    spoken = {**body, "type": "stop-claim", "answers": {}, "text": "Compassionate Care, says her lawyer."}
    for said in (body, turned, spoken):
        assert client.post(ADVICE, said).status_code == 200
    assert stored() == before
    reading = PatientReading.objects.get()
    assert (reading.patient, reading.user, reading.door) == (patient, ana, "api")


def test_who_asks_without_a_patient_has_read_nobody(api: Api, ana: User) -> None:
    advice(api, ana, {"type": "refund"})
    assert not PatientReading.objects.exists()


@pytest.mark.parametrize("key", TYPES)
def test_of_a_good_ticket_of_each_type_there_is_nothing_to_mend(
    api: Api, ana: User, patient: Patient, key: str
) -> None:
    found = advice(api, ana, good_body(key, patient))
    at_night = {"R-CB-2"}  # a warning where the 24 hours end while nobody is on shift
    assert rules(found) - at_night == set() and found["suggestions"] == []
    assert found["promise"]
    assert api(ana).post(URL, good_body(key, patient)).status_code == 201


@pytest.mark.parametrize("key", TYPES)
def test_what_is_missing_of_an_empty_ticket_is_told_at_once(api: Api, ana: User, key: str) -> None:
    found = advice(api, ana, {"type": key})
    missing = [one for one in found["problems"] if one["missing"]]
    assert {"channel", "caller", "patient"} <= {one["field"] for one in missing}
    assert all(one["message"] and one["strength"] == "REQUIRE" for one in missing)
    assert not {one["strength"] for one in found["problems"]} & {"ACTION", "FIELD"}
    assert found["promise"] is None and found["due_at"] is None


def test_without_a_type_the_rules_of_every_type_speak(api: Api, ana: User, patient: Patient) -> None:
    for _ in range(2):
        file_good("refund", patient, ana)
    said = "Her lawyer says the code is WODUNN, and the portal says invalid case."
    found = advice(api, ana, {"patient": str(patient.pk), "text": said})
    assert offered(found) == {
        "R-EXEC-1": "executive-keywords",
        "R-X-4": "synergen",
        "R-X-5": "synergen",
        "R-X-7": "patient-sos",
    }
    assert rules(found) == {"R-ALL-1", "R-X-1"}
    assert {one["number"] for one in found["open_tickets"]} == {"E-1001", "E-1002"}


def test_without_a_type_every_answer_in_words_is_listened_to(api: Api, ana: User) -> None:
    found = advice(api, ana, {"answers": {"anything": "It is fraud", "number": 5, "channels": ["bbb"]}})
    assert [(one["word"], one["field"]) for one in found["keywords"]] == [("Fraud", "anything")]


# Keywords (R-EXEC-1)


def test_a_word_is_told_with_the_field_it_stands_in(api: Api, ana: User, patient: Patient) -> None:
    body = good_body("insurance-update", patient, note="A bankruptcy is under way.")
    body["answers"]["payer"] = "Attorney's Fund"
    found = advice(api, ana, {**body, "text": "No lawyers yet"})
    heard = {one["word"]: (one["found"], one["field"], one["negated"]) for one in found["keywords"]}
    assert heard == {
        "Bankruptcy": ("bankruptcy", "note", False),
        "Lawyer": ("lawyers", "text", True),
        "Attorney": ("Attorney", "payer", False),
    }


def test_a_suggestion_brings_the_words_along_r_exec_3(api: Api, ana: User, body: dict[str, Any]) -> None:
    found = advice(api, ana, {**body, "text": "fraud and the BBB"})
    (one,) = found["suggestions"]
    assert (one["rule"], one["type"]) == ("R-EXEC-1", "executive-keywords")
    assert one["prefill"] == {"words": "Fraud, Better Business Bureau"}
    assert one["why"].endswith(".") and one["instead"].endswith(".")


def test_once_every_word_is_dismissed_nothing_is_suggested_for_it(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    said = {**body, "text": "Her lawyer says it is fraud."}
    lawyer, fraud = ({"word": word, "reason": "Only a story"} for word in ("lawyer", "Fraud"))
    half = advice(api, ana, {**said, "dismissals": [lawyer]})
    assert offered(half) == {"R-EXEC-1": "executive-keywords"}
    assert {one["word"]: one["dismissed"] for one in half["keywords"]} == {"Lawyer": True, "Fraud": False}
    whole = advice(api, ana, {**said, "dismissals": [lawyer, fraud]})
    assert whole["suggestions"] == []


# What the rules say


def test_refusals_ticks_and_warnings_are_problems_and_standing_guidance_is_not(
    api: Api, ana: User, patient: Patient
) -> None:
    body = {**good_body("appeal", patient), "acknowledged": ["R-APPEAL-2"]}
    found = advice(api, ana, body)
    (tick,) = found["problems"]
    assert (tick["rule"], tick["strength"], tick["missing"]) == ("R-APPEAL-3", "ACK", False)
    assert "R-ALL-2" in rules(found, "guides")
    mark(patient, {"refused": ["calls"]}, ana)
    found = advice(api, ana, good_body("patient-callback", patient))
    assert {(one["rule"], one["strength"]) for one in found["problems"]} >= {
        ("R-DNC-2", "REQUIRE"),
        ("R-DNC-2", "GUIDE"),
    }


def test_compassionate_care_in_the_words_makes_its_question_unavoidable_r_stop_2(
    api: Api, ana: User, patient: Patient
) -> None:
    body = {**good_body("stop-claim", patient), "text": "She spoke of Compassionate Care"}
    found = advice(api, ana, body)
    assert "compassionate_care_said" in {one["field"] for one in found["problems"] if one["missing"]}
    assert ("R-STOP-2", "SUGGEST") in {(one["rule"], one["strength"]) for one in found["problems"]}


def test_a_type_that_fits_better_comes_with_its_answers_r_x_3_r_ins_4(
    api: Api, ana: User, patient: Patient
) -> None:
    refund = good_body("refund", patient)
    refund["answers"]["payment_visible"] = False
    assert offered(advice(api, ana, refund))["R-REF-2"] == "missing-payment"
    update = good_body("insurance-update", patient)
    long_ago = (datetime.now(UTC).date() - timedelta(days=300)).isoformat()
    update["answers"]["date_of_service"] = long_ago
    (one,) = advice(api, ana, update)["suggestions"]
    assert (one["rule"], one["type"], one["beside"]) == ("R-INS-4", "supervisor", False)
    assert one["prefill"] == {"scenario": "late_insurance", "date_of_service": long_ago}


def test_what_comes_beside_the_ticket_says_so_r_x_2(api: Api, ana: User, patient: Patient) -> None:
    sos = good_body("patient-sos", patient)
    sos["answers"]["transfer_answered"] = False
    (one,) = advice(api, ana, sos)["suggestions"]
    assert (one["rule"], one["type"], one["beside"]) == ("R-X-2", "supervisor", True)
    assert one["prefill"]["transfer_answered"] is False


def test_a_caller_to_be_turned_away_is_promised_nothing_r_item_3(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    found = advice(api, ana, {**body, "caller": "insurance_representative", "patient": None})
    assert rules(found) == {"R-ITEM-3"}
    assert "itemized@acme.example" in found["problems"][0]["instead"]
    assert found["promise"] is None


def test_what_a_supervisor_overrides_is_no_problem_any_more(
    api: Api, sue: User, ana: User, body: dict[str, Any]
) -> None:
    said = {**body, "answers": {**GOOD_ANSWERS, "account_status": "neither"}}
    (one,) = advice(api, ana, said)["problems"]
    assert (one["rule"], one["override"]) == ("R-ITEM-4", True)
    override = {"rule": "R-ITEM-4", "reason": "Billing confirmed it."}
    assert advice(api, sue, {**said, "override": override})["problems"] == []
    assert api(ana).post(ADVICE, {**said, "override": override}).status_code == 403


# Earlier contacts (R-X-7)


def test_two_unresolved_contacts_suggest_an_sos_with_their_number_r_x_7(
    api: Api, ana: User, patient: Patient, body: dict[str, Any]
) -> None:
    first = file_good("refund", patient, ana)
    assert advice(api, ana, body)["suggestions"] == []
    api(ana).post(f"{URL}{first.number}/steps/", {"act": "contact", "note": "Called again."})
    found = advice(api, ana, body)
    (one,) = found["suggestions"]
    assert (one["rule"], one["type"], one["ticket"]) == ("R-X-7", "patient-sos", None)
    assert one["prefill"] == {"reasons": ["unresolved"], "attempts": 2}
    assert found["open_tickets"][0]["contacts"] == 2


def test_tickets_of_somebody_with_the_same_telephone_number_count_too_r_x_7(
    api: Api, ana: User, acme: Company
) -> None:
    one, other = (PatientFactory(company=acme, phone="3125550111") for _ in range(2))
    file_good("refund", one, ana)
    shared = file_good("synergen", other, ana)
    found = advice(api, ana, good_body("appeal", one))
    assert offered(found) == {"R-X-7": "patient-sos"}
    by = {row["number"]: (row["by"], row["patient"]) for row in found["open_tickets"]}
    assert by[shared.number] == ("phone", str(other.pk)) and set(by) == {"E-1001", "E-1002"}
    assert not offered(
        advice(api, ana, good_body("appeal", PatientFactory(company=acme, phone="3125550112")))
    )


def test_a_resolved_ticket_is_no_open_one_and_no_contact_r_x_7(
    api: Api, ana: User, patient: Patient, body: dict[str, Any]
) -> None:
    for _ in range(2):
        ticket = file_good("refund", patient, ana)
    api(ana).post(f"{URL}{ticket.number}/steps/", {"act": "resolve", "outcome": "Refunded"})
    found = advice(api, ana, body)
    assert [row["number"] for row in found["open_tickets"]] == ["E-1001"]
    assert found["suggestions"] == []


def test_while_an_sos_runs_no_second_one_is_suggested_r_x_7(
    api: Api, ana: User, patient: Patient, body: dict[str, Any]
) -> None:
    for key in ("refund", "patient-sos"):
        file_good(key, patient, ana)
    found = advice(api, ana, body)
    assert "R-X-7" not in offered(found)
    assert ("R-X-7", "SUGGEST") in {(one["rule"], one["strength"]) for one in found["problems"]}


def test_the_same_request_once_more_is_added_to_the_ticket_that_runs_r_x_7(
    api: Api, ana: User, patient: Patient
) -> None:
    ticket = file_good("refund", patient, ana)
    (one,) = advice(api, ana, good_body("refund", patient))["suggestions"]
    assert (one["type"], one["rule"], one["ticket"]) == ("refund", "R-X-7", ticket.number)
    assert (
        one["why"]
        == f"{ticket.number} is open for the same patient and type, Refund Request: add to it instead."
    )


def test_a_draft_is_no_contact_and_another_companys_ticket_is_nobodys(
    api: Api, ana: User, otto: User, acme: Company, other: Company
) -> None:
    mine = PatientFactory(company=acme, phone="3125550113")
    theirs = PatientFactory(company=other, phone="3125550113")
    file_good("refund", theirs, otto)
    api(ana).post(URL, {**good_body("refund", mine), "draft": True})
    found = advice(api, ana, good_body("refund", mine))
    assert found["open_tickets"] == [] and found["suggestions"] == []


# How old a date is


def test_the_age_of_a_date_is_counted_against_the_limit_of_its_rule_r_sup_8(
    api: Api, ana: User, patient: Patient
) -> None:
    on = datetime.now(ana.company.zone).date() - timedelta(days=180)
    body = good_body("supervisor", patient)
    body["answers"] = {"scenario": "late_insurance", "date_of_service": on.isoformat()}
    (one,) = advice(api, ana, body)["calculators"]
    assert (one["question"], one["unit"], one["limit"], one["passed"]) == (
        "date_of_service",
        "calendar_day",
        180,
        180,
    )
    assert not one["over"] and one["words"].endswith("180 are not over (they end today).")
    body["answers"]["date_of_service"] = (on - timedelta(days=1)).isoformat()
    (one,) = advice(api, ana, body)["calculators"]
    assert one["over"] and one["passed"] == 181


def test_a_linked_update_is_counted_from_the_day_it_was_sent_r_sup_9(
    api: Api, ana: User, patient: Patient
) -> None:
    update = file_good("insurance-update", patient, ana)
    Ticket.objects.filter(pk=update.pk).update(answers={**update.answers, "sent_on": "2025-01-06"})
    body = good_body("supervisor", patient)
    body["answers"] = {"scenario": "update_overdue", "linked_update": update.number}
    found = advice(api, ana, body)
    (one,) = found["calculators"]
    assert (one["question"], one["unit"], one["over"]) == ("linked_update", "business_day", True)
    assert date.fromisoformat(one["date"]) == date(2025, 1, 6)
    assert found["problems"] == []


# Who may, and at what cost


@pytest.mark.parametrize(("who", "status"), [("ana", 200), ("sue", 200), ("ben", 403), ("adam", 403)])
def test_only_those_who_file_are_advised(api: Api, cast: dict[str, User], who: str, status: int) -> None:
    assert api(cast[who]).post(ADVICE, {}).status_code == status


def test_another_companys_patient_ticket_and_update_are_not_found(
    api: Api, otto: User, filed: dict[str, Any], body: dict[str, Any]
) -> None:
    mine = {"type": "supervisor", "channel": "phone", "caller": "patient"}
    link = {"scenario": "update_overdue", "linked_update": filed["number"]}
    for said in (body, {**mine, "follows": filed["number"]}, {**mine, "answers": link}):
        assert api(otto).post(ADVICE, said).status_code == 404
    assert not PatientReading.objects.exists()


def test_the_same_telephone_in_another_company_is_not_told(
    api: Api, otto: User, ana: User, acme: Company, other: Company
) -> None:
    file_good("refund", PatientFactory(company=acme, phone="3125550114"), ana)
    theirs = PatientFactory(company=other, phone="3125550114")
    assert advice(api, otto, good_body("refund", theirs))["open_tickets"] == []


def test_advice_takes_at_most_ten_queries_however_much_runs(
    api: Api, ana: User, body: dict[str, Any], patient: Patient, django_assert_max_num_queries: Any
) -> None:
    client = api(ana)
    client.post(ADVICE, body)
    for _ in range(6):
        file_good("refund", patient, ana)
    with django_assert_max_num_queries(10):
        assert len(client.post(ADVICE, {**body, "text": "fraud"}).json()["open_tickets"]) == 6
