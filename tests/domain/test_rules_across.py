"""What the policy says across all types (R-X): what belongs elsewhere, and which ticket is the right one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from escalations.domain.policy import Fork, Way
from escalations.policies import shipped_policy
from tests.domain.desk import ask, policy_without, suggested, told_by
from tests.domain.rule_cases import RuleCase, incomplete_words

KEYS = tuple(one["key"] for one in shipped_policy()["types"])
SETTLED = ("itemized-bill", "itemized-bill-ptp", "wo-code-error")
"""Types in which a zero balance is what one expects to read."""

# Rule, clause, what is typed, what it leads to, and the types in which it says nothing.
HEARD: list[tuple[str, str, str, str, tuple[str, ...]]] = [
    ("R-X-4", "WODUNN", "History shows wodunn since March.", "synergen", ()),
    ("R-X-4", "uncommon code", "There is an uncommon write-off on it.", "wo-code-error", ()),
    ("R-X-4", "balance to clear", "Please clear the balance.", "zbal", SETTLED),
    ("R-X-4", "balance to clear", "It should be a zero balance.", "zbal", SETTLED),
    ("R-X-4", "balance to clear", "She was promised a $0 balance.", "zbal", SETTLED),
    ("R-X-4", "balance to add", "The balance needs to be added.", "synergen", ()),
    ("R-X-5", "portal error", "Portal says INVALID CASE.", "synergen", ()),
    ("R-X-5", "portal error", "It says payment already made", "synergen", ()),
    ("R-X-5", "portal error", "incorrect balance on the page", "synergen", ()),
    ("R-X-5", "link", "He never received the link.", "spay-error", ()),
    ("R-X-5", "link", "The link does not work.", "spay-error", ()),
    ("R-X-6", "elsewhere", "Wants a refund to her FSA.", "stop-claim", ("refund",)),
    ("R-X-6", "elsewhere", "Money back on the HSA card.", "stop-claim", ("refund",)),
]
CASES = [
    *(
        RuleCase(rule, key, leads_to, facts={"note": typed}, part=part)
        for rule, part, typed, leads_to, silent in HEARD
        for key in KEYS
        if key not in (leads_to, *silent)
    ),
    *(
        RuleCase("R-X-7", key, "patient-sos", facts={"unresolved": 2}, part="SOS")
        for key in KEYS
        if key != "patient-sos"
    ),
    *(
        RuleCase("R-X-7", key, "tells", facts={"open_types": ["patient-sos"]}, part="open SOS")
        for key in KEYS
    ),
    *(
        RuleCase("R-STOP-2", key, "tells", facts={"note": "Asked for compassionate care"}, part="heard")
        for key in KEYS
        if key != "stop-claim"
    ),
]
PATHS_AT_MOST = 4
NUMBERS = {
    "R-ALL": (1, 2, 3),
    "R-APPEAL": (1, 2, 3, 4),
    "R-PTP": (1, 2),
    "R-DNC": (1, 2, 3),
    "R-EXEC": (1, 2, 3, 4),
    "R-ITEMPTP": (1, 2, 3),
    "R-ITEM": (1, 2, 3, 4),
    "R-INS": (1, 2, 3, 4),
    "R-MR": (1, 2, 3),
    "R-MISS": (1, 2),
    "R-ONC": (1, 2),
    "R-CB": (1, 2),
    "R-SOS": (1, 2, 3),
    "R-REF": (1, 2),
    "R-REQ": (1,),
    "R-SYN": (1, 2),
    "R-SUP": (1, 2, 3, 4, 5, 6, 7, 8, 9),
    "R-SPAY": (1,),
    "R-STOP": (1, 2),
    "R-WO": (1, 2, 3),
    "R-ZBAL": (0, 1),
    "R-X": (1, 2, 3, 4, 5, 6, 7, 8, 9),
}
ALL_IDS = [f"{family}-{number}" for family, numbers in NUMBERS.items() for number in numbers]
"""Every rule; those of the guide's page (R-DOC) are the page's own."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_belongs_elsewhere_is_offered_in_every_other_type(case: RuleCase) -> None:
    found = case.found()
    assert case.happens(found), found
    assert found.may_be_filed


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_its_rule_nothing_is_offered(case: RuleCase) -> None:
    found = case.found(without=case.rule)
    assert case.rule not in told_by(found) and not case.happens(found)


@pytest.mark.parametrize(("rule", "part", "typed", "leads_to", "silent"), HEARD)
def test_no_type_offers_itself_nor_speaks_where_the_words_mean_something_else(
    rule: str, part: str, typed: str, leads_to: str, silent: tuple[str, ...]
) -> None:
    for key in (leads_to, *silent):
        case = RuleCase(rule, key, leads_to, facts={"note": typed}, part=part)
        assert not case.happens(case.found()), key


