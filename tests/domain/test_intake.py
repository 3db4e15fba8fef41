"""Filing against the rules of the policy data, each rule with its negative control."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from escalations.domain.answers import READERS, read_answer
from escalations.domain.conditions import Day, holds, wrong_with
from escalations.domain.intake import Asking, Intake, evaluate
from escalations.domain.policy import Policy, PolicyError, Question
from escalations.policies import shipped_policy
from patients.domain.intake import Wrong
from tests.domain.desk import CALENDAR, FACTS, NOW, VALUES, ask, good, refused_by, told_by, type_of
from tests.hostile import HOSTILE, MEANINGLESS

DAY = Day(NOW.date(), CALENDAR)
SHIPPED = shipped_policy()
KIND = "itemized-bill"
GOOD_ANSWERS = good(KIND)["answers"]


def bill(data: dict[str, Any]) -> dict[str, Any]:
    """The itemized bill in the data of a policy."""
    return next(one for one in data["types"] if one["key"] == KIND)


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The shipped policy with its itemized bill changed."""
    data = copy.deepcopy(SHIPPED)
    change(bill(data))
    return data


def ask_under(
    data: dict[str, Any],
    answers: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    acknowledged: Sequence[str] = (),
    values: dict[str, str] = VALUES,
) -> Intake:
    """A good itemized bill, changed by what is given, under a policy of this data."""
    kind = Policy.from_json(data).type(KIND)
    assert kind is not None
    given = {**GOOD_ANSWERS, **(answers or {})}
    return evaluate(kind, {**FACTS, **(facts or {})}, given, acknowledged, Asking(NOW, CALENDAR, values))


def test_an_itemized_bill_with_everything_said_may_be_filed() -> None:
    found = ask(KIND)
    assert found.may_be_filed
    assert found.answers == GOOD_ANSWERS == {"recipient": "patient", "account_status": "paid"}


REFUSALS = [
    ("R-ALL-1", {"channel": ""}, {}, "channel"),
    ("R-ALL-1", {"caller": ""}, {}, "caller"),
    ("R-ALL-1", {"patient": None}, {}, "patient"),
    ("R-ITEM-2", {}, {"recipient": "insurer"}, "recipient"),
    ("R-ITEM-2", {}, {"recipient": ""}, "recipient"),
    ("R-ITEM-3", {"caller": "insurance_representative"}, {}, "caller"),
    ("R-ITEM-4", {}, {"account_status": "neither"}, "account_status"),
    ("R-ITEM-4", {}, {"account_status": None}, "account_status"),
]


@pytest.mark.parametrize(("rule", "facts", "answers", "field"), REFUSALS)
def test_each_rule_refuses_what_it_is_there_for(
    rule: str, facts: dict[str, Any], answers: dict[str, Any], field: str
) -> None:
    found = ask(KIND, answers, facts)
    assert refused_by(found) == {rule}
    finding = found.refusals[0]
    assert finding.field == field
    assert finding.message.endswith(".") and finding.instead.endswith(".")


@pytest.mark.parametrize(("rule", "facts", "answers", "field"), REFUSALS)
def test_without_the_rule_in_the_data_the_same_filing_passes(
    rule: str, facts: dict[str, Any], answers: dict[str, Any], field: str
) -> None:
    """The negative control: it is the data that refuses, not code beside it."""
    assert ask(KIND, answers, facts, without=rule).may_be_filed


@pytest.mark.parametrize("status", ["paid", "written_off"])
def test_a_settled_account_passes_r_item_4(status: str) -> None:
    assert ask(KIND, {"account_status": status}).may_be_filed


@pytest.mark.parametrize("recipient", ["patient", "provider"])
def test_patients_and_providers_may_receive_the_bill_r_item_2(recipient: str) -> None:
    assert ask(KIND, {"recipient": recipient}).may_be_filed


@pytest.mark.parametrize("rule", ["R-ALL-2", "R-ALL-3", "R-ITEM-1"])
def test_guidance_is_told_and_refuses_nothing(rule: str) -> None:
    told = {finding.rule: finding for finding in ask(KIND).findings}
    assert not told[rule].refuses
    assert rule not in told_by(ask(KIND, without=rule))


def test_everything_that_is_missing_is_told_at_once() -> None:
    found = ask(KIND, {"recipient": "insurer", "account_status": ""}, {"caller": "", "patient": None})
    assert refused_by(found) == {"R-ALL-1", "R-ITEM-2", "R-ITEM-4"}
    assert len(found.refusals) == 4


