"""What holding a claim brought: the estimate of the outcome ledger, in words and to the cent. Pure.

Had the claim been billed at once, the payer would have left the patient what remained of the deductible when
it was held, at most what it allows. Of what holding moved from the patient to the payer, the payer pays all
but the co-insurance, and the company had collected its share from the patient anyway. So, in dollars:

    gain = (1 − p)(1 − c)(min(A, R) − PR 1)  −  paid · m · days / 365  −  CO 29

``A`` is what was allowed, ``R`` what remained when it was held, ``PR 1`` what the payer applied to the
deductible, ``c`` the co-insurance, ``p`` the share of what patients owe that the company collects, ``m`` the
cost of money a year. The cost of the days counts what the payer paid, for all of it came so much later. What
was denied because the time for filing had passed (CO 29) is lost whole. Each of the three is rounded to the
cent, halves away from zero, and their sum is the gain. It may be negative.

What is not known is never zero: without ``A``, ``R`` or ``PR 1`` there is no gain, and :attr:`Gain.missing`
says which. ``deductibles/worth/figures.py`` states the same in SQL, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
YEAR = 365
ALLOWED, REMAINING, DEDUCTIBLE, REVERSED = "allowed", "remaining", "deductible", "reversed"
MISSING = {
    REMAINING: "what remained of the deductible when it was held",
    ALLOWED: "what the payer allowed",
    DEDUCTIBLE: "what the payer applied to the deductible",
    REVERSED: "what is paid in the end, for the payer took the payment back",
}
"""What may be unknown, in the words that follow "Not known: "."""


@dataclass(frozen=True)
class Rates:
    """The company's rates, as shares of one: collected from patients, co-insurance, cost of money a year.

    The co-insurance is that of claims whose payment does not tell it.
    """

    collected: Decimal = Decimal("0.10")
    co_insurance: Decimal = Decimal("0.20")
    money: Decimal = Decimal("0.08")


@dataclass(frozen=True)
class Outcome:
    """A claim that was held and released, and what the payer made of it. Dollars; None is not known.

    ``days`` from the first day of the hold to the release. ``co_insurance`` is the share that the payment
    tells, ``lost`` what was denied with CO 29. ``reversed``: the payer took the payment back and sent no
    other yet.
    """

    days: int
    remaining: Decimal | None
    allowed: Decimal | None
    deductible: Decimal | None
    paid: Decimal
    co_insurance: Decimal | None = None
    lost: Decimal = NOTHING
    reversed: bool = False


@dataclass(frozen=True)
class Gain:
    """The estimate and its parts; ``amount`` is None while something is ``missing``.

    ``moved`` are the dollars that the payer takes instead of the patient, negative where the payer applied
    more than remained; ``kept`` what that is worth, ``cost`` that of the days, ``lost`` what came too late.
    """

    amount: Decimal | None
    missing: tuple[str, ...] = ()
    moved: Decimal | None = None
    co_insurance: Decimal | None = None
    kept: Decimal = NOTHING
    cost: Decimal = NOTHING
    lost: Decimal = NOTHING


def gain_of(outcome: Outcome, rates: Rates) -> Gain:
    """What holding this claim brought, as far as it is known."""
    if outcome.reversed:
        return Gain(None, (REVERSED,))
    if outcome.lost and not outcome.paid:
        return Gain(-outcome.lost, lost=outcome.lost)
    missing = tuple(name for name in (REMAINING, ALLOWED, DEDUCTIBLE) if getattr(outcome, name) is None)
    if missing:
        return Gain(None, missing)
    assert outcome.allowed is not None and outcome.remaining is not None and outcome.deductible is not None
    share = rates.co_insurance if outcome.co_insurance is None else outcome.co_insurance
    moved = min(outcome.allowed, outcome.remaining) - outcome.deductible
    kept = _cents((1 - rates.collected) * (1 - share) * moved)
    cost = cost_of(outcome.paid, outcome.days, rates)
    return Gain(kept - cost - outcome.lost, (), moved, share, kept, cost, outcome.lost)


def cost_of(paid: Decimal, days: int, rates: Rates) -> Decimal:
    """What it costs that ``paid`` dollars came so many days later."""
    return _cents(paid * rates.money * days / YEAR)


def co_insurance_of(co_insurance: Decimal, paid: Decimal) -> Decimal | None:
    """The share a payment tells: PR 2 beside what was paid, to a hundredth of a percent; None if none."""
    behind = paid + co_insurance
    if co_insurance < 0 or paid < 0 or behind <= 0:
        return None
    return (co_insurance / behind).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def missing_words(missing: Sequence[str]) -> str:
    """What is not known, as a sentence."""
    said = [MISSING[name] for name in missing]
    return f"Not known: {'; '.join(said)}." if said else ""


def _cents(amount: Decimal) -> Decimal:
    """Decimal's "half up" is away from zero, also below it."""
    return amount.quantize(CENT, ROUND_HALF_UP)
