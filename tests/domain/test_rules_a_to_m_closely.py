"""Limits, suggestions, turnarounds and nonsense of the types from Appeals to Patient Callbacks."""

from __future__ import annotations

from typing import Any

import pytest

from escalations.domain.answers import read_answer
from escalations.domain.policy import Rule
from escalations.domain.turnaround import describe
from escalations.policies import shipped_policy
from tests.domain.desk import NOW, ask, refused_by, suggested, told_by, type_of
from tests.domain.test_rules_a_to_m import CALLBACKS, NO_CALLS, TYPES, WITHOUT_A_TRACE, days_ago

# Both sides of each limit


@pytest.mark.parametrize(("seconds", "refused"), [(0, True), (119, True), (120, False), (121, False)])
def test_r_ptp_1_refuses_a_wait_of_less_than_120_seconds_without_a_reason(
    seconds: int, refused: bool
) -> None:
    assert ("R-PTP-1" in refused_by(ask("callback-ptp-pte", {"waited": seconds}))) is refused


def test_r_ptp_1_takes_a_reason_for_a_shorter_wait_and_asks_for_none_after_two_minutes() -> None:
    reason = {"short_wait_reason": "Has to leave"}
    short = ask("callback-ptp-pte", {"waited": 119, **reason})
    assert short.may_be_filed and short.answers["short_wait_reason"] == "Has to leave"
    assert "short_wait_reason" not in ask("callback-ptp-pte", {"waited": 120, **reason}).answers


@pytest.mark.parametrize(
    ("served_on", "offered"),
    [("2026-05-20", False), ("2025-11-21", False), ("2025-11-20", True), ("2016-05-20", True)],
)
def test_r_ins_4_offers_a_supervisor_after_more_than_180_calendar_days(served_on: str, offered: bool) -> None:
    """180 days before 2026-05-20 is 2025-11-21."""
    found = ask("insurance-update", {"date_of_service": served_on})
    assert found.may_be_filed
    assert ("R-INS-4" in suggested(found)) is offered


# What suggestions carry


@pytest.mark.parametrize("rule", ["R-EXEC-4", "R-X-2"])
def test_r_exec_4_and_r_x_2_copy_the_transfer_attempt(rule: str) -> None:
    found = ask(
        "executive-keywords", {"transfer_at": "2026-05-20T14:40:00+00:00", "transfer_answered": False}
    )
    assert next(one.prefill for one in found.findings if one.rule == rule) == {
        "scenario": "transfer_unanswered",
        "transfer_at": "2026-05-20T14:40:00+00:00",
        "transfer_answered": False,
    }


@pytest.mark.parametrize("rule", ["R-EXEC-4", "R-X-2"])
@pytest.mark.parametrize("answered", [True, "yes", None])
def test_r_exec_4_and_r_x_2_offer_nothing_unless_the_transfer_went_unanswered(
    rule: str, answered: Any
) -> None:
    assert rule not in told_by(ask("executive-keywords", {"transfer_answered": answered}))


def test_r_ins_4_carries_the_date_of_service() -> None:
    found = ask("insurance-update", {"date_of_service": days_ago(200)})
    assert [one.prefill for one in found.suggestions] == [
        {"scenario": "late_insurance", "date_of_service": days_ago(200)}
    ]


@pytest.mark.parametrize(
    ("key", "answers"),
    [
        ("executive-keywords", {"transfer_answered": False}),
        ("insurance-update", {"date_of_service": days_ago(181)}),
        ("missing-payment", {"payment_found": True}),
        ("appeal", {}),
    ],
)
def test_what_a_suggestion_carries_is_an_answer_of_the_type_it_offers(
    key: str, answers: dict[str, Any]
) -> None:
    found = ask(key, answers, {"note": "A lawyer" if key == "appeal" else ""})
    assert found.suggestions
    for offer in found.suggestions:
        for name, value in offer.prefill.items():
            question = type_of(offer.suggest).question(name)
            assert question is not None and read_answer(question, value, NOW) == value


def test_r_exec_1_carries_the_words_heard_and_r_exec_3_is_filled_with_them() -> None:
    found = ask("appeal", facts={"note": "She talks of a LAWSUIT, of the BBB and of lawsuits."})
    assert [one.prefill for one in found.suggestions] == [{"words": "Lawsuit, Better Business Bureau"}]
    words = type_of("executive-keywords").question("words")
    assert words is not None and words.prefill == "heard"


def test_r_exec_1_is_not_said_on_the_executive_escalation_itself() -> None:
    assert "R-EXEC-1" not in told_by(ask("executive-keywords", {"words": "fraud"}, {"note": "Fraud!"}))


@pytest.mark.parametrize("answer", [False, None])
def test_r_x_3_offers_no_refund_while_the_payment_is_not_found(answer: Any) -> None:
    assert "R-X-3" not in told_by(ask("missing-payment", {"payment_found": answer}))


