"""The turn of the plan year: what was proven in the old one proves nothing in the new one (section 5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deductibles.actions import deciding
from deductibles.domain import evidence
from patients.models import Payer
from tests.claim_line import Line, fresh, noon, status_of

pytest_plugins = ["tests.claim_line"]
HELD = date(2026, 12, 21)
"""Asked on 28 December, 4 January, 11 January …"""
YEAR_END = date(2026, 12, 31)


def _held_over_new_year(line: Line):
    line.settings(day=HELD, max_days=60)
    Payer.objects.update(filing_limit_days=None)
    line.payer.refresh_from_db()
    hold = line.held(day=HELD, served=HELD - timedelta(days=1))
    line.now_remaining(hold, "120.00")
    line.check(date(2026, 12, 28))
    return hold


def _july_to_june(line: Line, hold, remaining: str) -> None:
    deductible = {"annual": "1500.00", "remaining": remaining, "period": "2026-07-01/2027-06-30"}
    line.says(hold, send=["deductible"], deductible=deductible)


@pytest.mark.django_db
def test_stored_proof_ends_with_its_plan_year_and_the_next_grid_date_decides(line: Line) -> None:
    hold = _held_over_new_year(line)
    line.settings(day=date(2027, 1, 1), max_days=60, dollar_threshold="150.00")
    line.now_remaining(hold, "1500.00")
    for night in (1, 2, 3):
        line.check(date(2027, 1, night))
    assert status_of(hold.claim) == "hold", "120.00 of last year is no proof of this one"
    line.check(date(2027, 1, 4))
    assert (status_of(hold.claim), fresh(hold).remaining) == ("hold", 1500)
    assert line.asked(hold) == ["2026-12-28", "2027-01-04"]


@pytest.mark.django_db
def test_the_last_night_of_the_plan_year_still_releases_on_it(line: Line) -> None:
    hold = _held_over_new_year(line)
    line.settings(day=date(2026, 12, 30), max_days=60, dollar_threshold="150.00")
    line.check(YEAR_END)
    assert (status_of(hold.claim), fresh(hold).reason_code) == ("queued", "Deductible Met Threshold")


@pytest.mark.django_db
def test_an_answer_of_the_new_year_releases_on_its_grid_date(line: Line) -> None:
    hold = _held_over_new_year(line)
    line.now_remaining(hold, "40.00")
    line.check(date(2027, 1, 3))
    assert status_of(hold.claim) == "hold"
    line.check(date(2027, 1, 4))
    assert status_of(hold.claim) == "queued"


@pytest.mark.django_db
def test_a_plan_year_from_July_goes_on_over_new_year(line: Line) -> None:
    hold = _held_over_new_year(line)
    _july_to_june(line, hold, "120.00")
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(date(2026, 12, 30)))
    assert fresh(hold).snapshot.proven_until == date(2027, 6, 30)
    line.settings(day=date(2027, 1, 1), max_days=60, dollar_threshold="150.00")
    line.check(date(2027, 1, 2))
    assert status_of(hold.claim) == "queued"


@pytest.mark.parametrize(
    ("start", "end", "as_of", "until"),
    [
        (date(2028, 1, 1), date(2028, 12, 31), date(2028, 2, 29), date(2028, 12, 31)),
        (date(2027, 7, 1), date(2028, 6, 30), date(2028, 2, 29), date(2028, 6, 30)),
        (date(2028, 2, 29), date(2029, 2, 28), date(2028, 3, 1), date(2029, 2, 28)),
        (date(2028, 1, 1), date(2029, 1, 1), date(2028, 2, 29), date(2028, 12, 31)),
        (date(2020, 1, 1), date(2030, 12, 31), date(2028, 2, 29), date(2028, 12, 31)),
        (date(2028, 1, 1), None, date(2028, 2, 29), date(2028, 12, 31)),
        (None, date(2028, 6, 30), date(2028, 2, 29), date(2028, 6, 30)),
        (None, None, date(2028, 12, 31), date(2028, 12, 31)),
    ],
)
def test_a_period_proves_to_its_end_and_never_beyond_one_plan_year(start, end, as_of, until) -> None:
    assert evidence._proven_until((start, end), as_of) == until


DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@given(DAYS, st.integers(0, 400), st.integers(0, 400))
def test_nothing_is_proven_for_longer_than_a_year_from_its_start(start: date, long: int, later: int) -> None:
    end, as_of = start + timedelta(days=long), start + timedelta(days=min(later, long))
    until = evidence._proven_until((start, end), as_of)
    assert until <= end
    assert until <= max(start + timedelta(days=365), date(as_of.year, 12, 31))
