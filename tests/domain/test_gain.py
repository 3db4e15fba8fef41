"""The worth of holding one claim: both sides of the least, what is unknown, what came too late, to the cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from deductibles.domain.gain import Outcome, Rates, co_insurance_of, cost_of, gain_of, missing_words

D = Decimal
RATES = Rates()
HELD = Outcome(30, remaining=D(500), allowed=D(800), deductible=D(0), paid=D(640), co_insurance=D("0.2"))


def test_what_the_payer_takes_over_is_worth_what_patients_would_not_have_paid():
    found = gain_of(HELD, RATES)
    assert found.moved == D(500) and found.kept == D("360.00")  # 0.9 of 0.8 of 500
    assert found.cost == D("4.21") and found.amount == D("355.79")  # 640 for 30 days at 8 %: 4.208…


def test_no_more_than_was_allowed_can_have_been_moved():
    small = replace(HELD, allowed=D(300), paid=D(240))
    assert gain_of(small, RATES).moved == D(300)


def test_a_payer_that_applied_more_than_remained_makes_it_a_loss_and_it_is_shown():
    worse = replace(HELD, remaining=D(100), deductible=D(400), paid=D(320))
    found = gain_of(worse, RATES)
    assert found.moved == D(-300) and found.kept == D("-216.00")
    assert found.amount == D("-216.00") - D("2.10")


def test_a_claim_that_moved_nothing_costs_its_days():
    same = replace(HELD, deductible=D(500), paid=D(240))
    assert gain_of(same, RATES).amount == -cost_of(D(240), 30, RATES) == D("-1.58")
    assert gain_of(replace(same, days=0), RATES).amount == D("0.00")


@pytest.mark.parametrize("name", ["remaining", "allowed", "deductible"])
def test_what_is_not_known_is_not_zero(name):
    found = gain_of(replace(HELD, **{name: None}), RATES)
    assert found.amount is None and found.missing == (name,)
    assert missing_words(found.missing).startswith("Not known: what ")


def test_everything_unknown_is_named():
    found = gain_of(replace(HELD, remaining=None, allowed=None, deductible=None), RATES)
    assert found.missing == ("remaining", "allowed", "deductible")


def test_a_denial_for_time_is_the_whole_loss_whatever_else_is_unknown():
    denied = Outcome(30, remaining=None, allowed=D(0), deductible=D(0), paid=D(0), lost=D(1200))
    assert gain_of(denied, RATES).amount == D(-1200)


def test_a_line_that_came_too_late_is_lost_beside_what_the_others_brought():
    part = replace(HELD, lost=D("85.00"))
    assert gain_of(part, RATES).amount == D("355.79") - 85


def test_a_payment_that_was_taken_back_says_nothing_yet():
    assert gain_of(replace(HELD, reversed=True), RATES).missing == ("reversed",)


def test_the_company_s_co_insurance_stands_in_only_where_the_payment_tells_none():
    assert gain_of(replace(HELD, co_insurance=None), RATES).kept == D("360.00")
    assert gain_of(replace(HELD, co_insurance=D(0)), RATES).kept == D("450.00")


def test_each_rate_counts():
    assert gain_of(HELD, replace(RATES, collected=D("0.4"))).kept == D("240.00")
    assert gain_of(HELD, replace(RATES, money=D(0))).cost == D("0.00")


def test_halves_of_a_cent_go_away_from_zero_on_both_sides():
    half = Outcome(0, remaining=D("0.05"), allowed=D(1), deductible=D(0), paid=D(0), co_insurance=D(0))
    free = Rates(collected=D("0.9"), money=D(0))
    assert gain_of(half, free).kept == D("0.01")  # 0.005
    worse = replace(half, remaining=D(0), deductible=D("0.05"))
    assert gain_of(worse, free).kept == D("-0.01")


def test_the_co_insurance_of_a_payment_is_told_by_what_stands_beside_it():
    assert co_insurance_of(D(160), D(640)) == D("0.2000")
    assert co_insurance_of(D(0), D(640)) == D(0)
    assert co_insurance_of(D(0), D(0)) is None and co_insurance_of(D(-5), D(10)) is None
