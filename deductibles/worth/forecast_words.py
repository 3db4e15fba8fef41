"""A forecast in sentences: what is to come, how sure that is, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from deductibles.domain import days
from deductibles.domain.survival import ENOUGH
from deductibles.worth.error import ENOUGH_FORECASTS, LOOKS_BACK
from deductibles.worth.kept import LOW, MIDDLE, TOP

LEVELS = (
    ("month", "the payer, the amount that remained and the month"),
    ("band", "the payer and the amount that remained"),
    ("payer", "the payer"),
    ("company", "the whole company"),
    ("by hand", "no curve: held by hand, they leave on their date"),
    ("none", "no curve: held longer than any history reaches, they leave on their date"),
)
"""How wide a curve is, the closest first."""


def money(amount: float) -> str:
    """Whole dollars: an estimate has no cents."""
    return f"${Decimal(str(amount)):,.0f}"


def count(number: float, noun: str = "claim") -> str:
    """A count with its noun."""
    return f"{number:,.0f} {noun}{'' if round(number) == 1 else 's'}"


def percent(share: float) -> str:
    """A share in whole percent, never 100 % for less and never 0 % for more."""
    whole = round(share * 100)
    if whole == 100 and share < 1:
        return "over 99%"
    return "under 1%" if whole == 0 and share > 0 else f"{whole}%"


def span(quantiles: Any, words: Any) -> str:
    """Between what nine times in ten it lies; one number where both ends are the same."""
    low, top = words(quantiles[LOW]), words(quantiles[TOP])
    return str(low) if low == top else f"{low} to {top}"


def lead(sums: Mapping[str, Any], held: int, made_on: date, year: int) -> str:
    """What is to come, in a sentence or two; each figure with what nine times in ten it lies between."""
    claims, cash = sums["claims"], sums.get("cash")
    said = (
        f"Of {count(held)} held at the end of {days.spoken(made_on, year)}, some {claims[MIDDLE]:,.0f} are "
        f"released in the 30 days after it ({span(claims, lambda one: f'{one:,.0f}')})."
    )
    if cash:
        said += f" Some {money(cash[MIDDLE])} come in ({span(cash, money)})."
    return said


def error_sentence(error: Mapping[str, Any]) -> str:
    """How earlier forecasts of releases fared, in a sentence; what was aimed at stands beside what was
    reached."""
    one = error["claims"]
    return (
        f"Of {one['days']:,} days in {error['forecasts']:,} earlier forecasts, {percent(one['under'])} had "
        f"no more releases than P90 said (90% were aimed at), and {percent(one['inside'])} lay within the "
        f"band. A day was {one['off']:.1f} claims off P50 on average, of {one['mean']:.1f} released."
    )


def cash_sentence(error: Mapping[str, Any]) -> str:
    """The same of cash; "" where none was ever forecast."""
    one = error.get("cash")
    if not one:
        return ""
    return (
        f"Of {one['days']:,} days, {percent(one['under'])} brought no more cash than P90 said, and "
        f"{percent(one['inside'])} lay within the band. A day was {money(one['off'])} off P50 on average, "
        f"of {money(one['mean'])} that came."
    )


def basis(found: Mapping[str, Any]) -> list[str]:
    """What the figures rest on, and what they cannot know."""
    said = [
        f"The curves (Kaplan and Meier) come from {found['claims']:,} holds begun in two years, "
        f"in which {found['met']:,} deductibles were met. Claims released by time or by hand, "
        "and those still held, count for as long as they were watched.",
        f"A curve speaks from {ENOUGH} deductibles met on; else the next wider one does. "
        f"{_levels(found.get('levels', {}))}",
        "Claims leave on the nights on which their payer is asked, every seven days, or on their release "
        "date, and go out the same night; as many are queued by hand as lately.",
        *_paid(found),
        "It is about the claims that were held that day, and for cash also those on their way to the payer. "
        "What is held from the next day on is not in it, nor is what was never held.",
        "It cannot know of a change of the settings, new habits of a payer, or of a night that does not run.",
    ]
    return [one for one in said if one]


def _levels(levels: Mapping[str, int]) -> str:
    told = [f"{words} ({levels[key]:,})" for key, words in LEVELS if levels.get(key)]
    return f"The held claims stand on curves of: {'; '.join(told)}." if told else ""


def _paid(found: Mapping[str, Any]) -> list[str]:
    rows = []
    for key, words in (("paid_met", "whose deductible was met"), ("paid_other", "released otherwise")):
        one = found.get(key)
        if one:
            half = f", half of them within {one['days']} days of the release" if one.get("days") else ""
            rows.append(
                f"Of claims {words}, payers paid {percent(one['share'])} of what was billed{half} "
                f"({one['payments']:,} payments of the last year)."
            )
    return rows


def not_enough(found: Mapping[str, Any]) -> str:
    """Why there is no forecast yet."""
    met = found.get("met", 0)
    return (
        f"{met:,} of the {ENOUGH} met deductibles that a forecast needs were seen so far. It begins by "
        "itself with the night after the last of them."
    )


def measuring(replayed: int, compared: int) -> str:
    """Why the figures are not shown yet although there are some."""
    if replayed <= LOOKS_BACK:
        return (
            f"Each of the last {LOOKS_BACK} days is forecast from what was known then and compared with what "
            f"happened: {replayed} of {LOOKS_BACK} are done. "
            "The figures are shown with their error, in some minutes."
        )
    return (
        f"{compared} of the {ENOUGH_FORECASTS} earlier forecasts that are needed could be compared with a "
        "week of what happened. The figures are shown with their error as soon as it is known."
    )
