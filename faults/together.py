"""Several workers at once, a night twice, nights that did not run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from faults import controls
from faults.filling import TARGET, since
from faults.stage import Stage

FIVE = 5
MISSED = (3, 7)
"""How many nights do not run, once and once more."""


def five_at_once(stage: Stage) -> None:
    """Five workers begin the same night at the same moment: it is asked, released and recorded once."""

    def play() -> None:
        workers = [stage.worker() for _ in range(FIVE)]
        for worker in workers:
            worker.wait(120)
        stage.injected["workers beside the first"] += sum(worker.how is not None for worker in workers) - 1

    stage.timed(play)
    stage.night()
    _expect_each_asked_once(stage)


def twice(stage: Stage) -> None:
    """The same night once more, and once more an hour later."""
    stage.night()
    before = len(stage.asked())
    for _ in range(2):
        stage.injected["night run again"] += 1
        if stage.without:
            stage.worker(prepare=lambda: controls.take_away(stage.without[0])).wait(120)
        else:
            stage.night()
    if more := len(stage.asked()) - before:
        stage.wrong(f"{more} questions asked when the night was run again")
    _expect_each_asked_once(stage)


def missed_nights(stage: Stage) -> None:
    """Three nights do not run, later seven more: each claim is asked once, for its newest date."""
    wanted: Counter[str] = Counter()
    target = TARGET
    stage.night(target)
    wanted.update(_due(stage, target - timedelta(days=1), target))
    for nights in MISSED:
        stage.injected["night missed"] += nights
        last, target = target, target + timedelta(days=nights + 1)
        stage.night(target)
        wanted.update(_due(stage, last, target))
    found = Counter(trace for trace, _ in stage.asked())
    for said, which in (
        ("not asked", wanted - found),
        ("asked too often or for a wrong date", found - wanted),
    ):
        if which:
            stage.wrong(f"{which.total()} × {said}, first {next(iter(which))}")


def _due(stage: Stage, last: date, target: date) -> list[str]:
    """The traces of what is to be asked in the night of ``target`` after one that last ran on ``last``."""
    traces = []
    for number, hold in _holds(stage).items():
        begun = since(number, stage.spread)
        newest = begun + timedelta(days=(target - begun).days // 7 * 7)
        if last < newest <= target and newest > begun:
            traces.append(f"H{hold}D{newest:%Y%m%d}")
    return traces


def _holds(stage: Stage) -> dict[int, int]:
    return dict(
        stage.rows(
            "SELECT substr(c.number, 3)::int, h.id FROM deductibles_hold h"
            " JOIN deductibles_claim c ON c.id = h.claim_id WHERE h.company_id = %(company)s"
        )
    )


def _expect_each_asked_once(stage: Stage) -> None:
    times = Counter(trace for trace, _ in stage.asked())
    often = [trace for trace, number in times.items() if number > 1]
    if often:
        stage.wrong(f"{len(often)} × asked more than once, first {often[0]} {times[often[0]]} times")


def settings_in_mid_run(stage: Stage) -> None:
    """An admin saves another threshold and fewer days while the night runs: they count from the next run."""
    from deductibles.actions.settings import save_settings
    from deductibles.models import Hold

    stage.vendor.script("*", delay=0.15)
    worker = stage.worker()
    _wait_until(lambda: Hold.objects.filter(company=stage.company, active=False).exists())
    given: dict[str, Any] = {
        "automatic": True, "max_days": 14, "dollar_threshold": "50.00", "monitor_above": "250.00",
        "manual": False, "manual_days": None,
    }  # fmt: skip
    if worker.wait(0) is None:
        save_settings(stage.company, given, by=stage.person("admin"), at=stage.now())
        stage.injected["settings saved while the night runs"] += 1
    worker.wait(120)
    stage.look()
    stage.night(TARGET + timedelta(days=1))
    stage.expect_days(given["max_days"])


def biller_at_work(stage: Stage) -> None:
    """A biller queues half of the claims while AR Boost is asked about them, and clears what has left."""
    from deductibles.actions import holds

    stage.vendor.script("*", delay=0.4)
    biller, by_number = stage.person("biller"), _holds(stage)
    chosen = [hold for number, hold in by_number.items() if number % 2][: holds.AT_MOST]
    worker = stage.worker()
    _wait_until(lambda: bool(stage.asked()))
    queued = holds.queue_holds(stage.company, chosen, by=biller, at=stage.now())
    cleared = holds.clear_holds(stage.company, chosen, by=biller, at=stage.now())
    stage.injected["queued by a person meanwhile"] += queued.done
    stage.injected["cleared by a person meanwhile"] += cleared.done
    worker.wait(120)
    stage.night()
    stage.expect_by_hand(queued.done)


def _wait_until(ready: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if ready():
            return
        time.sleep(0.01)
