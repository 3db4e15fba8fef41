"""What holds for every calendar, filing moment and pause (K1–K9, K19)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from escalations.domain.turnaround import BusinessCalendar, HorizonError, Pause, Turnaround, compute, ledger
from tests.domain.turnaround_cases import CHICAGO, calendars, moments, pauses_after, turnarounds

# A calendar is laid out anew for most examples, so a single one may take long.
in_every_case = settings(deadline=None, max_examples=60)

INSTANT = timedelta(microseconds=1)
HOURS = ("business_hour", "staffed_hour", "clock_hour")
FOR_EVERY_CALENDAR = ("business_day", *HOURS)


def due_at(turnaround, received, kept, pauses=()):
    """The due moment; examples that meet the horizon prove nothing here."""
    try:
        return compute(turnaround, received, kept, pauses).due_at
    except HorizonError:
        assume(False)


@in_every_case
@given(turnarounds(), moments(), calendars(), st.data())
def test_due_date_is_never_earlier_than_filing(turnaround, received, kept, data):
    assert due_at(turnaround, received, kept, data.draw(pauses_after(received))) > received


@in_every_case
@given(turnarounds(FOR_EVERY_CALENDAR), moments(), calendars(), st.integers(-3, 40))
def test_holiday_never_moves_a_date_earlier(turnaround, received, kept, offset):
    """Not said of K6, which rolls back to a business date and so to one before the holiday."""
    closed = received.date() + timedelta(days=offset)
    fewer = BusinessCalendar(kept.zone, kept.hours, kept.holidays | {closed}, kept.exceptions)
    assert due_at(turnaround, received, fewer) >= due_at(turnaround, received, kept)


@in_every_case
@given(turnarounds(), moments(), calendars(), st.data())
def test_pause_never_moves_a_date_earlier(turnaround, received, kept, data):
    earlier = data.draw(pauses_after(received, 2))
    more = earlier + data.draw(pauses_after(received, 2))
    without = due_at(turnaround, received, kept)
    some = due_at(turnaround, received, kept, earlier)
    assert without <= some <= due_at(turnaround, received, kept, more)


@in_every_case
@given(turnarounds(), moments(), calendars(), st.data())
def test_longer_pause_never_moves_a_date_earlier(turnaround, received, kept, data):
    for pause in data.draw(pauses_after(received, 1)):
        longer = Pause(pause.start, pause.end + timedelta(minutes=data.draw(st.integers(0, 5000))))
        shorter = due_at(turnaround, received, kept, [pause])
        assert shorter <= due_at(turnaround, received, kept, [longer])


@in_every_case
@given(turnarounds(), moments(), calendars(), st.integers(1, 30), st.data())
def test_larger_number_never_moves_a_date_earlier(turnaround, received, kept, more, data):
    pauses = data.draw(pauses_after(received))
    larger = Turnaround(None, turnaround.max + more, turnaround.unit)
    assert due_at(turnaround, received, kept, pauses) <= due_at(larger, received, kept, pauses)


@in_every_case
@given(st.integers(1, 80), moments(), calendars(), st.data())
def test_one_more_business_day_is_always_later(number, received, kept, data):
    pauses = data.draw(pauses_after(received))
    one, next_one = (Turnaround(None, n, "business_day") for n in (number, number + 1))
    assert due_at(one, received, kept, pauses) < due_at(next_one, received, kept, pauses)


@in_every_case
@given(st.integers(1, 30), st.integers(0, 30), moments(), calendars(), st.data())
def test_window_opens_no_later_than_it_ends(low, more, received, kept, data):
    """K3."""
    turnaround = Turnaround(low, low + more, "business_day")
    try:
        due = compute(turnaround, received, kept, data.draw(pauses_after(received)))
    except HorizonError:
        assume(False)
    assert due.expected_from <= due.due_at
    assert (due.expected_from == due.due_at) is (more == 0)


@in_every_case
@given(
    st.integers(1, 120),
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),
    st.lists(st.booleans(), min_size=7, max_size=7).filter(any),
    st.frozensets(st.dates(date(2000, 1, 1), date(2062, 1, 1)), max_size=30),
)
def test_business_dates_are_those_numpy_finds(number, received, week, holidays):
    """K2, with numpy.busday_offset as the oracle."""
    hours = tuple(((time(9), time(18)),) if is_open else () for is_open in week)
    kept = BusinessCalendar("America/Chicago", hours, holidays)
    filed_on = received.astimezone(CHICAGO).date()
    expected = np.busday_offset(filed_on, number, roll="backward", weekmask=week, holidays=sorted(holidays))
    moment = due_at(Turnaround(None, number, "business_day"), received, kept)
    assert moment.astimezone(CHICAGO).date() == expected.astype(date)
    assert moment == kept.close_of(expected.astype(date))


@in_every_case
@given(st.integers(1, 30), moments(), calendars(zones=("America/Chicago", "Australia/Lord_Howe", "UTC")))
def test_whole_days_of_business_hours_end_at_the_clock_time_they_started(number, received, kept):
    """K4, except where the clocks jump over that time, or where it ends a date."""
    zone = ZoneInfo(kept.zone)
    try:
        start = kept.open_moment(received).astimezone(zone)
    except HorizonError:
        assume(False)
    due = due_at(Turnaround(None, 24 * number, "business_hour"), received, kept).astimezone(zone)
    wanted = datetime.combine(due.date(), start.time(), zone)
    exists = wanted.astimezone(UTC).astimezone(zone).time() == start.time()
    assert due.time() == start.time() or not exists


@in_every_case
@given(st.integers(1, 200), moments(), calendars())
def test_pauses_that_come_too_late_leave_the_quick_count_as_it_was(number, received, kept):
    """The count without pauses and the one that cuts them out are two ways to one date (K4, K9)."""
    turnaround = Turnaround(None, number, "business_hour")
    plain = due_at(turnaround, received, kept)
    late = [Pause(plain + timedelta(days=1), plain + timedelta(days=3))]
    assert due_at(turnaround, received, kept, late) == plain


@in_every_case
@given(turnarounds(), moments(), calendars(), st.data())
def test_ledger_ends_on_the_due_date_with_a_counted_line(turnaround, received, kept, data):
    """K19."""
    pauses = data.draw(pauses_after(received))
    due = due_at(turnaround, received, kept, pauses)
    lines = ledger(turnaround, received, kept, pauses)
    zone = ZoneInfo(kept.zone)
    assert lines[-1].counted != "no"
    assert lines[-1].date == (due - INSTANT).astimezone(zone).date()
    assert lines[0].date == received.astimezone(zone).date()
    assert [line.date for line in lines] == [
        lines[0].date + timedelta(days=n) for n in range((lines[-1].date - lines[0].date).days + 1)
    ]


@in_every_case
@given(turnarounds(("business_day",)), moments(), calendars(), st.data())
def test_ledger_counts_exactly_as_many_business_days_as_promised(turnaround, received, kept, data):
    """K2, K19: numbered lines run 1, 2, … to N, whatever is paused or closed between."""
    pauses = data.draw(pauses_after(received))
    due_at(turnaround, received, kept, pauses)
    counted = [line.counted for line in ledger(turnaround, received, kept, pauses)]
    assert counted[0] == "day 0"
    assert [c for c in counted[1:] if c != "no"] == [str(n + 1) for n in range(turnaround.max)]


@in_every_case
@given(turnarounds(HOURS), moments(), calendars(zones=("America/Phoenix", "Asia/Kolkata", "UTC")), st.data())
def test_ledger_hours_add_up_to_the_turnaround(turnaround, received, kept, data):
    """K4, K5, K9, K19, where the clocks do not change."""
    pauses = data.draw(pauses_after(received))
    due_at(turnaround, received, kept, pauses)
    counted = [line.counted for line in ledger(turnaround, received, kept, pauses)]
    assert sum((_length(text) for text in counted if text != "no"), timedelta()) == timedelta(
        hours=turnaround.max
    )


def _length(text: str) -> timedelta:
    words = text.split()
    names = {"h": "hours", "min": "minutes", "s": "seconds"}
    return timedelta(
        **{names[unit]: float(number) for number, unit in zip(words[::2], words[1::2], strict=True)}
    )


def _walked(unit: str, number: int, received: datetime, kept: BusinessCalendar, pauses) -> datetime:
    """The slow way: a clock that is looked at every minute."""
    zone, moment, left = ZoneInfo(kept.zone), received, number * 60
    started = False
    while left:
        here = moment.astimezone(zone)
        is_open = _inside(here.time(), kept.intervals(here.date()))
        started = started or is_open
        counts = is_open if unit == "staffed_hour" else started and bool(kept.intervals(here.date()))
        if counts and not any(pause.start <= moment < pause.end for pause in pauses):
            left -= 1
        moment += timedelta(minutes=1)
    return moment


def _inside(clock: time, intervals) -> bool:
    return any(start <= clock and (clock < end or end == time(0)) for start, end in intervals)


@settings(in_every_case, max_examples=25)
@given(
    st.sampled_from(["business_hour", "staffed_hour"]),
    st.integers(1, 30),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),
    calendars(zones=("America/Phoenix", "Asia/Kolkata", "UTC")),
    st.data(),
)
def test_hours_end_where_a_clock_watched_every_minute_ends(unit, number, received, kept, data):
    """K4, K9, where the clocks do not change."""
    received = received.replace(second=0, microsecond=0)
    pauses = data.draw(pauses_after(received, 3))
    assert due_at(Turnaround(None, number, unit), received, kept, pauses) == _walked(
        unit, number, received, kept, pauses
    )
