"""The table of a ticket's life: what may follow what, and who may do it."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from accounts.steps import Refused, find_step, moves, steps_for
from escalations.domain.states import FIRST, OVER, RUNNING, STATUSES, TICKET

HEARD = ["dismiss", "acknowledge", "explain", "decline", "contact", "call", "comment"]
"""What anybody who works tickets may note on a running one."""
OVER_STILL = ["dismiss", "explain", "comment"]
"""What may still be said of one that is over."""
AGENT = ["take", "start", "wait", *HEARD]


def acts(status: str, role: str, *, owner: bool = False) -> list[str]:
    return [step.act for step in steps_for(TICKET, status, role, owner=owner)]


def test_a_filed_ticket_is_open() -> None:
    assert FIRST == "open"
    assert {"draft", "merged", *RUNNING, *OVER} == set(STATUSES)


def test_the_table_moves_a_ticket_only_along_these_ways() -> None:
    assert moves(TICKET) == [
        ("draft", "cancelled"),
        ("draft", "open"),
        ("open", "cancelled"),
        ("open", "merged"),
        ("open", "resolved"),
        ("open", "started"),
        ("open", "waiting"),
        ("resolved", "open"),
        ("started", "cancelled"),
        ("started", "merged"),
        ("started", "resolved"),
        ("started", "waiting"),
        ("waiting", "cancelled"),
        ("waiting", "merged"),
        ("waiting", "resolved"),
        ("waiting", "started"),
    ]


@pytest.mark.parametrize(
    ("status", "role", "owner", "expected"),
    [
        ("open", Role.AGENT, False, AGENT),
        ("open", Role.AGENT, True, ["take", "start", "wait", "resolve", "cancel", *HEARD]),
        (
            "open",
            Role.SUPERVISOR,
            False,
            ["take", "start", "wait", "resolve", "assign", "cancel", "merge", "retype", *HEARD],
        ),
        ("waiting", Role.AGENT, False, ["take", "resume", *HEARD]),
        ("resolved", Role.AGENT, True, OVER_STILL),
        ("resolved", Role.SUPERVISOR, False, ["reopen", *OVER_STILL]),
        ("cancelled", Role.SUPERVISOR, False, OVER_STILL),
        ("open", Role.BILLER, True, []),
        ("open", Role.ADMIN, True, []),
    ],
)
def test_each_role_is_offered_its_own_steps(status: str, role: str, owner: bool, expected: list[str]) -> None:
    assert acts(status, role, owner=owner) == expected


def test_an_agent_resolves_only_their_own() -> None:
    with pytest.raises(Refused) as refused:
        find_step(TICKET, "resolve", "open", Role.AGENT, thing="ticket")
    assert refused.value.code == "role"
    assert "supervisor" in str(refused.value)
    assert find_step(TICKET, "resolve", "open", Role.AGENT, owner=True).target == "resolved"


@pytest.mark.parametrize(
    ("act", "status", "code"),
    [("resume", "open", "state"), ("start", "resolved", "state"), ("explode", "open", "unknown")],
)
def test_a_step_out_of_place_is_refused_with_a_sentence(act: str, status: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        find_step(TICKET, act, status, Role.SUPERVISOR, thing="ticket")
    assert refused.value.code == code
    assert refused.value.sentence.endswith(".")
