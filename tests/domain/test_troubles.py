"""Each fault and reject class has a sentence that a biller can act on, and none stands as a bare code."""

from __future__ import annotations

import re

import pytest

from deductibles.domain import evidence, hold, troubles
from deductibles.x12 import eligibility_reading as words

ALL_FLAGS = sorted(
    {
        *words.FLAGS,
        evidence.ENVELOPE_INVALID,
        evidence.AMOUNTS_DISAGREE,
        evidence.AMOUNTS_UNREAD,
        evidence.TOO_OLD,
        evidence.INCONSISTENT,
        evidence.PIN_NOT_FOUND,
        hold.CONTRADICTED,
    }
)
"""Every word that a reading, an answer weighed or a verdict may raise."""
EXPLAINS_ONLY = {"ambulance_line"}
AAA03 = [*map(str, range(41, 81)), "15", "33", "97", "98", "T4", "AA", "", "<b>"]
DOABLE = re.compile(
    r"(Run|Look at|Pin|Find|Ask|File|Compare|Correct|Check|Comparing|An admin|It is asked|The claim is asked|Queue)"
)


@pytest.mark.parametrize("flag", ALL_FLAGS)
def test_every_flag_has_a_sentence_and_something_to_do(flag):
    said = troubles.FLAGS[flag]
    assert said.says.endswith(".") and len(said.says) > 30 and "_" not in said.sentence
    if flag not in EXPLAINS_ONLY:
        assert DOABLE.match(said.do), said.do
        assert said.do.endswith(".")


def test_no_sentence_is_kept_for_a_flag_that_nobody_raises():
    assert set(troubles.FLAGS) == set(ALL_FLAGS)


@pytest.mark.parametrize("code", AAA03)
def test_every_reject_code_known_or_not_has_a_sentence_and_something_to_do(code):
    said = troubles.of_reject(code, "Northline Blue")
    assert said.says.startswith("Northline Blue ") and said.says.endswith(".")
    assert code in said.says if code else "without giving a code" in said.says
    assert DOABLE.match(said.do), said.do


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("42", troubles.ASK),
        ("43", troubles.SETUP_PAGE),
        ("71", troubles.PATIENT_PAGE),
        ("75", troubles.COVER),
    ],
)
def test_a_reject_of_each_class_leads_to_where_it_is_mended(code, where):
    assert troubles.of_reject(code).where == where


def said_of(outcome="answered", reading=None, flags=(), detail="", *, usable=False):
    return [
        one.sentence
        for one in troubles.of_answer(outcome, reading or {}, flags, detail, "Northline Blue", usable=usable)
    ]


def test_a_sound_answer_leaves_nothing_to_say():
    assert said_of(reading={"active": True}, usable=True) == []


def test_ended_coverage_is_said_before_anything_else():
    (said,) = said_of(reading={"active": False})
    assert "not active" in said and "change the payer" in said


def test_an_answer_without_the_remaining_amount_never_counts_as_zero():
    (said,) = said_of(reading={"active": True})
    assert "never counted as zero" in said


def test_an_outage_says_what_came_instead_and_that_it_is_asked_again():
    (said,) = said_of("unavailable", detail="AR Boost did not answer in 60 seconds.")
    assert "60 seconds" in said and "asked again tonight" in said


def test_each_code_of_a_rejected_question_is_said_once():
    rejects = [{"code": "72"}, {"code": "72"}, {"code": "58"}]
    said = said_of("rejected", {"rejects": rejects})
    assert len(said) == 2 and "(reject 72)" in said[0] and "(reject 58)" in said[1]
    assert "without giving a code" in said_of("rejected", {})[0]
