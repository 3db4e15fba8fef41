"""What really happened to each claim of an invented history, known better than any payer would tell. Pure.

Amounts are dollars, dates are the company's. What a payer answers, pays and applies follows from the *path*
of the patient's deductible, which other claims eat and each plan year renews; when a claim is held and
released is for the rules of :mod:`deductibles.domain` to say.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

DAY = timedelta(days=1)
ENTERED_AT, BY_HAND_AT, POSTED_AT, NIGHT_AT = time(22), time(21), time(20), time(3)
CENT = Decimal("0.01")


def moment(on: date, clock: time) -> datetime:
    """A moment of a day, by the clock of UTC."""
    return datetime.combine(on, clock, UTC)


def entered_at(on: date) -> datetime:
    """When a claim was entered on a day: in the afternoon of America."""
    return moment(on, ENTERED_AT)


def night_at(target: date) -> datetime:
    """When the night of this date ran: 03:00 UTC of the date after it."""
    return moment(target + DAY, NIGHT_AT)


@dataclass(frozen=True)
class Habit:
    """How the patients and the claims office of a payer behave.

    ``weekly`` is what a patient's other claims eat of the deductible in an ordinary week; ``annuals`` the
    deductibles of its plans; ``year_starts`` the month in which its plan years begin; ``allows`` and
    ``pays_after`` the least and the most of the share of a charge that is allowed, and of days to payment.
    """

    weekly: int
    annuals: tuple[int, ...]
    co_insurance: Decimal
    allows: tuple[float, float]
    pays_after: tuple[int, int]
    year_starts: int = 1


@dataclass(frozen=True)
class TruePayer:
    """A payer: the company's own numbers for it, null where the company's settings apply, and its habit."""

    code: str
    name: str
    habit: Habit
    filing_limit_days: int | None = None
    max_days: int | None = None
    dollar_threshold: Decimal | None = None
    monitor_above: Decimal | None = None


@dataclass(frozen=True)
class TrueSettings:
    """The company's settings from a moment on, as :func:`deductibles.domain.hold.rules_for` reads them."""

    version: int
    since: datetime
    max_days: int
    dollar_threshold: Decimal = Decimal(0)
    monitor_above: Decimal = Decimal(0)
    guard_days: int = 14
    automatic: bool = True
    manual_days: int | None = 21


@dataclass(frozen=True)
class Path:
    """The true remaining deductible: from each of ``days`` on as many dollars as stand beside it."""

    days: tuple[date, ...]
    left: tuple[Decimal, ...]

    def on(self, day: date) -> Decimal:
        """What is left at the end of a day; before the first step, what the first step says."""
        return self.left[max(bisect_right(self.days, day) - 1, 0)]


@dataclass(frozen=True)
class Answer:
    """An answer of a night about one date of the grid; ``on`` is after ``for_date`` where it came late."""

    for_date: date
    on: date
    remaining: Decimal
    proven_until: date


@dataclass(frozen=True)
class TrueHold:
    """How a claim was held: by which settings, what was answered, when it had to go and when and why it went.

    ``settings`` is the version in force when the hold began, ``settings_now`` the one that set its date last;
    ``first_release_on`` and ``release_on`` are the dates that they set.
    ``released_on`` and ``reason`` are None while it is still held.
    """

    held_on: date
    kind: str
    settings: int
    settings_now: int
    why: tuple[str, ...]
    first_release_on: date
    release_on: date
    answers: tuple[Answer, ...]
    released_on: date | None = None
    reason: str | None = None
    release_why: tuple[str, ...] = ()


@dataclass(frozen=True)
class TruePayment:
    """What the payer made of the claim, and how it was posted.

    ``deductible`` is PR 1, ``co_insurance`` PR 2. ``by_hand``: a biller posted it, and told no more than
    ``tells`` says: "all" but the co-insurance, or "paid" alone. ``too_late``: denied with CO 29, nothing
    paid; ``written_off_on`` is when a biller closed it with nothing, None while it waits.
    """

    on: date
    paid: Decimal
    deductible: Decimal
    co_insurance: Decimal
    by_hand: bool = False
    tells: str = "all"
    too_late: bool = False
    written_off_on: date | None = None


