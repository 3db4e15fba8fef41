"""The rules of the types from Patient SOS to ZBAL, each with its negative control.

Every clause has a row in ``CASES``; the same row is put again to a policy without the rule, where it must say
nothing. What stands on the other side of each limit is in ``ALLOWED``.
"""

from __future__ import annotations

from typing import Any

import pytest

from escalations.domain.policy import Rule
from escalations.domain.turnaround import describe
from escalations.policies import shipped_policy
from tests.domain.desk import ask, good, refused_by, told_by, type_of
from tests.domain.rule_cases import RuleCase, incomplete_words

TURNAROUNDS = {
    "patient-sos": "immediate",
    "refund": "up to 60 business days",
    "requisition-form": "7–10 business days",
    "synergen": "up to 3 business days",
    "supervisor": "up to 2 business days",
    "spay-error": "up to 3 business days",
    "stop-claim": "30–45 business days",
    "wo-code-error": "within a week",
    "zbal": "7–10 business days",
}
TYPES = tuple(TURNAROUNDS)
SENT_45, SENT_46 = "2026-03-18", "2026-03-17"
"""Forty-five and forty-six business days before the filing; no holiday lies between."""
SERVED_180, SERVED_181 = "2025-11-21", "2025-11-20"
"""A hundred and eighty and a hundred and eighty-one calendar days before it."""
UPDATE = {"linked_update": "E-1003"}
CARE = {"note": "She asked about Compassionate Care."}
UNEXPLAINED = {"judgement": "uncommon", "balance_zero": True, "note_explains": False}
NO_TRANSFER = {"transfer_reason": None, "transfer_at": None, "transfer_answered": None}


def supervisor(scenario: str | None, **answers: Any) -> dict[str, Any]:
    """The answers of a Supervisor Escalation of another scenario than the good one's."""
    return {**NO_TRANSFER, "scenario": scenario, **answers}


