"""Every scenario: what is done, to how many holds, and which protection its control takes away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faults import broker, handover, killed, together, vendor
from faults.stage import Stage

FEW = 300
"""Holds of a control, and of a scenario in which more of them prove no more."""


@dataclass(frozen=True)
class Scenario:
    """One fault. ``most`` times the undisturbed night it may take; None where time says nothing.

    ``few``: it is played with few holds whatever is asked for. ``spread``: held since so many different days.
    """

    name: str
    said: str
    play: Callable[[Stage], None]
    control: str
    most: float | None = None
    few: bool = False
    spread: int = 0


OUTAGE = "what was not answered is asked again"
SCENARIOS = (
    Scenario(
        "killed",
        "a worker is killed every 2 s",
        killed.killed_again_and_again,
        "an answered question is closed",
        most=4.0,
    ),
    Scenario(
        "asleep",
        "a worker sleeps past its lease while another takes over",
        killed.asleep_beyond_its_lease,
        "who lost the lease writes nothing",
        few=True,
    ),
    Scenario(
        "locks",
        "a worker falls asleep in the middle of a transaction",
        killed.asleep_in_mid_transaction,
        "who sleeps gives its locks back",
        few=True,
    ),
    Scenario("five", "five workers begin one night", together.five_at_once, "one worker at a time"),
    Scenario("twice", "a night is run three times", together.twice, "a night knows what it has done"),
    Scenario(
        "missed",
        "three nights do not run, and seven more",
        together.missed_nights,
        "missed nights are asked for",
        spread=14,
    ),
    Scenario(
        "settings",
        "settings are changed in mid-run",
        together.settings_in_mid_run,
        "settings are those the night began with",
    ),
    Scenario(
        "biller",
        "a biller queues and clears thousands meanwhile",
        together.biller_at_work,
        "what was read before the lock is read anew",
    ),
    Scenario(
        "errors", "AR Boost answers three in ten with 503", vendor.responses(status=503), OUTAGE, most=4.0
    ),
    Scenario(
        "wait", "AR Boost asks to wait (429)", vendor.responses(status=429, retry_after=0), OUTAGE, most=4.0
    ),
    Scenario("lost", "AR Boost's responses are lost", vendor.responses(lost=True), OUTAGE, most=4.0),
    Scenario("slow", "three in ten answers of AR Boost come too late", vendor.slow, OUTAGE, most=4.0),
    Scenario(
        "hanging",
        "AR Boost never answers three in ten",
        vendor.hanging,
        "nobody waits for ever",
        few=True,
    ),
    Scenario("garbage", "AR Boost sends garbage", vendor.garbage, "unknown is not zero", most=4.0),
    Scenario("truncated", "answers end early", vendor.truncated, "unknown is not zero", most=4.0),
    Scenario(
        "swapped",
        "a batch's answers come in reverse order",
        vendor.all_responses(swapped=True),
        "answers are matched by reference and trace",
        most=4.0,
    ),
    Scenario(
        "stranger",
        "answers are about another patient",
        vendor.another_patient,
        "an answer names the patient it is about",
        most=4.0,
    ),
    Scenario(
        "handover",
        "a file reaches the clearinghouse and nobody hears so",
        handover.response_lost,
        "an unclear hand-over is not sent again",
        few=True,
    ),
    Scenario(
        "broker",
        "the broker hangs, forgets everything, and is gone",
        broker.broken_broker,
        "a doorbell is rung for a second at most",
        few=True,
    ),
)
