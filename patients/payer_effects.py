"""What only the room of claims knows about a payer: asked from here, answered there.

Patients and payers stand below the claims and import nothing of theirs; the claims' app says once who
answers (:func:`answered_by`). Where nobody does, the payer's page leaves these parts out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from patients.models import Payer


@dataclass(frozen=True)
class Numbers:
    """The company's own numbers, which hold where a payer has none: days, dollars, and which version."""

    automatic: bool
    max_days: int | None
    dollar_threshold: Decimal
    monitor_above: Decimal
    guard_days: int
    version: int


@dataclass(frozen=True)
class Effect:
    """What a payer's numbers do to its held claims, as of today; nothing of it is saved.

    ``held`` claims bill ``billed`` dollars together. ``tonight`` of them leave with the next nightly check,
    ``met`` of those because a stored answer proves the deductible met; ``before`` would leave as things
    are. ``sooner`` and ``later`` get another release date. ``said`` are sentences a person should read.
    """

    held: int
    billed: Decimal
    tonight: int
    met: int
    before: int
    sooner: int
    later: int
    said: tuple[str, ...] = ()


class Answers(Protocol):
    """What the claims' app answers."""

    def numbers(self, company_id: int) -> Numbers:
        """The company's numbers in force."""

    def effect(self, payer: Payer, values: Mapping[str, Any], *, at: datetime) -> Effect:
        """What these values of a payer would do to the claims that are held for it."""


_ANSWERS: list[Answers] = []


def answered_by(answers: Answers) -> None:
    """Say who answers; the last one said counts."""
    _ANSWERS[:] = [answers]


def numbers_of(company_id: int) -> Numbers | None:
    """The company's numbers in force, None where nobody answers."""
    return _ANSWERS[0].numbers(company_id) if _ANSWERS else None


def effect_of(payer: Payer, values: Mapping[str, Any], *, at: datetime) -> Effect | None:
    """What these values would do, None where nobody answers."""
    return _ANSWERS[0].effect(payer, values, at=at) if _ANSWERS else None
