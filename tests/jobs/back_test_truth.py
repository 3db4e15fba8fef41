"""What a back-test is held against: the truth of an invented history, told by its own numbers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from config.demo.years import truth
from config.demo.years.truth import History, TrueClaim, TrueRates
from deductibles.domain import hold
from deductibles.models import BackTest
from deductibles.worth import packing

TODAY = date(2026, 11, 2)


def lines_of(row: BackTest) -> dict[str, packing.Line]:
    """What became of each claim, by its number."""
    return {one.number: one for part in row.parts.order_by("number") for one in packing.unpack(part.lines)}


def ours(history: History) -> list[TrueClaim]:
    """The claims a back-test is about: none that was held by hand."""
    return [one for one in history.claims if one.hold is None or one.hold.kind == "automatic"]


def truth_of(claim: TrueClaim) -> tuple[str, str]:
    """The reason and the day of what really happened to a claim."""
    if claim.hold is None:
        return "", f"{claim.entered_on}"
    if claim.hold.released_on is None:
        return "", f"{TODAY - timedelta(days=1)}"
    return claim.hold.reason or "", f"{claim.hold.released_on}"


REASONS = {
    "met": hold.MET_CODES, "elapsed": {hold.ELAPSED}, "guard": {hold.ELAPSED}, "by_hand": {hold.BY_HAND},
    "waiting": {""}, "not_held": {""},
}  # fmt: skip


def under(claim: TrueClaim, days: int, threshold: Decimal) -> tuple[str, date]:
    """How a claim would have fared under other numbers, and on which day."""
    held = claim.hold
    assert held is not None
    if claim.remaining_at_entry <= threshold:
        return "not_held", claim.entered_on
    ends, kind = held.held_on + timedelta(days=days), "elapsed"
    if held.reason == hold.BY_HAND and held.released_on is not None and held.released_on <= ends:
        ends, kind = held.released_on, "by_hand"
    for answer in held.answers:
        if answer.on <= ends and answer.remaining <= threshold:
            return "met", answer.on
    if ends >= TODAY:
        return "waiting", TODAY - timedelta(days=1)
    return kind, ends


def story(claim: TrueClaim, days: int, left: Decimal, rates: TrueRates) -> Fraction:
    """What holding it so long brought, as the difference of two stories."""
    paid, allowed = claim.payment, Fraction(claim.allowed)
    assert paid is not None
    share = rates.co_insurance if paid.by_hand else truth._share_of(paid, rates)
    taken = min(allowed, Fraction(left))
    at_once = truth._income(allowed, min(allowed, Fraction(claim.remaining_at_entry)), share, rates.collected)
    held = truth._income(allowed, taken, share, rates.collected)
    return held - at_once - (allowed - taken) * (1 - share) * rates.money * days / 365
