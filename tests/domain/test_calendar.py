"""The business calendar: what it keeps, what it refuses, when it is open (K1)."""

import copy
import pickle
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from escalations.domain.calendar import BusinessCalendar, CalendarError, HorizonError, TimeRuleError, tables
from tests.domain.turnaround_cases import (
    ALL_DAY,
    NINE_TO_SIX,
    OFFICE,
    ROUND_THE_CLOCK,
    at,
    calendar,
    calendars,
    local,
    weekly,
)

OFFICE_JSON = {
    "zone": "America/Chicago",
    "hours": {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": ["2026-05-25"],
    "exceptions": [
        {"date": "2026-12-24", "hours": [["09:00", "13:00"]]},
        {"date": "2026-12-28", "hours": []},
    ],
}


def changed(**fields) -> dict:
    return {**copy.deepcopy(OFFICE_JSON), **fields}


class TestJson:
    """The contract's `calendar` object."""

    def test_calendar_survives_being_written_and_read(self):
        kept = BusinessCalendar.from_json(OFFICE_JSON)
        assert kept.to_json() == OFFICE_JSON
        assert BusinessCalendar.from_json(kept.to_json()) == kept

    @settings(deadline=None, max_examples=50)
    @given(calendars())
    def test_any_calendar_survives_being_written_and_read(self, kept):
        assert BusinessCalendar.from_json(kept.to_json()) == kept

    def test_weekday_left_out_is_closed_and_holidays_may_be_left_out(self):
        kept = BusinessCalendar.from_json({"zone": "UTC", "hours": {"sat": [["10:00", "24:00"]]}})
        assert not kept.is_business(date(2026, 5, 15))
        assert kept.close_of(date(2026, 5, 16)) == datetime(2026, 5, 17, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("value", "field"),
        [
            (None, "calendar"),
            ([], "calendar"),
            ("UTC", "calendar"),
            ({}, "zone"),
            ({"zone": "UTC"}, "hours"),
            (changed(surprise=1), "calendar"),
            (changed(zone=None), "zone"),
            (changed(zone=""), "zone"),
            (changed(zone=5), "zone"),
            (changed(zone="Chicago"), "zone"),
            (changed(zone="America"), "zone"),
            (changed(zone="../../etc/passwd"), "zone"),
            (changed(zone="America/Chicago\x00"), "zone"),
            (changed(zone="localtime"), "zone"),
            (changed(zone="A" * 5000), "zone"),
            (changed(hours=None), "hours"),
            (changed(hours=[]), "hours"),
            (changed(hours={}, exceptions=[]), "hours"),
            (changed(hours={"monday": []}), "hours"),
            (changed(hours={"mon": []}, exceptions=[]), "hours"),
            (changed(hours={"mon": None}), "hours.mon"),
            (changed(hours={"mon": "09:00-18:00"}), "hours.mon"),
            (changed(hours={"mon": ["09:00", "18:00"]}), "hours.mon"),
            (changed(hours={"mon": [["09:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["9:00", "18:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["09:00", "25:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["24:00", "24:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["09:00:00", "18:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["٠٩:٠٠", "18:00"]]}), "hours.mon"),
            (changed(hours={"mon": [[9, 18]]}), "hours.mon"),
            (changed(hours={"mon": [["18:00", "09:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["09:00", "09:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["22:00", "00:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["09:00", "13:00"], ["12:00", "18:00"]]}), "hours.mon"),
            (changed(hours={"mon": [["09:00", "24:00"], ["12:00", "18:00"]]}), "hours.mon"),
            (changed(hours={"mon": [[f"{n:02}:00", f"{n:02}:20"] for n in range(24)] + [["00:30", "00:40"]]}), "hours.mon"),
            (changed(holidays=None), "holidays"),
            (changed(holidays="2026-05-25"), "holidays"),
            (changed(holidays=["2026-02-30"]), "holidays"),
            (changed(holidays=["25/05/2026"]), "holidays"),
            (changed(holidays=["20260525"]), "holidays"),
            (changed(holidays=[20260525]), "holidays"),
            (changed(holidays=["2026-05-25"] * 5001), "holidays"),
            (changed(exceptions={}), "exceptions"),
            (changed(exceptions=["2026-12-24"]), "exceptions"),
            (changed(exceptions=[{"date": "2026-12-24"}]), "hours"),
            (changed(exceptions=[{"date": "soon", "hours": []}]), "exceptions"),
            (changed(exceptions=[{"date": "2026-12-24", "hours": [["13:00", "09:00"]]}]), "exceptions.2026-12-24"),
            (changed(exceptions=[{"date": "2026-12-24", "hours": []}] * 2), "exceptions"),
        ],
    )  # fmt: skip
    def test_malformed_calendar_is_refused_naming_the_field(self, value, field):
        with pytest.raises(CalendarError) as refusal:
            BusinessCalendar.from_json(value)
        assert refusal.value.field == field
        assert refusal.value.message.endswith(".")

    def test_what_was_typed_is_repeated_but_not_at_length(self):
        with pytest.raises(CalendarError, match="“Mars/Olympus” is not a time zone"):
            BusinessCalendar.from_json(changed(zone="Mars/Olympus"))
        with pytest.raises(CalendarError) as refusal:
            BusinessCalendar.from_json(changed(zone="M" * 100_000))
        assert len(refusal.value.message) < 150


class TestKeeping:
    """Built from values, as the company's own calendar is."""

    def test_no_open_time_at_all_is_refused(self):
        with pytest.raises(CalendarError, match="at least one open interval"):
            BusinessCalendar("UTC", ((),) * 7, frozenset(), {date(2026, 5, 18): ()})

    @pytest.mark.parametrize(
        "hours",
        [
            None,
            ((),) * 6,
            weekly(((9, 18),)),
            weekly(((time(9, 0, 30), time(18)),)),
            weekly(((time(9, tzinfo=UTC), time(18)),)),
        ],
    )
    def test_hours_that_are_not_whole_minutes_of_seven_weekdays_are_refused(self, hours):
        with pytest.raises(CalendarError):
            BusinessCalendar("UTC", hours)

    def test_holiday_must_be_a_date_and_not_a_moment(self):
        with pytest.raises(CalendarError):
            calendar(holidays=[datetime(2026, 5, 25, tzinfo=UTC)])

    def test_intervals_are_kept_in_order_of_the_day(self):
        kept = calendar(weekly(((time(13), time(18)), (time(8), time(12)))))
        assert kept.intervals(date(2026, 5, 18)) == ((time(8), time(12)), (time(13), time(18)))

    def test_equal_calendars_share_one_table(self):
        assert hash(calendar()) == hash(OFFICE)
        assert tables(calendar()) is tables(OFFICE)

    def test_calendar_cannot_be_changed_behind_its_table(self):
        with pytest.raises(TypeError):
            OFFICE.exceptions[date(2026, 5, 18)] = ()

    def test_calendar_can_be_copied_and_pickled(self):
        assert pickle.loads(pickle.dumps(OFFICE)) == copy.deepcopy(OFFICE) == OFFICE

    def test_refusal_can_be_pickled_with_its_field(self):
        refusal = pickle.loads(pickle.dumps(CalendarError("zone", "No.")))
        assert (refusal.field, refusal.message, str(refusal)) == ("zone", "No.", "No.")


class TestOpenHours:
    def test_exceptions_win_over_holidays_and_holidays_over_the_week(self):
        kept = calendar(exceptions={date(2026, 5, 25): ((time(10), time(12)),), date(2026, 5, 26): ()})
        assert kept.intervals(date(2026, 5, 25)) == ((time(10), time(12)),)
        assert not kept.is_business(date(2026, 5, 26))
        assert not kept.is_business(date(2026, 6, 19))
        assert kept.intervals(date(2026, 5, 27)) == NINE_TO_SIX

    def test_close_follows_the_clock_of_the_zone(self):
        assert OFFICE.close_of(date(2026, 3, 6)) == datetime(2026, 3, 7, 0, tzinfo=UTC)
        assert OFFICE.close_of(date(2026, 3, 9)) == datetime(2026, 3, 9, 23, tzinfo=UTC)

    def test_closed_date_has_no_close(self):
        with pytest.raises(CalendarError, match="2026-05-25 is closed"):
            OFFICE.close_of(date(2026, 5, 25))

    @pytest.mark.parametrize(
        ("moment", "opening"),
        [
            ("05-15 09:00", "Fri 05-15 09:00"),
            ("05-15 08:59", "Fri 05-15 09:00"),
            ("05-15 17:59", "Fri 05-15 17:59"),
            ("05-15 18:00", "Mon 05-18 09:00"),
            ("05-23 12:00", "Tue 05-26 09:00"),
        ],
    )
    def test_next_open_moment_is_now_when_open_and_the_next_opening_when_closed(self, moment, opening):
        assert local(OFFICE.open_moment(at(moment))) == opening
        assert OFFICE.is_open(at(moment)) is (opening[4:] == moment)

    def test_last_open_moment_is_the_minute_before_closing(self):
        assert local(OFFICE.last_open_moment(at("05-17 12:00"))) == "Fri 05-15 17:59"
        assert local(OFFICE.last_open_moment(at("05-15 12:00"))) == "Fri 05-15 12:00"

    def test_calendar_without_an_earlier_opening_has_no_last_open_moment(self):
        kept = calendar(((),) * 7, exceptions={date(2026, 5, 18): NINE_TO_SIX})
        assert kept.last_open_moment(at("05-17 12:00")) is None
        with pytest.raises(HorizonError):
            kept.open_moment(at("05-19 12:00"))

    @pytest.mark.parametrize("on", [date(1, 1, 1), date(1989, 12, 31), date(2101, 1, 1), date.max])
    def test_date_outside_the_horizon_is_refused(self, on):
        for question in (OFFICE.is_business, OFFICE.close_of):
            with pytest.raises(HorizonError, match="1990 to 2100"):
                question(on)

    def test_first_and_last_year_of_the_horizon_answer(self):
        assert OFFICE.is_business(date(1990, 1, 1))
        assert OFFICE.close_of(date(2100, 12, 31)) == datetime(2101, 1, 1, 0, tzinfo=UTC)

    def test_moment_without_offset_is_refused(self):
        with pytest.raises(TimeRuleError, match="offset from UTC"):
            OFFICE.open_moment(datetime(2026, 5, 15, 9))


class TestClockChanges:
    def test_interval_that_ends_in_the_repeated_hour_ends_at_its_second_pass(self):
        kept = calendar(weekly(sunday=((time(0), time(1, 30)),)))
        assert kept.close_of(date(2026, 11, 1)) == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)

    def test_opening_in_the_skipped_hour_is_the_moment_of_the_jump(self):
        kept = calendar(weekly(sunday=((time(2, 30), time(9)),)))
        assert local(kept.open_moment(at("03-08 00:00"))) == "Sun 03-08 03:00"

    def test_date_whose_only_hours_are_skipped_is_no_business_date(self):
        kept = calendar(weekly(sunday=((time(2, 15), time(2, 45)),)))
        assert kept.is_business(date(2026, 3, 1))
        assert not kept.is_business(date(2026, 3, 8))

    def test_date_that_a_zone_skipped_altogether_is_no_business_date(self):
        kept = calendar((NINE_TO_SIX,) * 7, zone="Pacific/Apia")
        assert not kept.is_business(date(2011, 12, 30))
        assert kept.is_business(date(2011, 12, 31))

    @pytest.mark.parametrize(
        "zone", ["America/Havana", "America/Sao_Paulo", "Asia/Beirut", "Australia/Lord_Howe"]
    )
    @pytest.mark.parametrize("year", [2010, 2017, 2026])
    def test_table_agrees_with_the_zone_on_every_local_date_of_a_year(self, zone, year):
        """Zones whose clocks change at midnight, or by half an hour."""
        kept, place = calendar((ALL_DAY,) * 7, zone=zone, holidays=()), ZoneInfo(zone)
        moment = datetime(year, 1, 1, 12, tzinfo=UTC)
        while moment.year == year:
            table = kept.tables.covering(moment)
            assert table.date_of(table.day_of(moment)) == moment.astimezone(place).date()
            moment += timedelta(minutes=487)

    def test_longer_and_earlier_tables_keep_the_same_answers(self):
        kept = calendar(holidays=[date(2031, 3, 3)])
        before = kept.close_of(date(2026, 5, 15))
        assert not kept.is_business(date(2031, 3, 3))
        assert kept.is_business(date(1995, 3, 3))
        assert kept.close_of(date(2026, 5, 15)) == before

    def test_round_the_clock_calendar_is_always_open(self):
        assert ROUND_THE_CLOCK.is_open(at("05-17 00:00"))
        assert ROUND_THE_CLOCK.is_open(at("05-16 23:59"))