@pytest.mark.parametrize("key", KEYS)
def test_r_x_1_asks_who_is_calling_until_it_is_known(key: str) -> None:
    unknown = ask(key, facts={"caller": ""})
    assert [one.field for one in unknown.findings if one.rule == "R-X-1"] == ["caller"]
    assert "R-X-1" not in told_by(ask(key))
    assert "R-X-1" not in told_by(ask(key, facts={"caller": ""}, without="R-X-1"))


def test_r_x_4_hears_what_is_typed_into_an_answer_as_well_as_into_the_note() -> None:
    found = ask("zbal", {"scenario": "courtesy_exception", "rd_note": "Account had code WODUNN."})
    assert suggested(found) == {"R-X-4": "synergen"}


@pytest.mark.parametrize(
    "typed",
    ["The link arrived.", "She paid the balance.", "A common code.", "Balance is $40.", "FSA card", "refund"],
)
def test_r_x_4_to_6_say_nothing_of_words_that_belong_to_no_other_type(typed: str) -> None:
    assert not ask("medical-records", facts={"note": typed}).suggestions


def carried_by(key: str, rule: str, facts: dict[str, Any]) -> dict[str, Any]:
    return next(dict(one.prefill) for one in ask(key, facts=facts).suggestions if one.rule == rule)


def test_r_x_5_carries_that_it_is_a_portal_error() -> None:
    carried = carried_by("refund", "R-X-5", {"note": "Invalid Case"})
    assert carried == {"scenario": "portal_error"}
    assert [one.field for one in ask("synergen", {**carried, "correct_balance": None}).refusals] == [
        "portal_error"
    ]


def test_r_x_7_carries_the_count_into_a_patient_sos_that_lacks_only_the_transfer() -> None:
    carried = carried_by("refund", "R-X-7", {"unresolved": 3})
    assert carried == {"reasons": ["unresolved"], "attempts": 3}
    offered = ask("patient-sos", {**carried, "transfer_at": None, "transfer_answered": None})
    assert {one.field for one in offered.refusals} == {"transfer_at", "transfer_answered"}


@pytest.mark.parametrize("facts", [{}, {"unresolved": 0}, {"unresolved": 1}])
def test_r_x_7_stays_silent_below_two_contacts(facts: dict[str, Any]) -> None:
    assert "R-X-7" not in told_by(ask("refund", facts=facts))


def test_r_x_7_offers_the_open_ticket_and_no_duplicate() -> None:
    found = ask("refund", facts={"unresolved": 5, "open_types": ["refund", "patient-sos"]})
    assert "R-X-7" in told_by(found) and "R-X-7" not in suggested(found)


def test_r_stop_2_asks_no_more_to_mark_a_patient_who_is_marked() -> None:
    note = {"note": "compassionate care"}
    assert "R-STOP-2" not in told_by(ask("refund", facts={**note, "compassionate_care": True}))
    assert "R-STOP-2" in told_by(ask("refund", facts={**note, "compassionate_care": False}))


def test_what_only_belongs_elsewhere_is_not_taken_for_an_executive_keyword() -> None:
    said = {"note": "Invalid Case, wodunn, compassionate care"}
    assert ask("refund", facts=said).heard == ()


def test_r_x_8_ships_every_list_with_the_values_of_the_paper() -> None:
    lists = policy_without().lists
    assert [one.label for one in lists["portal_errors"].items] == [
        "Invalid Case",
        "Payment Already Made",
        "Incorrect Balance",
    ]
    assert len(lists["stop_claim_reasons"].items) == 6
    assert [one.key for one in lists["transfer_reasons"].items] == [
        "payment_plan",
        "synergen_pay",
        "patient_refusal",
        "red_flag",
        "other",
    ]
    assert lists["common_write_off_codes"].items == ()
    assert all(one.label and one.about.endswith(".") for one in lists.values())


def test_every_shared_clause_says_in_full_sentences_what_is_wrong_and_what_to_do_instead() -> None:
    shared = {(row["id"], row.get("part", "")) for row in shipped_policy()["every_type"]["rules"]}
    sos = policy_without().type("patient-sos")
    assert sos is not None
    wrong = {
        f"{one.id} {one.part}": incomplete_words(one)
        for one in sos.rules
        if (one.id, one.part) in shared and one.id not in ("R-ALL-1",)
    }
    assert {name: lacking for name, lacking in wrong.items() if lacking} == {}


def keys_in(data: Any) -> Iterator[str]:
    """Every key at every depth; a comma forgotten to be quoted makes one out of half a sentence."""
    if isinstance(data, dict):
        yield from data
        data = list(data.values())
    if isinstance(data, list):
        for part in data:
            yield from keys_in(part)


