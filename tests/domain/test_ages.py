"""How long ago a date was, on both sides of every limit (R-INS-4, R-SUP-4, R-SUP-8, R-SUP-9)."""

from __future__ import annotations

from datetime import date

import pytest

from escalations.domain.ages import BUSINESS_DAY, CALENDAR_DAY, Age, Limit, age, ages, limits_of
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.conditions import Day, holds
from tests.domain.desk import CALENDAR, NOW, type_of

TODAY = NOW.date()
DAY = Day(TODAY, CALENDAR)
SIX_MONTHS = Limit("served_on", 180, CALENDAR_DAY)
FORTY_FIVE = Limit("sent_on", 45, BUSINESS_DAY)


def old(limit: Limit, since: str, day: Day = DAY) -> Age:
    return age(limit, date.fromisoformat(since), day)


@pytest.mark.parametrize(
    ("limit", "since", "passed", "over", "ends_on", "words"),
    [
        (
            SIX_MONTHS,
            "2026-02-04",
            105,
            False,
            "2026-08-03",
            "Wednesday 4 February: 105 calendar days ago, 180 are not over (they end on Monday 3 August).",
        ),
        (
            SIX_MONTHS,
            "2025-11-21",
            180,
            False,
            "2026-05-20",
            "Friday 21 November 2025: 180 calendar days ago, 180 are not over (they end today).",
        ),
        (
            SIX_MONTHS,
            "2025-11-20",
            181,
            True,
            "2026-05-19",
            "Thursday 20 November 2025: 181 calendar days ago, 180 were over on Tuesday 19 May.",
        ),
        (
            FORTY_FIVE,
            "2026-03-18",
            45,
            False,
            "2026-05-20",
            "Wednesday 18 March: 45 business days ago, 45 are not over (they end today).",
        ),
        (
            FORTY_FIVE,
            "2026-03-17",
            46,
            True,
            "2026-05-19",
            "Tuesday 17 March: 46 business days ago, 45 were over on Tuesday 19 May.",
        ),
        (
            FORTY_FIVE,
            "2026-02-04",
            74,
            True,
            "2026-04-09",
            "Wednesday 4 February: 74 business days ago, 45 were over on Thursday 9 April.",
        ),
    ],
)
def test_a_date_is_counted_on_both_sides_of_its_limit(
    limit: Limit, since: str, passed: int, over: bool, ends_on: str, words: str
) -> None:
    found = old(limit, since)
    assert (found.passed, found.over) == (passed, over)
    assert found.ends_on == date.fromisoformat(ends_on)
    assert found.words == words


def test_a_holiday_on_the_way_is_no_business_day() -> None:
    """Presidents' Day, Monday 16 February, lies between; without it the end were a day earlier."""
    open_always = BusinessCalendar.from_json({**CALENDAR.to_json(), "holidays": []})
    assert old(FORTY_FIVE, "2026-02-04").ends_on == date(2026, 4, 9)
    assert old(FORTY_FIVE, "2026-02-04", Day(TODAY, open_always)).ends_on == date(2026, 4, 8)
    assert old(FORTY_FIVE, "2026-02-04").passed == 74
    assert old(FORTY_FIVE, "2026-02-04", Day(TODAY, open_always)).passed == 75


def test_a_weekend_counts_for_calendar_days_and_not_for_business_days() -> None:
    assert old(Limit("q", 2, CALENDAR_DAY), "2026-05-17").over
    assert not old(Limit("q", 3, BUSINESS_DAY), "2026-05-15").over
    assert old(Limit("q", 3, BUSINESS_DAY), "2026-05-17").passed == 3
    assert old(Limit("q", 3, BUSINESS_DAY), "2026-05-15").ends_on == TODAY


def test_on_the_weekend_after_the_last_business_day_no_more_have_passed() -> None:
    found = old(FORTY_FIVE, "2026-03-18", Day(date(2026, 5, 23), CALENDAR))
    assert (found.passed, found.over) == (47, True)
    found = old(FORTY_FIVE, "2026-03-20", Day(date(2026, 5, 23), CALENDAR))
    assert found.words == "Friday 20 March: 45 business days ago, no more than 45."


@pytest.mark.parametrize("limit", [SIX_MONTHS, FORTY_FIVE])
def test_a_date_ahead_has_let_nothing_pass(limit: Limit) -> None:
    found = old(limit, "2026-06-01")
    assert (found.passed, found.over) == (0, False)
    assert found.words == "Monday 1 June lies ahead: nothing has passed yet."


def test_today_and_yesterday_are_said_as_people_say_them() -> None:
    assert ": today, 180 are not over" in old(SIX_MONTHS, "2026-05-20").words
    assert ": 1 calendar day ago, " in old(SIX_MONTHS, "2026-05-19").words
    assert ": 1 business day ago, " in old(FORTY_FIVE, "2026-05-19").words


@pytest.mark.parametrize("since", ["1895-01-01", "1989-12-31"])
def test_a_date_before_every_calendar_is_over_and_has_no_end_in_business_days(since: str) -> None:
    found = old(FORTY_FIVE, since)
    assert found.over and found.ends_on is None
    assert found.words.endswith(": more than 45 business days ago.")
    assert old(SIX_MONTHS, "1895-01-01").words.endswith(
        ": 47,986 calendar days ago, 180 were over on Sunday 30 June 1895."
    )


@pytest.mark.parametrize("since", ["2100-12-31", "9999-12-31"])
@pytest.mark.parametrize("limit", [SIX_MONTHS, FORTY_FIVE])
def test_a_date_after_every_calendar_fails_nowhere(limit: Limit, since: str) -> None:
    assert not old(limit, since).over


def test_without_a_calendar_nothing_is_claimed_of_business_days() -> None:
    found = old(FORTY_FIVE, "2026-01-05", Day(TODAY))
    assert not found.over and found.ends_on is None


@pytest.mark.parametrize("days_ago", range(0, 400, 3))
@pytest.mark.parametrize(
    ("limit", "test"), [(SIX_MONTHS, "older_than_days"), (FORTY_FIVE, "older_than_business_days")]
)
def test_what_is_said_to_be_over_is_what_the_rules_take_for_over(
    limit: Limit, test: str, days_ago: int
) -> None:
    since = date.fromordinal(TODAY.toordinal() - days_ago)
    found = age(limit, since, DAY)
    assert found.over is holds({"of": "q", test: limit.days}, {"q": since.isoformat()}, DAY)
    assert found.ends_on is not None and found.over is (found.ends_on < TODAY)


def test_a_type_is_asked_for_the_limits_its_own_rules_put_to_a_date() -> None:
    assert limits_of(type_of("insurance-update")) == (Limit("date_of_service", 180, CALENDAR_DAY),)
    assert set(limits_of(type_of("supervisor"))) == {
        Limit("sent_on", 45, BUSINESS_DAY),
        Limit("linked_update", 45, BUSINESS_DAY),
        Limit("date_of_service", 180, CALENDAR_DAY),
    }
    assert limits_of(type_of("refund")) == ()


def test_only_dates_that_are_known_are_counted_in_the_order_of_the_questions() -> None:
    dates = {"date_of_service": date(2026, 2, 4), "linked_update": date(2026, 3, 17), "change_kind": TODAY}
    found = ages(type_of("supervisor"), dates, DAY)
    assert [(one.question, one.over) for one in found] == [
        ("linked_update", True),
        ("date_of_service", False),
    ]
    assert ages(type_of("supervisor"), {}, DAY) == ()
