"""What a back-test adds up: claim by claim into sums that add to each other, and from them to a result. Pure.

Sums are plain documents of whole numbers, money in cents, so that a part of the claims can be written down
and parts added in any order. Two fates of a claim are compared only where its day is known under both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from deductibles.domain import filing, gain, replay
from deductibles.domain.gain import Rates
from deductibles.domain.replay import Fate

Sums = dict[str, Any]
SIDES = ("now", "new")
UNPAID = "unpaid"
NO_ALLOWED = "no_allowed"
NO_REMAINING = "no_remaining"
TOO_LATE = "too_late"
LEFT_OUT = (UNPAID, NO_ALLOWED, NO_REMAINING, TOO_LATE)
"""Why a claim that is compared has no gain: nothing was paid yet, nobody knows what was allowed or what
remained, or it was denied because it was filed too late."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What came of a claim, dollars; None is not known. ``deductible`` is what was applied to it,
    ``co_insurance`` the share that the payment tells."""

    paid: Decimal
    patient_owes: Decimal | None = None
    allowed: Decimal | None = None
    deductible: Decimal | None = None
    too_late: bool = False
    co_insurance: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One claim under the settings in force and under those proposed.

    ``decided_on``: the day of its decision. ``happened`` is what became of it in truth. ``gains``: what
    holding brought under each, in cents; a word of :data:`LEFT_OUT` where that is not known or not compared.
    """

    total: Decimal
    payer: int | None
    decided_on: date
    deadline_on: date | None
    guard_days: int
    now: Fate
    new: Fate
    happened: Fate
    paid: Paid | None
    gains: tuple[int, int] | str

    @property
    def is_compared(self) -> bool:
        """Whether the day it left is known under both."""
        return self.now.is_known and self.new.is_known


def gains_of(now: Fate, new: Fate, paid: Paid | None, rates: Rates) -> tuple[int, int] | str:
    """What holding brought under either fate, in cents, or the word of :data:`LEFT_OUT` that says why not.

    By the formula of the outcome ledger, and on both sides by the same measure: what the payer applies to the
    deductible is taken to be what remained by the last answer before the claim went out, at most what it
    allows.
    """
    if paid is None:
        return UNPAID
    if paid.too_late:
        return TOO_LATE
    if paid.allowed is None:
        return NO_ALLOWED
    found = [_gain(fate, paid.allowed, paid.co_insurance, rates) for fate in (now, new)]
    if found[0] is None or found[1] is None:
        return NO_REMAINING
    return found[0], found[1]


def _gain(fate: Fate, allowed: Decimal, share: Decimal | None, rates: Rates) -> int | None:
    """Of one fate; a claim that is not held brings nothing and costs nothing."""
    if not fate.is_held:
        return 0
    if fate.at_hold is None or fate.remaining is None:
        return None
    taken = min(allowed, fate.remaining)
    patients = rates.co_insurance if share is None else share
    outcome = gain.Outcome(
        days=fate.days,
        remaining=fate.at_hold,
        allowed=allowed,
        deductible=taken,
        paid=(allowed - taken) * (1 - patients),
        co_insurance=share,
    )
    amount = gain.gain_of(outcome, rates).amount
    return None if amount is None else cents(amount)


def new_sums() -> Sums:
    """The sums of no claim."""
    return {
        "claims": 0,
        "left_out": 0,
        "sides": {side: _side() for side in SIDES},
        "truth": {"held": 0, "same": 0, "let_go": 0, "let_go_same": 0},
        "pairs": {
            "compared": 0, "same_day": 0, "newly_held": 0, "no_longer_held": 0,
            "unknown": {"now": 0, "new": 0, "both": 0}, "waiting": 0,
            "earlier": _moved(), "later": _moved(),
        },
        "curve": {"now": {}, "new": {}},
        "gain": {"claims": 0, "now": 0, "new": 0, "left_out": {}},
        "measure": {"claims": 0, "off": 0, "more": 0},
        "payers": {},
    }  # fmt: skip


def _side() -> Sums:
    return {"kinds": {}, "billed": {}, "days": {}, "why": {}, "with_deadline": 0, "inside": 0, "past": 0}


def _moved() -> Sums:
    return {"claims": 0, "billed": 0, "days": 0, "payer": 0, "patient": 0, "unpaid": 0, "share_unknown": 0}


class _Payer(NamedTuple):
    """The places of a payer's sums, kept as a list."""

    claims: int = 0
    held_now: int = 0
    held_new: int = 0
    compared: int = 0
    earlier: int = 0
    later: int = 0
    gained: int = 0
    gain: int = 0


PAYER = _Payer._fields


