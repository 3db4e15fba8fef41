"""The turnaround engine against the worked examples and the rules one by one (K2–K9, K18)."""

import math
from datetime import UTC, date, datetime, time, timedelta

import pytest

from escalations.domain.turnaround import (
    UNITS,
    HorizonError,
    Pause,
    TimeRuleError,
    Turnaround,
    TurnaroundError,
    compute,
    describe,
    pauses_from_json,
)
from tests.domain.turnaround_cases import (
    ALL_DAY,
    CHICAGO,
    NINE_TO_SIX,
    OFFICE,
    ROUND_THE_CLOCK,
    at,
    calendar,
    days,
    hours,
    local,
    weekly,
)

WEEK = Turnaround(None, 1, "week")
CLOCK_DAY = hours(24, "clock_hour")


def window(turnaround, received, pauses=(), kept=OFFICE, now=None):
    return tuple(local(moment) for moment in compute(turnaround, received, kept, pauses, now))


def due(turnaround, received, pauses=(), kept=OFFICE, now=None):
    return window(turnaround, received, pauses, kept, now)[1]


class TestWorkedExamples:
    """Every row of the table of escalations.md §3."""

    @pytest.mark.parametrize(
        ("turnaround", "received", "expected"),
        [
            (hours(48), "05-15 17:59", "Tue 05-19 17:59"),
            (hours(48), "05-22 17:59", "Wed 05-27 17:59"),
            (hours(48), "05-16 10:00", "Wed 05-20 09:00"),
            (days(2), "05-15 00:30", "Tue 05-19 18:00"),
            (days(2), "05-15 18:01", "Tue 05-19 18:00"),
            (CLOCK_DAY, "10-31 18:00", "Sun 11-01 17:00"),
            (WEEK, "05-16 10:00", "Fri 05-22 18:00"),
        ],
    )
    def test_single_due_date_is_as_the_table_says(self, turnaround, received, expected):
        assert window(turnaround, at(received)) == (None, expected)

    @pytest.mark.parametrize(
        ("turnaround", "expected"),
        [
            (days(7, 5), ("Thu 05-28 18:00", "Mon 06-01 18:00")),
            (days(5, 3), ("Tue 05-26 18:00", "Thu 05-28 18:00")),
        ],
    )
    def test_itemized_bill_by_phone_and_by_email_has_its_window(self, turnaround, expected):
        assert window(turnaround, at("05-20 10:00")) == expected

    def test_pause_from_tuesday_to_thursday_moves_the_window_by_two_dates(self):
        pauses = [Pause(at("05-12 10:00"), at("05-14 15:00"))]
        assert window(days(7, 5), at("05-11 09:40"), pauses) == ("Wed 05-20 18:00", "Fri 05-22 18:00")


