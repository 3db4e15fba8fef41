"""The life of a claim as a table."""

from __future__ import annotations

import pytest

from accounts.roles import Role
from accounts.steps import Refused, find_step, moves, statuses, steps_for
from deductibles.domain import states
from deductibles.domain.states import CLAIM


def test_every_status_that_can_be_reached_has_a_label() -> None:
    assert set(statuses(CLAIM, states.FIRST)) <= set(states.STATUS_LABELS)


def test_the_labels_are_those_the_biller_knows() -> None:
    assert states.STATUS_LABELS["hold"] == "Suspended - Hold for Deductible"
    assert states.STATUS_LABELS["queued"] == "Queue for submission"


def test_only_holdline_releases_submits_and_suspends() -> None:
    for act, source in (("release", "hold"), ("submit", "queued"), ("suspend", "draft")):
        with pytest.raises(Refused) as refused:
            find_step(CLAIM, act, source, Role.BILLER, thing="claim")
        assert refused.value.code == "role"


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.ADMIN])
def test_nobody_but_a_biller_moves_a_claim(role: Role) -> None:
    assert all(steps_for(CLAIM, status, role) == [] for status in states.STATUS_LABELS)


def test_what_a_biller_may_do_depends_on_where_the_claim_is() -> None:
    acts = {
        s: {step.act for step in steps_for(CLAIM, s, Role.BILLER)} for s in ("draft", "hold", "submitted")
    }
    coverages = {"change_payer", "cover", "end_coverage", "make_primary", "pin", "unpin"}
    assert acts["draft"] == {"complete", "hold", "void"} | coverages
    assert acts["hold"] == {"queue", "void", "post_payment"} | coverages
    assert acts["submitted"] == {"post_payment"}


def test_a_submitted_claim_never_goes_back_into_the_queue() -> None:
    assert not [pair for pair in moves(CLAIM) if pair[0] == "submitted" and pair[1] in ("hold", "queued")]


def test_a_refusal_says_where_the_claim_is_and_where_it_would_have_to_be() -> None:
    with pytest.raises(Refused, match="This claim is submitted; “queue” needs it to be hold"):
        find_step(CLAIM, "queue", "submitted", Role.BILLER, thing="claim")
