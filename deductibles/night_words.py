"""How a run is told: its state, how complete it is, how long it took, what starting it again does. Plain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from work.models import Run

BY_ITSELF = "by itself"
_STANDINGS = {"waiting": "none_stated", "running": "on_track", "done": "closed", "failed": "breached"}


def unanswered(run: Run) -> int:
    """Due checks of a run that no answer came for."""
    return max(run.due - run.answered, 0) if run.kind == Run.Kind.CHECK else 0


def is_open(run: Run) -> bool:
    """Whether it is still to come to its end by itself."""
    return run.state in (Run.State.WAITING, Run.State.RUNNING)


def standing_of(run: Run) -> tuple[str, str]:
    """The standing a run's state is drawn under, and its word."""
    if run.state == Run.State.DONE and unanswered(run):
        return "due_soon", f"Done, {unanswered(run):,} unanswered"
    return _STANDINGS.get(run.state, "none_stated"), str(run.get_state_display()).capitalize()


def completeness(run: Run) -> str:
    """How many of the due checks were answered, as a table has it."""
    if run.kind != Run.Kind.CHECK or (is_open(run) and not run.due):
        return ""
    return f"{run.answered:,} of {run.due:,}"


def took(run: Run, now: datetime) -> str:
    """How long it took from its first start to its end, or has taken so far."""
    if run.started_at is None:
        return ""
    end = now if is_open(run) else run.finished_at
    return span(end - run.started_at) if end else ""


def span(length: timedelta) -> str:
    """A length of time as people say it: "40 s", "3 min 20 s", "2 h 5 min"."""
    seconds = max(int(length.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s" if seconds else "under 1 s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


@dataclass(frozen=True)
class Progress:
    """How far a run under way has come: ``done`` of ``whole``, None while that is not known, and in words."""

    done: int
    whole: int | None
    words: str


def progress_of(run: Run) -> Progress | None:
    """How far it has come; None once it is over."""
    if not is_open(run):
        return None
    if run.state == Run.State.WAITING:
        return Progress(0, None, "It waits for a worker.")
    if run.kind == Run.Kind.SUBMISSION:
        return Progress(0, None, f"{run.submitted:,} claims handed over so far.")
    if not run.due:
        return Progress(0, None, "Release dates and stored answers first; then AR Boost is asked.")
    left = run.released + run.timed_out
    words = f"{run.asked:,} of {run.due:,} asked, {run.answered:,} answered; {left:,} released so far."
    return Progress(min(run.asked, run.due), run.due, words)


@dataclass(frozen=True)
class Again:
    """What starting a run again does, in words, and what the button says; ``strong`` where it is needed."""

    words: str
    button: str
    strong: bool = False


def again(run: Run) -> Again:
    """What starting this run again does (D-CHK-6, D-CHK-7)."""
    if run.state == Run.State.FAILED:
        words = (
            "It goes on where it stopped: nothing that was asked, released or handed over is done twice. "
            "By itself it is tried every 15 minutes."
        )
        return Again(words, "Try again now", strong=True)
    if run.state == Run.State.WAITING:
        return Again("It starts as soon as a worker is free, or now.", "Start it now", strong=True)
    if run.state == Run.State.RUNNING:
        words = (
            "It goes on by itself. When its worker is gone, another one takes it up within minutes, where it "
            "stopped. Started again while somebody works on it, nothing happens."
        )
        return Again(words, "Start it again")
    if run.kind == Run.Kind.SUBMISSION:
        return Again(
            "This night is over. Started again it writes no file; what was queued since goes out with the "
            "next night.",
            "Start it again",
        )
    rest = unanswered(run)
    words = "This night is over. Started again it answers what stands here, and asks nobody twice."
    if rest:
        others = "The one without an answer is" if rest == 1 else f"The {rest:,} without an answer are"
        words += f" {others} asked again by the next night, whatever their date."
    return Again(words, "Start it again")


@dataclass(frozen=True)
class Aside:
    """A claim the night could not deal with, and why."""

    claim: str
    why: str


def parted(failures: Any) -> tuple[list[str], list[Aside]]:
    """A run's failures: what befell the whole night or many claims at once, and single claims set aside."""
    rows = [row for row in failures or () if isinstance(row, dict)]
    whole = [str(row.get("why", "")) for row in rows if not row.get("claim")]
    return whole, [Aside(str(row["claim"]), str(row.get("why", ""))) for row in rows if row.get("claim")]