class TestBusinessDays:
    """K2, K3 and the pauses of K9."""

    def test_filing_date_is_day_zero_in_the_zone_of_the_calendar_not_in_utc(self):
        assert (
            due(days(1), datetime(2026, 5, 16, 3, 0, tzinfo=UTC)) == "Mon 05-18 18:00"
        )  # Friday 22:00 there

    def test_half_day_counts_and_is_due_at_its_own_close(self):
        kept = calendar(exceptions={date(2026, 12, 24): ((time(9), time(13)),)})
        assert due(days(1), at("12-23 16:00"), kept=kept) == "Thu 12-24 13:00"

    def test_special_open_day_wins_over_a_holiday(self):
        kept = calendar(exceptions={date(2026, 5, 25): ((time(10), time(14)),)})
        assert due(days(1), at("05-22 16:00"), kept=kept) == "Mon 05-25 14:00"

    def test_exception_without_hours_closes_a_weekday(self):
        kept = calendar(exceptions={date(2026, 5, 18): ()})
        assert due(days(1), at("05-15 16:00"), kept=kept) == "Tue 05-19 18:00"

    def test_close_of_several_intervals_is_the_end_of_the_last(self):
        kept = calendar(weekly(((time(13), time(20)), (time(8), time(12)))))
        assert due(days(1), at("05-18 09:00"), kept=kept) == "Tue 05-19 20:00"

    def test_close_at_24_00_is_the_midnight_that_ends_the_date(self):
        assert due(days(1), at("05-18 09:00"), kept=ROUND_THE_CLOCK) == "Wed 05-20 00:00"

    def test_leap_day_and_year_end_are_dates_like_others(self):
        assert due(days(2), at("2028-02-28 10:00"), kept=calendar(holidays=())) == "Wed 03-01 18:00"
        assert (
            due(days(1), at("12-31 10:00"), kept=calendar(holidays=[date(2027, 1, 1)])) == "Mon 01-04 18:00"
        )

    def test_close_keeps_its_clock_time_when_the_clocks_change(self):
        assert compute(days(1), at("03-06 10:00"), OFFICE).due_at == datetime(2026, 3, 9, 23, tzinfo=UTC)
        assert compute(days(1), at("03-05 10:00"), OFFICE).due_at == datetime(2026, 3, 7, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            ("05-19 17:00", "05-19 18:00", "Tue 05-19 18:00"),  # runs again at the close itself
            ("05-19 18:00", "05-19 19:00", "Wed 05-20 18:00"),  # stands still from the close on
            ("05-19 09:00", "05-19 17:59", "Tue 05-19 18:00"),
            ("05-16 09:00", "05-17 17:59", "Tue 05-19 18:00"),  # a weekend counts nothing anyway
            ("05-20 09:00", "05-29 17:59", "Tue 05-19 18:00"),  # after the due moment
        ],
    )
    def test_date_counts_only_if_the_clock_runs_at_its_close(self, start, end, expected):
        assert due(days(2), at("05-15 12:00"), [Pause(at(start), at(end))]) == expected

    def test_overlapping_pauses_count_once(self):
        one = [Pause(at("05-18 10:00"), at("05-20 10:00"))]
        two = [Pause(at("05-19 10:00"), at("05-20 10:00")), Pause(at("05-18 10:00"), at("05-19 17:00"))]
        assert (
            due(days(3), at("05-15 12:00"), two) == due(days(3), at("05-15 12:00"), one) == "Fri 05-22 18:00"
        )

    def test_open_pause_answers_what_would_be_due_if_resumed_now(self):
        waiting = [Pause(at("05-18 10:00"))]
        assert due(days(2), at("05-15 12:00"), waiting, now=at("05-20 11:00")) == "Thu 05-21 18:00"

    def test_open_pause_without_now_is_refused_with_a_sentence(self):
        with pytest.raises(TurnaroundError, match="has not ended"):
            compute(days(2), at("05-15 12:00"), OFFICE, [Pause(at("05-18 10:00"))])

    def test_earlier_receipt_is_what_the_clock_counts_from(self):
        """K18."""
        assert due(days(2), at("05-13 12:00")) == "Fri 05-15 18:00"


class TestBusinessHours:
    """K4, with the pauses of K9."""

    def test_start_at_closing_time_moves_to_the_next_opening(self):
        assert due(hours(48), at("05-15 18:00")) == "Wed 05-20 09:00"

    def test_start_in_the_lunch_break_moves_to_its_end(self):
        kept = calendar(weekly(((time(8), time(12)), (time(13), time(17)))))
        assert due(hours(24), at("05-18 12:30"), kept=kept) == "Tue 05-19 13:00"

    def test_hours_past_midnight_fall_on_the_next_business_date(self):
        assert due(hours(10), at("05-15 17:00")) == "Mon 05-18 03:00"

    def test_end_on_midnight_stays_at_that_midnight(self):
        kept = calendar(weekly(ALL_DAY))
        assert due(hours(7), at("05-15 17:00"), kept=kept) == "Sat 05-16 00:00"
        assert due(hours(24), at("05-15 00:00"), kept=kept) == "Sat 05-16 00:00"

    def test_same_clock_time_is_kept_over_both_clock_changes(self):
        assert due(hours(48), at("03-07 10:00"), kept=ROUND_THE_CLOCK) == "Mon 03-09 10:00"
        assert due(hours(48), at("10-31 10:00"), kept=ROUND_THE_CLOCK) == "Mon 11-02 10:00"

    def test_clock_time_that_is_skipped_becomes_the_moment_of_the_jump(self):
        assert due(hours(24), at("03-07 02:30"), kept=ROUND_THE_CLOCK) == "Sun 03-08 03:00"

    def test_repeated_hour_ends_at_its_first_pass_unless_filed_in_the_second(self):
        first = compute(hours(24), at("10-31 01:30"), ROUND_THE_CLOCK).due_at
        assert first == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
        assert due(hours(24), at("11-01 01:30", fold=1), kept=ROUND_THE_CLOCK) == "Mon 11-02 01:30"
        assert due(hours(1), at("11-01 01:30", fold=1), kept=ROUND_THE_CLOCK) == "Sun 11-01 02:30"

    def test_paused_time_is_cut_out_by_the_same_count(self):
        pauses = [Pause(at("05-18 10:00"), at("05-18 12:00"))]
        assert due(hours(24), at("05-15 17:00"), pauses) == "Mon 05-18 19:00"

    def test_pause_over_the_weekend_costs_only_its_business_dates(self):
        pauses = [Pause(at("05-15 20:00"), at("05-18 06:00"))]
        assert due(hours(24), at("05-15 17:00"), pauses) == "Tue 05-19 03:00"

    def test_pause_that_covers_the_start_moves_the_start_to_its_end(self):
        pauses = [Pause(at("05-16 12:00"), at("05-18 15:00"))]
        assert due(hours(24), at("05-16 10:00"), pauses) == "Tue 05-19 15:00"

    def test_pause_after_the_due_moment_changes_nothing(self):
        pauses = [Pause(at("05-19 17:59"), at("05-25 12:00"))]
        assert due(hours(48), at("05-15 17:59"), pauses) == "Tue 05-19 17:59"


