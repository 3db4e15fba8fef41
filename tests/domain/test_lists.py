"""Rows of a list as they are typed, and which entries the rules depend on (R-X-8)."""

from __future__ import annotations

import pytest

from escalations.domain.lists import (
    Typed,
    chosen_from,
    is_heard,
    is_matched,
    new_key,
    read_rows,
    uses_of,
)
from escalations.domain.policy import Policy
from escalations.policies import shipped_policy

DATA = shipped_policy()
POLICY = Policy.from_json(DATA)


@pytest.mark.parametrize("key", POLICY.lists)
def test_every_shipped_list_is_read_as_it_stands(key):
    items = POLICY.lists[key].items
    found = read_rows(key, [Typed.of(item) for item in items], [item.key for item in items], [])
    assert not found.wrong and tuple(found.items) == items


@pytest.mark.parametrize(
    ("label", "taken", "key"),
    [
        ("Invalid Case", (), "invalid_case"),
        ("Invalid case!", {"invalid_case"}, "invalid_case_2"),
        ("Invalid case", {"invalid_case", "invalid_case_2"}, "invalid_case_3"),
        ("503", (), "n_503"),
        ("Überfällig", (), "uberfallig"),
        ("病院", (), "entry"),
        ("x" * 80, (), "x" * 36),
    ],
)
def test_a_new_entry_gets_a_key_from_its_label(label, taken, key):
    assert new_key(label, taken) == key


def test_blank_rows_are_left_out_and_an_emptied_entry_is_refused():
    found = read_rows("executive_keywords", [Typed(), Typed("fraud", " "), Typed(label=" ")], ["fraud"], [])
    assert not found.items
    assert {place: wrong.code for place, wrong in found.wrong.items()} == {(1, "label"): "required"}


def test_everything_wrong_is_said_at_once():
    rows = [Typed(label="Law", also="x" * 90), Typed(label=""), Typed(label="law"), Typed(also="lone")]
    found = read_rows("executive_keywords", rows, [], [])
    assert set(found.wrong) == {(0, "also"), (2, "label"), (3, "label")}


def test_what_depends_on_an_entry_is_named():
    assert uses_of(DATA, "onc_tests") == {"other": "rule R-ONC-1 of ONC Callback depends on it"}
    assert set(uses_of(DATA, "executive_keywords")) == set()
    assert "rule R-X-6 fills it in" in uses_of(DATA, "stop_claim_reasons")["fsa_hra_hsa"]


def test_what_which_ticket_fills_in_cannot_go_either():
    ways = [{"label": "Plan", "type": "supervisor", "prefill": {"transfer_reason": "payment_plan"}}]
    data = {**DATA, "which_ticket": [{"key": "one", "label": "What?", "ways": ways}]}
    assert uses_of(data, "transfer_reasons")["payment_plan"] == "“Which ticket?” fills it in"


def test_lists_are_known_by_what_they_are_for():
    assert is_heard(DATA, "executive_keywords") and is_heard(DATA, "wodunn_words")
    assert not is_heard(DATA, "callback_queues") and not is_matched(DATA, "callback_queues")
    assert is_matched(DATA, "common_write_off_codes") and not is_heard(DATA, "common_write_off_codes")
    assert [one.name for one in chosen_from(DATA, "portal_errors")] == [
        "“Which error?” of Synergen Escalation"
    ]
