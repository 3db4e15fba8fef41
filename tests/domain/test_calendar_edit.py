"""Editing the calendar: what people type for hours and dates, what is refused, what a change says (K1, K14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalations.domain.calendar import BusinessCalendar, CalendarError
from escalations.domain.calendar_edit import (
    EXCEPTION,
    HOLIDAY,
    DateRow,
    NamedCalendar,
    Typed,
    hours_words,
    read_date,
    read_hours,
    read_typed,
    rows_from_json,
    rows_to_json,
    with_holidays,
)
from escalations.domain.calendar_words import day_of, differences, kind_of
from escalations.domain.moments import Rules
from escalations.domain.reclock import Running, outlook
from escalations.domain.turnaround import Turnaround
from tests.domain.turnaround_cases import OFFICE, at, calendars, moments, turnarounds

NAMES = {date(2026, 5, 25): "Memorial Day", date(2026, 12, 25): "Christmas Day"}
CHRISTMAS_EVE = date(2026, 12, 24)
HALF = ((time(9), time(13)),)


def known(on: date) -> str:
    """What the shipped list calls a date."""
    return NAMES.get(on, "")


def name_of(calendar: NamedCalendar, on: date) -> str:
    return calendar.names.get(on) or known(on)


def office(**changes: object) -> NamedCalendar:
    return NamedCalendar(replace(OFFICE, **changes))


def typed(**changes: object) -> Typed:
    return replace(Typed.of(office(), known), **changes)


class TestHours:
    @pytest.mark.parametrize(
        ("said", "means"),
        [
            ("09:00–18:00", "09:00–18:00"),
            ("9-12, 13:00 to 17:30", "09:00–12:00, 13:00–17:30"),
            ("13–17; 9–12", "09:00–12:00, 13:00–17:00"),
            ("9am–5pm", "09:00–17:00"),
            ("8:30 a.m. until 12 pm and 1pm-5 p.m.", "08:30–12:00, 13:00–17:00"),
            ("0900-1800", "09:00–18:00"),
            ("00:00–24:00", "00:00–24:00"),
            ("18:00–0:00", "18:00–24:00"),
            ("", "closed"),
            (" Closed ", "closed"),
        ],
    )
    def test_hours_are_read_as_people_write_them(self, said: str, means: str) -> None:
        assert hours_words(read_hours(said)) == means

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ("25:00–26:00", "“25:00” is not a time of day"),
            ("09:60–10:00", "“09:60” is not a time of day"),
            ("13pm–14pm", "“13pm” is not a time of day"),
            ("24:00–24:00", "must end after it starts"),
            ("18:00–09:00", "must end after it starts"),
            ("09:00–09:00", "must end after it starts"),
            ("09:00", "is no interval"),
            ("9–12–15", "is no interval"),
            ("all day", "is no interval"),
            ("09:00–14:00, 13:00–18:00", "13:00–18:00 overlaps 09:00–14:00"),
            ("09:00–24:00, 23:00–23:30", "overlaps"),
            (", ".join(["9-10"] * 200), "at most 24"),
            ("٠٩:٠٠–١٨:٠٠", "is not a time of day"),
        ],
    )
    def test_hours_that_cannot_be_say_why(self, said: str, why: str) -> None:
        with pytest.raises(CalendarError) as refused:
            read_hours(said)
        assert why in refused.value.message

    @given(st.text(max_size=40))
    @settings(max_examples=300, deadline=None)
    def test_whatever_is_typed_is_read_or_refused(self, said: str) -> None:
        try:
            assert read_hours(hours_words(read_hours(said))) == read_hours(said)
        except CalendarError as refused:
            assert refused.message.endswith(".")

    @pytest.mark.parametrize(
        "said", ["2026-02-30", "2026-13-01", "soon", "", "1990-01-01", "2100-01-01", "２０２６-01-01"]
    )
    def test_dates_that_do_not_exist_are_refused(self, said: str) -> None:
        with pytest.raises(CalendarError):
            read_date(said)


class TestReading:
    @given(calendars())
    @settings(max_examples=60, deadline=None)
    def test_any_calendar_survives_being_shown_and_read(self, calendar: BusinessCalendar) -> None:
        if not any(calendar.hours):
            return
        read, wrong = read_typed(Typed.of(NamedCalendar(calendar), known), known)
        assert (read, wrong) == (NamedCalendar(calendar), {})

    def test_names_survive_and_those_of_the_list_are_not_kept(self) -> None:
        rows = (
            DateRow(HOLIDAY, "2026-05-25", "", "Memorial Day"),
            DateRow(HOLIDAY, "2026-12-25", "", "Winter feast"),
            DateRow(EXCEPTION, "2026-12-24", "9–13", "  Christmas   Eve "),
        )
        read, _ = read_typed(typed(rows=rows), known)
        assert read is not None
        assert read.names == {date(2026, 12, 25): "Winter feast", CHRISTMAS_EVE: "Christmas Eve"}
        assert NamedCalendar.from_json(read.to_json()) == read

    def test_everything_wrong_is_said_at_once_by_field(self) -> None:
        rows = (
            DateRow(HOLIDAY, "2026-05-25"),
            DateRow(HOLIDAY, "2026-05-25"),
            DateRow(EXCEPTION, "2026-02-30", "9–25", "x" * 61),
            DateRow(EXCEPTION),
        )
        read, wrong = read_typed(Typed("Mars/Olympus", ("25–26", "9–18", "", "", "", "", ""), rows), known)
        assert read is None
        assert set(wrong) == {"zone", "mon", "on.1", "on.2", "hours.2", "name.2"}

    def test_no_open_weekday_at_all_is_refused_k1(self) -> None:
        read, wrong = read_typed(typed(hours=("",) * 7), known)
        assert read is None and "at least one weekday" in wrong["hours"]

    def test_an_exception_wins_over_a_holiday_of_the_same_date(self) -> None:
        rows = (DateRow(HOLIDAY, "2026-12-25"), DateRow(EXCEPTION, "2026-12-25", "9–12"))
        read, wrong = read_typed(typed(rows=rows), known)
        assert not wrong and read is not None
        assert hours_words(read.rules.intervals(date(2026, 12, 25))) == "09:00–12:00"

    def test_offered_holidays_are_added_once_and_sorted(self) -> None:
        start = typed(rows=(DateRow(HOLIDAY, "2026-12-25"), DateRow(HOLIDAY)))
        found, count = with_holidays(
            start, {date(2026, 3, 2): "Casimir Pulaski Day", date(2026, 12, 25): "X"}
        )
        assert count == 1
        assert [row.on for row in found.rows] == ["2026-03-02", "2026-12-25"]

    def test_rows_are_carried_along(self) -> None:
        rows = [DateRow(HOLIDAY, "2027-01-01", "", "New"), DateRow(EXCEPTION, "2027-02-30", "9", "?")]
        assert list(rows_from_json(rows_to_json(rows))) == rows

    @pytest.mark.parametrize(
        "value",
        [None, {}, [1], [["holiday", "x", "y"]], [["birthday", "", "", ""]], [["holiday", 1, "", ""]]],
    )
    def test_no_rows_are_refused(self, value: object) -> None:
        with pytest.raises(ValueError):
            list(rows_from_json(value))


class TestWords:
    @pytest.mark.parametrize(
        ("on", "exceptions", "kind"),
        [
            (date(2026, 5, 26), {}, "open"),
            (date(2026, 5, 23), {}, "closed"),
            (date(2026, 5, 25), {}, "holiday"),
            (date(2026, 5, 26), {date(2026, 5, 26): ()}, "closed"),
            (date(2026, 5, 26), {date(2026, 5, 26): HALF}, "half"),
            (date(2026, 5, 23), {date(2026, 5, 23): HALF}, "special"),
            (date(2026, 5, 25), {date(2026, 5, 25): ((time(9), time(18)),)}, "special"),
            (date(2026, 5, 26), {date(2026, 5, 26): ((time(6), time(0)),)}, "special"),
        ],
    )
    def test_every_day_is_of_a_kind(self, on: date, exceptions: dict, kind: str) -> None:
        assert kind_of(replace(OFFICE, exceptions=exceptions), on) == kind

    def test_a_day_says_its_hours_and_its_name(self) -> None:
        calendar = NamedCalendar(
            replace(OFFICE, exceptions={CHRISTMAS_EVE: HALF}), {CHRISTMAS_EVE: "Christmas Eve"}
        )
        assert day_of(calendar, CHRISTMAS_EVE, name_of).words == "Half day, 09:00–13:00, Christmas Eve"
        assert day_of(calendar, date(2026, 5, 25), name_of).words == "Holiday, Memorial Day"

    def test_a_change_is_said_date_by_date(self) -> None:
        week = (((time(8), time(17)),), *OFFICE.hours[1:])
        new = NamedCalendar(
            replace(
                OFFICE,
                zone="America/Denver",
                hours=week,
                holidays=OFFICE.holidays - {date(2026, 10, 12)},
                exceptions={date(2026, 11, 27): (), CHRISTMAS_EVE: HALF},
            ),
            {date(2026, 11, 27): "Bridge day", date(2026, 12, 25): "Winter feast"},
        )
        assert differences(office(), new, name_of) == [
            "Time zone: America/Denver instead of America/Chicago",
            "Mondays: 08:00–17:00 instead of 09:00–18:00",
            "Mon 12 Oct 2026: open instead of holiday",
            "Fri 27 Nov 2026: closed (Bridge day) instead of open",
            "Thu 24 Dec 2026: half day, 09:00–13:00 instead of open",
            "Fri 25 Dec 2026: called “Winter feast”",
        ]

    def test_a_change_of_the_weekly_hours_is_not_said_again_for_every_holiday(self) -> None:
        new = office(hours=(((time(8), time(17)),), *OFFICE.hours[1:]))
        assert differences(office(), new, name_of) == ["Mondays: 08:00–17:00 instead of 09:00–18:00"]
        assert differences(office(), office(), name_of) == []


def running(turnaround: Turnaround, received: object, rules: Rules, **more: object) -> Running:
    """A clock as it is stored under these rules."""
    found = rules.moments(turnaround, received, (), urgent=False)  # type: ignore[arg-type]
    plain = {
        "ticket": 1, "version": 1, "cycle": 1, "number": 1, "calendar": 1, "policy": 1, "type": "x",
        "channel": "phone", "urgent": False, "assignee": None, "min": turnaround.min, "max": turnaround.max,
        "clock_from": received, "received_at": received, "paused_at": None, "taken_at": None,
    }  # fmt: skip
    return Running(**{**plain, **found._asdict(), **more})  # type: ignore[arg-type]


class TestOutlook:
    @given(calendars(), calendars(), st.lists(st.tuples(turnarounds(), moments()), max_size=8), moments())
    @settings(max_examples=60, deadline=None)
    def test_there_and_back_is_where_it_was(
        self, old: BusinessCalendar, new: BusinessCalendar, asked: list, now: object
    ) -> None:
        lead = {"business_day": Turnaround(None, 1, "business_day")}
        before, after = (Rules(one, lead, timedelta(minutes=15)) for one in (old, new))
        clocks = [running(one, received, before, ticket=n) for n, (one, received) in enumerate(asked)]
        there = outlook(clocks, lambda _: after, now)  # type: ignore[arg-type]
        moved = [c.clock._replace(**c.moments._asdict()) for c in there.touched]
        back = outlook([*there.same, *moved], lambda _: before, now)  # type: ignore[arg-type]
        assert {c.clock.ticket: c.moments for c in back.touched} == {
            c.clock.ticket: c.clock.stored for c in there.touched
        }
        assert len(there.touched) + len(there.same) == len(clocks)
        assert {c.clock.ticket for c in there.breaches} == {c.clock.ticket for c in back.unbreaches}

    def test_a_pause_holds_the_judgement_k9(self) -> None:
        days = Turnaround(None, 2, "business_day")
        before = Rules(OFFICE, {}, timedelta(0))
        after = Rules(replace(OFFICE, exceptions={date(2026, 5, 13): HALF}), {}, timedelta(0))
        received, now = at("05-11 10:00"), at("05-13 15:00")
        runs = running(days, received, before)
        waits = running(days, received, before, paused_at=at("05-12 10:00"))
        assert len(outlook([runs], lambda _: after, now).breaches) == 1
        assert len(outlook([waits], lambda _: after, now).breaches) == 0

    def test_the_seal_names_the_consequences_and_not_who_was_filed_later(self) -> None:
        days = Turnaround(None, 2, "business_day")
        before = Rules(OFFICE, {}, timedelta(0))
        closed, half = (
            Rules(replace(OFFICE, exceptions={date(2026, 5, 12): hours}), {}, timedelta(0))
            for hours in ((), HALF)
        )
        one, two = (running(days, at("05-11 10:00"), before, ticket=n) for n in (1, 2))
        now = at("05-11 12:00")
        seen = outlook([one], lambda _: closed, now)
        assert outlook([one, two], lambda _: closed, now).seal(1) == seen.seal(1)
        assert outlook([one, two], lambda _: closed, now).seal(2) != seen.seal(1)
        assert outlook([one], lambda _: half, now).seal(1) != seen.seal(1)
