"""Plays scenarios one after the other, with their controls, and tells of each what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faults import killed
from faults.scenarios import FEW, SCENARIOS, Scenario
from faults.stage import Stage

STATEMENTS = "statements"
ATOMIC = "what belongs together is one transaction"
SHOWN = 6


def names() -> list[str]:
    """The names one may ask for."""
    return [STATEMENTS, *(scenario.name for scenario in SCENARIOS)]


class Theatre:
    """One performance: so many holds, and how long an undisturbed night over them takes."""

    def __init__(self, vendor: Any, holds: int, wanted: Sequence[str] = ()) -> None:
        self.vendor, self.holds, self.wanted = vendor, holds, wanted or names()
        self.undisturbed: dict[int, float] = {}
        self.played: list[str] = []

    def play(self) -> list[str]:
        """Play what is wanted; the names of what failed."""
        failed = []
        if STATEMENTS in self.wanted:
            self.played.append(STATEMENTS)
            if not self._statements():
                failed.append(STATEMENTS)
        for scenario in SCENARIOS:
            if scenario.name in self.wanted:
                self.played.append(scenario.name)
                if not self._scenario(scenario):
                    failed.append(scenario.name)
        return failed

    def _statements(self) -> bool:
        print(f"\n{STATEMENTS}: a worker, or its session, dies before any statement of a night", flush=True)
        stage, number = killed.dead_on_any_statement(self.vendor, without=())
        print(f"  a night of 20 claims has {number} statements")
        good = _tell(stage)
        control, _ = killed.dead_on_any_statement(self.vendor, without=(ATOMIC,), step=2)
        return _tell_control(ATOMIC, control) and good

    def _scenario(self, scenario: Scenario) -> bool:
        holds = min(self.holds, FEW) if scenario.few else self.holds
        print(f"\n{scenario.name}: {scenario.said}, {holds:,} holds", flush=True)
        # Measured before, for it also says how long a worker lives.
        undisturbed = self._undisturbed(holds) if scenario.most is not None else 0.0
        stage = Stage(scenario.name, self.vendor, holds, spread=scenario.spread)
        stage.undisturbed = undisturbed
        scenario.play(stage)
        stage.look()
        if scenario.most is not None:
            self._compare(scenario.most, stage)
        good = _tell(stage)
        few = min(self.holds, FEW)
        bare = Stage(scenario.name, self.vendor, few, without=[scenario.control], spread=scenario.spread)
        scenario.play(bare)
        bare.look()
        return _tell_control(scenario.control, bare) and good

    def _compare(self, most: float, stage: Stage) -> None:
        undisturbed = self._undisturbed(stage.holds)
        ratio = stage.seconds / undisturbed
        print(
            f"  {stage.seconds:.1f} s, undisturbed {undisturbed:.1f} s: {ratio:.1f} times, at most {most:g}"
        )
        if ratio > most and stage.holds >= killed.MANY:
            stage.wrong(f"it took {ratio:.1f} times the undisturbed night")

    def _undisturbed(self, holds: int) -> float:
        if holds not in self.undisturbed:
            stage = Stage("undisturbed", self.vendor, holds)
            stage.timed(stage.night)
            stage.look()
            if stage.problems:
                raise RuntimeError(f"an undisturbed night goes wrong: {stage.problems}")
            self.undisturbed[holds] = stage.seconds
        return self.undisturbed[holds]


def _tell(stage: Stage) -> bool:
    told = ", ".join(f"{times:,} × {name}" for name, times in stage.injected.items() if times)
    print(f"  injected: {told or 'nothing'}")
    if not told:
        stage.wrong("no fault happened, so nothing was shown")
    for problem in stage.problems[:SHOWN]:
        print(f"  ✗ {problem}")
    if stage.problems:
        print(f"  what the workers said: {stage.log}")
    else:
        print("  ✓ every claim as it must be; none asked twice; audit whole; the invariants hold")
    return not stage.problems


def _tell_control(name: str, stage: Stage) -> bool:
    red = bool(stage.problems) and any(stage.injected.values())
    print(f"  control without “{name}”: {'red as it must be' if red else 'NOT RED'}", end="", flush=True)
    print(f" ({stage.problems[0]})" if stage.problems else "")
    return red
