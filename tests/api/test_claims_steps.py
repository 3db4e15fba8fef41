"""Completing, asking, filing, holding and queueing a claim by API, against AR Boost's stand-in over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from deductibles.models import Claim, Hold, Snapshot
from tests.api.claim_bodies import TODAY, claim_body, provide, switch_on
from tests.factories import PatientFactory, PayerFactory

URL = "/api/v1/claims/"
EXAMPLE = Path(__file__).resolve().parent.parent / "data" / "x271" / "ytd_no_remaining.edi"

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ready(acme, adam):
    """A company that may send claims and holds them: threshold 100.00, annual 250.00 or more, 45 days."""
    provide(adam)
    return switch_on(acme)


def _enter(client, acme, **changes):
    created = client.post(URL, claim_body(acme, **changes))
    assert created.status_code == 201, created.json()
    return created.json()


def _step(client, claim, act, **more):
    return client.post(f"{URL}{claim['id']}/steps/", {"act": act, **more})


def test_a_completed_claim_is_held_until_its_release_date(api, ben, acme, ready, ar_boost):
    client = api(ben)
    claim = _enter(client, acme)
    done = _step(client, claim, "complete")
    assert done.status_code == 200, done.json()
    assert done.json()["status"] == "hold"
    assert done.json()["status_label"] == "Suspended - Hold for Deductible"
    hold = done.json()["hold"]
    assert (hold["annual"], hold["remaining"]) == ("1500.00", "1500.00")
    assert hold["days_remaining"] == 45
    assert hold["queueable"] is True
    asked = [one for one in ar_boost.requests() if one["path"] == "/v1/eligibility"]
    assert len(asked) == 1


def test_a_claim_whose_deductible_is_met_is_queued_at_once(api, ben, acme, ready, ar_boost):
    ar_boost.script("TST000100", amounts={"annual": "1500.00", "remaining": "100.00"})
    claim = _enter(api(ben), acme)
    assert _step(api(ben), claim, "complete").json()["status"] == "queued"
    assert not Hold.objects.exists()


def test_without_an_answer_a_claim_is_not_held_and_flagged(api, ben, acme, ready):
    claim = _enter(api(ben), acme)
    done = _step(api(ben), claim, "complete").json()
    assert (done["status"], done["deductible_unknown"]) == ("queued", True)


def test_an_answer_read_today_is_used_and_not_asked_for_again(api, ben, acme, ready, ar_boost):
    client = api(ben)
    claim = _enter(client, acme)
    answer = client.post(f"{URL}{claim['id']}/eligibility/", {})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["reading"]["effective_remaining"] == "1500.00"
    assert answer.json()["decision"]["hold"] is True
    assert answer.json()["decision"]["settings"]["max_days"] == 45
    _step(client, claim, "complete")
    assert len([one for one in ar_boost.requests() if one["path"] == "/v1/eligibility"]) == 1


def test_the_same_idempotency_key_asks_once(api, ben, acme, ready, ar_boost):
    client = api(ben)
    claim = _enter(client, acme)
    path, key = f"{URL}{claim['id']}/eligibility/", {"Idempotency-Key": "ask-1"}
    first = client.post(path, {}, headers=key)
    second = client.post(path, {}, headers=key)
    assert first.json() == second.json()
    assert Snapshot.objects.count() == 1


@pytest.fixture
def of_the_example(acme):
    """The patient and coverage the example answer is about."""
    text = EXAMPLE.read_text()
    name = next(row for row in text.replace("\n", "").split("~") if row.startswith("NM1*IL"))
    born = next(row for row in text.replace("\n", "").split("~") if row.startswith("DMG"))
    _, _, _, last, first, *_, member = name.split("*")
    day = born.split("*")[2]
    patient = PatientFactory(
        company=acme, first_name=first, last_name=last, date_of_birth=f"{day[:4]}-{day[4:6]}-{day[6:]}"
    )
    return {"patient": patient, "member_id": member}


def test_another_patients_answer_is_refused_and_not_stored(api, ben, acme, ready):
    claim = _enter(api(ben), acme)
    refused = api(ben).post(f"{URL}{claim['id']}/eligibility/", {"x12_271": EXAMPLE.read_text()})
    assert refused.status_code == 409
    assert "not about this patient" in refused.json()["message"]
    assert not Snapshot.objects.exists()


def test_an_old_answer_is_filed_and_shown_but_not_acted_on(api, ben, acme, ready, of_the_example):
    client = api(ben)
    claim = _enter(client, acme, **of_the_example)
    filed = client.post(f"{URL}{claim['id']}/eligibility/", {"x12_271": EXAMPLE.read_text()})
    assert filed.status_code == 200, filed.json()
    assert "answer_too_old" in filed.json()["reading"]["flags"]
    assert filed.json()["decision"]["hold"] is False
    assert Snapshot.objects.get().source == "filed"


def test_a_fresh_answer_is_filed_and_holds_the_claim(api, ben, acme, ready, of_the_example):
    client = api(ben)
    text = EXAMPLE.read_text()
    header = next(row for row in text.replace("\n", "").split("~") if row.startswith("BHT"))
    dated = header.split("*")
    dated[4] = f"{TODAY:%Y%m%d}"
    claim = _enter(client, acme, **of_the_example)
    fresh = text.replace(header, "*".join(dated))
    filed = client.post(f"{URL}{claim['id']}/eligibility/", {"x12_271": fresh}).json()
    assert filed["reading"]["effective_remaining"] == "149.75"
    assert filed["decision"]["hold"] is True
    held = _step(client, claim, "complete").json()
    assert (held["status"], held["hold"]["remaining"]) == ("hold", "149.75")


def test_a_claim_is_held_by_hand_queued_and_taken_back(api, ben, acme, ready, ar_boost):
    client = api(ben)
    claim = _enter(client, acme)
    held = _step(client, claim, "hold").json()
    assert (held["status"], held["hold"]["kind"], held["hold"]["days_remaining"]) == ("hold", "manual", 30)
    assert not [one for one in ar_boost.requests() if one["path"] == "/v1/eligibility"]
    queued = _step(client, claim, "queue").json()
    assert (queued["status"], queued["hold"]["reason"]) == ("queued", "Manually queued")
    assert _step(client, claim, "unqueue").json()["status"] == "hold"


def test_a_manual_hold_inside_the_filing_guard_asks_for_confirmation(api, ben, acme, ready):
    client = api(ben)
    payer = PayerFactory(company=acme, filing_limit_days=10)
    claim = _enter(client, acme, payer=payer)
    refused = _step(client, claim, "hold")
    assert refused.status_code == 409
    assert "Confirm" in refused.json()["message"]
    assert _step(client, claim, "hold", confirmed="yes").status_code == 400
    assert _step(client, claim, "hold", confirmed=True).json()["status"] == "hold"


def test_a_changed_payer_ends_the_old_entry_and_counts_from_the_first_hold(api, ben, acme, ready, ar_boost):
    client = api(ben)
    claim = _enter(client, acme)
    first = _step(client, claim, "complete").json()["hold"]
    other_payer = PayerFactory(company=acme)
    changed = _step(client, claim, "change_payer", payer=str(other_payer.pk), member_id="TST000200")
    assert changed.status_code == 200, changed.json()
    second = changed.json()["hold"]
    assert second["id"] != first["id"]
    assert second["payer"] == str(other_payer.pk)
    assert second["release_on"] == first["release_on"]


def test_a_step_from_the_wrong_status_is_a_conflict(api, ben, acme, ready):
    client = api(ben)
    claim = _enter(client, acme)
    assert _step(client, claim, "queue").status_code == 409
    assert _step(client, claim, "void").json()["status"] == "void"
    refused = _step(client, claim, "complete")
    assert refused.status_code == 409
    assert refused.json()["message"].endswith(".")
    assert Claim.objects.get().status == "void"


def test_the_audit_tells_who_did_what_newest_first(api, ben, acme, ready, ar_boost):
    client = api(ben)
    claim = _enter(client, acme)
    _step(client, claim, "complete")
    events = client.get(f"{URL}{claim['id']}/audit/").json()["results"]
    assert [event["at"] for event in events] == sorted((event["at"] for event in events), reverse=True)
    assert {"create claim", "complete"} <= {event["act"] for event in events}
    assert "ben" in {event["who"] for event in events}
    moves = [event["changes"].get("status") for event in events]
    assert {"from": "draft", "to": "hold"} in moves
