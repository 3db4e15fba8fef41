"""When a payer is left alone, by the words of the answers about its patients (D-X12-3, D-CHK-7)."""

from __future__ import annotations

import pytest

from deductibles.domain import payer_trouble
from deductibles.domain.payer_trouble import DOWN, IN_A_ROW, SETUP, Breakers, Word, word_of, word_of_kept
from deductibles.x12.eligibility_reading import kind_of_reject

GOOD, BUSY, REFUSED = Word(), Word(DOWN, "42"), Word(SETUP, "43")


def rejected(*codes: str) -> dict:
    return {"rejects": [{"loop": "2100A", "code": code, "class": kind_of_reject(code)} for code in codes]}


def test_a_payer_is_left_alone_after_so_many_in_a_row_and_not_before():
    breakers = Breakers(())
    breakers.hear([(1, BUSY)] * (IN_A_ROW - 1))
    assert breakers.alone == set()
    breakers.hear([(1, BUSY)])
    assert breakers.alone == {1}


def test_answers_in_between_begin_the_row_anew():
    breakers = Breakers(())
    for _ in range(4):
        breakers.hear([(1, BUSY)] * (IN_A_ROW - 1) + [(1, GOOD)])
    assert breakers.alone == set()


def test_the_rows_of_two_payers_are_counted_apart():
    breakers = Breakers(())
    breakers.hear([(1, BUSY), (2, GOOD)] * IN_A_ROW)
    assert breakers.alone == {1}


def test_a_wrong_set_up_is_told_at_once_and_a_payer_that_is_down_once_it_is_left_alone():
    breakers = Breakers(())
    assert breakers.hear([(1, REFUSED), (2, BUSY)]).troubles == {(1, REFUSED): 1}
    assert breakers.hear([(2, BUSY)] * IN_A_ROW).troubles == {(2, BUSY): IN_A_ROW}


def test_an_answer_ends_the_trouble_that_the_night_began_with_and_is_told_once():
    breakers = Breakers({1})
    assert breakers.hear([(1, GOOD), (1, GOOD)]).answering == {1}
    assert breakers.alone == set()
    assert not breakers.hear([(1, GOOD)]).answering


def test_of_one_batch_the_last_word_about_a_payer_counts():
    assert Breakers({1}).hear([(1, GOOD), (1, REFUSED)]).answering == frozenset()
    assert Breakers({1}).hear([(1, REFUSED), (1, GOOD)]).troubles == {}


def test_what_says_nothing_about_a_payer_changes_nothing():
    breakers = Breakers({1})
    heard = breakers.hear([(1, None), (None, BUSY)])
    assert (heard.troubles, heard.answering, breakers.alone) == ({}, frozenset(), {1})


@pytest.mark.parametrize("code", ["42", "80"])
def test_the_codes_of_a_payer_that_is_down(code: str):
    assert word_of("rejected", False, rejected(code)) == Word(DOWN, code)


@pytest.mark.parametrize("code", ["41", *map(str, range(43, 52)), "79", "97"])
def test_the_codes_of_a_wrong_set_up_each_say_what_mends_them(code: str):
    assert word_of("rejected", False, rejected(code)) == Word(SETUP, code)
    assert word_of_kept("rejected", rejected(code)) == Word(SETUP, code)
    mend = payer_trouble.mend_of(code)
    assert mend.means != payer_trouble.mend_of("??").means and mend.where and mend.how


def test_a_payer_that_rejects_a_patient_answers():
    assert word_of("rejected", True, rejected("72")) == GOOD
    assert word_of_kept("rejected", rejected("72")) == GOOD


def test_a_question_that_was_lost_says_nothing_about_the_payer():
    assert word_of("unavailable", False, {}) is None
    assert word_of_kept("unavailable", {}) is None
    assert word_of("rejected", True, {}) is None, "AR Boost itself refused"
