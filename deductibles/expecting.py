"""What completing a claim would decide on the answer at hand: held or not, why, until when (D-NEW-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Company
from deductibles import bills
from deductibles.actions import deciding, holding
from deductibles.actions.finding import weighed
from deductibles.actions.holding import Past
from deductibles.domain import filing, hold, states
from deductibles.domain.hold import Decision
from deductibles.domain.line_words import deductible_type
from deductibles.domain.money import dollars
from deductibles.models import Claim, Finding, settings_in_force
from patients.models import Patient, Payer


@dataclass(frozen=True)
class Expected:
    """The decision that completing would make now, and the amounts it rests on; None is unknown."""

    decision: Decision
    deductible_type: str
    annual: Decimal | None
    remaining: Decimal | None
    payer: Payer
    source: str

    @property
    def hold(self) -> bool:
        """Whether the claim would be held."""
        return self.decision.hold

    @property
    def status_label(self) -> str:
        """The status completing would give the claim, as the biller knows it."""
        return states.STATUS_LABELS[states.HOLD if self.hold else states.QUEUED]

    @property
    def release_on(self) -> date | None:
        """The day it would be released at the latest."""
        return self.decision.release_on

    @property
    def applied(self) -> list[tuple[str, str]]:
        """Each number of the rule and where it comes from: the payer's own, or the company's."""
        rules = self.decision.rules
        days = "none" if rules.max_days is None else f"{rules.max_days} days"
        named = (
            ("Dollar threshold", dollars(rules.dollar_threshold), "dollar_threshold"),
            ("Monitored from an annual amount of", dollars(rules.monitor_above), "monitor_above"),
            ("Held at most", days, "max_days"),
        )
        return [(label, f"{value}, {rules.origin(name)}") for label, value, name in named]


def on_todays_answer(claim: Claim, *, at: datetime, today: date) -> Expected | None:
    """What completing this draft would decide, when AR Boost was asked today; None when it was not."""
    coverage = bills.primary_of(claim)
    answer = deciding.todays_answer(claim, at) if coverage else None
    if coverage is None or answer is None:
        return None
    decision = holding.decision_for(claim, coverage.payer, answer, today)
    return _expected(decision, answer, coverage.payer, answer.get_source_display())


def on_finding(
    clean: Mapping[str, Any],
    patient: Patient | None,
    payers: Sequence[Payer],
    finding: Finding | None,
    *,
    company: Company,
    today: date,
) -> Expected | None:
    """The same for a claim that is still typed, on what Insurance Finder brought today."""
    first = next((row for row in clean.get("coverages", []) if row.get("rank") == "primary"), None)
    if first is None or finding is None or patient is None or not clean.get("date_of_service"):
        return None
    payer = next((row for row in payers if row.pk == first.get("payer")), None)
    for candidate in finding.candidates:
        same = candidate["member_id"].upper() == (first.get("member_id") or "")
        if payer is not None and same and candidate.get("payer_key") == payer.pk:
            proven = weighed(candidate, patient, payer, company, today)
            return _on_proven(clean["date_of_service"], payer, proven, company, today)
    return None


def _on_proven(served_on: date, payer: Payer, proven: Any, company: Company, today: date) -> Expected | None:
    if not proven.usable:
        return None
    rules = hold.rules_for(settings_in_force(company.pk), payer)
    facts = holding.facts_of(Claim(date_of_service=served_on), payer, proven, today, Past(None, False))
    return _expected(hold.decide(facts, rules), proven, payer, "AR Boost, Insurance Finder")


def _expected(decision: Decision, answer: Any, payer: Payer, source: str) -> Expected:
    kind = deductible_type(answer.reading) if answer.usable else ""
    return Expected(decision, kind, answer.annual, answer.remaining, payer, source)


def filing_deadline(served_on: date, payer: Payer | None) -> date | None:
    """By when the payer must have the claim; None when its limit is not known."""
    return filing.deadline(served_on, payer.filing_limit_days if payer else None)
