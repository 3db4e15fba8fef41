"""From which due moment on a change of the calendar can move a clock: earlier ones are never looked at
(K14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.moments import Moments, Rules
from escalations.domain.pauses import Pause
from escalations.domain.reclock import ALWAYS, NEVER, affects_from, first_change
from escalations.domain.refusals import TimeRuleError
from escalations.domain.turnaround import Turnaround
from tests.domain.turnaround_cases import DAYS, OFFICE, at, calendars, moments, pauses_after, weekly

UNITS = ("business_day", "week", "business_hour", "staffed_hour", "clock_hour")
LEADS = st.one_of(
    st.none(), st.builds(lambda number, unit: Turnaround(None, number, unit), st.integers(1, 30), st.sampled_from(UNITS))
)  # fmt: skip
GRACE = timedelta(minutes=15)
HALF = ((time(9), time(13)),)


def edited(calendar: BusinessCalendar, **days: Any) -> BusinessCalendar:
    """With exceptions: ``may_22=()`` is closed on 22 May 2026."""
    found = {date(2026, 5, int(name.split("_")[1])): hours for name, hours in days.items()}
    return replace(calendar, exceptions={**calendar.exceptions, **found})


@st.composite
def windows(draw: st.DrawFn) -> Turnaround:
    unit = draw(st.sampled_from((*UNITS, "immediate", "none")))
    if unit not in UNITS:
        return Turnaround(None, None, unit)
    most = draw(st.integers(1, 80))
    return Turnaround(draw(st.one_of(st.none(), st.integers(1, most))), most, unit)


@st.composite
def edits(draw: st.DrawFn, calendar: BusinessCalendar, *near: date) -> BusinessCalendar:
    """The calendar with some dates not far from one of these opened, closed or given other hours."""
    offsets = st.one_of(st.integers(-3, 4), st.integers(-3, 4), st.integers(-10, 75))
    days = st.builds(lambda on, offset: on + timedelta(days=offset), st.sampled_from(near), offsets)
    exceptions = dict(calendar.exceptions) | draw(st.dictionaries(days, DAYS, max_size=3))
    for on in draw(st.sets(st.sampled_from(sorted(exceptions)), max_size=2)) if exceptions else ():
        del exceptions[on]
    holidays = calendar.holidays ^ draw(st.frozensets(days, max_size=3))
    return replace(calendar, exceptions=exceptions, holidays=holidays)


def worked_out(
    calendar: BusinessCalendar, lead: Turnaround | None, window: Turnaround, start: datetime, pauses: tuple[Pause, ...]
) -> Moments | None:  # fmt: skip
    """All moments of a clock; ``None`` where the calendar does not reach."""
    rules = Rules(calendar, {window.unit: lead} if lead else {}, GRACE)
    try:
        return rules.moments(window, start, pauses, urgent=False)
    except TimeRuleError:
        return None


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_clock_that_is_due_before_keeps_all_its_moments(data: st.DataObject) -> None:
    old, start = data.draw(calendars()), data.draw(moments())
    window, lead = data.draw(windows()), data.draw(LEADS)
    pauses = data.draw(pauses_after(start))
    # What differs lies about the due date, so that many changes meet something.
    near = start.astimezone(UTC).date()
    due = worked_out(old, None, window, start, pauses)
    near = due.due_at.date() if due and due.due_at else near
    old = data.draw(edits(old, near))
    new = data.draw(edits(old, near, near + timedelta(days=7)))
    since = affects_from(old, new)
    for one, other in ((old, new), (new, old)):
        found = worked_out(one, lead, window, start, pauses)
        if found is not None and not since.may_move(found.unit, found.due_at):
            assert worked_out(other, lead, window, start, pauses) == found


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_it_is_the_same_either_way_and_ever_later_by_a_detour(data: st.DataObject) -> None:
    """What was left alone by one change and by the next is the same under the first and the last."""
    first = data.draw(calendars())
    near = data.draw(moments()).date()
    second = data.draw(edits(first, near))
    third = data.draw(edits(second, near))
    assert affects_from(first, second) == affects_from(second, first)
    one, other, whole = affects_from(first, second), affects_from(second, third), affects_from(first, third)
    assert whole.weeks >= min(one.weeks, other.weeks) and whole.others >= min(one.others, other.others)


def test_the_first_date_that_is_open_at_other_times() -> None:
    assert first_change(OFFICE, OFFICE) is None
    assert affects_from(OFFICE, OFFICE) == NEVER
    assert first_change(OFFICE, edited(OFFICE, may_22=(), may_13=())) == date(2026, 5, 13)
    as_holiday = replace(OFFICE, holidays=OFFICE.holidays | {date(2026, 5, 22)})
    assert first_change(edited(OFFICE, may_22=()), as_holiday) is None, "closed either way"


@pytest.mark.parametrize(
    ("changed", "weeks", "others"),
    [
        ({"may_13": ()}, "05-12 18:00", "05-13 00:00"),
        # Monday: what is due on Friday was perhaps rolled back from the weekend
        ({"may_18": ()}, "05-15 18:00", "05-18 00:00"),
        ({"may_16": HALF}, "05-15 18:00", "05-16 00:00"),
        # the day after Memorial Day
        ({"may_26": ()}, "05-22 18:00", "05-26 00:00"),
    ],
)
def test_weeks_from_the_last_close_before_it_all_others_from_its_start(
    changed: dict[str, Any], weeks: str, others: str
) -> None:
    assert affects_from(OFFICE, edited(OFFICE, **changed)) == (at(weeks), at(others))


def test_other_weekly_hours_or_another_zone_may_move_any_clock() -> None:
    assert affects_from(OFFICE, replace(OFFICE, zone="America/New_York")) == ALWAYS
    assert affects_from(OFFICE, replace(OFFICE, hours=weekly(saturday=HALF))) == ALWAYS


def test_beyond_the_years_of_a_calendar() -> None:
    assert affects_from(OFFICE, replace(OFFICE, holidays=OFFICE.holidays | {date(2150, 1, 1)})) == NEVER
    assert affects_from(OFFICE, replace(OFFICE, exceptions={date(1950, 1, 2): ()})) == ALWAYS
    assert affects_from(OFFICE, replace(OFFICE, exceptions={date(1990, 1, 1): ()})) == ALWAYS


def test_a_closed_friday_that_opens_draws_a_week_forward_k6() -> None:
    """Why it is not the start of the date that differs: due on Thursday, rolled back from Friday."""
    closed, received = edited(OFFICE, may_22=()), at("05-15 10:00")
    window = Turnaround(None, 1, "week")
    before = worked_out(closed, None, window, received, ())
    after = worked_out(OFFICE, None, window, received, ())
    assert before is not None and after is not None
    assert (before.due_at, after.due_at) == (at("05-21 18:00"), at("05-22 18:00"))
    since = affects_from(closed, OFFICE)
    assert since.may_move("week", before.due_at) and not since.may_move("business_day", before.due_at)