def add(sums: Sums, one: Judged) -> None:
    """Add one claim."""
    sums["claims"] += 1
    total = cents(one.total)
    for side, fate in zip(SIDES, (one.now, one.new), strict=True):
        _add_side(sums["sides"][side], fate, one, total)
    same = replay.same(one.now, one.happened)
    truth, held = sums["truth"], one.happened.is_held
    truth["held" if held else "let_go"] += 1
    truth["same" if held else "let_go_same"] += same
    payer = sums["payers"].setdefault(str(one.payer or ""), [0] * len(PAYER))
    payer[0] += 1
    payer[1] += one.now.is_held
    payer[2] += one.new.is_held
    if one.is_compared:
        _compare(sums, one, total, payer)
        _add_gain(sums, one, payer)
    else:
        _not_compared(sums["pairs"], one)
    if same and held:
        _measure(sums["measure"], one)


def _add_side(side: Sums, fate: Fate, one: Judged, total: int) -> None:
    _more(side["kinds"], fate.kind)
    _more(side["billed"], fate.kind, total)
    if not fate.is_held:
        _more(side["why"], fate.reason)
    elif fate.is_known:
        _more(side["days"], str(fate.days))
    if fate.is_known and one.deadline_on is not None:
        side["with_deadline"] += 1
        side["inside"] += filing.inside_guard(one.deadline_on, one.guard_days, fate.on)
        side["past"] += fate.on > one.deadline_on


def _compare(sums: Sums, one: Judged, total: int, payer: list[int]) -> None:
    pairs = sums["pairs"]
    pairs["compared"] += 1
    payer[3] += 1
    pairs["newly_held"] += one.new.is_held and not one.now.is_held
    pairs["no_longer_held"] += one.now.is_held and not one.new.is_held
    for side, fate in zip(SIDES, (one.now, one.new), strict=True):
        _more(sums["curve"][side], str((fate.on - one.decided_on).days))
    moved = (one.new.on - one.now.on).days
    if not moved:
        pairs["same_day"] += 1
        return
    payer[4 if moved < 0 else 5] += 1
    way = pairs["earlier" if moved < 0 else "later"]
    way["claims"] += 1
    way["billed"] += total
    way["days"] += abs(moved)
    if one.paid is None:
        way["unpaid"] += 1
        return
    way["payer"] += cents(one.paid.paid)
    if one.paid.patient_owes is None:
        way["share_unknown"] += 1
    else:
        way["patient"] += cents(one.paid.patient_owes)


def _add_gain(sums: Sums, one: Judged, payer: list[int]) -> None:
    worth = sums["gain"]
    if isinstance(one.gains, str):
        _more(worth["left_out"], one.gains)
        return
    now, new = one.gains
    worth["claims"] += 1
    worth["now"] += now
    worth["new"] += new
    payer[6] += 1
    payer[7] += new - now


def _not_compared(pairs: Sums, one: Judged) -> None:
    lost = [side for side, fate in (("now", one.now), ("new", one.new)) if fate.kind == replay.UNKNOWN]
    if lost:
        pairs["unknown"]["both" if len(lost) > 1 else lost[0]] += 1
    else:
        pairs["waiting"] += 1


def _measure(measure: Sums, one: Judged) -> None:
    """How near what the answers say comes to what the payers applied, on claims that left as they did."""
    paid, left = one.paid, one.now.remaining
    if paid is None or paid.too_late or paid.allowed is None or paid.deductible is None or left is None:
        return
    off = cents(min(paid.allowed, left)) - cents(paid.deductible)
    measure["claims"] += 1
    measure["off"] += abs(off)
    measure["more"] += off


def _more(counts: dict[str, int], name: str, by: int = 1) -> None:
    counts[name] = counts.get(name, 0) + by


def cents(amount: Decimal) -> int:
    """Dollars as whole cents."""
    return int(amount * 100)


def merged(one: Any, other: Any) -> Any:
    """The sums of two parts added."""
    if isinstance(one, Mapping):
        names = [*one, *(name for name in other if name not in one)]
        return {
            name: merged(one[name], other[name])
            if name in one and name in other
            else (one[name] if name in one else other[name])
            for name in names
        }
    if isinstance(one, list):
        return [a + b for a, b in zip(one, other, strict=True)]
    return one + other


def median_of(days: Mapping[str, int]) -> float | None:
    """The median of numbers of days that are counted by number; None of none, a half between two."""
    count = sum(days.values())
    if not count:
        return None
    ordered = sorted((int(number), times) for number, times in days.items())

    def at(place: int) -> int:
        for number, times in ordered:
            place -= times
            if place < 0:
                return number
        raise AssertionError("the place lies behind the last")

    return (at((count - 1) // 2) + at(count // 2)) / 2
