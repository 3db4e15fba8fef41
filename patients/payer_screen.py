"""The page of one payer: which rule applies, where its filing limit stands, what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from patients import payer_effects
from patients.models import NEVER_HELD_KINDS, Payer
from patients.payer_effects import Effect, Numbers
from patients.payer_history import Step, steps_of

OLD_LIMIT = timedelta(days=365)
"""A filing limit nobody looked up for so long is said to be old."""


@dataclass(frozen=True)
class Rule:
    """One number that decides: its label, the value that applies, and whose it is beside the other one."""

    label: str
    value: str
    own: bool
    beside: str


class PayerScreen:
    """Everything the page says."""

    def __init__(self, payer: Payer, *, at: datetime) -> None:
        self.payer, self.at = payer, at
        self.today = at.astimezone(payer.company.zone).date()

    @cached_property
    def numbers(self) -> Numbers | None:
        """The company's numbers in force."""
        return payer_effects.numbers_of(self.payer.company_id)

    @cached_property
    def effect(self) -> Effect | None:
        """What is held for this payer, and what of it leaves tonight as things are."""
        return payer_effects.effect_of(self.payer, {}, at=self.at)

    @property
    def never(self) -> str:
        """Why its claims are never held; empty when they are held as the rules say."""
        if self.payer.kind in NEVER_HELD_KINDS:
            return f"Never held: claims to {self.payer.get_kind_display()} are not."
        return (
            "Never held: it stands on the list of payers whose claims are not."
            if self.payer.never_hold
            else ""
        )

    @cached_property
    def rules(self) -> list[Rule]:
        """The three numbers, each with whose rule applied (section 5)."""
        if self.numbers is None:
            return []
        shown = (
            ("Maximum number of days that a claim will be held", "max_days", _days),
            ("Dollar threshold", "dollar_threshold", _dollars),
            ("Monitor claims for annual deductible amounts greater than", "monitor_above", _dollars),
        )
        return [self._rule(label, name, words) for label, name, words in shown]

    def _rule(self, label: str, name: str, words: Any) -> Rule:
        own, company = getattr(self.payer, name), getattr(self.numbers, name)
        if own is None:
            version = self.numbers.version if self.numbers else 0
            return Rule(label, words(company), False, f"company settings, version {version}")
        return Rule(label, words(own), True, f"this payer’s own; the company’s is {words(company)}")

    @property
    def limit(self) -> str:
        """The timely filing limit in words."""
        days = self.payer.filing_limit_days
        return f"{_days(days)} from the date of service" if days else "not known"

    @property
    def guard(self) -> str:
        """What the limit means for a hold."""
        if self.payer.filing_limit_days is None:
            return "Without a limit only the maximum days end a hold. Look it up and enter it."
        days = self.numbers.guard_days if self.numbers else 0
        held = max(self.payer.filing_limit_days - days, 0)
        return f"No claim is held beyond day {held} after its date of service: {_days(days)} of filing guard."

    @property
    def source(self) -> str:
        """Where the limit stands and when somebody looked."""
        checked = self.payer.filing_limit_checked_on
        told = f"checked {checked:%-d %B %Y}" if checked else "nobody has said when it was checked"
        return f"{self.payer.filing_limit_source or 'No source given'}, {told}"

    @property
    def is_doubtful(self) -> bool:
        """Whether the limit has no source, or was not looked up for a year."""
        checked = self.payer.filing_limit_checked_on
        known = self.payer.filing_limit_days is not None
        return known and (
            not self.payer.filing_limit_source or not checked or self.today - checked > OLD_LIMIT
        )

    @cached_property
    def steps(self) -> list[Step]:
        """Every change, newest first."""
        return steps_of(self.payer)


def _days(value: int | None) -> str:
    if value is None:
        return "none set"
    return "1 day" if value == 1 else f"{value} days"


def _dollars(value: Decimal) -> str:
    return f"${value:,.2f}"
