"""The deductible lines of the newest answer as the Claim page shows them: used, why, pinned (D-CLM-4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from deductibles.domain import days, line_words, pins
from deductibles.domain.money import dollars
from deductibles.models import Coverage, Snapshot
from deductibles.x12.eligibility import Described

_NUMBERS = dict(enumerate(("Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"), start=2))
_DECIDING = (1, 2, 3, 6, 7, 12)
"""EB01 what, EB02 whose, EB03 which service, EB06 over which time, EB07 how much, EB12 which network."""
_AMOUNT = re.compile(r"(?<![\d$.,])\d+\.\d{2}(?![\d.])")
BESIDE = 5
"""So many lines stand in the aside; all of them are on the COB tab."""


@dataclass(frozen=True)
class Read:
    """One line of a 271 as it was read: ``say`` in short, ``why`` in full; its marks in words."""

    number: int
    raw: str
    used: bool
    say: str
    why: str
    level: str
    network: str
    time: str
    service: str
    more: list[str]
    amount: str
    period: str
    pinnable: bool
    pinned: bool

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The segment cut at its elements, each with whether it decides what the line means."""
        elements = re.split(r"(\*)", self.raw)
        decides = {2 * place for place in _DECIDING} if elements[0] == "EB" else set()
        return [(text, at in decides and bool(text)) for at, text in enumerate(elements)]


class Lines:
    """The lines of an answer, and the pin on the coverage it is about."""

    def __init__(self, answer: Snapshot | None, coverage: Coverage | None, *, today: date) -> None:
        self.answer, self.coverage, self.today = answer, coverage, today

    @cached_property
    def all(self) -> list[Read]:
        """In the order of the file."""
        trail = self.answer.trail if self.answer else []
        return [read_line(line, self.today.year) for line in trail]

    @property
    def beside(self) -> list[Read]:
        """Those used first, then some that were not: enough for the aside."""
        first = sorted(self.all, key=lambda line: not line.used)
        return first[: max(BESIDE, sum(line.used for line in first))]

    @property
    def said(self) -> str:
        """How many lines speak of a deductible, and what became of them."""
        total, used = len(self.all), sum(line.used for line in self.all)
        head = "One line mentions" if total == 1 else f"{_NUMBERS.get(total, total)} lines mention"
        if used == total:
            return f"{head} a deductible, and {'it was' if total == 1 else 'all were'} acted on."
        if not used:
            return f"{head} a deductible. None was acted on, and why not:"
        return f"{head} a deductible. What was acted on, and why the others were not:"

    @property
    def may_pin(self) -> bool:
        """Whether there is a line that could be pinned and is not."""
        return any(line.pinnable and not line.pinned for line in self.all)

    @property
    def pinned(self) -> str:
        """The pin in force, in words; empty when the rules choose."""
        stored = self.coverage.pin if self.coverage else None
        return line_words.whole(Described.from_json(stored["line"])) if stored else ""

    @property
    def pinned_by(self) -> str:
        """Who pinned it, and when."""
        return pins.who_and_when(self.coverage.pin) if self.coverage and self.coverage.pin else ""

    @property
    def pinned_because(self) -> str:
        """The reason given, or none."""
        return self.coverage.pin.get("reason", "") if self.coverage and self.coverage.pin else ""


def read_line(line: dict[str, Any], year: int) -> Read:
    """One line of a stored trail; what an older trail did not describe is read from the segment."""
    say, why = _said(line)
    marks = Described.from_json(line) if "service" in line else _marks_of(str(line["raw"]))
    return Read(
        line["number"],
        line["raw"],
        bool(line.get("used")),
        say,
        why,
        line_words.level(marks),
        line_words.network(marks),
        line_words.time(marks),
        line_words.service(marks),
        line_words.more(marks),
        _amount(str(line["amount"] if "amount" in line else _element(str(line["raw"]), 7))),
        _period(line.get("period") or [], year),
        bool(line.get("pinnable")),
        bool(line.get("pinned")),
    )


def _said(line: dict[str, Any]) -> tuple[str, str]:
    why = _AMOUNT.sub(lambda found: dollars(Decimal(found[0])), str(line.get("why", "")))
    said = why.removeprefix("Not used: ").removeprefix("Used as the ")
    head, colon, rest = said.partition(": ")
    if line.get("used") and colon:
        return f"{head.capitalize()}.", f"{rest[:1].upper()}{rest[1:]}"
    return f"{said[:1].upper()}{said[1:]}", ""


def _marks_of(raw: str) -> Described:
    parts = [*raw.split("*"), *[""] * 13]
    return Described((parts[3],) if parts[3] else (), parts[2], parts[4], parts[5], parts[6], parts[12])


def _element(raw: str, place: int) -> str:
    return [*raw.split("*"), *[""] * place][place]


def _amount(text: str) -> str:
    """EB07 as dollars; what is no plain amount stands as the payer wrote it."""
    plain = re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text)
    return dollars(Decimal(text)) if plain else text


def _period(ends: list[str | None], year: int) -> str:
    start, end = (date.fromisoformat(day) if day else None for day in [*ends, None, None][:2])
    if start and end:
        return f"{days.short(start, year)} to {days.short(end, year)}"
    if start or end:
        return f"from {days.short(start, year)}" if start else f"until {days.short(end, year)}"  # type: ignore[arg-type]
    return ""
