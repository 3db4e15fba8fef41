"""What the rules from Patient SOS to ZBAL ask, carry over and cause, beyond refusing and telling."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from escalations.domain.intake import Asking, Intake, evaluate
from escalations.domain.policy import Policy
from escalations.policies import shipped_policy
from tests.domain.desk import CALENDAR, FACTS, NOW, ask, good, refused_by, told_by

CARE = {"note": "She asked about Compassionate Care."}
TRIED_AT = "2026-05-20T14:50:00+00:00"


def asked(found: Intake) -> list[str]:
    return [question.key for question in found.asked]


def carried_by(found: Intake, rule: str) -> dict[str, Any]:
    return next(dict(one.prefill) for one in found.suggestions if one.rule == rule)


def test_r_sos_1_asks_for_the_attempts_only_when_they_are_the_reason() -> None:
    assert "attempts" not in asked(ask("patient-sos"))
    counted = ask("patient-sos", {"reasons": ["distressed", "unresolved"], "attempts": "3"})
    assert counted.may_be_filed and counted.answers["attempts"] == 3


def test_r_sos_1_drops_a_count_that_was_typed_for_a_reason_no_longer_ticked() -> None:
    found = ask("patient-sos", {"reasons": ["complaint"], "attempts": 1})
    assert found.may_be_filed and "attempts" not in found.answers


def test_r_sos_1_asks_no_more_for_a_link_once_one_is_there() -> None:
    found = ask("patient-sos", {"reasons": ["unresolved"], "attempts": 2, "attempt_ticket": "E-1003"})
    assert found.may_be_filed and "R-SOS-1" not in told_by(found)


def test_r_x_2_carries_the_attempt_into_a_supervisor_escalation_that_lacks_only_its_reason() -> None:
    found = ask("patient-sos", {"transfer_answered": False})
    assert found.may_be_filed
    carried = carried_by(found, "R-X-2")
    assert carried == {
        "scenario": "transfer_unanswered",
        "transfer_at": TRIED_AT,
        "transfer_answered": False,
    }
    offered = ask("supervisor", {**carried, "transfer_reason": None})
    assert [one.field for one in offered.refusals] == ["transfer_reason"]
    assert ask("supervisor", {**carried, "transfer_reason": "red_flag"}).may_be_filed


def test_r_x_2_is_silent_when_the_transfer_was_answered() -> None:
    assert "R-X-2" not in told_by(ask("patient-sos"))


def test_r_x_6_carries_the_reason_into_a_stop_claim_that_still_asks_about_compassionate_care() -> None:
    carried = carried_by(ask("refund", {"spending_account": True}), "R-X-6")
    offered = ask("stop-claim", {**carried, "compassionate_care_applied": None})
    assert offered.answers == {"reason": "fsa_hra_hsa"}
    assert refused_by(offered) == {"R-STOP-2"}


def test_r_x_6_believes_the_caller_who_says_that_it_was_no_health_account() -> None:
    found = ask("refund", {"spending_account": False}, {"note": "Not from the HSA."})
    assert "R-X-6" not in told_by(found)


def test_r_ref_2_keeps_the_offer_of_missing_payment_beside_what_it_refuses() -> None:
    found = ask("refund", {"payment_visible": False})
    assert refused_by(found) == {"R-REF-2"}
    assert {one.rule: one.suggest for one in found.suggestions} == dict.fromkeys(
        ("R-REF-2", "R-X-3"), "missing-payment"
    )


@pytest.mark.parametrize(
    ("delivery", "question"),
    [("email", "delivery_email"), ("mail", "delivery_address"), ("fax", "delivery_fax")],
)
def test_r_req_1_asks_only_for_the_details_of_the_way_chosen(delivery: str, question: str) -> None:
    assert asked(ask("requisition-form", {"delivery": delivery})) == ["delivery", question]


@pytest.mark.parametrize("scenario", ["written_off", "voided_statement"])
def test_r_syn_2_asks_for_the_balance_that_has_to_be_added(scenario: str) -> None:
    found = ask("synergen", {"scenario": scenario, "correct_balance": None})
    assert [one.field for one in found.refusals] == ["correct_balance"]


def test_r_stop_2_asks_what_was_said_only_when_the_words_were_typed_and_the_answer_is_no() -> None:
    no, yes = {"compassionate_care_applied": False}, {"compassionate_care_applied": True}
    assert "compassionate_care_said" not in asked(ask("stop-claim", no))
    assert "compassionate_care_said" in asked(ask("stop-claim", no, CARE))
    assert "compassionate_care_said" not in asked(ask("stop-claim", yes, CARE))


@pytest.mark.parametrize(
    "typed", ["COMPASSIONATE CARE", "compassionate-care application", "Compassionate  Care?"]
)
def test_r_stop_2_hears_the_words_however_they_are_typed(typed: str) -> None:
    assert refused_by(ask("stop-claim", facts={"note": typed})) == {"R-STOP-2"}


def test_r_stop_2_blocks_a_marked_patient_whatever_is_answered_and_whoever_overrides() -> None:
    answers = {"compassionate_care_applied": False}
    found = ask("stop-claim", answers, {"compassionate_care": True}, overridden=("R-STOP-2",))
    assert [one.strength for one in found.refusals] == ["BLOCK"]
    assert ask("stop-claim", answers, {"compassionate_care": False}).may_be_filed


def test_r_stop_2_still_asks_about_a_patient_who_is_known_not_to_be_marked() -> None:
    found = ask("stop-claim", {"compassionate_care_applied": None}, {"compassionate_care": False})
    assert [one.field for one in found.refusals] == ["compassionate_care_applied"]


@pytest.mark.parametrize("scenario", ["full_approval", "non_proof_of_income"])
def test_r_stop_2_marks_no_patient_for_another_case_of_zbal(scenario: str) -> None:
    found = ask("zbal", {"scenario": scenario})
    assert found.may_be_filed and not [one for one in found.effects if one.effect]


def test_r_wo_2_may_be_overridden_and_what_was_overridden_is_known() -> None:
    found = ask("wo-code-error", {"history_reviewed": False}, overridden=("R-WO-2",))
    assert found.may_be_filed
    assert [one.rule for one in found.overridden] == ["R-WO-2"]


def with_common_code(code: str, answers: dict[str, Any], ticks: list[str] | None = None) -> Intake:
    """A WO Code Error under a policy whose admin listed this code as common."""
    data = copy.deepcopy(shipped_policy())
    data["lists"]["common_write_off_codes"]["items"] = [{"key": "listed", "label": code}]
    found = Policy.from_json(data).type("wo-code-error")
    assert found is not None
    given = {**good("wo-code-error")["answers"], **answers}
    return evaluate(found, FACTS, given, ticks or [], Asking(NOW, CALENDAR))


UNEXPLAINED = {"code": "wo77", "balance_zero": True, "note_explains": False}


def test_r_wo_1_tells_that_a_code_called_uncommon_is_on_the_list_of_common_ones() -> None:
    found = with_common_code("WO77", {"judgement": "uncommon"})
    assert found.may_be_filed and "R-WO-1" in told_by(found)
    assert "R-WO-1" not in told_by(with_common_code("WO78", {"judgement": "uncommon"}))


def test_r_wo_3_leaves_an_incorrect_code_in_peace_that_the_admin_calls_common() -> None:
    assert with_common_code("WO77", {**UNEXPLAINED, "judgement": "incorrect"}).may_be_filed
    assert refused_by(with_common_code("WO78", {**UNEXPLAINED, "judgement": "incorrect"})) == {"R-WO-3"}
    assert refused_by(with_common_code("WO77", {**UNEXPLAINED, "judgement": "uncommon"})) == {"R-WO-3"}


def test_r_wo_3_puts_up_no_banner_when_a_note_explains_the_code() -> None:
    explained = {"judgement": "uncommon", "balance_zero": True, "note_explains": True}
    assert not [one for one in ask("wo-code-error", explained).effects if one.effect]
    banner = ask("wo-code-error", {**explained, "note_explains": False}, acknowledged=["R-WO-3"]).effects
    assert [one.message for one in banner if one.effect == "do_not_say"] == [
        "Do not tell the patient that the balance is $0. An unexplained write-off is being checked."
    ]


def test_r_zbal_1_asks_for_the_payment_step_by_step() -> None:
    approved = {"scenario": "approval_with_payment"}
    assert asked(ask("zbal", approved)) == ["scenario", "payment_received"]
    assert asked(ask("zbal", {**approved, "payment_received": False})) == ["scenario", "payment_received"]
    assert asked(ask("zbal", {**approved, "payment_received": True}))[2:] == [
        "payment_date",
        "payment_amount",
    ]


def test_r_sup_7_asks_for_the_hold_only_after_the_address() -> None:
    bad = {"scenario": "bad_address_statement"}
    assert "account_on_hold" not in asked(ask("supervisor", {**bad, "account_on_hold": True}))
    skipped = ask("supervisor", {**bad, "address_updated": False, "account_on_hold": True})
    assert [one.field for one in skipped.refusals] == ["address_updated"]


def test_r_sup_4_and_r_sup_9_ask_for_no_date_beside_a_linked_update() -> None:
    for scenario in ("billed_after_medicaid_update", "update_overdue"):
        answers = {"scenario": scenario, "linked_update": "1003", "sent_on": "2026-05-19"}
        found = ask("supervisor", answers, linked={"late": True, "business_days": 50})
        assert found.may_be_filed and "sent_on" not in found.answers


def test_r_sup_9_counts_no_holiday_as_a_business_day() -> None:
    memorial_day = NOW.replace(day=25)
    answers = {"scenario": "update_overdue", "sent_on": "2026-03-20"}
    assert refused_by(ask("supervisor", answers, now=memorial_day)) == {"R-SUP-9"}
    assert ask("supervisor", answers, now=NOW.replace(day=26)).may_be_filed


def test_r_sup_8_needs_the_tick_beside_the_date_and_keeps_the_date_for_an_insurance_update() -> None:
    early = ask("supervisor", {"scenario": "late_insurance", "date_of_service": "2026-05-01"})
    assert carried_by(early, "R-SUP-8") == {"date_of_service": "2026-05-01"}
    assert [one.strength for one in early.refusals] == ["REQUIRE", "ACK"]


def test_waiting_for_the_insurer_never_stops_the_clock_of_a_stop_claim() -> None:
    """K10."""
    waits = next(one["waits"] for one in shipped_policy()["types"] if one["key"] == "stop-claim")
    assert waits["insurer"] is False
