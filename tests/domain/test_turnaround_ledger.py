"""Why a date is due, and what the patient is told (K19, R-ALL-2)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from escalations.domain.turnaround import (
    LedgerLine,
    Pause,
    Turnaround,
    TurnaroundError,
    compute,
    ledger,
    promise,
)
from tests.domain.turnaround_cases import ALL_DAY, OFFICE, at, calendar, days, hours, weekly

WEEK = Turnaround(None, 1, "week")


def lines(turnaround, received, pauses=(), kept=OFFICE, now=None):
    """The ledger as (day of month, counted) pairs and the reasons by day of month."""
    found = ledger(turnaround, received, kept, pauses, now)
    return [(line.date.day, line.counted) for line in found], {line.date.day: line.why for line in found}


def said(turnaround, received, kept=OFFICE, pauses=()):
    return promise(compute(turnaround, received, kept, pauses), turnaround, kept, received)


class TestBusinessDayLedger:
    """K2, K3, K9."""

    def test_every_date_from_filing_to_due_says_whether_and_why_it_counts(self):
        pauses = [Pause(at("05-12 10:00"), at("05-14 15:00"))]
        counted, why = lines(days(7, 5), at("05-11 09:40"), pauses)
        assert counted == [
            (11, "day 0"), (12, "no"), (13, "no"), (14, "1"), (15, "2"), (16, "no"), (17, "no"), (18, "3"),
            (19, "4"), (20, "5"), (21, "6"), (22, "7"),
        ]  # fmt: skip
        assert why[11] == "Received 09:40; the filing date never counts"
        assert why[12] == why[13] == "Paused at close, 18:00"
        assert why[14] == "Resumed 15:00, running at close"
        assert why[15] == "Open 09:00–18:00"
        assert why[16] == "Closed on Saturdays"
        assert why[20] == "Expected from, at close 18:00"
        assert why[22] == "Due at close, 18:00"

    def test_holidays_half_days_and_special_days_are_named_as_such(self):
        half = ((time(9), time(12)), (time(13), time(15)))
        kept = calendar(exceptions={date(2026, 5, 26): half, date(2026, 5, 27): ()})
        _, why = lines(days(3), at("05-22 10:00"), kept=kept)
        assert why[25] == "Holiday"
        assert why[26] == "Special hours, open 09:00–12:00 and 13:00–15:00"
        assert why[27] == "Closed by a dated exception"

    def test_date_whose_hours_the_clocks_jump_over_says_so(self):
        kept = calendar(weekly(sunday=((time(2, 15), time(2, 45)),)))
        counted, why = lines(days(1), at("03-07 10:00"), kept=kept)
        assert counted == [(7, "day 0"), (8, "no"), (9, "1")]
        assert why[8] == "The clocks jump over its open hours"

    def test_close_at_midnight_is_written_24_00_on_the_date_it_ends(self):
        counted, why = lines(days(1), at("05-18 10:00"), kept=calendar(weekly(ALL_DAY)))
        assert counted == [(18, "day 0"), (19, "1")]
        assert why[19] == "Due at close, 24:00"

    def test_open_pause_is_explained_as_if_resumed_now(self):
        waiting = [Pause(at("05-18 10:00"))]
        counted, _ = lines(days(1), at("05-15 10:00"), waiting, now=at("05-19 11:00"))
        assert counted == [(15, "day 0"), (16, "no"), (17, "no"), (18, "no"), (19, "1")]
        with pytest.raises(TurnaroundError):
            lines(days(1), at("05-15 10:00"), waiting)


class TestHourLedger:
    """K4, K5: counted hours a date."""

    def test_business_hours_say_how_much_of_each_date_counted(self):
        counted, why = lines(hours(48), at("05-22 17:59"))
        assert counted == [
            (22, "6 h 1 min"),
            (23, "no"),
            (24, "no"),
            (25, "no"),
            (26, "24 h"),
            (27, "17 h 59 min"),
        ]
        assert why[26] == "A business date, worth 24 hours"
        assert why[27] == "Due 17:59"

    def test_start_that_waits_for_opening_says_when_the_clock_started(self):
        counted, why = lines(hours(48), at("05-16 10:00"))
        assert counted == [(16, "no"), (17, "no"), (18, "15 h"), (19, "24 h"), (20, "9 h")]
        assert "closed then, so the clock starts Monday 18 May, 09:00" in why[16]
        assert why[18] == "Counted from 09:00"

    def test_paused_hours_are_left_out_and_named(self):
        pauses = [Pause(at("05-12 10:00"), at("05-14 15:00"))]
        counted, why = lines(hours(48, low=24), at("05-11 09:40"), pauses)
        assert counted == [(11, "14 h 20 min"), (12, "10 h"), (13, "no"), (14, "9 h"), (15, "14 h 40 min")]
        assert why[12] == "Paused for part of it; Expected from 09:40"
        assert why[13] == "Paused"

    def test_staffed_hours_count_open_time_only(self):
        counted, why = lines(hours(17, "staffed_hour"), at("05-15 17:30"))
        assert counted == [(15, "30 min"), (16, "no"), (17, "no"), (18, "9 h"), (19, "7 h 30 min")]
        assert why[18] == "Open 09:00–18:00"

    def test_clock_hours_count_the_extra_hour_of_an_autumn_night(self):
        counted, why = lines(hours(48, "clock_hour"), at("10-31 18:00"))
        assert counted == [(31, "6 h"), (1, "25 h"), (2, "17 h")]
        assert why[1] == "Every hour counts"

    def test_spring_date_is_worth_24_business_hours_by_the_clock(self):
        kept = calendar(weekly(ALL_DAY, ALL_DAY, ALL_DAY))
        counted, _ = lines(hours(48), at("03-07 12:00"), kept=kept)
        assert counted == [(7, "12 h"), (8, "24 h"), (9, "12 h")]

    def test_seconds_are_shown_and_not_rounded(self):
        counted, _ = lines(
            hours(1, "clock_hour"), at("05-15 23:59") + timedelta(seconds=30, microseconds=500_000)
        )
        assert counted == [(15, "29.5 s"), (16, "59 min 30.5 s")]


class TestOtherLedgers:
    """K6, K7, K8."""

    def test_week_counts_every_date_and_says_why_it_ended_before_day_seven(self):
        counted, why = lines(WEEK, at("05-16 10:00"))
        assert counted == [(16, "day 0"), (17, "1"), (18, "2"), (19, "3"), (20, "4"), (21, "5"), (22, "6")]
        assert why[22] == "Due at close, 18:00: the last business date up to day 7"

    def test_week_that_ends_on_a_business_date_is_due_there(self):
        _, why = lines(WEEK, at("05-13 10:00"))
        assert why[20] == "Due at close, 18:00"

    def test_week_over_a_long_closure_says_it_is_the_first_business_date(self):
        closed = [date(2026, 5, day) for day in range(16, 30)]
        counted, why = lines(WEEK, at("05-15 10:00"), kept=calendar(holidays=closed))
        assert counted[-1] == (1, "17")
        assert why[1] == "Due at close, 18:00: the first business date the clock runs on after filing"

    def test_week_leaves_out_the_dates_paused_at_their_end(self):
        counted, _ = lines(WEEK, at("05-11 10:00"), [Pause(at("05-12 10:00"), at("05-14 10:00"))])
        assert counted[:4] == [(11, "day 0"), (12, "no"), (13, "no"), (14, "1")]
        assert counted[-1] == (20, "7")

    def test_immediate_and_none_have_one_line_each(self):
        at_once = ledger(Turnaround(None, None, "immediate"), at("05-16 10:00"), OFFICE)
        assert at_once == (LedgerLine(date(2026, 5, 16), "at once", "Received 10:00, due at that moment"),)
        (none,) = ledger(Turnaround(None, None, "none"), at("05-16 10:00"), OFFICE)
        assert (none.counted, none.why) == ("no", "No time is stated, so no date is due")


class TestPromise:
    """R-ALL-2: real dates, in words."""

    @pytest.mark.parametrize(
        ("turnaround", "received", "words"),
        [
            (days(7, 5), "05-20 10:00", "between Thursday 28 May and Monday 1 June"),
            (days(5, 3), "05-20 10:00", "between Tuesday 26 May and Thursday 28 May"),
            (days(3), "05-20 10:00", "by Tuesday 26 May"),
            (days(3, 3), "05-20 10:00", "by Tuesday 26 May"),
            (WEEK, "05-16 10:00", "by Friday 22 May"),
            (hours(48), "05-15 17:59", "by Tuesday 19 May, 17:59 Central time (Chicago)"),
            (hours(24, "clock_hour"), "05-15 17:59", "by Saturday 16 May, 17:59 Central time (Chicago)"),
            (
                hours(48, low=24),
                "05-15 17:59",
                "between Monday 18 May, 17:59 and Tuesday 19 May, 17:59 Central time (Chicago)",
            ),
            (days(5, 3), "12-28 10:00", "between Thursday 31 December and Monday 4 January 2027"),
            (Turnaround(None, None, "immediate"), "05-16 10:00", "at once"),
            (Turnaround(None, None, "none"), "05-16 10:00", "no time is stated"),
        ],
    )
    def test_promise_is_said_with_real_dates(self, turnaround, received, words):
        assert said(turnaround, at(received)) == words

    def test_close_at_midnight_is_promised_for_the_date_it_ends(self):
        assert said(days(1), at("05-18 10:00"), calendar(weekly(ALL_DAY))) == "by Tuesday 19 May"

    def test_hours_that_end_on_midnight_name_the_date_they_end(self):
        words = said(hours(24), at("05-18 00:00"), calendar(weekly(ALL_DAY)))
        assert words == "by midnight at the end of Monday 18 May, Central time (Chicago)"

    @pytest.mark.parametrize(
        ("zone", "words"),
        [
            ("America/New_York", "Eastern time (New York)"),
            ("America/Phoenix", "Mountain time (Phoenix)"),
            ("America/Kentucky/Louisville", "Eastern time (Louisville)"),
            ("US/Central", "Central time"),
            ("America/Havana", "Havana time"),
            ("Asia/Shanghai", "Shanghai time"),
            ("Europe/Berlin", "Berlin time"),
            ("UTC", "UTC"),
            ("Etc/GMT+5", "UTC−5:00"),
        ],
    )
    def test_zone_is_named_in_words(self, zone, words):
        received = datetime(2026, 5, 18, 15, tzinfo=UTC)
        assert said(hours(1, "clock_hour"), received, calendar(zone=zone)).endswith(f" {words}")
