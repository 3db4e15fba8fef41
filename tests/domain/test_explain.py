"""Conditions and questions of the policy in words, as the guide prints them."""

from __future__ import annotations

import re

import pytest

from escalations.domain.conditions import TESTS
from escalations.domain.explain import _TESTS, STRENGTH_WORDS, Names, condition_words, kind_words
from escalations.domain.policy import STRENGTHS, Policy
from escalations.policies import shipped_policy

DATA = shipped_policy()
POLICY = Policy.from_json(DATA)


def words(condition, kind="supervisor", holds=True) -> str:
    return condition_words(condition, Names(POLICY, POLICY.type(kind)), holds=holds)


@pytest.mark.parametrize(
    ("kind", "condition", "said", "denied"),
    [
        (
            "itemized-bill",
            {"of": "recipient", "in": ["patient", "insurer"]},
            "“Who will receive the bill?” is “The patient” or “An insurer”",
            "“Who will receive the bill?” is not “The patient” or “An insurer”",
        ),
        (
            "supervisor",
            {"of": "linked_update", "answered": False},
            "“Insurance Update ticket” has no answer yet",
            "“Insurance Update ticket” has an answer",
        ),
        (
            "supervisor",
            {"of": "linked_update.late", "is": True},
            "the ticket of “Insurance Update ticket” is late",
            "the ticket of “Insurance Update ticket” is not late",
        ),
        (
            "supervisor",
            {"of": "date_of_service", "older_than_days": 180},
            "“Date of service” lies more than 180 calendar days back",
            "“Date of service” lies 180 calendar days back or less",
        ),
        (
            "callback-ptp-pte",
            {"of": "waited", "less_than": 120},
            "“How long did you wait in the queue?” is less than 120",
            "“How long did you wait in the queue?” is 120 or more",
        ),
        (
            "wo-code-error",
            {"of": "code", "in_list": "common_write_off_codes"},
            "“Write-off code” is on the list “Common write-off codes”",
            "“Write-off code” is not on the list “Common write-off codes”",
        ),
        (
            "refund",
            {"of": "open_types", "has": "supervisor"},
            "a ticket “Supervisor Escalation” of this patient is open",
            "no ticket “Supervisor Escalation” of this patient is open",
        ),
        (
            "refund",
            {"of": "said", "says_list": "portal_errors"},
            "what is written has a word of the list “Errors of the payment portal”",
            "what is written has no word of the list “Errors of the payment portal”",
        ),
    ],
)
def test_a_condition_and_its_opposite_are_said_in_words(kind, condition, said, denied):
    assert words(condition, kind) == said
    assert words({"not": condition}, kind) == denied
    assert words({"not": {"not": condition}}, kind) == said


def test_all_any_and_their_denial_are_joined_as_people_say_it():
    yes, no = {"of": "address_updated", "is": True}, {"of": "account_on_hold", "is": False}
    first, second = words(yes), words(no)
    assert words({"all": [yes, no]}) == f"{first} and {second}"
    assert words({"any": [yes, no]}) == f"either {first} or {second}"
    assert words({"not": {"any": [yes, no]}}) == f"{words({'not': yes})} and {words({'not': no})}"
    assert words({"not": {"all": [yes]}}) == words({"not": yes})


def test_no_condition_says_nothing():
    assert words(None) == ""


def test_quotation_marks_inside_a_choice_become_single_ones():
    said = words({"of": "scenario", "in": ["written_off"]}, "synergen")
    assert said == "“What is wrong?” is “AMD shows ‘Written Off’, and a balance has to be added”"


def test_every_test_of_a_condition_and_every_strength_has_its_words():
    assert set(TESTS) <= set(_TESTS) and "answered" in _TESTS
    assert set(STRENGTHS) == set(STRENGTH_WORDS)


def test_every_condition_of_the_shipped_policy_reads_without_its_keys():
    keys = re.compile(r"[a-z]_[a-z]|[{}]|None|True|False")
    for kind, row in zip(POLICY.types, DATA["types"], strict=True):
        for part in (*row["rules"], *row["questions"]):
            for name in ("when", "refuse"):
                said = words(part.get(name), kind.key)
                plain = said.replace("Sig_inbound", "")
                assert not keys.search(plain), said
    for rule in DATA["every_type"]["rules"]:
        said = condition_words(rule.get("when"), Names(POLICY))
        assert not keys.search(said) and set(re.findall(r"\b\w+\b", said)).isdisjoint(
            {"said", "compassionate_care"}
        )


def test_every_question_says_what_kind_of_answer_it_wants():
    for kind in POLICY.types:
        for question in kind.questions:
            assert kind_words(question) and "_" not in kind_words(question).replace("Sig_inbound", "")
