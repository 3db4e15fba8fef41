"""A policy that contradicts itself, or takes away what open tickets need, is told so in words (K13)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from escalations.domain.policy import Policy
from escalations.domain.policy_checks import problems
from escalations.domain.policy_needed import Needed, taken_away
from escalations.policies import shipped_policy

SHIPPED = shipped_policy()


def kind(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(row for row in data["types"] if row["key"] == key)


def question(data: dict[str, Any], key: str, name: str) -> dict[str, Any]:
    return next(row for row in kind(data, key)["questions"] if row["key"] == name)


def said(change: Any) -> list[str]:
    """What stands against the shipped policy with this change."""
    data = copy.deepcopy(SHIPPED)
    change(data)
    return [one.words for one in problems(data)]


def only(change: Any, words: str) -> None:
    found = said(change)
    assert any(words in one for one in found), found


def test_nothing_stands_against_the_shipped_policy():
    assert problems(SHIPPED) == []


def rule(**more: Any) -> Any:
    return lambda data: kind(data, "itemized-bill")["rules"].append(
        {"id": "R-NEW", "strength": "BLOCK", "message": "No.", **more}
    )


CALLERS = ["patient", "provider", "insurance_representative", "other"]
STATES = ["paid", "written_off", "neither"]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"when": {"of": "caller", "in": CALLERS}},
        {"refuse": {"any": [{"of": "channel", "in": ["phone"]}, {"not": {"of": "channel", "in": ["phone"]}}]}},
        {"needs": ["account_status"], "refuse": {"of": "account_status", "in": STATES}},
        {"strength": "REQUIRE", "refuse": {"of": "account_status", "answered": False}, "needs": ["recipient"],
         "when": {"any": [{"of": "recipient", "answered": False}, {"of": "account_status", "answered": False}]}},
    ],
)  # fmt: skip
def test_a_rule_that_refuses_every_ticket(more):
    found = said(rule(**more))
    refuses = any("Rule R-NEW of Itemized Bill refuses every ticket" in one for one in found)
    assert refuses is (more.get("strength") != "REQUIRE"), found


@pytest.mark.parametrize(
    "more",
    [
        {"refuse": {"of": "caller", "in": CALLERS[:3]}},
        {"needs": ["account_status"], "refuse": {"of": "account_status", "in": STATES[:2]}},
        {"needs": ["account_status"]},
        {"strength": "ACK"},
        {"strength": "GUIDE"},
        {"when": {"of": "note", "says": ["never"]}},
        {"refuse": {"of": "unresolved", "at_least": 3}},
    ],
)
def test_a_rule_that_refuses_some_tickets_is_none_of_these(more):
    assert said(rule(**more)) == []


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"of": "transfer_reason", "in": ["other"]}, "depends on “What was the call about?”, which is asked after"),
        ({"of": "linked_update", "answered": True}, "depends on itself"),
        ({"of": "nobody", "is": True}, "because of “nobody”, which nobody is asked"),
        ({"of": "said", "says_list": "nothing"}, "looks at the list “nothing”, which there is not"),
        ({"of": "scenario", "at_least": 3}, "has a condition that cannot be read"),
        ({"all": [{"of": "scenario", "in": ["hold_status"]}, {"of": "scenario", "in": ["account_change"]}]}, "never be asked"),
        ({"of": "scenario", "in": ["no_such_answer"]}, "never be asked"),
        ({"all": [{"of": "unresolved", "at_least": 5}, {"of": "unresolved", "less_than": 5}]}, "never be asked"),
        ({"all": [{"of": "compassionate_care", "is": True}, {"not": {"of": "compassionate_care", "is": True}}]}, "never"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked(when, words):
    name = "scenario" if "transfer_reason" in str(when) else "linked_update"

    def change(data):
        question(data, "supervisor", name)["when"] = when

    only(change, words)


@pytest.mark.parametrize(
    "when",
    [
        {"all": [{"of": "scenario", "in": ["hold_status", "account_change"]}, {"not": {"of": "scenario", "in": ["hold_status"]}}]},
        {"all": [{"of": "unresolved", "at_least": 5}, {"of": "unresolved", "less_than": 6}]},
        {"any": [{"of": "scenario", "in": ["no_such_answer"]}, {"of": "caller", "in": ["other"]}]},
        {"all": [{"of": "said", "says": ["one"]}, {"of": "said", "says": ["two"]}, {"of": "channel", "in": ["email"]}]},
    ],
)  # fmt: skip
def test_a_question_that_can_be_asked_is_left_alone(when):
    def change(data):
        question(data, "supervisor", "date_of_service")["when"] = when
        for one in kind(data, "supervisor")["rules"]:
            if one["id"] == "R-SUP-8":
                one["when"] = when

    assert said(change) == []


def test_a_question_behind_one_that_can_never_be_asked_can_never_be_asked_either():
    def change(data):
        question(data, "supervisor", "address_updated")["when"] = {"of": "scenario", "in": ["gone"]}

    assert sum("can never be asked" in one for one in said(change)) == 2, "the account on hold depends on it"


def test_a_rule_that_insists_on_what_is_not_asked():
    only(rule(strength="REQUIRE", needs=["nothing"]), "insists on “nothing”, which nobody is asked")

    def change(data):
        question(data, "itemized-bill", "account_status")["when"] = {"of": "recipient", "in": ["patient"]}

    only(change, "insists on “Account status in AMD history” also where that is not asked")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: kind(d, "zbal")["turnarounds"][0].update(max=0), "Give a number of 1 or more"),
        (lambda d: kind(d, "zbal")["turnarounds"][0].update(min=99), "cannot be longer than the longest"),
        (lambda d: kind(d, "zbal")["turnarounds"][0].update(channel="phone"), "how long it takes by email"),
        (lambda d: kind(d, "zbal").update(outcomes=[]), "has no outcome"),
        (lambda d: kind(d, "zbal")["waits"].update(rain=True), "waiting for “rain”"),
        (lambda d: kind(d, "appeal")["waits"].update(insurer=True), "never stops its clock (K10)"),
        (lambda d: kind(d, "appeal").update(article="gone"), "the article “gone”"),
        (lambda d: kind(d, "appeal")["neighbours"][0].update(type="gone"), "told apart from “gone”"),
        (lambda d: question(d, "stop-claim", "reason").update(choices_from="gone"), "from a list there is not"),
        (lambda d: question(d, "appeal", "raised_by").update(choices=[]), "offers nothing to choose"),
        (lambda d: question(d, "appeal", "raised_by").update(kind="colour"), "of a kind there is not"),
        (rule(suggest="gone"), "suggests “gone”, a type there is not"),
        (rule(suggest="refund", carry={"nothing": 1}, refuse={"of": "caller", "in": ["other"]}), "fills in “nothing”"),
        (rule(suggest="refund", carry={"reason": "nonsense"}, refuse={"of": "caller", "in": ["other"]}), "is no answer to it"),
        (rule(suggest="appeal", carry={"raised_by": "=gone"}, refuse={"of": "caller", "in": ["other"]}), "takes over “gone”"),
        (lambda d: question(d, "appeal", "raised_by").update(default="nobody"), "is taken to be what is no answer"),
        (lambda d: d["which_ticket"][2]["ways"][0].update(prefill={"raised_by": "x"}), "is no answer to it: “x”"),
        (rule(watch="gone"), "listens for the words of “gone”"),
        (rule(effect="alarm"), "makes the system do something"),
        (rule(field="gone", needs=["recipient"]), "stands beside “gone”"),
        (lambda d: kind(d, "zbal")["rules"].append(kind(d, "zbal")["rules"][0]), "stands twice"),
        (lambda d: d["types"].append(copy.deepcopy(d["types"][0])), "two types of the key “appeal”"),
        (lambda d: d["which_ticket"][0]["ways"][0].update(ask="gone"), "leads to a question there is not"),
        (lambda d: d["which_ticket"][1]["ways"][0].update(ask="who"), "leads from “Who is calling?” back to it."),
        (lambda d: d["which_ticket"][0]["ways"][0].update(type="refund"), "more than one thing"),
    ],
)  # fmt: skip
def test_each_contradiction_is_told_in_words(change, words):
    only(change, words)


def test_whatever_passes_the_checks_can_be_worked_with_and_what_cannot_is_told():
    data = copy.deepcopy(SHIPPED)
    data["ladder"] = []
    assert [one.what for one in problems(data)] == ["whole"]
    Policy.from_json(SHIPPED)


def test_what_open_tickets_need_is_told_with_how_many():
    data = copy.deepcopy(SHIPPED)
    data["types"] = [row for row in data["types"] if row["key"] != "zbal"]
    kind(data, "refund")["outcomes"] = ["Refunded"]
    del kind(data, "refund")["waits"]["patient"]
    needed = Needed(
        types={"zbal": 3, "refund": 9},
        names={"zbal": "ZBAL"},
        waits={("refund", "patient"): 1, ("zbal", "patient"): 1, ("refund", "colleagues"): 4},
        outcomes={("refund", "Sent back"): 2, ("refund", "Refunded"): 5},
    )
    assert [(one.words.split(",")[0], one.count) for one in taken_away(data, needed)] == [
        ("ZBAL is gone", 3),
        ("Refund Request no longer allows “Waiting for the patient”", 1),
        ("Refund Request no longer has the outcome “Sent back”", 2),
    ]