def test_an_insurance_representative_is_told_where_to_write_r_item_3() -> None:
    found = ask(KIND, {"recipient": ""}, {"caller": "insurance_representative", "patient": None})
    assert found.deflection is not None
    assert "bills@acme.example" in found.deflection.instead
    assert refused_by(found) == {"R-ITEM-3"}, "nobody is asked for a patient when no ticket is filed"


def test_an_address_that_is_not_set_is_said_to_be_missing_r_item_3() -> None:
    turned = {"caller": "insurance_representative"}
    found = ask_under(SHIPPED, {}, turned, values={"itemized_bill_address": ""})
    assert found.deflection is not None
    assert "has not been set" in found.deflection.instead
    assert "{" not in found.deflection.instead


def test_a_choice_may_be_given_by_its_words() -> None:
    assert ask(KIND, {"recipient": "The patient"}).answers["recipient"] == "patient"


def test_an_answer_nobody_asked_for_is_refused() -> None:
    found = ask(KIND, {"shoe_size": "44"})
    assert not found.may_be_filed
    assert "does not ask this" in found.wrong["shoe_size"].sentence


@pytest.mark.parametrize("value", MEANINGLESS)
def test_a_hostile_answer_to_a_choice_is_refused_with_a_sentence(value: Any) -> None:
    found = ask(KIND, {"recipient": value})
    assert not found.may_be_filed
    assert found.wrong["recipient"].sentence.endswith(".")
    assert "R-ITEM-2" not in refused_by(found), "what cannot be read is not also said to be missing"


KINDS = [
    ("choice", "a", "a"),
    ("choices", ["b", "a"], ["a", "b"]),
    ("yes_no", "Yes", True),
    ("yes_no", False, False),
    ("text", "  two\r\nlines ", "two\nlines"),
    ("money", "$1,000.50", "1000.50"),
    ("number", "12", 12),
    ("date", "05/20/2026", "2026-05-20"),
    ("phone", "+1 (312) 555-0147", "3125550147"),
    ("email", "ana@example.com", "ana@example.com"),
    ("fax", "312-555-0147", "3125550147"),
    ("file", ["receipt-0001", "receipt-0001", "receipt-0002"], ["receipt-0001", "receipt-0002"]),
    ("file", "receipt-0001", ["receipt-0001"]),
    ("ticket", "e-1003", "E-1003"),
    ("ticket", 1003, "E-1003"),
    ("moment", "2026-05-20T09:50:00-05:00", "2026-05-20T14:50:00+00:00"),
]


@pytest.mark.parametrize(("kind", "typed", "kept"), KINDS)
def test_each_kind_of_question_keeps_a_plain_value(kind: str, typed: Any, kept: Any) -> None:
    assert read_answer(Question("q", "Q", kind, (("a", "A"), ("b", "B"))), typed) == kept


def test_every_kind_of_question_has_a_plain_value_here() -> None:
    assert {kind for kind, _, _ in KINDS} == set(READERS)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("14:05", "2026-05-20T19:05:00+00:00"),
        ("2026-05-19T23:30", "2026-05-20T04:30:00+00:00"),
        ("2026-05-19 23:30", "2026-05-20T04:30:00+00:00"),
    ],
)
def test_a_moment_without_an_offset_is_one_of_the_companys_zone(typed: str, kept: str) -> None:
    assert read_answer(Question("q", "Q", "moment"), typed, NOW) == kept


@pytest.mark.parametrize("kind", sorted(READERS))
@pytest.mark.parametrize("value", HOSTILE)
def test_no_kind_of_question_is_upset_by_a_hostile_value(kind: str, value: Any) -> None:
    question = Question("q", "The question", kind, (("a", "A"), ("b", "B")))
    try:
        kept = read_answer(question, value)
    except Wrong as wrong:
        assert wrong.sentence.endswith(".")
    else:
        json.dumps(kept, allow_nan=False).encode()
        if kind not in ("text", "yes_no", "file"):  # whether a file of that name is there, the database knows
            assert kept in (None, [])


@pytest.mark.parametrize(("kind", "value"), [("money", v) for v in ("1.000,00", "1e3", "NaN", "-5")])
def test_money_that_is_not_plain_dollars_is_refused(kind: str, value: str) -> None:
    with pytest.raises(Wrong, match="dollars and cents"):
        read_answer(Question("q", "Amount", kind), value)


