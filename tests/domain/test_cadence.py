"""The seven-day grid of a held claim (D-CHK-2…5)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deductibles.domain import cadence

HELD = date(2026, 5, 20)
dates = st.dates(date(2020, 1, 1), date(2035, 12, 31))
gaps = st.integers(0, 400)


def day(number: int) -> date:
    return HELD + timedelta(days=number)


def test_day_0_is_no_question_and_every_seventh_day_is_D_CHK_2() -> None:
    assert [number for number in range(29) if cadence.is_due(HELD, day(number))] == [7, 14, 21, 28]


def test_days_before_the_hold_are_never_due() -> None:
    assert not cadence.is_due(HELD, day(-7))


def test_weekends_holidays_leap_days_and_year_ends_count_D_CHK_2() -> None:
    assert cadence.is_due(date(2024, 2, 22), date(2024, 2, 29))
    assert cadence.is_due(date(2026, 12, 25), date(2027, 1, 1))


def test_after_missed_nights_only_the_newest_date_is_asked_for_D_CHK_5() -> None:
    assert cadence.newest_missed(HELD, None, day(23)) == day(21)
    assert cadence.newest_missed(HELD, day(7), day(23)) == day(21)
    assert cadence.newest_missed(HELD, day(21), day(23)) is None
    assert cadence.newest_missed(HELD, None, day(6)) is None


def test_the_next_check_is_on_the_grid_and_later_D_CHK_3() -> None:
    assert [cadence.next_check_on(HELD, day(number)) for number in (0, 6, 7, 13)] == [
        day(7),
        day(7),
        day(14),
        day(14),
    ]


def test_days_remaining_never_fall_below_zero_and_may_be_unknown() -> None:
    assert cadence.days_remaining(day(3), day(1)) == 2
    assert cadence.days_remaining(day(3), day(9)) == 0
    assert cadence.days_remaining(None, day(9)) is None


@given(dates, gaps)
def test_the_next_check_is_due_and_at_most_a_week_away_D_CHK_3(held: date, gap: int) -> None:
    after = held + timedelta(days=gap)
    following = cadence.next_check_on(held, after)
    assert cadence.is_due(held, following) and 1 <= (following - after).days <= 7


@given(dates, gaps)
def test_asking_for_the_newest_missed_date_leaves_nothing_to_ask_that_night(held: date, gap: int) -> None:
    target = held + timedelta(days=gap)
    newest = cadence.newest_missed(held, None, target)
    if newest is not None:
        assert cadence.is_due(held, newest) and target - newest < timedelta(days=7)
        assert cadence.newest_missed(held, newest, target) is None


@given(dates, st.integers(1, 366))
def test_the_anchors_of_a_night_are_exactly_the_holds_due_then(held: date, gap: int) -> None:
    night = held + timedelta(days=gap)
    assert (held in cadence.anchors([night])) == cadence.is_due(held, night)
