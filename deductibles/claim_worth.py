"""What holding one claim brought, for its page: the estimate with every number it is made of."""

from __future__ import annotations

from dataclasses import dataclass

from deductibles.claim_words import amount
from deductibles.domain import gain
from deductibles.domain.money import dollars, signed
from deductibles.domain.rates import percent
from deductibles.models import Claim, HoldOutcome, rates_in_force


@dataclass(frozen=True)
class ClaimWorth:
    """The estimate in words; ``facts`` lead to it, ``unknown`` says why there is none."""

    brought: str
    facts: list[tuple[str, str]]
    unknown: str
    version: int


def worth_of(claim: Claim) -> ClaimWorth | None:
    """What holding this claim brought; None while it did not come back. Expects ``outcome`` selected."""
    row: HoldOutcome | None = getattr(claim, "outcome", None)
    if row is None:
        return None
    rates = rates_in_force(claim.company_id)
    found = gain.gain_of(row.outcome, rates.rates)
    return ClaimWorth(
        brought="not known" if found.amount is None else signed(found.amount),
        facts=_facts(row, found, rates.rates),
        unknown=gain.missing_words(found.missing),
        version=rates.version,
    )


def _facts(row: HoldOutcome, found: gain.Gain, rates: gain.Rates) -> list[tuple[str, str]]:
    said = [
        ("Remaining when held", amount(row.remaining_at_hold)),
        ("Allowed", amount(row.allowed)),
        ("Applied to the deductible", amount(row.deductible)),
    ]
    if found.amount is None:
        return said
    if found.moved is not None and found.co_insurance is not None:
        kept = f"{percent(1 - found.co_insurance)}% of it by the payer, less {percent(rates.collected)}%"
        said += [("Moved to the payer", signed(found.moved)), (kept, signed(found.kept))]
        days = "1 day" if row.days == 1 else f"{row.days} days"
        said.append((f"Cost of {days} for {dollars(row.paid)}", signed(-found.cost)))
    if found.lost:
        said.append(("Denied for time (CO 29)", signed(-found.lost)))
    return said