def test_no_sentence_of_the_shipped_data_is_cut_at_a_comma() -> None:
    assert [key for key in keys_in(shipped_policy()) if not re.fullmatch(r"[a-z_]+", key)] == []


def ids_in(data: Any) -> Iterator[str]:
    """Every rule named anywhere in the policy data."""
    if isinstance(data, dict):
        yield from (str(data[name]) for name in ("id", "rule") if data.get(name))
        data = list(data.values())
    if isinstance(data, list):
        for part in data:
            yield from ids_in(part)


@pytest.mark.parametrize("rule", ALL_IDS)
def test_every_rule_of_the_paper_is_in_the_shipped_data(rule: str) -> None:
    assert rule in set(ids_in(shipped_policy()))


def test_the_shipped_data_names_no_rule_that_the_paper_does_not_know() -> None:
    assert set(ids_in(shipped_policy())) <= set(ALL_IDS)


# "Which ticket?" (R-X-9)


def paths(fork: Fork, passed: tuple[Way, ...] = ()) -> Iterator[tuple[Way, ...]]:
    """Every way through "Which ticket?" from its first question to its end."""
    for way in fork.ways:
        onward = policy_without().fork(way.ask) if way.ask else None
        if onward is None:
            yield (*passed, way)
        else:
            yield from paths(onward, (*passed, way))


def ends() -> list[tuple[Way, ...]]:
    return list(paths(policy_without().which[0]))


def test_r_x_9_asks_who_is_calling_first_and_four_questions_at_most() -> None:
    assert policy_without().which[0].label == "Who is calling?"
    assert max(map(len, ends())) <= PATHS_AT_MOST


def test_r_x_9_leads_to_each_of_the_twenty_types() -> None:
    assert {one[-1].type for one in ends()} - {""} == set(KEYS)


def test_r_x_9_passes_through_every_question_there_is() -> None:
    asked = {way.ask for one in ends() for way in one if way.ask}
    assert asked == {fork.key for fork in policy_without().which[1:]}


def test_r_x_9_says_at_every_end_why_or_what_to_do_instead() -> None:
    for one in ends():
        end = one[-1]
        told = end.why if end.type else end.none
        assert told[0].isupper() and told.endswith("."), end.label
        assert end.type or end.rule in ALL_IDS, end.label
        assert len(end.none) <= 400, end.label


@pytest.mark.parametrize("rule", ["R-ITEM-3", "R-PTP-1", "R-STOP-2", "R-ITEM-4", "R-SUP-9", "R-ZBAL-1"])
def test_r_x_9_may_end_in_no_ticket_by_the_rule_that_says_so(rule: str) -> None:
    assert rule in {one[-1].rule for one in ends() if one[-1].none}


def test_r_x_9_brings_along_only_answers_the_type_can_read() -> None:
    for one in ends():
        if one[-1].type:
            found = ask(one[-1].type, dict(one[-1].prefill))
            assert not found.wrong, one[-1].label


def test_r_x_9_leads_an_insurance_representative_to_no_itemized_bill() -> None:
    from_insurer = [one for one in ends() if one[0].ask == "insurer"]
    assert not {one[-1].type for one in from_insurer} & {"itemized-bill", "itemized-bill-ptp"}


@pytest.mark.parametrize("key", KEYS)
def test_r_x_9_every_type_can_be_found_by_other_words_and_says_who_its_neighbours_are(key: str) -> None:
    found = policy_without().type(key)
    assert found is not None
    assert len(found.also) >= 4 and len(set(map(str.casefold, found.also))) == len(found.also)
    assert found.neighbours and key not in {one.type for one in found.neighbours}
    assert all(one.say.endswith(".") for one in found.neighbours)
    assert found.guide and found.purpose and not found.purpose.endswith(".")


# Articles and glossary (R-DOC-2)


def test_r_doc_2_leaves_what_the_paper_does_not_expand_to_the_admin() -> None:
    means = {one.term: one.means for one in policy_without().glossary}
    unexplained = ("AMD", "PTP", "PTE", "RD", "SPAY", "WODUNN", "ONC", "FSA", "HRA", "HSA")
    assert [means[term] for term in unexplained] == [""] * len(unexplained)
    assert means["ZBAL"] and means["TAT"] and means["BD"]
    assert len(means) == len(policy_without().glossary)


def test_r_doc_2_names_the_articles_it_has_no_text_of() -> None:
    titles = {one.key: (one.title, one.text) for one in policy_without().articles}
    assert titles["appeals"] == ("Appeals", "")
    assert titles["turnaround-times-2024"] == ("Turnaround Times 2024", "")