CASES = [
    RuleCase("R-SOS-1", "patient-sos", "refuses", {"reasons": None}),
    RuleCase("R-SOS-1", "patient-sos", "refuses", {"reasons": []}),
    RuleCase("R-SOS-1", "patient-sos", "refuses", {"reasons": ["unresolved"]}, part="attempts"),
    RuleCase(
        "R-SOS-1", "patient-sos", "refuses", {"reasons": ["unresolved"], "attempts": 1}, part="attempts"
    ),
    RuleCase(
        "R-SOS-1", "patient-sos", "refuses", {"reasons": ["unresolved"], "attempts": 0}, part="attempts"
    ),
    RuleCase("R-SOS-1", "patient-sos", "tells", {"reasons": ["unresolved"], "attempts": 2}, part="link"),
    RuleCase("R-SOS-2", "patient-sos", "refuses", {"transfer_at": None}),
    RuleCase("R-SOS-2", "patient-sos", "refuses", {"transfer_answered": None}),
    RuleCase("R-SOS-3", "patient-sos", "acts"),
    RuleCase("R-X-2", "patient-sos", "supervisor", {"transfer_answered": False}),
    RuleCase("R-X-2", "patient-sos", "supervisor", {"transfer_answered": "no"}),
    RuleCase("R-REF-1", "refund", "refuses", {"reason": None}),
    RuleCase("R-REF-1", "refund", "refuses", {"amount": None}, part="amount"),
    RuleCase("R-REF-1", "refund", "refuses", {"amount": "$0"}, part="amount"),
    RuleCase("R-REF-2", "refund", "refuses", {"payment_visible": None}),
    RuleCase("R-REF-2", "refund", "refuses", {"payment_visible": False}),
    RuleCase("R-REF-2", "refund", "missing-payment", {"payment_visible": "no"}),
    RuleCase("R-X-3", "refund", "missing-payment", {"payment_visible": False}),
    RuleCase("R-X-6", "refund", "stop-claim", {"spending_account": True}),
    RuleCase("R-X-6", "refund", "stop-claim", facts={"note": "Paid with the HSA card."}),
    RuleCase("R-REQ-1", "requisition-form", "refuses", {"delivery": None}),
    RuleCase("R-REQ-1", "requisition-form", "refuses", {"delivery_email": None}, part="email"),
    RuleCase("R-REQ-1", "requisition-form", "refuses", {"delivery": "mail"}, part="mail"),
    RuleCase("R-REQ-1", "requisition-form", "refuses", {"delivery": "fax"}, part="fax"),
    RuleCase("R-REQ-1", "requisition-form", "tells", part="own"),
    RuleCase("R-SYN-1", "synergen", "refuses", {"scenario": None}),
    RuleCase("R-SYN-1", "synergen", "refuses", {"scenario": "portal_error"}, part="error"),
    RuleCase(
        "R-SYN-1", "synergen", "refuses", {"scenario": "portal_error", "portal_error": "other"}, part="other"
    ),
    RuleCase("R-SYN-2", "synergen", "refuses", {"correct_balance": None}),
    RuleCase("R-SYN-2", "synergen", "refuses", {"correct_balance": "0.00"}),
    RuleCase("R-SYN-2", "synergen", "refuses", {"scenario": "voided_statement", "correct_balance": ""}),
    RuleCase("R-SPAY-1", "spay-error", "refuses", {"problem": None}),
    RuleCase("R-SPAY-1", "spay-error", "refuses", {"sent_to": None}, part="sent"),
    RuleCase("R-SPAY-1", "spay-error", "refuses", {"sent_at": None}, part="sent"),
    RuleCase("R-SPAY-1", "spay-error", "refuses", {"problem": "shows_error"}, part="error"),
    RuleCase(
        "R-SPAY-1", "spay-error", "refuses", {"problem": "shows_error", "error_text": " "}, part="error"
    ),
    RuleCase("R-STOP-1", "stop-claim", "refuses", {"reason": None}),
    RuleCase("R-STOP-2", "stop-claim", "refuses", {"compassionate_care_applied": None}),
    RuleCase("R-STOP-2", "stop-claim", "refuses", {"compassionate_care_applied": True}),
    RuleCase("R-STOP-2", "stop-claim", "refuses", facts={"compassionate_care": True}, part="marked"),
    RuleCase("R-STOP-2", "stop-claim", "refuses", facts=CARE, part="said"),
    RuleCase(
        "R-STOP-2",
        "zbal",
        "acts",
        {
            "scenario": "approval_with_payment",
            "payment_received": True,
            "payment_date": "2026-05-18",
            "payment_amount": "40",
        },
        part="mark",
    ),
    RuleCase("R-WO-1", "wo-code-error", "refuses", {"code": None}),
    RuleCase("R-WO-1", "wo-code-error", "refuses", {"judgement": None}),
    RuleCase("R-WO-2", "wo-code-error", "refuses", {"history_reviewed": None}),
    RuleCase("R-WO-2", "wo-code-error", "refuses", {"history_reviewed": False}),
    RuleCase("R-WO-3", "wo-code-error", "refuses", {"balance_zero": None}),
    RuleCase("R-WO-3", "wo-code-error", "refuses", {"balance_zero": True}, part="note"),
    RuleCase("R-WO-3", "wo-code-error", "refuses", UNEXPLAINED, part="untold"),
    RuleCase("R-WO-3", "wo-code-error", "refuses", {**UNEXPLAINED, "judgement": "incorrect"}, part="untold"),
    RuleCase("R-WO-3", "wo-code-error", "acts", UNEXPLAINED, ticks=["R-WO-3"], part="banner"),
    RuleCase("R-ZBAL-0", "zbal", "tells"),
    RuleCase("R-ZBAL-1", "zbal", "refuses", {"scenario": None}),
    RuleCase("R-ZBAL-1", "zbal", "refuses", {"scenario": "approval_with_payment"}, part="payment"),
    RuleCase(
        "R-ZBAL-1",
        "zbal",
        "refuses",
        {"scenario": "approval_with_payment", "payment_received": False},
        part="payment",
    ),
    *(
        RuleCase(
            "R-ZBAL-1",
            "zbal",
            "refuses",
            {"scenario": "approval_with_payment", "payment_received": True, **paid},
            part="paid",
        )
        for paid in (
            {"payment_amount": "40"},
            {"payment_date": "2026-05-18"},
            {"payment_date": "2026-05-18", "payment_amount": "0"},
        )
    ),
    RuleCase("R-ZBAL-1", "zbal", "tells", {"scenario": "non_proof_of_income"}, part="form"),
    RuleCase("R-ZBAL-1", "zbal", "refuses", {"scenario": "courtesy_exception"}, part="courtesy"),
    RuleCase("R-SUP-1", "supervisor", "refuses", supervisor(None)),
    *(RuleCase("R-SUP-2", "supervisor", "refuses", {name: None}) for name in NO_TRANSFER),
    RuleCase("R-SUP-2", "supervisor", "refuses", {"transfer_answered": True}),
    RuleCase("R-SUP-2", "supervisor", "refuses", {"transfer_reason": "other"}, part="other"),
    RuleCase("R-SUP-3", "supervisor", "tells", supervisor("medicaid_timely_filing")),
    RuleCase("R-SUP-4", "supervisor", "refuses", supervisor("billed_after_medicaid_update")),
    RuleCase(
        "R-SUP-4",
        "supervisor",
        "refuses",
        supervisor("billed_after_medicaid_update", **UPDATE),
        part="linked",
        linked={"late": False, "business_days": 20},
    ),
    RuleCase(
        "R-SUP-4",
        "supervisor",
        "refuses",
        supervisor("billed_after_medicaid_update", sent_on=SENT_45),
        part="sent",
    ),
    RuleCase("R-SUP-5", "supervisor", "refuses", supervisor("account_change")),
    *(
        RuleCase(
            "R-SUP-5", "supervisor", "refuses", supervisor("account_change", change_kind=kind), part=kind
        )
        for kind in ("address", "phone", "email")
    ),
    RuleCase("R-SUP-6", "supervisor", "tells", supervisor("hold_status")),
    RuleCase("R-SUP-7", "supervisor", "refuses", supervisor("bad_address_statement")),
    RuleCase("R-SUP-7", "supervisor", "refuses", supervisor("bad_address_statement", address_updated=False)),
    RuleCase(
        "R-SUP-7",
        "supervisor",
        "refuses",
        supervisor("bad_address_statement", address_updated=True),
        part="hold",
    ),
    RuleCase(
        "R-SUP-7",
        "supervisor",
        "refuses",
        supervisor("bad_address_statement", address_updated=True, account_on_hold=False),
        part="hold",
    ),
    RuleCase("R-SUP-8", "supervisor", "refuses", supervisor("late_insurance"), ticks=["R-SUP-8"]),
    RuleCase(
        "R-SUP-8",
        "supervisor",
        "refuses",
        supervisor("late_insurance", date_of_service=SERVED_180),
        ticks=["R-SUP-8"],
    ),
    RuleCase(
        "R-SUP-8",
        "supervisor",
        "insurance-update",
        supervisor("late_insurance", date_of_service="2026-05-01"),
        ticks=["R-SUP-8"],
    ),
    RuleCase(
        "R-SUP-8",
        "supervisor",
        "refuses",
        supervisor("late_insurance", date_of_service=SERVED_181),
        part="explained",
    ),
    RuleCase("R-SUP-9", "supervisor", "refuses", supervisor("update_overdue")),
    RuleCase(
        "R-SUP-9",
        "supervisor",
        "refuses",
        supervisor("update_overdue", **UPDATE),
        part="linked",
        linked={"late": True, "business_days": 45},
    ),
    RuleCase("R-SUP-9", "supervisor", "refuses", supervisor("update_overdue", sent_on=SENT_45), part="sent"),
    RuleCase(
        "R-SUP-9", "supervisor", "refuses", supervisor("update_overdue", sent_on="2026-05-20"), part="sent"
    ),
    *(
        RuleCase("R-EXEC-1", key, "executive-keywords", facts={"note": "Her lawyers will write."})
        for key in TYPES
    ),
]
REFUSALS = [case for case in CASES if case.does == "refuses"]

