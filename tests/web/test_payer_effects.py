"""What changing a payer does to its held claims is said before Save, and is what then happens (section 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from deductibles.actions import deciding
from deductibles.models import Hold
from patients import actions, payer_effects
from patients.models import Payer
from tests.claim_line import DAY0, Line, days, fresh, noon, status_of

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(line: Line, page_as: Callable[[User], Client]) -> Iterator[Client]:
    """The admin's browser on the tenth day of the holds."""
    with time_machine.travel(noon(days(10)), tick=False):
        yield page_as(line.admin)


def _effect(payer: Payer, **values) -> payer_effects.Effect:
    found = payer_effects.effect_of(payer, values, at=noon(days(10)))
    assert found is not None
    return found


def _released_tonight(line: Line, holds: list[Hold]) -> int:
    line.check(days(10))
    return sum(status_of(hold.claim) == "queued" for hold in holds)


@pytest.mark.parametrize(
    ("values", "leave"),
    [
        ({}, 0),
        ({"max_days": 10}, 2),
        ({"max_days": 11}, 0),
        ({"dollar_threshold": 1200}, 1),
        ({"filing_limit_days": 24}, 2),
        ({"filing_limit_days": 25}, 0),
        ({"never_hold": True}, 0),
        ({"max_days": 365}, 0),
    ],
    ids=str,
)
def test_what_is_said_before_save_is_what_the_night_does(line: Line, values, leave: int) -> None:
    holds = [line.held(), line.held(remaining="1200.00")]
    said = _effect(line.payer, **values)
    assert (said.held, said.billed, said.before, said.tonight) == (2, 1700, 0, leave)
    actions.change_payer(line.payer, values, by=line.admin, at=noon(days(10)))
    assert _released_tonight(line, holds) == leave


def test_after_tonights_night_tonight_is_tomorrow(line: Line) -> None:
    line.held()
    line.check(days(10))
    assert (_effect(line.payer, max_days=11).tonight, _effect(line.payer, max_days=12).tonight) == (1, 0)


def test_dates_that_move_are_counted_by_their_direction(line: Line) -> None:
    line.held(), line.held()
    assert [
        (_effect(line.payer, max_days=n).sooner, _effect(line.payer, max_days=n).later) for n in (20, 40)
    ] == [
        (2, 0),
        (0, 2),
    ]


def test_the_guard_names_the_earlier_date_whatever_the_days_say(line: Line) -> None:
    hold = line.held(served=DAY0 - timedelta(days=60))
    actions.change_payer(line.payer, {"filing_limit_days": 95}, by=line.admin, at=noon(days(1)))
    line.check(days(2))
    assert fresh(hold).release_on == DAY0 - timedelta(days=60) + timedelta(days=95 - 14)


def test_a_limit_learned_while_monitoring_is_off_still_guards_what_is_held(line: Line) -> None:
    hold = line.held(served=DAY0 - timedelta(days=60))
    line.settings(automatic=False)
    actions.change_payer(line.payer, {"filing_limit_days": 80}, by=line.admin, at=noon(days(1)))
    assert _effect(line.payer).tonight == 1
    line.check(days(10))
    assert (status_of(hold.claim), fresh(hold).reason_code) == ("queued", "Too Much Time Elapsed")
    assert "Filing guard" in fresh(hold).release_why[0]


def test_a_payer_that_is_never_held_gets_no_new_holds_and_keeps_those_it_has(line: Line) -> None:
    hold = line.held()
    said = _effect(line.payer, never_hold=True)
    assert "none of its claims is newly held" in said.said[0] and said.tonight == 0
    actions.change_payer(line.payer, {"never_hold": True}, by=line.admin, at=noon(days(1)))
    assert line.complete(line.member()).hold is None
    line.check(days(7))
    assert status_of(hold.claim) == "hold"
    assert line.asked(hold) == [days(7).isoformat()]
    line.now_remaining(hold, "0.00")
    line.check(days(14))
    assert status_of(hold.claim) == "queued"


def test_a_kind_that_is_never_held_says_so(line: Line) -> None:
    assert _effect(line.payer, kind="medicaid").said[0].startswith("Medicaid is never held.")


def test_the_preview_saves_nothing_and_keeps_what_was_typed(line: Line, desk: Client) -> None:
    line.held()
    payer = line.payer
    typed = {
        "name": payer.name,
        "payer_id": payer.payer_id,
        "kind": "commercial",
        "network": "in",
        "version": "1",
    }
    answer = desk.post(f"/payers/{payer.pk}/edit/", {**typed, "max_days": "10", "preview": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "would leave tonight" in page and 'value="10"' in page
    payer.refresh_from_db()
    assert (payer.max_days, payer.version) == (None, 1)
    answer = desk.post(f"/payers/{payer.pk}/edit/", {**typed, "max_days": "0", "preview": "1"})
    assert answer.status_code == 400 and "Leave tonight if you save" not in answer.content.decode()


def test_a_stored_proof_of_the_old_plan_year_is_not_counted_to_leave(line: Line) -> None:
    hold = line.held()
    line.now_remaining(hold, "0.00")
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(1)))
    assert _effect(line.payer).met == 1
    next_year = payer_effects.effect_of(line.payer, {}, at=noon(days(230)))
    assert next_year is not None and next_year.met == 0
