"""A week as it is typed, and who is on shift at a moment (R-CB-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from accounts import shifts
from accounts.shifts import END, Stretch, Times, Unreadable, read_day, write_day

CHICAGO = ZoneInfo("America/Chicago")
WEDNESDAY = 2
ANA, BEN = 1, 2
MEMORIAL_DAY = date(2026, 5, 25)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


def usual(on: date) -> Sequence[Times] | None:
    return None


def closed_on_memorial_day(on: date) -> Sequence[Times] | None:
    return () if on == MEMORIAL_DAY else None


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("", ""),
        ("09:00-13:00, 14:00-18:00", "09:00-13:00, 14:00-18:00"),
        ("14-18; 9:00 – 13:00", "09:00-13:00, 14:00-18:00"),
        ("9 am to 5.30 pm", "09:00-17:30"),
        ("12 am - 6 am", "00:00-06:00"),
        ("22:00-24:00", "22:00-24:00"),
        ("09:00-12:00, 12:00-15:00", "09:00-12:00, 12:00-15:00"),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, written: str) -> None:
    assert write_day(read_day(typed, "Monday")) == written


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("nonsense", "cannot be read"),
        ("09:00", "cannot be read"),
        ("09:00-25:00", "cannot be read"),
        ("09:60-10:00", "cannot be read"),
        ("٠٩:٠٠-١٣:٠٠", "cannot be read"),
        ("09:00-13:00-14:00", "cannot be read"),
        ("24:00-24:00", "cannot be read"),
        ("13 pm-15:00", "cannot be read"),
        ("18:00-09:00", "22:00-24:00|before 18:00"),
        ("09:00-09:00", "no time at all"),
        ("09:00-13:00, 12:00-18:00", "overlaps"),
        (", ".join(f"{hour:02}:00-{hour:02}:30" for hour in range(7)), "more than 6"),
    ],
)
def test_what_is_no_shift_is_refused_with_what_to_type(typed: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_day(typed, "Monday")


WEEK = [
    Stretch(ANA, WEDNESDAY, time(9), time(13)),
    Stretch(ANA, WEDNESDAY, time(14), time(18)),
    Stretch(BEN, WEDNESDAY, time(12), END),
    Stretch(BEN, 0, time(9), time(17)),
]


@pytest.mark.parametrize(
    ("moment", "people"),
    [
        (at(20, 8, 59), []),
        (at(20, 9), [ANA]),
        (at(20, 12, 30), [ANA, BEN]),
        (at(20, 13), [BEN]),
        (at(20, 23, 59), [BEN]),
        (at(21, 0), []),
        (at(24, 12), []),
    ],
)
def test_who_is_on_shift(moment: datetime, people: list[int]) -> None:
    assert shifts.on_shift(WEEK, moment, CHICAGO, usual) == people


def test_nobody_is_on_shift_on_a_closed_date() -> None:
    assert shifts.on_shift(WEEK, at(25, 12), CHICAGO, usual) == [BEN]
    assert shifts.on_shift(WEEK, at(25, 12), CHICAGO, closed_on_memorial_day) == []


def test_a_half_day_ends_the_shifts_early() -> None:
    def half(on: date) -> Sequence[Times] | None:
        return [(time(9), time(12))]

    assert shifts.on_shift(WEEK, at(20, 11, 59), CHICAGO, half) == [ANA]
    assert shifts.on_shift(WEEK, at(20, 12), CHICAGO, half) == []
    spans = list(shifts.staffed(WEEK, at(20, 0), at(21, 0), CHICAGO, half))
    assert spans == [(at(20, 9), at(20, 12))]


def test_the_staffed_stretches_join_and_stop_at_both_moments() -> None:
    spans = list(shifts.staffed(WEEK, at(20, 10), at(25, 10), CHICAGO, usual))
    assert spans == [(at(20, 10), at(21, 0)), (at(25, 9), at(25, 10))]


def test_a_closed_date_has_no_staffed_stretch() -> None:
    assert list(shifts.staffed(WEEK, at(25, 0), at(26, 0), CHICAGO, closed_on_memorial_day)) == []


def test_a_day_to_midnight_is_counted_whole() -> None:
    assert shifts.minutes_of([(time(22), END)]) == 120
