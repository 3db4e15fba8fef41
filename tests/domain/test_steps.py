"""The shape of every life cycle: who may move what, and which sentence refuses the rest."""

import pytest

from accounts.roles import CAPABILITIES, Can, Role, may, refusal, roles_that_may
from accounts.steps import (
    SYSTEM,
    Refused,
    Step,
    diagram,
    find_step,
    illegal_move_sql,
    moves,
    statuses,
    steps_for,
)

LAMP = (
    Step("light", ("off",), "on", Can.WORK_TICKETS, "Light"),
    Step("dim", ("on",), None, Can.DIRECT_TICKETS, "Dim", own=Can.WORK_TICKETS),
    Step("burn out", ("on", "off"), "broken", None, "Burn out"),
)


def test_a_step_is_found_from_where_the_row_stands():
    assert find_step(LAMP, "light", "off", "agent").target == "on"


@pytest.mark.parametrize(
    ("act", "status", "role", "code", "says"),
    [
        ("light", "on", "agent", "state", "needs it to be off"),
        ("light", "off", "biller", "role", "agent"),
        ("dim", "on", "agent", "role", "supervisor"),
        ("burn out", "on", "supervisor", "role", "Only Holdline itself"),
        ("explode", "on", "agent", "unknown", "light, dim, burn out"),
        ("light", "off", "nobody", "role", "agent"),
    ],
)
def test_a_refusal_says_what_would_be_needed(act, status, role, code, says):
    with pytest.raises(Refused) as refused:
        find_step(LAMP, act, status, role)
    assert refused.value.code == code
    assert says in refused.value.sentence


def test_ones_own_row_may_be_moved_by_the_weaker_capability():
    assert find_step(LAMP, "dim", "on", "agent", owner=True).act == "dim"


def test_only_the_system_takes_steps_that_belong_to_nobody():
    assert find_step(LAMP, "burn out", "on", SYSTEM).target == "broken"
    assert [step.act for step in steps_for(LAMP, "on", "agent")] == []
    assert [step.act for step in steps_for(LAMP, "on", "agent", owner=True)] == ["dim"]


def test_the_trigger_knows_exactly_the_moves_of_the_table():
    assert moves(LAMP) == [("off", "broken"), ("off", "on"), ("on", "broken")]
    sql = illegal_move_sql(moves(LAMP), "lamp")
    assert "('off', 'on')" in sql
    assert "('on', 'off')" not in sql


def test_the_diagram_shows_every_step():
    drawn = diagram("Lamp", LAMP, "off")
    assert "off --> on: light" in drawn
    assert "| dim | on | stays |" in drawn
    assert statuses(LAMP, "off") == ["off", "on", "broken"]


def test_admins_see_no_patients_and_agents_no_claims():
    assert not may("admin", Can.READ_PATIENTS)
    assert not may("agent", Can.READ_CLAIMS)
    assert may("supervisor", Can.READ_CLAIMS) and not may("supervisor", Can.WORK_CLAIMS)
    assert not may("stranger", Can.READ_TICKETS)


@pytest.mark.parametrize("capability", list(Can))
def test_every_capability_belongs_to_somebody_and_its_refusal_names_them(capability):
    assert roles_that_may(capability)
    assert str(roles_that_may(capability)[0]) in refusal(capability)
    assert set(CAPABILITIES) == set(Role)
