"""Hearing words in what was written: whole words, any case, plurals, other ways to say them (R-EXEC-1)."""

from __future__ import annotations

import pytest

from escalations.domain.keywords import Heard, Watched, hear, once, says
from escalations.domain.policy import Listing
from tests.domain.desk import ask, policy_without, suggested

BUREAU = Watched("Better Business Bureau", ("BBB",))
WORDS = [
    BUREAU,
    *map(Watched, ("Attorney", "Lawyer", "Lawsuit", "Harassment", "Fraud", "Bankruptcy")),
]


def words_in(text: str) -> list[str]:
    return [one.word for one in hear(text, WORDS)]


def listing(key: str) -> Listing:
    return policy_without().lists[key]


def test_the_shipped_list_has_the_words_of_the_guide_and_bbb_as_another_way() -> None:
    assert list(listing("executive_keywords").watched) == WORDS


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("My lawyer will call.", "Lawyer"),
        ("MY LAWYER WILL CALL", "Lawyer"),
        ("lawyers", "Lawyer"),
        ("the lawyer's letter", "Lawyer"),
        ("the lawyer’s letter", "Lawyer"),
        ("(lawyer)", "Lawyer"),
        ("lawyer/attorney", "Lawyer"),
        ("lawyer", "Lawyer"),
        ("two attorneys", "Attorney"),
        ("several bankruptcies", "Bankruptcy"),
        ("Bankruptcy.", "Bankruptcy"),
        ("lawsuits", "Lawsuit"),
        ("frauds", "Fraud"),
        ("harassments", "Harassment"),
        ("the better business bureau", "Better Business Bureau"),
        ("Better Business  Bureaus", "Better Business Bureau"),
        ("better-business-bureau", "Better Business Bureau"),
        ("better\nbusiness\tbureau", "Better Business Bureau"),
        ("I go to the bbb!", "Better Business Bureau"),
        ("BBBs", "Better Business Bureau"),
        ("anti-fraud", "Fraud"),
        ("fraud-alert", "Fraud"),
    ],
)
def test_a_word_is_heard_in_any_case_plural_and_way_of_writing(text: str, word: str) -> None:
    assert words_in(text)[0] == word


@pytest.mark.parametrize(
    "text",
    [
        "",
        "defraud",
        "fraudulent",
        "Lawyered",
        "lawyerly",
        "bankrupt",
        "law suit yourself",
        "attorneyship",
        "BBBB",
        "abbb",
        "better business",
        "business bureau",
        "Better. Business. Bureau.",
        "fraud_alert",
        "lawyer2",
    ],
)
def test_no_word_is_heard_inside_another(text: str) -> None:
    assert words_in(text) == []


def test_every_place_is_told_as_it_was_typed_in_the_order_of_the_text() -> None:
    text = "His LAWYERS, then the BBB; again lawyer."
    found = hear(text, WORDS)
    assert [(one.word, one.found) for one in found] == [
        ("Lawyer", "LAWYERS"),
        ("Better Business Bureau", "BBB"),
        ("Lawyer", "lawyer"),
    ]
    assert [text[one.start : one.end] for one in found] == [one.found for one in found]


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("There is no fraud.", True),
        ("not a lawyer", True),
        ("never a lawsuit", True),
        ("it isn't fraud", True),
        ("it isn’t fraud", True),
        ("without any lawyer", True),
        ("He is a lawyer.", False),
        ("No. His lawyer calls.", False),
        ("No; fraud", False),
        ("nothing but fraud", False),
        ("I do not know when you will all stop sending this, it is fraud", False),
        ("there is no fraud\nlawyer", False),
    ],
)
def test_a_no_before_a_word_in_its_sentence_is_told_and_the_word_all_the_same(
    text: str, negated: bool
) -> None:
    assert hear(text, WORDS)[-1].negated is negated


def test_of_a_word_said_twice_the_one_without_a_no_counts() -> None:
    (found,) = once(hear("no fraud at all? It is fraud!", WORDS))
    assert (found.word, found.negated) == ("Fraud", False)
    (found,) = once(hear("no fraud, no fraud", WORDS))
    assert found.negated and found.start == 3


ODD = ["(refund)", "a.b", "50% off", "c++", "[x]", "back\\slash", "what?", "$100", "a|b", "^start", "*"]


@pytest.mark.parametrize("word", ODD)
def test_an_admins_word_is_taken_letter_by_letter(word: str) -> None:
    """No character of a word means anything to the expression it becomes part of."""
    assert says(f"They said {word} twice", [word])
    assert not says("They said axb and nothing else 500 off", [word])


def test_odd_words_do_not_disturb_the_others() -> None:
    assert [one.word for one in hear("a lawyer", [*map(Watched, ODD), *WORDS])] == ["Lawyer"]


def test_a_longer_word_is_heard_before_a_shorter_one_within_it() -> None:
    words = [Watched("fraud"), Watched("fraud alert")]
    assert [one.word for one in hear("a fraud alert", words)] == ["fraud alert"]


def test_words_of_other_scripts_and_accents_are_words_too() -> None:
    assert says("Er hat einen Anwalt, ÄRGER", ["ärger"])
    assert not says("Verärgert", ["ärger"])


def test_a_text_as_long_as_a_note_may_be_is_heard_to_its_end() -> None:
    text = ("not a word of it, " * 600)[:9_985] + " his lawyer"
    assert len(text) < 10_000
    (found,) = hear(text, WORDS)
    assert (found.word, found.end) == ("Lawyer", len(text))


@pytest.mark.parametrize(
    "text", ["better " * 1_400, "better business " * 600, " " * 9_999, "n't " * 2_400, "-" * 9_999]
)
def test_what_almost_is_a_word_a_thousand_times_is_none(text: str) -> None:
    assert hear(text, WORDS) == ()


def test_nothing_is_heard_without_words() -> None:
    assert hear("a lawyer", []) == ()


@pytest.mark.parametrize("field", ["note", "text question"])
def test_every_free_text_field_is_listened_to_r_exec_1(field: str) -> None:
    said = "Her attorney will write."
    found = (
        ask("insurance-update", facts={"note": said})
        if field == "note"
        else ask("insurance-update", {"payer": said})
    )
    assert suggested(found)["R-EXEC-1"] == "executive-keywords"
    assert [(one.word, one.found) for one in found.heard] == [("Attorney", "attorney")]


def test_the_executive_escalation_does_not_suggest_itself() -> None:
    found = ask("executive-keywords", {"words": "fraud"})
    assert found.heard == ()
    assert "R-EXEC-1" not in suggested(found)


def test_what_was_heard_is_brought_along_r_exec_3() -> None:
    found = ask("refund", facts={"note": "BBB, fraud and BBB again"})
    offered = next(one for one in found.suggestions if one.rule == "R-EXEC-1")
    assert offered.prefill == {"words": "Better Business Bureau, Fraud"}


def test_what_is_heard_is_a_plain_value() -> None:
    assert hear("Fraud", WORDS) == (Heard("Fraud", "Fraud", 0, 5),)