class TestStaffedAndClockHours:
    """K4 staffed hours, K5 clock hours."""

    def test_staffed_hours_count_open_time_only(self):
        assert due(hours(8, "staffed_hour"), at("05-22 17:30")) == "Tue 05-26 16:30"

    def test_staffed_hours_that_fill_a_date_end_at_its_close(self):
        assert due(hours(9, "staffed_hour"), at("05-15 07:00")) == "Fri 05-15 18:00"

    def test_staffed_hours_cut_out_the_open_part_of_a_pause(self):
        pauses = [Pause(at("05-18 17:00"), at("05-19 10:00"))]
        assert due(hours(10, "staffed_hour"), at("05-18 09:00"), pauses) == "Tue 05-19 12:00"

    def test_staffed_hours_on_the_night_the_clocks_go_back_are_real_hours(self):
        assert due(hours(5, "staffed_hour"), at("11-01 00:00"), kept=ROUND_THE_CLOCK) == "Sun 11-01 04:00"

    def test_clock_hours_run_over_weekends_and_the_spring_change(self):
        assert due(CLOCK_DAY, at("03-07 18:00")) == "Sun 03-08 19:00"

    def test_clock_hours_cut_out_paused_time(self):
        pauses = [Pause(at("05-16 12:00"), at("05-16 15:30"))]
        assert due(CLOCK_DAY, at("05-16 10:00"), pauses) == "Sun 05-17 13:30"

    def test_nothing_is_rounded(self):
        received = at("05-15 17:59") + timedelta(seconds=12, microseconds=345678)
        assert compute(hours(48), received, OFFICE).due_at == at("05-19 17:59") + (
            received - at("05-15 17:59")
        )


class TestWithinAWeek:
    """K6."""

    def test_day_seven_on_a_business_date_is_its_close(self):
        assert due(WEEK, at("05-13 10:00")) == "Wed 05-20 18:00"

    def test_two_weeks_are_fourteen_days(self):
        assert due(Turnaround(None, 2, "week"), at("05-16 10:00")) == "Fri 05-29 18:00"

    def test_long_closure_never_rolls_back_before_the_first_business_date_after_filing(self):
        closed = [date(2026, 5, day) for day in range(16, 30)]
        assert due(WEEK, at("05-15 10:00"), kept=calendar(holidays=closed)) == "Mon 06-01 18:00"

    def test_pause_moves_the_week_by_the_dates_it_covers(self):
        pauses = [Pause(at("05-12 10:00"), at("05-14 10:00"))]
        assert due(WEEK, at("05-11 10:00"), pauses) == "Wed 05-20 18:00"

    def test_date_paused_at_its_close_is_passed_over_forwards(self):
        pauses = [Pause(at("05-22 10:00"), at("05-23 10:00"))]
        assert due(WEEK, at("05-16 10:00"), pauses) == "Tue 05-26 18:00"


class TestWithoutACount:
    """K7 and K8."""

    def test_immediate_is_due_when_filed_even_on_a_sunday_night(self):
        assert window(Turnaround(None, None, "immediate"), at("05-17 23:10")) == (None, "Sun 05-17 23:10")

    def test_none_stated_invents_no_date(self):
        assert compute(Turnaround(None, None, "none"), at("05-17 23:10"), OFFICE) == (None, None)


class TestWords:
    """Labels say the unit in words (K4)."""

    @pytest.mark.parametrize(
        ("turnaround", "label"),
        [
            (days(7, 5), "5–7 business days"),
            (days(60), "up to 60 business days"),
            (days(3, 3), "3 business days"),
            (days(1, 1), "1 business day"),
            (hours(48, low=48), "48 business hours"),
            (hours(24, "clock_hour"), "within 24 clock hours"),
            (hours(8, "staffed_hour", 4), "4–8 staffed hours"),
            (WEEK, "within a week"),
            (Turnaround(1, 1, "week"), "within a week"),
            (Turnaround(None, 2, "week"), "within 2 weeks"),
            (Turnaround(1, 2, "week"), "1–2 weeks"),
            (Turnaround(None, None, "immediate"), "immediate"),
            (Turnaround(None, None, "none"), "no time stated"),
        ],
    )
    def test_turnaround_is_described_as_people_say_it(self, turnaround, label):
        assert describe(turnaround) == str(turnaround) == label