ALLOWED: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("R-SOS-1", "patient-sos", {"reasons": ["unresolved"], "attempts": 2}, {}),
    ("R-SOS-1", "patient-sos", {"reasons": ["complaint"]}, {}),
    ("R-REF-1", "refund", {"reason": "overcharged", "amount": "0.01"}, {}),
    ("R-REF-2", "refund", {"spending_account": False}, {}),
    (
        "R-REQ-1",
        "requisition-form",
        {"delivery": "mail", "delivery_address": "9 Elm St, Joliet, IL 60431"},
        {},
    ),
    ("R-REQ-1", "requisition-form", {"delivery": "fax", "delivery_fax": "312-555-0147"}, {}),
    *(
        ("R-SYN-1", "synergen", {"scenario": "portal_error", "portal_error": error}, {})
        for error in ("invalid_case", "payment_already_made", "incorrect_balance")
    ),
    (
        "R-SYN-1",
        "synergen",
        {"scenario": "portal_error", "portal_error": "other", "portal_error_other": "Try again later"},
        {},
    ),
    ("R-SYN-2", "synergen", {"scenario": "no_valid_balance", "correct_balance": None}, {}),
    ("R-SYN-2", "synergen", {"scenario": "wodunn", "correct_balance": None}, {}),
    ("R-SPAY-1", "spay-error", {"problem": "shows_error", "error_text": "Page not found"}, {}),
    ("R-SPAY-1", "spay-error", {"problem": "shows_error", "screenshot": ["picture-0001"]}, {}),
    *(
        ("R-STOP-1", "stop-claim", {"reason": item["key"]}, {})
        for item in shipped_policy()["lists"]["stop_claim_reasons"]["items"]
    ),
    ("R-STOP-2", "stop-claim", {"compassionate_care_said": "She decided against applying."}, {}),
    ("R-STOP-2", "stop-claim", {"compassionate_care_said": "Only asked what it is."}, {"facts": CARE}),
    ("R-WO-3", "wo-code-error", UNEXPLAINED, {"acknowledged": ["R-WO-3"]}),
    ("R-WO-3", "wo-code-error", {**UNEXPLAINED, "note_explains": True}, {}),
    (
        "R-ZBAL-1",
        "zbal",
        {
            "scenario": "approval_with_payment",
            "payment_received": True,
            "payment_date": "05/18/2026",
            "payment_amount": "40",
        },
        {},
    ),
    ("R-ZBAL-1", "zbal", {"scenario": "courtesy_exception", "rd_note": "Approved on 12 May."}, {}),
    ("R-SUP-2", "supervisor", {"transfer_reason": "other", "transfer_other": "A refund that is due"}, {}),
    (
        "R-SUP-4",
        "supervisor",
        supervisor("billed_after_medicaid_update", **UPDATE),
        {"linked": {"late": True, "business_days": 46}},
    ),
    ("R-SUP-4", "supervisor", supervisor("billed_after_medicaid_update", sent_on=SENT_46), {}),
    (
        "R-SUP-5",
        "supervisor",
        supervisor("account_change", change_kind="phone", new_phone="312-555-0147"),
        {},
    ),
    (
        "R-SUP-5",
        "supervisor",
        supervisor("account_change", change_kind="email", new_email="nora@mail.example"),
        {},
    ),
    (
        "R-SUP-5",
        "supervisor",
        supervisor("account_change", change_kind="address", new_address="9 Elm St, Joliet, IL 60431"),
        {},
    ),
    (
        "R-SUP-7",
        "supervisor",
        supervisor("bad_address_statement", address_updated=True, account_on_hold=True),
        {},
    ),
    (
        "R-SUP-8",
        "supervisor",
        supervisor("late_insurance", date_of_service=SERVED_181),
        {"acknowledged": ["R-SUP-8"]},
    ),
    (
        "R-SUP-9",
        "supervisor",
        supervisor("update_overdue", **UPDATE),
        {"linked": {"late": True, "business_days": 46}},
    ),
    ("R-SUP-9", "supervisor", supervisor("update_overdue", sent_on=SENT_46), {}),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_clause_does_what_the_paper_says(case: RuleCase) -> None:
    assert case.happens(case.found()), case.found()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_its_rule_nothing_of_it_happens(case: RuleCase) -> None:
    found = case.found(without=case.rule)
    assert case.rule not in told_by(found)
    assert case.rule not in {one.id for one in found.effects}
    assert not case.happens(found)


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_only_the_rule_in_question_refuses(case: RuleCase) -> None:
    assert refused_by(case.found()) == {case.rule}
    assert case.found(without=case.rule).may_be_filed


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_a_supervisor_overrides_nothing_but_the_unread_history_of_r_wo_2(case: RuleCase) -> None:
    assert case.found(overridden=(case.rule,)).may_be_filed is (case.rule == "R-WO-2")


