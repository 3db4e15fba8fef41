"""Forecasts of an invented history against what happened in it; none of them needs a database."""

from __future__ import annotations

from datetime import date

import numpy
import pytest

from config.demo.years.living import live
from deductibles.domain.survival import COMPANY, ENOUGH
from deductibles.worth.drawing import AHEAD, Groups, draw
from deductibles.worth.error import _Sums
from deductibles.worth.forecasting import ALL, enough, forecast, happened, known_on
from deductibles.worth.history import BY_HAND, HELD, MET, NAMES, history_of, number_of, packed
from deductibles.worth.kept import HIGH, MIDDLE
from tests.lived import columns_of

TODAY = date(2026, 11, 2)
DRAWS = 300
EVERY = 17
"""Days between the forecasts that are replayed: each falls on another day of the week."""


@pytest.fixture(scope="module")
def lived():
    return columns_of(live(15_000, today=TODAY, seed=11))


@pytest.fixture(scope="module")
def replayed(lived):
    """Forecasts of the second year, each made of what was known then, and what came of it."""
    last = number_of(TODAY) - 1
    days = range(last - 330, last - AHEAD, EVERY)
    return [
        (day, forecast(lived, known_on(lived, day), seed=7, draws=DRAWS)[ALL], happened(lived, day, ALL))
        for day in days
    ]


def fared(pairs):
    found = _Sums()
    for quantiles, actual in pairs:
        found.add(quantiles, actual)
    return found.as_json


def test_nine_days_in_ten_stay_at_or_below_p90(replayed):
    releases = fared((made.claims, came.claims) for _, made, came in replayed)
    billed = fared((made.dollars, came.dollars) for _, made, came in replayed)
    cash = fared((made.cash, came.cash) for _, made, came in replayed)
    print(f"releases {releases}\nbilled {billed}\ncash {cash}")
    assert releases["days"] == len(replayed) * AHEAD > 500
    for error in (releases, billed, cash):
        assert 0.85 <= error["under"] <= 0.95 and 0.85 <= error["inside"] <= 0.97
    assert releases["off"] < 0.35 * releases["mean"]


def test_thirty_days_together_are_neither_over_nor_underestimated(replayed):
    expected = sum(made.sums["claims"][MIDDLE] for _, made, _ in replayed)
    cash = sum(made.sums["cash"][MIDDLE] for _, made, _ in replayed)
    assert expected == pytest.approx(sum(came.claims.sum() for *_, came in replayed), rel=0.05)
    assert cash == pytest.approx(sum(came.cash.sum() for *_, came in replayed), rel=0.08)


