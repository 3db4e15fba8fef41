"""The arithmetic of reports: periods, shares, percentiles, and lengths that agree with the due date."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalations.domain import lengths
from escalations.domain.reports import PRESETS, length_words, percentile, plural, share
from escalations.domain.turnaround import Pause, Turnaround, compute
from tables.periods import Period, monday_of
from tests.domain.turnaround_cases import CHICAGO, OFFICE

FRIDAY = date(2026, 11, 20)


class TestPeriods:
    @pytest.mark.parametrize(
        ("name", "first", "last"),
        [
            ("this-week", date(2026, 11, 16), FRIDAY),
            ("last-4-weeks", date(2026, 10, 26), FRIDAY),
            ("last-8-weeks", date(2026, 9, 28), FRIDAY),
            ("quarter", date(2026, 10, 1), FRIDAY),
            ("last-quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ],
    )
    def test_a_named_period_is_made_of_these_days(self, name: str, first: date, last: date) -> None:
        assert PRESETS[name][1](FRIDAY) == Period(first, last)

    def test_the_last_quarter_of_january_lies_in_the_year_before(self) -> None:
        assert PRESETS["last-quarter"][1](date(2027, 1, 2)) == Period(date(2026, 10, 1), date(2026, 12, 31))

    def test_a_week_starts_on_monday_on_a_sunday_too(self) -> None:
        assert monday_of(date(2026, 11, 22)) == date(2026, 11, 16)

    def test_the_days_end_at_the_companys_midnight_also_when_the_clocks_change(self) -> None:
        start, end = Period(date(2026, 11, 1), date(2026, 11, 1)).moments(ZoneInfo("America/Chicago"))
        assert end.timestamp() - start.timestamp() == 25 * 3600

    def test_every_week_it_touches_is_one_of_its_weeks(self) -> None:
        assert Period(date(2026, 11, 19), date(2026, 11, 30)).weeks == [
            date(2026, 11, 16),
            date(2026, 11, 23),
            date(2026, 11, 30),
        ]

    @pytest.mark.parametrize(
        ("first", "last", "words"),
        [
            (date(2026, 11, 2), date(2026, 11, 29), "2 to 29 November 2026"),
            (date(2026, 10, 2), date(2026, 11, 29), "2 October to 29 November 2026"),
            (date(2025, 12, 29), date(2026, 1, 4), "29 December 2025 to 4 January 2026"),
            (FRIDAY, FRIDAY, "20 November 2026"),
        ],
    )
    def test_it_is_said_as_people_say_it(self, first: date, last: date, words: str) -> None:
        assert Period(first, last).words == words


class TestShares:
    @pytest.mark.parametrize(
        ("part", "whole", "said"),
        [
            (0, 0, "–"),
            (3, 4, "3 of 4"),
            (0, 4, "0 of 4"),
            (4, 5, "80%"),
            (5, 5, "100%"),
            (199, 200, "99%"),
            (1, 400, "1%"),
            (0, 400, "0%"),
            (25, 40, "63%"),
        ],
    )
    def test_few_cases_get_no_percentage_and_all_is_all(self, part: int, whole: int, said: str) -> None:
        assert share(part, whole) == said

    @given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.sampled_from([50, 90]))
    def test_a_percentile_is_the_smallest_that_so_many_do_not_exceed(
        self, values: list[int], percent: int
    ) -> None:
        values.sort()
        found = percentile(values, percent)
        assert sum(one <= found for one in values) * 100 >= percent * len(values)
        smaller = [one for one in values if one < found]
        assert len(smaller) * 100 < percent * len(values)

    def test_nothing_has_no_percentile(self) -> None:
        with pytest.raises(ValueError, match="no percentile"):
            percentile([], 50)

    def test_numbers_and_lengths_are_said_with_their_words(self) -> None:
        assert (plural(1, "ticket"), plural(1204, "ticket")) == ("1 ticket", "1,204 tickets")
        assert plural(2, "breach", "breaches") == "2 breaches"
        assert length_words(timedelta(days=3, hours=4, minutes=59)) == "3 d 4 h"
        assert length_words(timedelta(seconds=20)) == "0 min"


def chicago(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


class TestLengths:
    @pytest.mark.parametrize(
        ("unit", "filed", "ended", "took"),
        [
            ("business_day", "2026-05-15T10:00", "2026-05-15T17:00", 0),
            ("business_day", "2026-05-15T10:00", "2026-05-18T18:00", 1),
            ("business_day", "2026-05-15T10:00", "2026-05-18T18:01", 2),
            ("business_day", "2026-05-15T10:00", "2026-05-17T12:00", 1),
            ("business_day", "2026-05-22T10:00", "2026-05-26T12:00", 1),
            ("business_hour", "2026-05-15T17:59", "2026-05-19T17:59", 48),
            ("business_hour", "2026-05-16T10:00", "2026-05-18T10:00", 1),
            ("business_hour", "2026-05-16T10:00", "2026-05-17T10:00", 0),
            ("staffed_hour", "2026-05-15T17:00", "2026-05-18T10:00", 2),
            ("clock_hour", "2026-10-31T18:00", "2026-11-01T17:00", 24),
            ("week", "2026-05-15T10:00", "2026-05-22T17:00", 5),
            ("immediate", "2026-05-15T22:00", "2026-05-15T22:30", 0.5),
            ("none", "2026-05-15T10:00", "2026-05-19T10:00", 2),
        ],
    )
    def test_a_ticket_took_so_much_of_its_unit(self, unit: str, filed: str, ended: str, took: float) -> None:
        assert lengths.length(unit, chicago(filed), chicago(ended), OFFICE) == pytest.approx(took)

    def test_a_pause_is_cut_out_as_it_moves_the_due_date_k9(self) -> None:
        stop = Pause(chicago("2026-05-12T10:00"), chicago("2026-05-14T15:00"))
        filed, ended = chicago("2026-05-11T10:00"), chicago("2026-05-22T18:00")
        assert lengths.length("business_day", filed, ended, OFFICE, [stop]) == 7
        hours = lengths.length("clock_hour", filed, ended, OFFICE, [stop])
        assert hours == pytest.approx(11 * 24 + 8 - 53)

    def test_it_is_said_with_its_unit(self) -> None:
        assert lengths.said("business_day", 1) == "1 business day"
        assert lengths.said("business_hour", 31.46) == "31.5 business hours"
        assert lengths.said("week", 5) == "5 business days"

    @settings(max_examples=200, deadline=None)
    @given(
        st.sampled_from(["business_day", "business_hour", "staffed_hour", "clock_hour"]),
        st.integers(1, 40),
        st.integers(0, 60 * 24 * 30),
        st.integers(0, 60 * 24 * 60),
        st.lists(st.tuples(st.integers(0, 60 * 24 * 20), st.integers(1, 60 * 24 * 5)), max_size=3),
    )
    def test_within_n_of_its_unit_is_exactly_in_time_for_n(
        self, unit: str, number: int, filed: int, took: int, stops: list[tuple[int, int]]
    ) -> None:
        """The length and the due date are two readings of one count: whoever was in time took no more."""
        base = chicago("2026-05-01T00:00")
        received = base + timedelta(minutes=filed)
        ended = received + timedelta(minutes=took)
        pauses = [
            Pause(received + timedelta(minutes=at), received + timedelta(minutes=at + long))
            for at, long in stops
            if at + long <= took
        ]
        due = compute(Turnaround(None, number, unit), received, OFFICE, pauses).due_at
        measured = lengths.length(unit, received, ended, OFFICE, pauses)
        assert due is not None
        if ended <= due:
            assert measured <= number or math.isclose(measured, number)
        elif unit == "business_day":
            assert measured > number
        else:
            assert measured >= number or math.isclose(measured, number)
