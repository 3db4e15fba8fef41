"""A small share of `make faults`: files that go out while workers die and answers are lost, and controls."""

from __future__ import annotations

import pytest

from faults import sending, sendings
from faults.scenarios import SCENARIOS
from faults.stage import Stage
from tests.sandboxes import Sandbox

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)
CLAIMS = 60


def look(stage: Stage) -> list[str]:
    """What is wrong after a scenario, which must have done its fault."""
    stage.look()
    assert any(stage.injected.values()), "no fault happened"
    return stage.problems


def test_killed_and_unheard_each_claim_reaches_a_keyless_receiver_once_I1_I2(
    ar_boost: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LIVES_OF_FEW", 2)
    stage = Stage("sending", ar_boost, CLAIMS)
    sendings.killed_and_lost(stage)
    assert stage.injected["worker killed"] >= 2
    assert look(stage) == []


def test_that_is_seen_when_what_may_have_left_is_sent_again(
    ar_boost: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LIVES_OF_FEW", 1)
    stage = Stage("sending", ar_boost, CLAIMS, without=["what may have left is not sent again"])
    sendings.killed_and_lost(stage)
    assert any("reached the clearinghouse twice" in each for each in look(stage))


def test_answers_cut_twice_backwards_and_for_another_company_close_each_claim_once(ar_boost: Sandbox) -> None:
    stage = Stage("disorder", ar_boost, CLAIMS // 2)
    sendings.answers_in_disorder(stage)
    assert look(stage) == []


def test_every_scenario_of_sending_has_a_control_of_its_own_making() -> None:
    mine = [one for one in SCENARIOS if one.play.__module__ == sendings.__name__]
    assert len(mine) >= 9 and all(one.control for one in mine)
