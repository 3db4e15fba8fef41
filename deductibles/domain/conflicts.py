"""Where settings in range contradict each other, or a payer's filing limit: said, never refused. Pure.

Everything here is read by attribute: settings as their row has them, payers with ``name``,
``filing_limit_days``, ``max_days``, ``dollar_threshold`` and ``monitor_above``, null where the company's
number applies. Payers that are never held are not handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deductibles.domain import cadence
from deductibles.domain.money import dollars

CHOICES = (
    "automatic",
    "max_days",
    "dollar_threshold",
    "monitor_above",
    "manual",
    "manual_days",
    "guard_days",
)
"""What a company decides, in the order of the page."""
MOST_NAMED = 3


@dataclass(frozen=True)
class Conflict:
    """One contradiction: beside which field it is said, what is the case, and what to do instead."""

    code: str
    field: str
    sentence: str
    instead: str = ""
    link: str = ""


def of(settings: Any, payers: Sequence[Any], *, has_provider: bool) -> list[Conflict]:
    """Everything these settings contradict (D-CONF-4, D-CONF-5, D-CONF-6, D-SUB-0), in the page's order."""
    found = [
        *(_automatic(settings, payers, has_provider) if settings.automatic else ()),
        *(_manual(settings, payers) if settings.manual else _manual_off()),
        *_guard(settings, payers),
    ]
    return sorted(found, key=lambda conflict: CHOICES.index(conflict.field))


def _automatic(settings: Any, payers: Sequence[Any], has_provider: bool) -> Iterator[Conflict]:
    if not has_provider:
        yield Conflict(
            "no_provider",
            "automatic",
            "There is no billing provider yet: without it no claim is completed, held or written.",
            "Enter it first.",
            "provider",
        )
    days = settings.max_days
    if days is not None:
        own = [payer for payer in payers if payer.max_days is None]
        yield from _beyond(days, own, settings.guard_days, "max_days")
    if days is not None and days <= cadence.EVERY:
        asked = "asked about only in the night it leaves" if days == cadence.EVERY else "never asked about"
        yield Conflict(
            "never_asked",
            "max_days",
            f"AR Boost is asked on day {cadence.EVERY}, {2 * cadence.EVERY}, {3 * cadence.EVERY} …: a claim "
            f"that leaves {_after(days)} is {asked}.",
            f"{2 * cadence.EVERY} days or more give the deductible time to be met.",
        )
    yield from _amounts(settings, payers)


def _amounts(settings: Any, payers: Sequence[Any]) -> Iterator[Conflict]:
    """Remaining is never more than annual: what lies between the two amounts can never be held."""
    threshold, above = settings.dollar_threshold, settings.monitor_above
    if threshold > above > 0:
        yield Conflict(
            "threshold_above_monitor",
            "dollar_threshold",
            f"A claim is held only while more than {dollars(threshold)} remains, and no more than the annual "
            f"deductible can remain: annual deductibles {_from_to(above, threshold)} are never held.",
            f"Set the threshold below {dollars(above)}.",
        )
    for payer in payers:
        low = above if payer.monitor_above is None else payer.monitor_above
        high = threshold if payer.dollar_threshold is None else payer.dollar_threshold
        same = payer.monitor_above is None and payer.dollar_threshold is None
        if not same and high > low > 0:
            yield Conflict(
                "payer_threshold_above_monitor",
                "dollar_threshold",
                f"With the numbers of {payer.name}, which come first, its annual deductibles "
                f"{_from_to(low, high)} are never held.",
            )


def _manual(settings: Any, payers: Sequence[Any]) -> Iterator[Conflict]:
    if settings.manual_days is not None:
        yield from _beyond(settings.manual_days, payers, settings.guard_days, "manual_days")


def _manual_off() -> Iterator[Conflict]:
    yield Conflict(
        "manual_off",
        "manual",
        "Switched off, a claim placed on hold by hand has no end: it stays until somebody queues it.",
    )


def _guard(settings: Any, payers: Sequence[Any]) -> Iterator[Conflict]:
    if settings.guard_days == 0:
        yield Conflict(
            "no_guard",
            "guard_days",
            "With 0 days a claim is released on the day of its filing deadline: when it is rejected, "
            "nobody has time to correct it.",
            "14 days leave time for an answer and a correction.",
        )
    limits = [payer for payer in payers if payer.filing_limit_days is not None]
    short = [payer for payer in limits if payer.filing_limit_days <= settings.guard_days]
    if short:
        yield Conflict(
            "guard_beyond_limit",
            "guard_days",
            f"No claim of {_names(short)} can be held at all: the guard takes the whole filing limit.",
        )


def _beyond(days: int, payers: Sequence[Any], guard: int, field: str) -> Iterator[Conflict]:
    """Payers whose filing limit, less the guard, ends a hold before its days are used up."""
    limits = [payer for payer in payers if payer.filing_limit_days is not None]
    short = [payer for payer in limits if guard < payer.filing_limit_days < days + guard]
    if not short:
        return
    short.sort(key=lambda payer: (payer.filing_limit_days, payer.name))
    left = short[0].filing_limit_days - guard
    yield Conflict(
        "beyond_filing_limit",
        field,
        f"For {_names(short)} the filing guard ends a hold before these days are used up: "
        f"{_after(left)} from the date of service{' at the earliest' if len(short) > 1 else ''}.",
        f"Stay below {left} days." if left > 1 else "",
    )


def _after(days: int) -> str:
    return "after 1 day" if days == 1 else f"after {days} days"


def _from_to(low: Any, high: Any) -> str:
    return f"from {dollars(low)} to {dollars(high)}"


def _names(payers: Sequence[Any]) -> str:
    """ "Union Trades Fund (90 days), …": the first few by name, with their limits, and how many more."""
    named = [f"{payer.name} ({payer.filing_limit_days} days)" for payer in payers[:MOST_NAMED]]
    more = len(payers) - len(named)
    if more:
        return f"{', '.join(named)} and {more} more"
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
