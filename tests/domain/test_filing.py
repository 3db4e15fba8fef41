"""The filing guard (deductibles.md section 5) and the release date (D-CHK-4)."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deductibles.domain import filing

HELD = date(2026, 5, 20)


def test_without_a_limit_the_days_decide_D_CHK_4() -> None:
    found = filing.release_date(HELD, 30, None, 14)
    assert (found.on, found.by_guard) == (date(2026, 6, 19), False)
    assert "30 days" in found.sentence


def test_one_day_is_said_in_the_singular() -> None:
    assert "at most 1 day from" in filing.release_date(HELD, 1, None, 14).sentence


def test_the_guard_comes_first_when_the_deadline_is_near() -> None:
    deadline = filing.deadline(date(2026, 4, 1), 90)
    assert deadline == date(2026, 6, 30)
    found = filing.release_date(HELD, 60, deadline, 14)
    assert (found.on, found.by_guard) == (date(2026, 6, 16), True)
    assert "Filing guard" in found.sentence and "30 June 2026" in found.sentence


def test_when_both_fall_on_one_day_the_days_are_named() -> None:
    deadline = HELD + timedelta(days=44)
    assert not filing.release_date(HELD, 30, deadline, 14).by_guard


def test_the_guard_begins_on_its_first_day() -> None:
    deadline = HELD + timedelta(days=14)
    assert filing.inside_guard(deadline, 14, HELD)
    assert not filing.inside_guard(deadline, 13, HELD)
    assert not filing.inside_guard(None, 14, HELD)


@given(st.integers(1, 365), st.integers(-400, 800), st.integers(0, 365))
def test_a_release_is_never_later_than_the_days_or_the_guard(days: int, limit: int, guard: int) -> None:
    deadline = HELD + timedelta(days=limit)
    found = filing.release_date(HELD, days, deadline, guard)
    assert found.on == min(HELD + timedelta(days=days), deadline - timedelta(days=guard))