@pytest.mark.parametrize(
    ("condition", "known", "expected"),
    [
        ({"of": "a", "in": ["x"]}, {"a": "x"}, True),
        ({"of": "a", "in": ["x"]}, {}, False),
        ({"of": "a", "has": "x"}, {"a": ["x", "y"]}, True),
        ({"of": "a", "answered": False}, {}, True),
        ({"of": "a", "answered": True}, {"a": False}, True),
        ({"of": "a", "at_least": 2}, {"a": 1}, False),
        ({"of": "a", "at_least": 2}, {"a": "2.00"}, True),
        ({"of": "a", "less_than": 2}, {"a": "1.99"}, True),
        ({"of": "a", "less_than": 2}, {"a": 2}, False),
        ({"of": "a", "less_than": 2}, {}, False),
        ({"of": "a", "older_than_business_days": 45}, {"a": "2026-03-18"}, False),
        ({"of": "a", "older_than_business_days": 45}, {"a": "2026-03-17"}, True),
        ({"of": "a", "older_than_business_days": 45}, {"a": "2026-06-17"}, False),
        ({"of": "a", "older_than_days": 180}, {"a": "2025-11-21"}, False),
        ({"of": "a", "older_than_days": 180}, {"a": "2025-11-20"}, True),
        ({"of": "a", "says": ["fraud"]}, {"a": "It is FRAUD!"}, True),
        ({"of": "a", "says": ["fraud"]}, {"a": "fraudulent"}, False),
        ({"not": {"of": "a", "in": ["x"]}}, {"a": "y"}, True),
        ({"all": [{"of": "a", "in": ["x"]}, {"of": "b", "in": ["y"]}]}, {"a": "x"}, False),
        ({"any": [{"of": "a", "in": ["x"]}, {"of": "b", "in": ["y"]}]}, {"a": "x"}, True),
    ],
)
def test_a_condition_says_what_is_true(condition: Any, known: Any, expected: bool) -> None:
    assert holds(condition, known, DAY) is expected
    kinds = {
        "has": "choices",
        "at_least": "money",
        "less_than": "money",
        "older_than_days": "date",
        "older_than_business_days": "date",
        "says": "text",
    }
    kind = kinds.get(next((name for name in condition if name in kinds), ""), "choice")
    assert wrong_with(condition, {"a": kind, "b": "choice"}) == ""


def test_a_question_under_a_condition_is_asked_only_then() -> None:
    clinic = {
        "key": "clinic",
        "label": "Which clinic?",
        "kind": "text",
        "when": {"of": "recipient", "in": ["provider"]},
    }
    data = changed(lambda kind: kind["questions"].append(clinic))
    assert "clinic" not in {q.key for q in ask_under(data).asked}
    assert ask_under(data, {"clinic": "kept from before"}).answers == GOOD_ANSWERS
    asked = ask_under(data, {"recipient": "provider", "clinic": "North"})
    assert asked.answers["clinic"] == "North"


def test_what_must_be_acknowledged_refuses_until_it_is_ticked() -> None:
    told = {"id": "R-TEST-1", "strength": "ACK", "message": "The caller was told."}
    data = changed(lambda kind: kind["rules"].append(told))
    assert refused_by(ask_under(data)) == {"R-TEST-1"}
    assert ask_under(data, acknowledged=["R-TEST-1"]).may_be_filed


BROKEN: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda d: bill(d)["questions"][0].update(kind="riddle"), "kind"),
    (lambda d: bill(d)["rules"][0].update(strength="SHOUT"), "strength"),
    (lambda d: bill(d)["rules"][0].update(colour="red"), "colour"),
    (lambda d: bill(d)["rules"][1].update(needs=["nothing"]), "nobody is asked"),
    (lambda d: bill(d)["rules"][1].update(refuse={"of": "nobody", "in": ["x"]}), "names no question"),
    (lambda d: bill(d)["turnarounds"][0].update(max=1), "turnaround"),
    (lambda d: d["types"].append(copy.deepcopy(d["types"][0])), "stands twice"),
    (lambda d: bill(d).update(urgency="soonish"), "urgency"),
    (lambda d: d.pop("limits"), "missing"),
]


@pytest.mark.parametrize(("spoil", "said"), BROKEN)
def test_policy_data_that_cannot_work_is_refused_with_its_place(spoil: Any, said: str) -> None:
    data = copy.deepcopy(SHIPPED)
    spoil(data)
    with pytest.raises(PolicyError, match=said):
        Policy.from_json(data)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("patient", "patient"),
        ("Waiting for the provider", "provider"),
        ("the patient will send proof tonight", "patient"),
        ("waiting on the patient's insurance company", "insurer"),
    ],
)
def test_a_reason_to_wait_is_recognised_by_key_label_or_words_k9(said: str, key: str) -> None:
    reason = type_of(KIND).wait_reason(said)
    assert reason is not None and reason.key == key


def test_a_reason_the_type_does_not_allow_is_none_k9() -> None:
    assert type_of(KIND).wait_reason("because") is None