def test_r_ins_3_waits_on_the_running_ticket_and_is_not_offered_while_filing() -> None:
    rule = next(one for one in type_of("insurance-update").rules if one.id == "R-INS-3")
    assert (rule.strength, rule.suggest, rule.after_business_days) == ("SUGGEST", "supervisor", 45)
    assert rule.carry == {"scenario": "update_overdue", "sent_on": "=sent_on"}
    assert "R-INS-3" not in told_by(ask("insurance-update", {"sent_on": days_ago(120)}))
    assert all(one.id != "R-INS-3" for one in type_of("insurance-update", without="R-INS-3").rules)


def test_r_sup_4_waits_on_a_running_medicaid_update_and_comes_before_r_ins_3() -> None:
    rules = [one for one in type_of("insurance-update").rules if one.after_business_days]
    assert [one.id for one in rules] == ["R-SUP-4", "R-INS-3"]
    assert (rules[0].suggest, rules[0].after_business_days) == ("supervisor", 45)
    assert rules[0].carry == {"scenario": "billed_after_medicaid_update", "sent_on": "=sent_on"}
    assert "R-SUP-4" not in told_by(
        ask("insurance-update", {"coverage": "medicaid", "sent_on": days_ago(120)})
    )


# The rules one by one


def test_r_appeal_2_names_the_company() -> None:
    found = ask("appeal", acknowledged=[])
    assert refused_by(found) == {"R-APPEAL-2", "R-APPEAL-3"}
    assert any("Acme Ambulance cannot appeal" in one.message for one in found.refusals)
    assert type_of("appeal").article == "appeals"


def test_r_item_3_turns_an_insurance_representative_away_and_names_the_address() -> None:
    found = ask("itemized-bill-ptp", {"recipient": None}, {"caller": "insurance_representative"})
    assert found.deflection is not None and "bills@acme.example" in found.deflection.instead
    assert refused_by(found) == {"R-ITEM-3"}


@pytest.mark.parametrize("rule", ["R-ITEM-2", "R-ITEM-3"])
def test_r_item_2_and_3_read_the_same_on_both_itemized_bills(rule: str) -> None:
    def of(key: str) -> list[Rule]:
        return [one for one in type_of(key).rules if one.id == rule]

    assert of("itemized-bill") == of("itemized-bill-ptp")


def test_r_dnc_2_keeps_every_channel_that_was_refused() -> None:
    found = ask("do-not-contact", {"channels": ["mail", "calls"]})
    assert found.answers["channels"] == ["calls", "mail"]
    assert [(one.effect, one.field) for one in found.effects] == [("refuse_contact", "channels")]


@pytest.mark.parametrize("key", CALLBACKS)
@pytest.mark.parametrize("refused", [[], ["mail", "messages"]])
def test_r_dnc_2_asks_nothing_when_calls_are_welcome(key: str, refused: list[str]) -> None:
    found = ask(key, {"refused_reason": "Left over"}, {"refused": refused})
    assert "R-DNC-2" not in told_by(found) and "refused_reason" not in found.answers


@pytest.mark.parametrize("key", CALLBACKS)
def test_r_dnc_2_files_the_callback_once_a_reason_is_given(key: str) -> None:
    assert ask(key, {"refused_reason": "Asked for this call"}, NO_CALLS).may_be_filed


@pytest.mark.parametrize(
    ("send_by", "other"),
    [("email", {"destination_fax": "312-555-0147"}), ("fax", {"destination_email": "a@b.example"})],
)
def test_r_mr_2_is_not_met_by_the_destination_of_the_other_way(send_by: str, other: dict[str, str]) -> None:
    answers = {"destination_email": None, "destination_fax": None, "send_by": send_by, **other}
    found = ask("medical-records", answers)
    assert refused_by(found) == {"R-MR-2"} and not set(other) & set(found.answers)


def test_r_mr_2_takes_a_fax_number() -> None:
    fax = {"send_by": "fax", "destination_email": None, "destination_fax": "(312) 555-0147"}
    assert ask("medical-records", fax).answers["destination_fax"] == "3125550147"


@pytest.mark.parametrize("proof", [{"transaction_id": "TX-1"}, {"proof": ["receipt-0001"]}])
def test_r_miss_2_takes_either_a_transaction_id_or_a_file(proof: dict[str, Any]) -> None:
    assert ask("missing-payment", {**WITHOUT_A_TRACE, **proof}).may_be_filed


def test_r_miss_1_names_each_place_that_was_not_searched() -> None:
    said = [one.message for one in ask("missing-payment", {"looked": ["synergen_pay"]}).refusals]
    assert said == ["AMD has not been searched yet.", "The payment site has not been searched yet."]


