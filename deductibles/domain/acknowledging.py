"""What a verdict about a claim leads to: accepted, rejected, or nothing (D-SUB-3). Pure.

Files come late, twice and in any order. What a claim ends as does not depend on the order: a rejection
outweighs an acceptance of the same sequence, and a verdict on an earlier sequence decides nothing.
"""

from __future__ import annotations

from deductibles.domain import states
from deductibles.x12.acknowledgement import ACCEPTED, REJECTED

APPLIED, NOTED, WAITS, UNKNOWN = "applied", "noted", "waits", "unknown"
STANDINGS = {
    APPLIED: "It moved the claim.",
    NOTED: "Kept; there was nothing to do.",
    WAITS: "The claim is not recorded as handed over yet; it is looked at again.",
    UNKNOWN: "Nothing of ours was sent under this number.",
}
"""What became of a verdict."""

_SENT = (states.SUBMITTED, states.AMBIGUOUS)


def act_for(word: str, status: str, *, current: bool, in_file: bool) -> tuple[str, str]:
    """Say which act a verdict is for a claim of this status, "" for none, and its standing.

    ``current``: it is about the sequence the claim has now. ``in_file``: the claim stands in a file whose
    hand-over is not recorded yet, so that a verdict on it may be quicker than our own books.
    """
    if not current:
        return "", NOTED
    if status == states.QUEUED and in_file:
        return "", WAITS
    if word == REJECTED and status in (*_SENT, states.ACCEPTED):
        return "reject", APPLIED
    if word == ACCEPTED and status in _SENT:
        return "accept", APPLIED
    if word not in (ACCEPTED, REJECTED) and status == states.AMBIGUOUS:
        # A word on the way proves that the claim arrived.
        return "submit", APPLIED
    return "", NOTED


def act_for_file(word: str, status: str, *, current: bool, in_file: bool) -> tuple[str, str]:
    """The same for a verdict on a whole file: read without errors is no acceptance of its claims."""
    arrived = "" if word == ACCEPTED else word
    return act_for(arrived, status, current=current, in_file=in_file)
