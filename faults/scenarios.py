"""Every scenario: what is done, to how many holds, and which protection its control takes away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faults import broker, handover, killed, sendings, together, vendor
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
        "sending",
        "queued claims go out while a worker is killed every 2 s and one answer in a hundred is lost",
        sendings.killed_and_lost,
        "what may have left is not sent again",
    ),
    Scenario(
        "folder",
        "queued claims go into a folder while a worker is killed every 2 s",
        sendings.killed_beside_a_folder,
        "a folder's notes say what was put into it",
    ),
    Scenario(
        "unheard",
        "one answer of the clearinghouse in five is lost",
        sendings.answers_lost,
        "an unclear hand-over is not sent again",
        few=True,
    ),
    Scenario(
        "crowd",
        "four workers begin two submissions at once",
        sendings.several_at_once,
        "two never send one file",
        few=True,
    ),
    Scenario(
        "points",
        "a worker dies between any two steps of a submission",
        sendings.dead_between_steps,
        "what may have left is not sent again",
        few=True,
    ),
    Scenario(
        "writing",
        "a worker dies before any statement of a submission",
        sendings.dead_at_any_point,
        "what belongs together is one transaction",
        few=True,
    ),
    Scenario(
        "receiver",
        "the clearinghouse refuses, is slow, and answers garbage",
        sendings.receiver_out_of_order,
        "an unclear hand-over is not sent again",
        few=True,
    ),
    Scenario(
        "early",
        "acknowledgements come before the hand-over is noted",
        sendings.answered_before_it_was_noted,
        "an answer that comes early waits",
        few=True,
    ),
    Scenario(
        "disorder",
        "acknowledgements come cut, twice, backwards, strange, and for another company",
        sendings.answers_in_disorder,
        "an answer counts in its own company alone",
        few=True,
    ),
    Scenario(
        "restored",
        "a copy of the database begins its nights beside the original",
        sendings.restored_copy,
        "a copy of the database sends nothing",
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
