"""How the steps of the sweep do: done lately, being done, late, failing; and why, with what to do.

Read by the page of what is done by the clock, by the doctor and by the metrics, from the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.sweeping import STEPS, Step
from work.background.standing import SILENT, long_words, silence
from work.models import Heartbeat, Routine


class Does(StrEnum):
    """How a step does."""

    WELL = "well"
    NOW = "now"  # begun, and not ended yet
    NEVER = "never"
    LATE = "late"
    FAILS = "fails"


@dataclass(frozen=True)
class Watched:
    """One step: its row, None before its first time; ``why`` says what is wrong and what to do."""

    step: Step
    row: Routine | None
    does: Does
    why: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether somebody should look at it."""
        return self.does in (Does.LATE, Does.FAILS)


def steps_watched(seen: Mapping[str, datetime], now: datetime) -> list[Watched]:
    """Every step of the sweep, in its order; ``seen`` is when each kind of process was; one query."""
    return judged({row.name: row for row in Routine.objects.all()}, seen, now)


def judged(rows: Mapping[str, Routine], seen: Mapping[str, datetime], now: datetime) -> list[Watched]:
    """The same from rows that were read already."""
    busy = next((step for step in STEPS if (row := rows.get(step.key)) and _long_at_it(row, now)), None)
    return [_judge(step, rows.get(step.key), rows, busy, seen, now) for step in STEPS]


def _judge(
    step: Step,
    row: Routine | None,
    rows: Mapping[str, Routine],
    busy: Step | None,
    seen: Mapping[str, datetime],
    now: datetime,
) -> Watched:
    if row is not None and row.failing_since is not None:
        return Watched(step, row, Does.FAILS, _fails(row, now))
    if row is not None and row.ended_at is not None and now - row.ended_at <= SILENT:
        return Watched(step, row, Does.WELL)
    if row is not None and _is_open(row):
        if now - row.began_at <= SILENT:
            return Watched(step, row, Does.NOW)
        why = silence(seen, now) or (
            f"It began {long_words(now - row.began_at)} ago and has not ended: it has much to do, or its "
            "worker is gone."
        )
        return Watched(step, row, Does.LATE, why)
    sweep = seen.get(Heartbeat.Kind.SWEEP)
    if row is None and (not rows or (sweep is not None and now - sweep <= SILENT)):
        return Watched(step, None, Does.NEVER, silence(seen, now))
    return Watched(step, row, Does.LATE, silence(seen, now) or _waits(busy, rows, now))


def _is_open(row: Routine) -> bool:
    return row.ended_at is None or row.ended_at < row.began_at


def _long_at_it(row: Routine, now: datetime) -> bool:
    return row.failing_since is None and _is_open(row) and now - row.began_at > SILENT


def _fails(row: Routine, now: datetime) -> str:
    since = long_words(now - row.failing_since) if row.failing_since else ""
    return (
        f"It has failed for {since} ({row.failure}). The others go on. Whoever runs the server finds why in "
        "the worker’s log, under sweep_step_failed and task_failed."
    )


def _waits(busy: Step | None, rows: Mapping[str, Routine], now: datetime) -> str:
    if busy is not None:
        since = long_words(now - rows[busy.key].began_at)
        return f"The sweep has been at “{busy.title}” for {since}; this waits for it."
    return (
        "The sweep does not come this far. Whoever runs the server looks for task_failed in the worker’s "
        "log; by hand: manage.py sweep."
    )