@dataclass(frozen=True)
class TrueClaim:
    """One claim from the day it was entered; ``number`` counts from 0 in the order of ``entered_on``."""

    number: int
    payer: TruePayer
    date_of_service: date
    entered_on: date
    total: Decimal
    allowed: Decimal
    annual: Decimal
    path: Path
    proven_until: date
    hold: TrueHold | None
    not_held: str
    submitted_on: date | None
    payment: TruePayment | None

    @property
    def remaining_at_entry(self) -> Decimal:
        """What the payer answered when the claim was completed."""
        return self.path.on(self.entered_on)


@dataclass(frozen=True)
class History:
    """All claims of a company in the order of their entry, as things stood when ``today`` began.

    They were entered from ``begins_on`` to the day before ``ends_on``.
    """

    claims: tuple[TrueClaim, ...]
    payers: tuple[TruePayer, ...]
    settings: tuple[TrueSettings, ...]
    begins_on: date
    ends_on: date
    today: date
    seed: int


@dataclass(frozen=True)
class TrueRates:
    """The shares by which worth is counted; ``co_insurance`` where a payment does not tell it."""

    collected: Fraction = Fraction(10, 100)
    co_insurance: Fraction = Fraction(20, 100)
    money: Fraction = Fraction(8, 100)


def true_gain(claim: TrueClaim, rates: TrueRates) -> Decimal | None:
    """What holding brought, told as two stories of which one is taken from the other; None if not known.

    At once: the payer leaves the patient what remained when the claim was held, and of what patients owe the
    company collects its share. Held: what came, so many days later; what that costs is rounded by itself.
    """
    held, payment = claim.hold, claim.payment
    assert held is not None and held.released_on is not None and payment is not None
    if payment.too_late:
        return -claim.total
    if held.kind == "manual" or payment.tells == "paid":
        return None
    share = rates.co_insurance if payment.by_hand else _share_of(payment, rates)
    allowed, taken = Fraction(claim.allowed), Fraction(payment.deductible)
    at_once = _income(allowed, min(allowed, Fraction(claim.remaining_at_entry)), share, rates.collected)
    held_income = _income(allowed, taken, share, rates.collected)
    days = (held.released_on - held.held_on).days
    cost = Fraction(payment.paid) * rates.money * days / 365
    return cents(held_income - at_once) - cents(cost)


def _share_of(payment: TruePayment, rates: TrueRates) -> Fraction:
    """The co-insurance a payment tells: PR 2 beside what the payer paid, to a hundredth of a percent."""
    behind = payment.paid + payment.co_insurance
    if behind <= 0:
        return rates.co_insurance
    share = (payment.co_insurance / behind).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return Fraction(share)


def _income(allowed: Fraction, deductible: Fraction, share: Fraction, collected: Fraction) -> Fraction:
    """What comes of a claim: the payer's part, and what is collected of the patient's."""
    patients = deductible + share * (allowed - deductible)
    return allowed - patients + collected * patients


def cents(amount: Fraction) -> Decimal:
    """Dollars to the cent, halves away from zero."""
    whole = abs(amount) * 100
    rounded = int(whole + Fraction(1, 2))
    return (Decimal(rounded) if amount >= 0 else -Decimal(rounded)) * CENT


def gains(claims: Sequence[TrueClaim], rates: TrueRates) -> dict[int, Decimal | None]:
    """What holding brought, by the number of each claim that was held, released and heard of again."""
    return {
        claim.number: true_gain(claim, rates)
        for claim in claims
        if claim.hold is not None and claim.hold.released_on is not None and claim.payment is not None
    }