def test_nothing_that_was_known_later_is_in_a_forecast(lived, replayed):
    """Another future of the same past: other releases, payments and holds after the day change nothing."""
    day, made, _ = replayed[len(replayed) // 2]
    columns = {name: lived.columns[name].copy() for name in NAMES}
    later = (columns["end"] > day) | (columns["end"] == 0)
    columns["end"][later] = numpy.where(columns["id"][later] % 3 == 0, 0, day + 1 + columns["id"][later] % 40)
    columns["how"][later] = numpy.where(columns["end"][later] == 0, HELD, MET + columns["id"][later] % 3)
    unpaid = (columns["paid_on"] > day) | (columns["paid_on"] == 0)
    for name, value in {"paid_on": day + 3, "paid": 10**6, "allowed": 10**6}.items():
        columns[name][unpaid] = value
    begun = columns["start"] > day
    columns["total"][begun], columns["left"][begun], columns["release"][begun] = 10**6, 10**6, day + 1
    other = history_of([columns])
    again = forecast(other, known_on(other, day), seed=7, draws=DRAWS)[ALL]
    for name in ("claims", "dollars", "cash"):
        assert numpy.array_equal(getattr(again, name), getattr(made, name))
    assert not numpy.array_equal(happened(other, day, ALL).claims, happened(lived, day, ALL).claims)


def test_release_dates_are_those_that_were_known_on_the_day(lived):
    """Days that were lengthened later: a past forecast keeps the dates of its day."""
    last = number_of(TODAY) - 1
    day = last - 60
    moved = numpy.flatnonzero((lived.start <= day) & ((lived.end > day) | (lived.end == 0)))
    columns = {name: lived.columns[name].copy() for name in NAMES}
    changed = [(int(lived.id[row]), int(lived.start[row]), int(lived.release[row])) for row in moved]
    columns["release"][moved] += 200
    later = [(key, day + 1, release + 200) for key, _, release in changed]
    after = history_of([columns], sorted([*changed, *later], key=lambda row: (row[0], row[1])))
    before = forecast(lived, known_on(lived, day), seed=7, draws=100)[ALL]
    assert numpy.array_equal(
        forecast(after, known_on(after, day), seed=7, draws=100)[ALL].claims, before.claims
    )
    unaware = forecast(history_of([columns]), known_on(lived, day), seed=7, draws=100)[ALL]
    assert not numpy.array_equal(unaware.claims, before.claims)


def test_the_same_seed_says_the_same_and_another_differs(lived):
    facts = known_on(lived, number_of(TODAY) - 1)
    first, again, other = (forecast(lived, facts, seed=seed, draws=100) for seed in (1, 1, 2))
    assert numpy.array_equal(first[ALL].dollars, again[ALL].dollars)
    assert not numpy.array_equal(first[ALL].dollars, other[ALL].dollars)
    assert sum(one.held for payer, one in first.items() if payer != ALL) == first[ALL].held


def groups(**changes):
    known = {
        "count": [1000, 50],
        "bills": [100.0, 10.0],
        "curve": [0, 1],
        "age": [3, 0],
        "leaves_in": [18, 5],
    }
    return Groups(**{name: numpy.array(value) for name, value in {**known, **changes}.items()})


def test_claims_leave_on_nights_they_are_asked_on_and_on_their_release_date_alone():
    chance = numpy.zeros((200, 400), dtype=numpy.float32)
    chance[:, [7, 14, 21]] = 0.2
    rng = numpy.random.default_rng(1)
    drawn = draw(groups(), [chance, numpy.zeros_like(chance)], (0.0, 0.0), rng=rng, draws=200)
    met, other = drawn.met.mean(axis=0), drawn.other.mean(axis=0)
    assert list(numpy.flatnonzero(met) + 1) == [4, 11, 18] and list(numpy.flatnonzero(other) + 1) == [5, 18]
    assert met[[3, 10, 17]] == pytest.approx([200, 160, 128], rel=0.02)
    assert other[4] == 50 and other[17] == pytest.approx(512, rel=0.02)  # both in one night: met
    assert (drawn.claims.sum(axis=1) == 1050).all()
    assert drawn.dollars[:, 4] == pytest.approx(500)


def test_people_queue_some_of_them_on_any_day():
    chance = numpy.zeros((400, 400), dtype=numpy.float32)
    rng = numpy.random.default_rng(1)
    drawn = draw(groups(leaves_in=[0, 0]), [chance, chance], (0.01, 0.01), rng=rng, draws=400)
    assert drawn.met.sum() == 0
    assert drawn.other.sum(axis=1).mean() == pytest.approx(1050 * (1 - 0.98**30) / 2, rel=0.03)
    assert drawn.other.mean(axis=0).min() > 5


def test_a_million_held_claims_are_drawn_group_by_group():
    """As many claims as there may be, of forty payers' worth of groups: the memory is that of one block."""
    import tracemalloc

    count = 2000
    many = Groups(
        count=numpy.full(count, 500),
        bills=numpy.full(count, 850.0),
        curve=numpy.arange(count) % 8,
        age=numpy.arange(count) % 40,
        leaves_in=numpy.arange(count) % 31,
    )
    chance = numpy.zeros((30, 400), dtype=numpy.float32)
    chance[:, 7::7] = 0.1
    tracemalloc.start()
    drawn = draw(many, [chance] * 8, (0.001, 0.0), rng=numpy.random.default_rng(1), draws=30)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert drawn.claims.sum(axis=1).min() > 500_000
    assert peak < 16 * 30 * 512 * 8  # a few numbers a group of one block and draw, whatever the groups


def test_without_enough_deductibles_met_nothing_is_forecast(lived):
    first = int(lived.start.min())
    assert not enough(known_on(lived, first + 8))
    facts = known_on(lived, number_of(TODAY) - 1)
    assert enough(facts) and facts.curves[COMPANY].met > ENOUGH
    assert all(curve.met >= ENOUGH for curve in facts.curves.values())


def test_what_ended_without_a_release_is_no_release(lived):
    held = packed(
        [
            (1, 1, 0, 100, 100, 160, 110, 4, 500, 900, 0, 0, -1),
            (2, 1, 0, 100, 100, 160, 112, BY_HAND, 500, 900, 0, 0, -1),
        ]
    )
    came = happened(history_of([held]), 105, ALL)
    assert list(numpy.flatnonzero(came.claims)) == [6] and HIGH > MIDDLE
