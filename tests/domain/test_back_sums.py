"""What a back-test adds up: parts that add to the whole, medians, terms of each payer, its chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from deductibles.domain import back_sums, back_terms, hold
from deductibles.domain.back_sums import Judged, Paid
from deductibles.domain.gain import Rates
from deductibles.domain.replay import Fate
from deductibles.worth.back_chart import chart_of

DAY = date(2026, 1, 5)
PAID = Paid(Decimal("400.00"), Decimal("100.00"), Decimal("500.00"), Decimal("50.00"))


def fate(kind: str, days: int, left: str | None = "100.00") -> Fate:
    remaining = None if left is None else Decimal(left)
    reason = {"met": hold.MET, "elapsed": hold.ELAPSED}.get(kind, "")
    return Fate(kind, reason, DAY + timedelta(days=days), days, Decimal("300.00"), remaining)


def judged(now: Fate, new: Fate, *, paid: Paid | None = PAID, payer: int = 1) -> Judged:
    gains = back_sums.gains_of(now, new, paid, Rates())
    deadline = DAY + timedelta(days=50)
    return Judged(Decimal("900.00"), payer, DAY, deadline, 14, now, new, now, paid, gains)


CASES = [
    judged(fate("met", 14), fate("elapsed", 10)),
    judged(fate("elapsed", 40), fate("met", 47), payer=2),
    judged(fate("not_held", 0), fate("unknown", 7, None)),
    judged(fate("waiting", 9), fate("elapsed", 8)),
    judged(fate("met", 7, None), fate("not_held", 0)),
    judged(fate("met", 7), fate("met", 7), paid=None),
]


def added(cases: list[Judged]) -> back_sums.Sums:
    sums = back_sums.new_sums()
    for one in cases:
        back_sums.add(sums, one)
    return sums


@pytest.mark.parametrize("cut", range(len(CASES) + 1))
def test_parts_add_up_to_the_whole_wherever_they_are_cut(cut: int) -> None:
    assert back_sums.merged(added(CASES[:cut]), added(CASES[cut:])) == added(CASES)


def test_only_claims_that_left_on_a_known_day_under_both_are_compared() -> None:
    pairs = added(CASES)["pairs"]
    assert (pairs["compared"], pairs["unknown"], pairs["waiting"]) == (4, {"now": 0, "new": 1, "both": 0}, 1)
    assert (pairs["earlier"]["claims"], pairs["later"]["claims"], pairs["same_day"]) == (2, 1, 1)
    assert (pairs["later"]["days"], pairs["later"]["billed"], pairs["later"]["payer"]) == (7, 90_000, 40_000)


def test_a_claim_without_payment_or_without_what_remained_has_no_gain_and_is_counted() -> None:
    gain = added(CASES)["gain"]
    assert (gain["claims"], gain["left_out"]) == (2, {"no_remaining": 1, "unpaid": 1})


@pytest.mark.parametrize(
    ("paid", "word"),
    [
        (None, "unpaid"),
        (Paid(Decimal(0), too_late=True), "too_late"),
        (Paid(Decimal(400)), "no_allowed"),
    ],
)
def test_what_is_not_known_of_a_payment_is_named_and_never_zero(paid: Paid | None, word: str) -> None:
    assert back_sums.gains_of(fate("met", 7), fate("met", 14), paid, Rates()) == word


def test_holding_longer_for_the_same_remainder_only_costs_the_days() -> None:
    now, new = back_sums.gains_of(fate("met", 10), fate("elapsed", 30), PAID, Rates())
    assert isinstance(now, int) and isinstance(new, int)
    # Of 500.00 allowed and 100.00 left the payer's part is 320.00, at 8 % for 20 days more.
    assert now - new == pytest.approx(320 * 0.08 * 20 / 365 * 100, abs=1)
    assert back_sums.gains_of(fate("not_held", 0), fate("not_held", 0), PAID, Rates()) == (0, 0)


def test_the_deductible_takes_no_more_than_was_allowed() -> None:
    large = replace(fate("elapsed", 20, "700.00"), at_hold=Decimal(900))
    assert back_sums.gains_of(large, large, PAID, Rates()) == (0, 0)


def test_a_payer_has_its_own_line_and_a_later_day_costs() -> None:
    line = dict(zip(back_sums.PAYER, added(CASES)["payers"]["2"], strict=True))
    gain = line.pop("gain")
    assert line == {
        "claims": 1, "held_now": 1, "held_new": 1, "compared": 1, "earlier": 0, "later": 1, "gained": 1
    }  # fmt: skip
    assert gain < 0


def test_days_held_are_counted_of_claims_that_left_alone() -> None:
    sides = added(CASES)["sides"]
    assert sides["now"]["days"] == {"14": 1, "40": 1, "7": 2}
    assert sides["new"]["days"] == {"10": 1, "47": 1, "8": 1, "7": 1}


def test_near_the_deadline_counts_from_the_guard_on_and_after_it_apart() -> None:
    cases = [judged(fate("elapsed", days), fate("elapsed", days)) for days in (35, 36, 50, 51)]
    now = added(cases)["sides"]["now"]
    assert (now["with_deadline"], now["inside"], now["past"]) == (4, 3, 1)


@pytest.mark.parametrize(
    ("days", "median"), [({}, None), ({"7": 1}, 7), ({"7": 1, "10": 1}, 8.5), ({"3": 5, "90": 4}, 3)]
)
def test_the_median_of_counted_days(days: dict[str, int], median: float | None) -> None:
    assert back_sums.median_of(days) == median


def settings(**changes: object) -> SimpleNamespace:
    kept = {"version": 3, "automatic": True, "guard_days": 14, "max_days": 45}
    return SimpleNamespace(
        **{**kept, "dollar_threshold": Decimal(0), "monitor_above": Decimal(250), **changes}
    )


def payer(pk: int, **changes: object) -> SimpleNamespace:
    kept = {"name": f"Payer {pk}", "filing_limit_days": 90, "is_never_held": False}
    return SimpleNamespace(pk=pk, **{**kept, **dict.fromkeys(back_terms.NUMBERS), **changes})


def terms(**typed: str) -> dict:
    body = {"from_on": "2026-01-01", "until_on": "2026-02-01", "max_days": "20", "dollar_threshold": "300"}
    asked, wrong = back_terms.read({**body, "monitor_above": "500", **typed}, today=DAY + timedelta(days=60))
    assert asked is not None, wrong
    return back_terms.document(asked, settings(), [payer(1), payer(2, max_days=10)], Rates())


def test_a_payer_keeps_its_own_numbers_on_both_sides_and_has_others_where_they_are_tried() -> None:
    now, new = back_terms.books(terms())
    assert [book[key].rules.max_days for book in (now, new) for key in (1, 2)] == [45, 10, 20, 10]
    _, own = back_terms.books(terms(own_payer="2", own_dollar_threshold="50"))
    assert (own[2].rules.max_days, own[2].rules.dollar_threshold) == (20, Decimal(50))
    assert own[1] == new[1] and back_terms.differing(now, own) == {None, 1, 2}
    assert own[77] == own[None], "a payer that came later goes by the company's numbers"


def test_the_chart_says_when_half_of_the_claims_have_gone_out() -> None:
    chart = chart_of({"0": 1, "30": 3}, {"0": 1, "7": 3}, 4)
    assert chart is not None
    assert chart.said.endswith("after 30 days by the numbers in force, and after 7 days by those tried.")
    assert (chart.rows[0].now, chart.rows[-1].now, chart.rows[1].new) == ("25%", "100%", "100%")
    assert chart_of({"0": 4}, {"0": 4}, 4) is None
