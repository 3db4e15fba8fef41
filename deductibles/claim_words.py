"""The words of the Claim page's head: sentences, acts of the status menu, reasons. No queries of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from deductibles.domain import days, hold, states
from deductibles.domain.money import dollars
from deductibles.models import Hold


@dataclass(frozen=True)
class Said:
    """The sentence at the top in three parts: words, the date that matters, words."""

    before: str
    day: str = ""
    after: str = ""


SAID = {
    states.SUBMITTED: Said("Submitted."),
    states.AMBIGUOUS: Said("Handed over, and nobody can say whether it arrived."),
    states.ACCEPTED: Said("Accepted by the payer’s system."),
    states.REJECTED: Said("Rejected: it came back and has to be put right."),
    states.PAID: Said("Paid."),
    states.VOID: Said("Void. It is never sent."),
}

STATUS_CHOICES = (
    (
        "hold",
        "Suspended - Hold for Deductible",
        "Held by hand: you watch the deductible, AR Boost is not asked.",
    ),
    ("queue", "Queue for submission", "It goes out with tonight’s submission, and is not held again."),
    ("unqueue", "Take out of the queue", "Back to the hold it came from, or to a draft."),
    ("void", "Void", "The claim is never sent. You are asked once more."),
)


def said_of_hold(row: Hold, year: int) -> Said:
    """Until when a claim is held; ``year`` is the reader's own, other years are named."""
    if row.release_on is None:
        return Said("Held by hand, until somebody queues it.")
    day = days.spoken(row.release_on, year)
    if row.kind == Hold.Kind.MANUAL:
        return Said("Held by hand until ", day, ".")
    return Said("Held until ", day, ", or sooner if the deductible is met.")


def said_of_submitted(handed_over_at: datetime | None, zone: tzinfo, year: int) -> Said:
    """The day the newest file went out, by the company's own clock."""
    if handed_over_at is None:
        return SAID[states.SUBMITTED]
    return Said("Handed over on ", days.spoken(handed_over_at.astimezone(zone).date(), year), ".")


def why_automatic(row: Hold, rules: hold.Rules) -> list[tuple[str, str]]:
    """Both conditions of an automatic hold, with what they met."""
    if row.kind == Hold.Kind.MANUAL:
        return []
    return [
        (f"Remaining over threshold {dollars(rules.dollar_threshold)}", amount(row.remaining)),
        (f"Annual {dollars(rules.monitor_above)} or more", amount(row.annual)),
    ]


def amount(value: Any) -> str:
    """Dollars, or that nobody knows."""
    return "unknown" if value is None else dollars(value)
