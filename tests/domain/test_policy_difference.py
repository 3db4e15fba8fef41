"""Two versions of the policy are told apart in words, whatever differs, and their parts brought together (K13)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalations.domain.policy_difference import differences
from escalations.domain.policy_parts import (
    brought_together,
    parts_of,
    put_together,
    with_marks,
    with_own_parts,
    without_marks,
)
from escalations.policies import shipped_policy

SHIPPED = shipped_policy()
BY = {"by": "Adam", "at": "2026-05-11T10:00:00+00:00"}


def kind(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(row for row in data["types"] if row["key"] == key)


def row_of(rows: list[dict[str, Any]], name: str, value: str) -> dict[str, Any]:
    return next(row for row in rows if row.get(name) == value)


def changed(change: Any) -> dict[str, Any]:
    data = copy.deepcopy(SHIPPED)
    change(data)
    return data


def hours(channel: str, number: int) -> dict[str, Any]:
    return {"channel": channel, "min": None, "max": number, "unit": "business_hour"}


def test_a_question_that_must_be_answered_is_told_once_and_not_again_as_a_rule():
    asked = {"key": "day", "label": "Which day?", "kind": "text", "when": {"of": "channel", "in": ["phone"]}}
    rule = {"id": "R-OWN-1", "strength": "REQUIRE", "needs": ["day"], "message": "No.", "when": asked["when"]}
    new = changed(
        lambda d: (kind(d, "zbal")["questions"].append(asked), kind(d, "zbal")["rules"].append(rule))
    )
    assert [one.words for one in differences(SHIPPED, new)] == [
        "Question “Which day?” is new, and must be answered"
    ]
    other = changed(
        lambda d: (
            kind(d, "zbal")["questions"].append(asked),
            kind(d, "zbal")["rules"].append(rule | {"when": {"of": "channel", "in": ["email"]}}),
        )
    )
    assert "Rule R-OWN-1 is new: No." in [one.words for one in differences(SHIPPED, other)]


def test_what_no_words_are_for_is_said_to_be_written_otherwise():
    again = {"id": "R-OWN-1", "strength": "REQUIRE", "needs": ["scenario"], "message": "Once more."}
    found = differences(SHIPPED, changed(lambda d: kind(d, "zbal")["rules"].append(again)))
    assert [one.words for one in found] == ["ZBAL is written otherwise"], "it was required before"


def test_a_turnaround_by_one_channel_is_told_by_that_channel():
    old = changed(lambda d: kind(d, "stop-claim").update(turnarounds=[hours("phone", 4), hours("email", 9)]))
    new = changed(lambda d: kind(d, "stop-claim").update(turnarounds=[hours("phone", 2), hours("email", 9)]))
    (found,) = differences(old, new)
    assert found.words == "Stop Claim by phone: within 4 business hours → within 2 business hours"
    assert (found.place, found.type) == ("Stop Claim", "stop-claim")


def way(data: dict[str, Any]) -> dict[str, Any]:
    return row_of(row_of(data["which_ticket"], "key", "provider")["ways"], "type", "appeal")


def portal(data: dict[str, Any]) -> dict[str, Any]:
    return row_of(kind(data, "synergen")["questions"], "key", "portal_error")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: kind(d, "zbal").update(off=True), "ZBAL is switched off: no new ticket of it can be filed"),
        (lambda d: kind(d, "zbal").update(name="Zero"), "ZBAL is called Zero now"),
        (lambda d: kind(d, "zbal")["waits"].pop("patient"), "May no longer wait: “Waiting for the patient”"),
        (lambda d: kind(d, "appeal")["waits"].update(patient=False), "“Waiting for the patient”: the clock runs on now"),
        (lambda d: kind(d, "appeal")["outcomes"].append("Lost"), "Outcomes: also “Lost”"),
        (lambda d: kind(d, "appeal")["outcomes"].reverse(), "Outcomes: in another order"),
        (lambda d: kind(d, "appeal").update(urgency="urgent"), "Urgency: normal → urgent"),
        (lambda d: kind(d, "appeal")["guide"].append("Mind the gap."), "Guidance says also “Mind the gap.”"),
        (lambda d: portal(d).update(label="Error"), "is now “Error”"),
        (lambda d: portal(d).pop("when"), "is asked always; before, when “"),
        (lambda d: kind(d, "synergen")["questions"].reverse(), "The questions are asked in another order"),
        (lambda d: kind(d, "synergen")["questions"].remove(portal(d)), "is taken out"),
        (lambda d: kind(d, "stop-claim")["rules"].pop(0), "“Why should the claim be stopped?” is no longer required"),
        (lambda d: kind(d, "stop-claim")["rules"][0].update(strength="GUIDE"), "Rule R-STOP-1: Needed → Good to know"),
        (lambda d: kind(d, "stop-claim")["rules"][1].pop("refuse"), "Rule R-STOP-2 refuses by no condition; before, when"),
        (lambda d: kind(d, "stop-claim")["rules"][1].update(override=True), "A supervisor may file all the same"),
        (lambda d: d["every_type"]["rules"].pop(0), "Rule R-ALL-1 is taken out"),
        (lambda d: d["limits"].update(backdating_days=31), "Days a request may lie back: 30 → 31"),
        (lambda d: d["reopen"].update(max=3), "up to 2 business days → up to 3 business days"),
        (lambda d: d["lists"]["portal_errors"]["items"].pop(0), "no longer has “Invalid Case”"),
        (lambda d: d["glossary"].append({"term": "Zed"}), "The glossary: “Zed” is new"),
        (lambda d: d["which_ticket"][0].update(hint="Ask."), "“Which ticket?”, “Who is calling?”: hint: “Somebody"),
        (lambda d: way(d).update(prefill={"raised_by": "patient"}), "fills in “Who disputes the decision?”: The provider → “Who disputes the decision?”: The patient"),
        (lambda d: d["which_ticket"][2]["ways"].__setitem__(0, {"label": way(d)["label"], "none": "Wait."}), "leads to no ticket; before, to Appeals"),
        (lambda d: d["which_ticket"][0]["ways"].pop(), "no longer the answer “An insurance representative”"),
        (lambda d: d["which_ticket"][0]["ways"].reverse(), "its answers stand in another order"),
        (lambda d: d["ladder"].pop(), "after 1 staffed hour, then the supervisors after 1 staffed hour → whoever"),
        (lambda d: d["warn_before"].pop("week"), "Tickets counted in weeks are warned about before they are due: 1 → not at all"),
        (lambda d: kind(d, "zbal")["neighbours"].pop(0), "Similar types: no longer “Synergen"),
        (lambda d: kind(d, "zbal")["neighbours"][0].update(say="Else."), "A balance has to be added or corrected, or the code is WODUNN.” → Else."),
        (lambda d: kind(d, "appeal").pop("article"), "Article: Appeals → nothing"),
        (lambda d: row_of(kind(d, "insurance-update")["questions"], "key", "sent_on").pop("default"), "is answered: today → nothing"),
        (lambda d: row_of(d["every_type"]["rules"], "part", "SOS").pop("carry"), ": contacts without a result → nothing"),
        (lambda d: d["types"].reverse(), "The types stand in another order"),
        (lambda d: d["types"].pop(), "ZBAL is taken out"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_words(change, words):
    found = [one.words for one in differences(SHIPPED, changed(change))]
    assert any(words in one for one in found), found


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every single value in the data."""
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inner is None:
        return [path]
    return [found for key, one in inner for found in places(one, (*path, key))]


