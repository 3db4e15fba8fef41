"""When a payer is left alone: it is down, or it refuses our questions for what stands in our set-up. Pure.

What one patient's answer says about the payer is a :class:`Word`. A payer in trouble :data:`IN_A_ROW` times
in a row, whoever the patients are, is left alone for the rest of the night: the others are not slowed, and
the dates of its claims are not used up (D-CHK-7). One that was in trouble when the night began is asked one
question first; only when that is answered are the rest asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

IN_A_ROW = 5
DOWN, SETUP = "payer_down", "setup"
KINDS = [(DOWN, "Payer down"), (SETUP, "Set-up")]

PAYER, PROVIDER, CONNECTION, ENROLMENT = "payer", "provider", "connection", "enrolment"
"""Where a refusal is mended: the payer's page, Billing provider, the connection, or with the payer itself."""

_ENROL = "Enrol the provider with the payer for eligibility."
_CODES: dict[str, tuple[str, str, str]] = {
    "42": ("cannot answer at the moment", "", "Nothing to mend: it is asked again by itself."),
    "80": ("gave no answer in time", "", "Nothing to mend: it is asked again by itself."),
    "41": ("does not let this account ask", CONNECTION, "Have AR Boost allow this payer for the agency."),
    "43": ("does not know the provider’s NPI", PROVIDER, "Check the NPI of the billing provider."),
    "44": ("does not take the provider’s name", PROVIDER, "Check the name of the billing provider."),
    "45": ("does not take the provider’s specialty", PROVIDER, "Check the taxonomy of the billing provider."),
    "46": (
        "does not take the provider’s telephone",
        PROVIDER,
        "Check the telephone of the billing provider.",
    ),
    "47": ("does not take the provider’s state", PROVIDER, "Check the state of the billing provider."),
    "48": ("asks for another provider’s NPI", PROVIDER, "Check the NPI of the billing provider."),
    "49": (
        "says that the provider is not the primary care provider",
        PROVIDER,
        "Check the taxonomy of the billing provider.",
    ),
    "50": ("does not let this provider ask", ENROLMENT, _ENROL),
    "51": (
        "does not have the provider on file",
        ENROLMENT,
        "Enrol the provider with the payer for eligibility.",
    ),
    "79": ("is not known under this payer id", PAYER, "Check the payer id."),
    "97": ("does not take the provider’s address", PROVIDER, "Check the address of the billing provider."),
}


@dataclass(frozen=True)
class Mend:
    """What a code means, as the rest of a sentence that begins with the payer; where and how it is mended."""

    means: str
    where: str
    how: str


def mend_of(code: str) -> Mend:
    """What is wrong and what mends it, for every code of the two classes (D-X12-3)."""
    unknown = ("refuses our questions", PAYER, "Check the payer id and the billing provider.")
    return Mend(*_CODES.get(code, unknown))


@dataclass(frozen=True)
class Word:
    """What an answer says about its payer: it answers (no code), or which trouble it is in."""

    kind: str = ""
    code: str = ""


def word_of(outcome: str, settled: bool, reading: Mapping[str, Any]) -> Word | None:
    """The word of an answer that was weighed; None when it says nothing about the payer.

    A question AR Boost lost, or an answer nobody can read, is not the payer's doing.
    """
    rejects = reading.get("rejects") or ()
    if settled:
        return Word() if outcome == "answered" or rejects else None
    return next((Word(one["class"], one["code"]) for one in rejects if one["class"] in (DOWN, SETUP)), None)


def word_of_kept(outcome: str, reading: Mapping[str, Any]) -> Word | None:
    """The word of an answer as it is kept: one rejected for the payer's or our own sake settled nothing."""
    ours = any(one["class"] in (DOWN, SETUP) for one in reading.get("rejects") or ())
    return word_of(outcome, outcome != "unavailable" and not (ours and outcome == "rejected"), reading)


@dataclass(frozen=True)
class Heard:
    """What a batch of answers changes: troubles and how many answers say so, and who answers again."""

    troubles: Mapping[tuple[int, Word], int]
    answering: frozenset[int]

    @property
    def says_something(self) -> bool:
        """Whether anything about a payer changes; most batches change nothing."""
        return bool(self.troubles or self.answering)


class Breakers:
    """Who is left alone tonight, and how each payer does so far."""

    def __init__(self, in_trouble: Iterable[int]) -> None:
        """Begin with those that were in trouble when the night began."""
        self.alone = set(in_trouble)
        self._troubled = set(self.alone)
        self._in_a_row: dict[int, int] = {}

    def hear(self, words: Iterable[tuple[int | None, Word | None]]) -> Heard:
        """Take in what answers say about their payers, in the order in which they came."""
        troubles: dict[tuple[int, Word], int] = {}
        answering: set[int] = set()
        for payer, word in words:
            if payer is None or word is None:
                continue
            if not word.kind:
                self._answers(payer, troubles, answering)
                continue
            answering.discard(payer)
            troubles[payer, word] = troubles.get((payer, word), 0) + 1
            self._in_a_row[payer] = self._in_a_row.get(payer, 0) + 1
            if self._in_a_row[payer] >= IN_A_ROW:
                self.alone.add(payer)
        told = {key: count for key, count in troubles.items() if self._is_told(*key)}
        self._troubled |= {payer for payer, _ in told}
        return Heard(told, frozenset(answering))

    def _answers(self, payer: int, troubles: dict[tuple[int, Word], int], answering: set[int]) -> None:
        self._in_a_row.pop(payer, None)
        self.alone.discard(payer)
        for key in [key for key in troubles if key[0] == payer]:
            del troubles[key]
        if payer in self._troubled:
            self._troubled.discard(payer)
            answering.add(payer)

    def _is_told(self, payer: int, word: Word) -> bool:
        """A wrong set-up at once, for somebody must mend it; a payer that is down once it is left alone."""
        return word.kind == SETUP or payer in self.alone
