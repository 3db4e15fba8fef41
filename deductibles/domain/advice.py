"""Hold on, or bill now: what holding a claim further is expected to bring, with the numbers it used. Pure.

Two ways are weighed. It is held on and its deductible is met in time: the payer takes what the patient
would have owed, some days later. Or it is not met: the claim leaves on its release date with nothing
gained, and its payment came so much later for nothing. Each is worth what the outcome ledger would say
(``gain``), and they are weighed by the chance of being met that the curve gives for the days the claim has
been held (``survival``). Nothing is done by it: a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from deductibles.domain.gain import CENT, NOTHING, Outcome, Rates, cost_of, gain_of
from deductibles.domain.survival import Curve

HOLD_ON, BILL_NOW, NOT_ENOUGH = "hold_on", "bill_now", "not_enough"
WORDS = {HOLD_ON: "Hold on", BILL_NOW: "Bill now", NOT_ENOUGH: "Not enough history"}

BY_HAND = "Nobody asks the payer about a claim that is held by hand, so no chance can be said."
NO_END = "It has no release date, so it cannot be said what is won by then."
NO_REMAINING = "What remains of the deductible is not known."
NO_CURVE = "Too few deductibles of such claims were seen met so far, or none was held this long."
NO_ALLOWED = "Too few payments were posted to say what the payer will allow."


@dataclass(frozen=True)
class Waiting:
    """A held claim as it stands. Dollars; None is not known.

    ``remaining`` is the newest answer's, ``allowed`` what the payer is expected to allow, ``threshold``
    what may remain for a release. ``asked_up_to`` and ``leaves`` are days of its curve: up to which it is
    known to be unmet, and on which its release date falls.
    """

    today: date
    automatic: bool
    release_on: date | None
    remaining: Decimal | None
    allowed: Decimal | None
    threshold: Decimal
    asked_up_to: int
    leaves: int


@dataclass(frozen=True)
class Advice:
    """What is advised, and the numbers used; ``why_not`` says why nothing is, then the numbers are None.

    ``chance`` of being met up to and with the release date; ``if_met`` and ``if_not`` what each way brings,
    ``expected`` both by their chance; ``days`` more that it waits on average.
    """

    verdict: str
    why_not: str = ""
    chance: float | None = None
    days: float | None = None
    if_met: Decimal | None = None
    if_not: Decimal | None = None
    expected: Decimal | None = None

    @property
    def words(self) -> str:
        """The advice as it is read."""
        return WORDS[self.verdict]


def advise(claim: Waiting, curve: Curve | None, rates: Rates) -> Advice:
    """Weigh both ways; of a tie, bill now: what is certain comes first."""
    why_not = _why_not(claim, curve)
    if (
        why_not
        or curve is None
        or claim.remaining is None
        or claim.allowed is None
        or claim.release_on is None
    ):
        return Advice(NOT_ENOUGH, why_not or NO_CURVE)
    chance = curve.chance(after=claim.asked_up_to, until=claim.leaves)
    waits = curve.days_expected(after=claim.asked_up_to, until=claim.leaves)
    if chance is None or waits is None:
        return Advice(NOT_ENOUGH, NO_CURVE)
    left = max((claim.release_on - claim.today).days, 0)
    waits = min(waits, float(left))
    until_met = _until_met(chance, waits, left)
    if_met = _worth(claim, min(claim.allowed, claim.threshold), until_met, rates)
    if_not = _worth(claim, min(claim.allowed, claim.remaining), left, rates)
    weighed = Decimal(str(round(chance, 6))) * if_met + Decimal(str(round(1 - chance, 6))) * if_not
    expected = weighed.quantize(CENT, ROUND_HALF_UP)
    verdict = HOLD_ON if expected > NOTHING else BILL_NOW
    return Advice(verdict, "", chance, waits, if_met, if_not, expected)


def _why_not(claim: Waiting, curve: Curve | None) -> str:
    if not claim.automatic:
        return BY_HAND
    if claim.release_on is None:
        return NO_END
    if claim.remaining is None:
        return NO_REMAINING
    if curve is None:
        return NO_CURVE
    return NO_ALLOWED if claim.allowed is None else ""


def _until_met(chance: float, waits: float, left: int) -> int:
    """How many days it waits if it is met, on average: the rest of the average waits until the end."""
    if chance <= 0:
        return left
    return round(min(max((waits - (1 - chance) * left) / chance, 0), left))


def _worth(claim: Waiting, deductible: Decimal, days: int, rates: Rates) -> Decimal:
    """What the ledger would say of it, had the payer applied this much to the deductible after so many
    days."""
    assert claim.allowed is not None and claim.remaining is not None
    paid = ((claim.allowed - deductible) * (1 - rates.co_insurance)).quantize(CENT, ROUND_HALF_UP)
    found = gain_of(
        Outcome(
            days=days,
            remaining=claim.remaining,
            allowed=claim.allowed,
            deductible=min(deductible, claim.remaining),
            paid=paid,
        ),
        rates,
    )
    return found.amount if found.amount is not None else -cost_of(paid, days, rates)
