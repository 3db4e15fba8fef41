"""Drafts by API: kept with what still stands against them, and filed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from escalations.models import Deflection, FilingDraft, Ticket, TicketEvent
from patients.models import Patient
from tests.api.ticket_bodies import URL, Api, draft_of, rules, steps
from tests.filing_cases import file_good, good_body

pytestmark = pytest.mark.django_db


# Keeping


def test_a_draft_is_kept_with_what_still_stands_against_it(api: Api, ana: User, patient: Patient) -> None:
    body = good_body("missing-payment", patient)
    body["answers"]["transaction_id"] = ""
    kept = draft_of(api, ana, body)
    assert (kept["status"], kept["standing"], kept["promise"]) == ("draft", "none_stated", "")
    assert kept["due_at"] is None and kept["expected_from"] is None
    assert [(one["rule"], one["strength"]) for one in kept["problems"]] == [("R-MISS-2", "BLOCK")]
    assert kept["steps"] == ["file", "cancel", "comment"]
    assert api(ana).get(f"{URL}{kept['number']}/").json() == kept
    assert api(ana).get(f"{URL}?status=draft").json()["results"][0]["number"] == kept["number"]
    assert api(ana).get(f"{URL}{kept['number']}/ledger/").json() == {"ledger": []}


def test_a_draft_needs_nothing_but_its_type(api: Api, ana: User) -> None:
    kept = draft_of(api, ana, {"type": "refund"})
    assert (kept["patient"], kept["channel"], kept["caller"]) == (None, "", "")
    assert {one["rule"] for one in kept["problems"]} == {"R-ALL-1", "R-REF-1", "R-REF-2"}
    answer = api(ana).post(URL, {"draft": True})
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"type"}
    assert Ticket.objects.count() == 1


def test_a_draft_with_a_value_that_cannot_be_read_is_refused(api: Api, ana: User, patient: Patient) -> None:
    body = {**good_body("refund", patient), "draft": True, "channel": "pigeon"}
    body["answers"]["amount"] = "1e3"
    answer = api(ana).post(URL, body)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == {"channel", "answers.amount"}
    assert not Ticket.objects.exists() and not FilingDraft.objects.exists()


@pytest.mark.parametrize("value", ["true", "yes", 1, [], {}, "no"])
def test_whether_it_is_a_draft_is_said_by_true_or_false(
    api: Api, ana: User, body: dict[str, Any], value: Any
) -> None:
    answer = api(ana).post(URL, {**body, "draft": value})
    assert answer.status_code == 400 and "draft" in answer.json()["fields"]
    assert not Ticket.objects.exists()


def test_a_draft_of_false_is_filed(api: Api, ana: User, body: dict[str, Any]) -> None:
    assert api(ana).post(URL, {**body, "draft": False}).json()["status"] == "open"


def test_the_same_key_keeps_one_draft(api: Api, ana: User) -> None:
    answers = [
        api(ana).post(URL, {"type": "refund", "draft": True}, headers={"Idempotency-Key": "d"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Ticket.objects.count() == 1


def test_a_draft_says_nothing_of_contact_and_counts_as_none_r_dnc_2(
    api: Api, ana: User, patient: Patient
) -> None:
    draft_of(api, ana, good_body("do-not-contact", patient))
    assert Patient.objects.get(pk=patient.pk).do_not_contact == []
    assert api(ana).post(f"{URL}advice/", good_body("refund", patient)).json()["open_tickets"] == []


# Filing a draft


def test_a_draft_is_filed_with_what_was_missing(api: Api, ana: User, patient: Patient) -> None:
    body = good_body("missing-payment", patient, note="Paid by card.")
    proof = body["answers"].pop("transaction_id")
    kept = draft_of(api, ana, body)
    refused = api(ana).post(steps(kept), {"act": "file"})
    assert refused.status_code == 400 and rules(refused) == {"R-MISS-2"}
    filed = api(ana).post(steps(kept), {"act": "file", "answers": {"transaction_id": proof}})
    assert filed.status_code == 200, filed.json()
    found = filed.json()
    assert (found["id"], found["number"], found["status"]) == (kept["id"], kept["number"], "open")
    assert found["answers"] == {**body["answers"], "transaction_id": proof}
    assert (found["note"], found["promise"][:8]) == ("Paid by card.", "between ")
    assert not FilingDraft.objects.exists()
    assert list(TicketEvent.objects.order_by("id").values_list("act", flat=True)) == ["draft", "file"]


def test_the_clock_of_a_filed_draft_starts_when_it_is_filed_or_was_received_k18(
    api: Api, ana: User, patient: Patient
) -> None:
    """Kept on Monday and filed on Wednesday, it counts from Wednesday, unless it is said when it came in."""
    now = datetime.now(UTC)
    kept = draft_of(api, ana, good_body("refund", patient))
    Ticket.objects.update(received_at=now - timedelta(days=9), created_at=now - timedelta(days=9))
    filed = api(ana).post(steps(kept), {"act": "file"}).json()
    assert datetime.fromisoformat(filed["received_at"]) >= now
    earlier = (now - timedelta(days=3)).replace(second=0, microsecond=0)
    kept = draft_of(api, ana, {**good_body("refund", patient), "received_at": earlier.isoformat()})
    filed = api(ana).post(steps(kept), {"act": "file"}).json()
    assert datetime.fromisoformat(filed["received_at"]) == earlier


def test_a_draft_is_filed_under_the_policy_in_force_then(api: Api, ana: User, patient: Patient) -> None:
    from escalations import policies
    from escalations.models import PolicyVersion

    kept = draft_of(api, ana, good_body("refund", patient))
    data = policies.shipped_policy()
    data["limits"]["backdating_days"] = 10
    policies.put_in_force(PolicyVersion, ana.company, data, by=None, at=datetime.now(UTC))
    assert api(ana).post(steps(kept), {"act": "file"}).json()["policy_version"] == kept["policy_version"] + 1


def test_a_draft_may_become_another_type_when_it_is_filed(api: Api, ana: User, patient: Patient) -> None:
    kept = draft_of(api, ana, good_body("refund", patient))
    refused = api(ana).post(steps(kept), {"act": "file", "type": "appeal"})
    assert rules(refused) >= {"R-APPEAL-1", "R-APPEAL-2"}
    good = good_body("appeal", patient)
    change = {name: good[name] for name in ("type", "answers", "acknowledged")}
    filed = api(ana).post(steps(kept), {"act": "file", **change})
    assert filed.status_code == 200 and filed.json()["type"] == "appeal"
    assert filed.json()["answers"] == good["answers"]


def test_every_kind_of_answer_survives_being_kept(api: Api, ana: User, patient: Patient) -> None:
    update = file_good("insurance-update", patient, ana)
    sos = good_body("patient-sos", patient)
    more = {"reasons": ["unresolved", "distressed"], "attempts": 3, "attempt_ticket": update.number}
    bodies = [
        good_body(key, patient) for key in ("refund", "insurance-update", "medical-records", "stop-claim")
    ]
    for body in (*bodies, {**sos, "answers": {**sos["answers"], **more}}):
        at_once = api(ana).post(URL, body).json()
        filed = api(ana).post(steps(draft_of(api, ana, body)), {"act": "file"}).json()
        for name in ("answers", "acknowledged", "channel", "caller", "patient", "note", "links"):
            assert filed[name] == at_once[name], (body["type"], name)


def test_a_file_that_is_filed_already_or_called_off_is_refused(api: Api, ana: User, patient: Patient) -> None:
    kept = draft_of(api, ana, good_body("refund", patient))
    assert api(ana).post(steps(kept), {"act": "file"}).status_code == 200
    again = api(ana).post(steps(kept), {"act": "file"})
    assert again.status_code == 409 and "draft" in again.json()["message"]
    off = draft_of(api, ana, good_body("refund", patient))
    assert api(ana).post(steps(off), {"act": "cancel", "reason": "Never mind."}).status_code == 200
    assert api(ana).post(steps(off), {"act": "file"}).status_code == 409
    stale = draft_of(api, ana, good_body("refund", patient))
    assert api(ana).post(steps(stale), {"act": "file", "version": 7}).status_code == 409


@pytest.mark.parametrize("change", [{"colour": "red"}, {"draft": True}, {"outcome": "x"}, {"text": "x"}])
def test_filing_a_draft_takes_the_names_of_a_filing_and_no_others(
    api: Api, ana: User, patient: Patient, change: dict[str, Any]
) -> None:
    kept = draft_of(api, ana, good_body("refund", patient))
    answer = api(ana).post(steps(kept), {"act": "file", **change})
    assert answer.status_code == 400 and set(answer.json()["fields"]) == set(change)
    assert Ticket.objects.get().status == "draft"


def test_a_caller_who_turns_out_to_be_an_insurer_is_turned_away_and_logged_r_item_3(
    api: Api, ana: User, body: dict[str, Any]
) -> None:
    kept = draft_of(api, ana, body)
    assert not Deflection.objects.exists(), "nobody was told anything yet"
    answer = api(ana).post(steps(kept), {"act": "file", "caller": "insurance_representative"})
    assert answer.status_code == 400 and rules(answer) == {"R-ITEM-3"}
    assert Deflection.objects.get().rule == "R-ITEM-3"


def test_a_draft_kept_by_api_opens_in_the_form(api: Api, ana: User, page_as: Any, patient: Patient) -> None:
    body = good_body("patient-sos", patient, note="Very upset.")
    kept = draft_of(api, ana, {**body, "channel": ""})
    screen = page_as(ana).get(f"/escalations/new/?draft={kept['number']}").context["screen"]
    assert screen.draft.number == kept["number"]
    assert (screen.filing.note, screen.filing.patient, screen.filing.caller) == (
        "Very upset.",
        patient,
        "patient",
    )
    assert set(screen.filing.intake.answers) == set(body["answers"])
    assert not screen.filing.intake.wrong


def test_another_companys_draft_is_not_found(api: Api, ana: User, otto: User) -> None:
    kept = draft_of(api, ana, {"type": "refund"})
    assert api(otto).post(steps(kept), {"act": "file"}).status_code == 404


def test_reading_a_draft_takes_at_most_twelve_queries(
    api: Api, ana: User, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    body = good_body("missing-payment", patient)
    kept = draft_of(api, ana, {**body, "answers": {"looked": ["amd"]}})
    client = api(ana)
    client.get(f"{URL}{kept['number']}/")
    with django_assert_max_num_queries(12):
        client.get(f"{URL}{kept['number']}/")
