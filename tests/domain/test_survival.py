"""Which curve speaks for a held claim, what it says, and what is advised by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from deductibles.domain import advice
from deductibles.domain.advice import BILL_NOW, HOLD_ON, NOT_ENOUGH, Waiting, advise
from deductibles.domain.gain import Rates
from deductibles.domain.survival import COMPANY, ENOUGH, Curve, Key, band_of, choose, day_zero, widening
from deductibles.worth.statistics import hazards, kaplan_meier

TODAY = date(2026, 5, 20)
REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
"""Weeks in remission under 6-MP, ended and still lasting, of 21 patients (Freireich and others, 1963)."""


def curve(**changes) -> Curve:
    """Of 100 claims 20 met on each of days 7 and 14, and 40 watched to the end."""
    known = {"key": COMPANY, "claims": 100, "met": 60, "days": (7, 14, 21, 28)}
    known |= {"watched": (100, 80, 60, 40), "unmet": (0.8, 0.6, 0.5, 0.4)}
    return Curve(**{**known, **changes})


def test_the_curve_is_that_of_a_textbook():
    ended, lasting = REMISSION
    found = kaplan_meier(COMPANY, [*ended, *lasting], [True] * len(ended) + [False] * len(lasting))
    expected = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert {day: round(found.unmet_after(day), 3) for day in expected} == expected
    assert (found.claims, found.met, found.unmet_after(5), found.unmet_after(99)) == (
        21,
        9,
        1.0,
        found.unmet_after(23),
    )
    watched = dict(zip(found.days, found.watched, strict=True))
    assert [watched[day] for day in expected] == [21, 17, 15, 12, 11, 7, 6]


def test_who_left_otherwise_counts_while_watched_and_says_nothing_after():
    """By hand: of 4, one met on day 7; one left by hand on day 10; of the two left one is met on day 14."""
    found = kaplan_meier(COMPANY, [7, 10, 14, 21], [True, False, True, False])
    assert found.unmet_after(7) == pytest.approx(3 / 4)
    assert found.unmet_after(14) == pytest.approx(3 / 4 * 1 / 2)
    everybody_met = kaplan_meier(COMPANY, [7, 10, 14, 21], [True] * 4)
    assert everybody_met.unmet_after(14) == pytest.approx(1 / 4)


def test_chances_are_drawn_about_what_was_seen_and_only_on_days_on_which_somebody_was_met():
    found = kaplan_meier(COMPANY, [7] * 30 + [14] * 20 + [30] * 50, [True] * 50 + [False] * 50)
    drawn = hazards(found, draws=2000, days=40, seed=(1,))
    assert drawn[:, 7].mean() == pytest.approx(0.3, abs=0.01)
    assert drawn[:, 14].mean() == pytest.approx(20 / 70, abs=0.01)
    assert drawn[:, 7].std() == pytest.approx((0.3 * 0.7 / 100) ** 0.5, rel=0.1)
    assert not drawn[:, [day for day in range(41) if day not in (7, 14)]].any()


@pytest.mark.parametrize(
    ("left", "band"),
    [("0.01", "250"), ("250", "250"), ("250.01", "500"), ("1000", "1000"), ("2000.01", "more"), (None, None)],
)
def test_a_band_is_what_remained_up_to_its_limit(left, band):
    assert band_of(None if left is None else Decimal(left)) == band


def test_days_are_counted_from_the_grid_date_on_which_a_hold_began_or_the_last_before_it():
    assert day_zero(TODAY, TODAY) == TODAY
    assert day_zero(TODAY, TODAY - timedelta(days=7)) == TODAY
    assert day_zero(TODAY, TODAY - timedelta(days=10)) == TODAY - timedelta(days=3)


def test_a_curve_of_too_few_is_passed_over_for_the_next_wider_one():
    keys = widening(3, "500", TODAY)
    assert keys == [Key(3, "500", 5), Key(3, "500"), Key(3), COMPANY]
    few = {key: curve(key=key, met=ENOUGH - 1) for key in keys}
    assert choose(few, keys, 7) is None
    for key in keys:
        assert choose({**few, key: curve(key=key, met=ENOUGH)}, keys, 7).key == key
    assert choose({key: curve(key=key) for key in keys}, keys, 7).key == keys[0]


def test_a_curve_says_nothing_beyond_the_days_on_which_enough_were_watched():
    short = curve(key=Key(3), watched=(100, 80, 4, 2))
    assert short.reaches(7) and not short.reaches(14)
    assert short.chance(after=14, until=28) is None
    assert choose({Key(3): short, COMPANY: curve()}, [Key(3), COMPANY], 14).key == COMPANY


def test_the_chance_counts_the_days_held_already():
    assert curve().chance(after=0, until=14) == pytest.approx(0.4)
    assert curve().chance(after=7, until=14) == pytest.approx(0.25)
    assert curve().chance(after=13, until=13) == 0
    assert curve().days_expected(after=0, until=14) == pytest.approx(7 * 1 + 7 * 0.8)


RATES = Rates()


def waiting(**changes) -> Waiting:
    known = {"today": TODAY, "automatic": True, "release_on": TODAY + timedelta(days=21)}
    known |= {"remaining": Decimal(900), "allowed": Decimal(600), "threshold": Decimal(0)}
    return Waiting(**{**known, "asked_up_to": 6, "leaves": 28, **changes})


def test_hold_on_where_the_payer_is_likely_to_take_over_what_the_patient_owes():
    found = advise(waiting(), curve(), RATES)
    # unmet up to day 28: 0.4; met 0.6. If met: 0.9 · 0.8 · 600 less 8% a year of 480 for the days.
    assert found.verdict == HOLD_ON and found.chance == pytest.approx(0.6)
    assert Decimal(430) < found.if_met < Decimal(432)
    assert found.if_not == 0  # the payer pays nothing either way, so the days cost nothing
    assert found.expected == pytest.approx(Decimal("0.6") * found.if_met, abs=Decimal("0.01"))


def test_bill_now_where_the_days_cost_more_than_the_chance_is_worth():
    """Little remains of a large bill: nearly all of it waits, and little can be won."""
    never = curve(unmet=(1.0, 1.0, 1.0, 0.999))
    found = advise(waiting(remaining=Decimal(20), allowed=Decimal(9000)), never, RATES)
    assert found.verdict == BILL_NOW and found.if_not < 0 and found.expected < 0
    assert found.if_not == -(
        (Decimal(8980) * Decimal("0.8") * Decimal("0.08") * 21 / 365).quantize(Decimal("0.01"))
    )


def test_a_tie_is_billed():
    assert advise(waiting(), curve(unmet=(1.0,) * 4), RATES).verdict == BILL_NOW


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"automatic": False}, advice.BY_HAND),
        ({"release_on": None}, advice.NO_END),
        ({"remaining": None}, advice.NO_REMAINING),
        ({"allowed": None}, advice.NO_ALLOWED),
        ({"asked_up_to": 28}, advice.NO_CURVE),
    ],
)
def test_nothing_is_advised_of_what_is_not_known(changes, why):
    found = advise(waiting(**changes), curve(), RATES)
    assert (found.verdict, found.why_not, found.expected) == (NOT_ENOUGH, why, None)
    assert advise(waiting(), None, RATES).why_not == advice.NO_CURVE


def test_what_the_threshold_lets_remain_is_not_counted_as_won():
    generous, strict = (
        advise(waiting(threshold=Decimal(300)), curve(), RATES),
        advise(waiting(), curve(), RATES),
    )
    assert strict.if_met - generous.if_met == pytest.approx(Decimal("0.72") * 300, abs=Decimal(2))
    assert replace(strict, verdict=BILL_NOW).words == "Bill now"