class TestHostileInput:
    """A clear sentence naming the field, never another exception."""

    @pytest.mark.parametrize(
        ("low", "high", "unit", "field"),
        [
            (None, 5, "fortnight", "unit"),
            (None, 5, "", "unit"),
            (None, 5, None, "unit"),
            (None, 5, ["week"], "unit"),
            (None, None, "business_day", "max"),
            (3, None, "business_day", "max"),
            (None, 0, "business_day", "max"),
            (None, -1, "week", "max"),
            (None, 2.0, "business_day", "max"),
            (None, math.nan, "business_day", "max"),
            (None, math.inf, "clock_hour", "max"),
            (None, "5", "business_day", "max"),
            (None, True, "business_day", "max"),
            (None, 10**30, "business_day", "max"),
            (6, 5, "business_day", "min"),
            (0, 5, "business_day", "min"),
            ("", 5, "business_day", "min"),
            (None, 1, "immediate", "max"),
            (1, None, "none", "min"),
        ],
    )
    def test_impossible_turnaround_is_refused_naming_its_field(self, low, high, unit, field):
        with pytest.raises(TurnaroundError) as refusal:
            Turnaround(low, high, unit)
        assert refusal.value.field == field
        assert refusal.value.message.endswith(".")

    @pytest.mark.parametrize("unit", [unit for unit in UNITS if unit not in ("immediate", "none")])
    def test_huge_number_meets_the_horizon_instead_of_looping(self, unit):
        with pytest.raises(HorizonError, match="1990 to 2100"):
            compute(Turnaround(None, 1_000_000, unit), at("05-15 10:00"), OFFICE)

    @pytest.mark.parametrize("unit", UNITS)
    @pytest.mark.parametrize("year", [1, 1066, 1989, 2101, 9999])
    def test_filing_outside_the_calendar_is_refused(self, unit, year):
        number = None if unit in ("immediate", "none") else 1
        with pytest.raises(HorizonError) as refusal:
            compute(Turnaround(None, number, unit), datetime(year, 6, 1, tzinfo=UTC), OFFICE)
        assert refusal.value.field == "received_at"

    @pytest.mark.parametrize("extreme", [datetime.min, datetime.max])
    def test_first_and_last_moment_of_time_are_refused_in_any_zone(self, extreme):
        for zone in (UTC, CHICAGO):
            with pytest.raises(HorizonError):
                compute(days(1), extreme.replace(tzinfo=zone), OFFICE)

    @pytest.mark.parametrize(
        "received", [datetime(2026, 5, 15, 10), date(2026, 5, 15), "2026-05-15", None, math.nan]
    )
    def test_filing_moment_without_offset_is_refused(self, received):
        with pytest.raises(TimeRuleError) as refusal:
            compute(days(1), received, OFFICE)
        assert refusal.value.field == "received_at"

    def test_calendar_open_on_one_date_only_answers_or_meets_the_horizon(self):
        kept = calendar(((),) * 7, exceptions={date(2026, 5, 18): NINE_TO_SIX})
        assert due(days(1), at("05-15 10:00"), kept=kept) == "Mon 05-18 18:00"
        for unit in ("business_day", "business_hour", "staffed_hour", "week"):
            with pytest.raises(HorizonError):
                compute(Turnaround(None, 50, unit), at("05-18 10:00"), kept)

    def test_pause_that_ends_centuries_away_meets_the_horizon(self):
        pause = Pause(at("05-18 10:00"), datetime(9999, 1, 1, tzinfo=UTC))
        for unit in ("business_day", "business_hour", "staffed_hour", "clock_hour", "week"):
            with pytest.raises(HorizonError):
                compute(Turnaround(None, 500, unit), at("05-15 10:00"), OFFICE, [pause])

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "x",
            {},
            [1],
            [[]],
            [["2026-05-12T10:00:00Z"]],
            [["soon", None]],
            [[None, None]],
            [[math.nan, math.nan]],
            [["2026-05-12T10:00:00", "2026-05-14T10:00:00"]],
            [["2026-05-14T10:00:00Z", "2026-05-12T10:00:00Z"]],
            [["2026-05-12T10:00:00Z", "2026-05-14T10:00:00Z", None]],
            [["2026-05-12T10:00:00Z", None]] * 1001,
        ],
    )
    def test_malformed_pauses_are_refused_naming_the_field(self, value):
        with pytest.raises(TimeRuleError) as refusal:
            pauses_from_json(value)
        assert refusal.value.field == "pauses"

    def test_pauses_are_read_from_pairs_of_iso_times(self):
        read = pauses_from_json(
            [["2026-05-12T10:00:00-05:00", "2026-05-14T20:00:00Z"], ["2026-05-15T10:00:00Z", None]]
        )
        assert read == (Pause(at("05-12 10:00"), at("05-14 15:00")), Pause(at("05-15 05:00")))
