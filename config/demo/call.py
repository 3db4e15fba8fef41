"""How one call or letter of the demo's desk is written down: what was said, when, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from escalations.filing_parts import Dismissal, Override


@dataclass(frozen=True)
class Ago:
    """An answer that is a date, so many days before the call."""

    days: int


@dataclass(frozen=True)
class Before:
    """An answer that is a moment, so many hours before the call."""

    hours: float


@dataclass(frozen=True)
class Filed:
    """An answer that is the number of the ticket filed of the call of this name."""

    name: str


@dataclass(frozen=True)
class Scan:
    """An answer that is a file: its name, and the lines to be read in the picture."""

    filename: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One act, office hours after the one before. ``why``: the reason to wait, or how it, or a call, ended.

    What is left out is taken from the words of the type.
    """

    after: float
    act: str
    note: str = ""
    why: str = ""


@dataclass(frozen=True)
class Again:
    """The patient of the call of this name once more: so many office hours after it, or when the call says.

    ``rule`` is the one by which the ticket follows from the other, with what that carries over.
    """

    of: str
    hours: float = 0
    rule: str = ""


@dataclass(frozen=True)
class Transfer:
    """An attempt to hand the caller over before the ticket was filed (R-PTP-1, R-EXEC-2, R-SOS-2)."""

    answered: bool
    queue: str = "escalations_team"
    seconds: int = 130


@dataclass(frozen=True)
class Care:
    """The patient was marked with an application for Compassionate Care on this call (R-STOP-2)."""

    reason: str


Beside = Override | Dismissal | Transfer | Care


@dataclass(frozen=True)
class Call:
    """One ticket. ``standing`` is where it stands now; with ``days`` or ``minutes`` it came in then instead.

    In ``answers``, words in braces are those of the patient's record: ``{phone} {email} {address}``.
    ``told`` are the rules that were ticked. ``received``: hours before filing at which the request had come
    in (K18). ``chief``: filed by the supervisor. ``draft``: kept and not filed. ``name``: how other calls
    speak of this one.
    """

    type: str
    note: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    standing: str = ""
    channel: str = "phone"
    steps: tuple[Step, ...] = ()
    caller: str = "patient"
    days: int = 0
    minutes: int = 0
    told: tuple[str, ...] = ()
    received: int = 0
    again: Again | None = None
    beside: tuple[Beside, ...] = ()
    chief: bool = False
    draft: bool = False
    name: str = ""


TAKEN = (Step(0.4, "take"),)
STARTED = (Step(0.5, "take"), Step(1.5, "start"))
DONE = (*STARTED, Step(20, "comment"), Step(26, "resolve"))


def waits(why: str, note: str = "", after: float = 2) -> Step:
    """A step by which the ticket waits for somebody."""
    return Step(after, "wait", note, why)


def done(why: str, note: str, after: float = 26) -> Step:
    """A step by which it is resolved."""
    return Step(after, "resolve", note, why)


def tried(outcome: str, note: str = "", after: float = 3) -> Step:
    """A try to call the patient, and how it ended."""
    return Step(after, "call", note, outcome)