@pytest.mark.parametrize(("rule", "key", "answers", "more"), ALLOWED)
def test_on_the_other_side_of_its_limit_the_rule_lets_it_be_filed(
    rule: str, key: str, answers: dict[str, Any], more: dict[str, Any]
) -> None:
    found = ask(key, answers, **more)
    assert found.may_be_filed, (found.wrong, found.refusals)
    assert rule in {one.id for one in type_of(key).rules}


def own_rules(key: str) -> list[Rule]:
    """The clauses that only this type has."""
    shared = {(row["id"], row.get("part", "")) for row in shipped_policy()["every_type"]["rules"]}
    return [one for one in type_of(key).rules if (one.id, one.part) not in shared]


@pytest.mark.parametrize("key", TYPES)
def test_every_clause_has_a_case(key: str) -> None:
    covered = {(case.rule, case.part) for case in CASES if case.type == key}
    elsewhere = {("R-WO-1", "common")}
    assert {(one.id, one.part) for one in own_rules(key)} <= covered | elsewhere


@pytest.mark.parametrize("key", TYPES)
def test_every_clause_says_in_full_sentences_what_is_wrong_and_what_to_do_instead(key: str) -> None:
    wrong = {f"{one.id} {one.part}": incomplete_words(one) for one in own_rules(key)}
    assert {name: lacking for name, lacking in wrong.items() if lacking} == {}


@pytest.mark.parametrize("channel", ["phone", "email"])
@pytest.mark.parametrize("key", TYPES)
def test_a_good_ticket_of_each_type_may_be_filed(key: str, channel: str) -> None:
    found = ask(key, facts={"channel": channel})
    assert found.may_be_filed, (found.wrong, found.refusals)
    assert not found.suggestions
    assert set(good(key)["answers"]) <= set(found.answers)


@pytest.mark.parametrize("key", TYPES)
def test_each_type_takes_as_long_as_the_paper_says(key: str) -> None:
    assert describe(type_of(key).turnaround("phone")) == TURNAROUNDS[key]
    assert type_of(key).turnaround("phone") == type_of(key).turnaround("email")
    assert (type_of(key).urgency == "urgent") is (key == "patient-sos")
