"""AR Boost out of order, in every way the stand-in knows; night after night until all is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from faults.filling import FATES
from faults.stage import Stage

SHARE = 0.3
"""The share of AR Boost's responses that go wrong."""
NIGHTS = 12
NOTHING_LEFT = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
TIME_LIMIT = 2.0


def responses(**fault: object) -> Callable[[Stage], None]:
    """Three in ten responses go wrong like this, every night."""

    def play(stage: Stage) -> None:
        stage.faulty = True
        stage.vendor.script("*", share=SHARE, **fault)
        _until_answered(stage)

    return play


def all_responses(**fault: object) -> Callable[[Stage], None]:
    """Every response goes wrong like this, every night."""

    def play(stage: Stage) -> None:
        stage.faulty = True
        stage.vendor.script("*", **fault)
        _until_answered(stage)

    return play


def slow(stage: Stage) -> None:
    """Three in ten responses come later than anybody waits for them."""
    stage.faulty, stage.time_limit = True, TIME_LIMIT
    stage.vendor.script("*", share=SHARE, delay=1.5 * TIME_LIMIT)
    _until_answered(stage)


def hanging(stage: Stage) -> None:
    """Three in ten requests are never answered."""
    stage.faulty, stage.time_limit = True, TIME_LIMIT
    stage.vendor.script("*", share=SHARE, hang=True)
    _until_answered(stage, seconds=20)


def garbage(stage: Stage) -> None:
    """Three in ten responses are no JSON, and one answer in twenty is no X12; beside it stands zero."""
    _damaged(stage, [{"garbage_271": True, "amounts": NOTHING_LEFT}], garbage=True, share=SHARE)


def truncated(stage: Stage) -> None:
    """Three in ten responses end early, and one 271 in twenty is cut anywhere; beside it stands zero."""
    cuts = [{"cut_271": length, "amounts": NOTHING_LEFT} for length in range(0, 640, 16)]
    _damaged(stage, cuts, cut_body=900, share=SHARE)


def another_patient(stage: Stage) -> None:
    """One answer in twenty is about somebody else, whose deductible is met; the more so with our trace."""
    told = [{"another_patient": {"echo": echo}, "amounts": NOTHING_LEFT} for echo in ("all", "json", "none")]
    _damaged(stage, told)


def _damaged(stage: Stage, scripts: list[dict], **service: object) -> None:
    """Damaged answers about claims that stay held; two nights so, then AR Boost is well again."""
    stage.faulty = True
    if service:
        stage.vendor.script("*", **service)
    for place, number in enumerate(_stay(stage)):
        stage.script([number], **scripts[place % len(scripts)])

    def play() -> None:
        stage.nights(2)
        stage.count_what_the_vendor_did()
        stage.vendor.call("DELETE", "/_script")
        stage.nights(NIGHTS, since=2)

    stage.timed(play)
    _expect_all_answered(stage)


def _stay(stage: Stage) -> Iterable[int]:
    return range(7, stage.holds + 1, FATES)


def _until_answered(stage: Stage, seconds: float = 300) -> None:
    stage.timed(lambda: stage.nights(NIGHTS, seconds=seconds))
    stage.count_what_the_vendor_did()
    _expect_all_answered(stage)


def _expect_all_answered(stage: Stage) -> None:
    if left := stage.open_questions():
        stage.wrong(f"{left} questions are open after {NIGHTS} nights")