NAMES = ("key", "id", "term")
PLACES = [path for path in places(SHIPPED) if path[-1] not in NAMES and "of" not in path]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(PLACES))
def test_no_difference_is_ever_left_untold(path):
    data: Any = copy.deepcopy(SHIPPED)
    place = data
    for key in path[:-1]:
        place = place[key]
    value = place[path[-1]]
    place[path[-1]] = (
        not value
        if isinstance(value, bool)
        else (value or 0) + 1
        if not isinstance(value, str)
        else value + "x"
    )
    assert differences(SHIPPED, data), path
    assert differences(data, data) == []


class TestParts:
    def test_data_taken_apart_and_put_together_is_the_same(self):
        assert put_together(parts_of(SHIPPED), SHIPPED) == SHIPPED

    def test_changes_of_two_people_come_together_and_what_both_changed_is_told(self):
        mine = changed(lambda d: (kind(d, "zbal").update(name="Mine"), kind(d, "refund").update(name="Mine")))
        theirs = changed(
            lambda d: (
                kind(d, "refund").update(name="Theirs"),
                kind(d, "appeal").update(name="Theirs"),
                d["types"].remove(kind(d, "synergen")),
                d["limits"].update(backdating_days=1),
            )
        )
        data, both = brought_together(SHIPPED, mine, theirs)
        assert [kind(data, key)["name"] for key in ("zbal", "refund", "appeal")] == ["Mine", "Mine", "Theirs"]
        assert both == [("types", "refund")] and data["limits"]["backdating_days"] == 1
        assert "synergen" not in [row["key"] for row in data["types"]]

    def test_what_was_changed_here_stays_under_a_newer_shipped_policy(self):
        def change(d):
            kind(d, "zbal").update(name="Own")
            d["types"].remove(kind(d, "appeal"))
            d["limits"].update(backdating_days=1)
            d["lists"]["portal_errors"]["items"].pop()

        own = with_marks(changed(change), SHIPPED, BY)
        newer = changed(lambda d: (kind(d, "zbal").update(name="New"), kind(d, "refund").update(name="New")))
        found = with_own_parts(newer, own)
        assert [kind(found, key)["name"] for key in ("zbal", "refund")] == ["Own", "New"]
        assert (
            "appeal" not in [row["key"] for row in found["types"]] and found["limits"]["backdating_days"] == 1
        )
        assert own["lists"]["portal_errors"]["own"] and own["lists"]["portal_errors"]["changed"] == BY
        assert with_own_parts(newer, SHIPPED) == newer, "a company that changed nothing follows"

    def test_a_file_has_the_policy_alone(self):
        own = with_marks(changed(lambda d: kind(d, "zbal").update(name="Own")), SHIPPED, BY)
        assert "Adam" in str(own) and "Adam" not in str(without_marks(own))