def test_r_onc_1_offers_the_tests_of_the_list_and_asks_the_name_of_any_other() -> None:
    listed = shipped_policy()["lists"]["onc_tests"]["items"]
    test = type_of("onc-callback").question("test")
    assert test is not None and [key for key, _ in test.choices] == [one["key"] for one in listed]
    assert {"signatera", "prospera", "altera"} < {key for key, _ in test.choices}
    assert ask("onc-callback", {"test": "other", "test_other": "A test of another company"}).may_be_filed


def test_r_ins_1_takes_today_as_sent_where_no_date_is_given() -> None:
    assert ask("insurance-update", {"sent_on": None}).answers["sent_on"] == "2026-05-20"


# Turnarounds and waits


@pytest.mark.parametrize(
    ("key", "channel", "said"),
    [
        ("appeal", "phone", (45, 60, "business_day")),
        ("callback-ptp-pte", "phone", (None, 48, "business_hour")),
        ("do-not-contact", "phone", (None, None, "none")),
        ("executive-keywords", "email", (None, None, "none")),
        ("itemized-bill-ptp", "phone", (5, 7, "business_day")),
        ("itemized-bill-ptp", "email", (3, 5, "business_day")),
        ("insurance-update", "email", (30, 45, "business_day")),
        ("medical-records", "phone", (45, 60, "business_day")),
        ("missing-payment", "phone", (5, 7, "business_day")),
        ("onc-callback", "phone", (None, 48, "business_hour")),
        ("patient-callback", "phone", (None, 24, "clock_hour")),
    ],
)
def test_the_turnaround_is_the_one_of_the_paper(key: str, channel: str, said: tuple[Any, ...]) -> None:
    found = type_of(key).turnaround(channel)
    assert (found.min, found.max, found.unit) == said
    assert describe(found)


@pytest.mark.parametrize("key", ["appeal", "insurance-update", "medical-records"])
def test_k10_the_clock_runs_on_while_the_insurer_is_waited_for(key: str) -> None:
    assert {one.key: one.stops_clock for one in type_of(key).waits}["insurer"] is False


@pytest.mark.parametrize("key", TYPES)
def test_only_the_executive_escalation_is_urgent(key: str) -> None:
    assert type_of(key).urgency == ("urgent" if key == "executive-keywords" else "normal")


# Nonsense

NONSENSE: dict[str, list[Any]] = {
    "choice": ["no such thing", 5, True, ["patient"], {"a": "b"}],
    "choices": ["calls", ["no such thing"], [1], {"a": "b"}, 5],
    "yes_no": ["perhaps", 2, ["yes"], {"a": "b"}],
    "text": [5, True, ["words"], "before\x00after", "lone \ud800 surrogate", "x" * 501],
    "number": ["many", "-5", "1.5", True, 10**30, [3]],
    "date": ["soon", "2026-02-30", "9999-01-01", 5, ["2026-05-20"]],
    "moment": ["soon", "25:00", "2026-02-30T10:00", "1700-01-01T10:00", 5, ["10:00"]],
    "phone": ["12", "٣١٢٥٥٥٠١٤٧", "0125550147", 5, ["312-555-0147"]],
    "fax": ["12", "records@patient.example", 5, ["312-555-0147"]],
    "email": ["nobody", "a@b", "a b@patient.example", 5, ["a@patient.example"]],
    "file": ["no id!", 5, [1], {"a": "b"}, [f"receipt-{number:04}" for number in range(21)]],
}
ASKED_WHEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "short_wait_reason": ({"waited": 60}, {}),
    "refused_reason": ({}, NO_CALLS),
    "destination_fax": ({"send_by": "fax"}, {}),
    "test_other": ({"test": "other"}, {}),
}
"""What has to be said for a question to be asked that a good filing is not asked."""


def questions_of(key: str) -> list[str]:
    """The questions of a type, as the shipped data has them."""
    row = next(one for one in shipped_policy()["types"] if one["key"] == key)
    return [one["key"] for one in row["questions"]]


@pytest.mark.parametrize(
    ("key", "name"), [(key, name) for key in TYPES for name in questions_of(key)], ids="/".join
)
def test_every_question_refuses_nonsense_with_a_sentence_that_does_not_repeat_it(key: str, name: str) -> None:
    question = type_of(key).question(name)
    assert question is not None
    before, facts = ASKED_WHEN.get(name, ({}, {}))
    for value in NONSENSE[question.kind]:
        wrong = ask(key, {**before, name: value}, facts).wrong
        assert name in wrong, value
        assert wrong[name].sentence.endswith(".")
        assert not (isinstance(value, str) and len(value) > 5 and value in wrong[name].sentence)


def test_the_kinds_of_these_types_all_have_their_nonsense() -> None:
    kinds = {one.kind for key in TYPES for one in type_of(key).questions}
    assert kinds == set(NONSENSE)
