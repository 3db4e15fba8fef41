"""What can be done to many tickets at one time, and how the outcome is said. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

ACTS = ("take", "assign", "acknowledge", "start", "wait", "resume", "resolve", "cancel", "comment")
AT_MOST = 5000
MOST_TOLD = 12

_DONE = {
    "take": "taken",
    "assign": "assigned",
    "acknowledge": "seen to",
    "start": "started",
    "wait": "set waiting",
    "resume": "resumed",
    "resolve": "resolved",
    "cancel": "cancelled",
    "comment": "given the note",
}


@dataclass(frozen=True)
class Skipped:
    """A ticket that was left as it was: its id, its number, and why in a sentence."""

    id: int
    number: str
    why: str


@dataclass(frozen=True)
class Done:
    """How many were done, and which were not."""

    done: int
    skipped: list[Skipped] = field(default_factory=list)


def counted(count: int) -> str:
    """A number of tickets in words."""
    return "1 ticket" if count == 1 else f"{count:,} tickets"


def done_words(act: str, count: int) -> str:
    """What was done: "12 tickets assigned."."""
    return f"{counted(count)} {_DONE[act]}."


def skipped_words(rows: Sequence[Skipped]) -> str:
    """Which tickets were left as they were, the first dozen with why."""
    told = "; ".join(f"{row.number}: {row.why.rstrip('.')}" for row in rows[:MOST_TOLD])
    rest = len(rows) - MOST_TOLD
    were = "it was" if len(rows) == 1 else "they were"
    return f"{counted(len(rows))} left as {were}. {told}{f'; and {rest:,} more' if rest > 0 else ''}."


def notice_words(kind: str, about: str, by: str) -> str:
    """What one person is told of what a bulk act did: ``about`` is a number, or how many; empty where the act
    itself says it."""
    were = "were" if about.endswith("tickets") else "was"
    return {
        "assigned": f"{about} {were} assigned to you by {by}.",
        "mentioned": f"{by} names you on {about}.",
    }.get(kind, "")
