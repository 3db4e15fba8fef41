"""The rates by which the worth of holding is counted, as somebody types them: in per cent. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from deductibles.domain.gain import Rates
from patients.domain import intake
from patients.domain.intake import Reader, Wrong

LABELS = {
    "collected": "Collected of what patients owe",
    "co_insurance": "Co-insurance where a payment does not tell it",
    "money": "Cost of money a year",
    "source": "Where the collection rate was measured",
    "measured_to": "Last day of its twelve months",
}
MOST = {"collected": 100, "co_insurance": 100, "money": 50}
"""The most that each rate may be, in per cent."""
USUAL = Rates()


def percent(share: Decimal) -> str:
    """A share of one in per cent, without idle zeros: "10", "12.5"."""
    plain = f"{share * 100:.2f}"
    return plain.rstrip("0").rstrip(".")


def _share(name: str) -> Reader:
    label, most = LABELS[name], MOST[name]

    def read(value: Any) -> Decimal:
        typed = str(value).strip().removesuffix("%").strip() if value not in (None, "") else ""
        if not typed:
            raise Wrong("required", f"{label} is missing. Type it in per cent, such as 10 or 12.5.")
        if isinstance(value, bool) or not typed.isascii() or not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", typed):
            raise Wrong("number", f"{label} is per cent with two decimals at most, such as 10 or 12.5.")
        if Decimal(typed) > most:
            raise Wrong("range", f"{label} is from 0 to {most} per cent. Check the number.")
        return (Decimal(typed) / 100).quantize(Decimal("0.0001"))

    return read


def _measured(today: date) -> Reader:
    plain = intake.day(LABELS["measured_to"], required=False)

    def read(value: Any) -> date | None:
        found: date | None = plain(value)
        if found is not None and found > today:
            raise Wrong("future", "Twelve months that are measured have ended. Type a day that is over.")
        if found is not None and found.year < today.year - 10:
            raise Wrong("too_old", "This is more than ten years ago. Check the year.")
        return found

    return read


def read_rates(data: Mapping[str, Any], *, today: date) -> tuple[dict[str, Any], dict[str, Wrong]]:
    """Read the rates: the clean values as shares of one, and what is wrong by field.

    A collection rate of the company's own, which is any but the usual one, needs its source and its months.
    """
    readers: dict[str, Reader] = {name: _share(name) for name in MOST}
    readers |= {
        "source": intake.text(LABELS["source"], 200),
        "measured_to": _measured(today),
        "version": intake.whole("Version", 0, 999_999),
    }
    clean, wrong = intake.read_all(readers, dict(data))
    own = "collected" in clean and clean["collected"] != USUAL.collected
    if own and "source" in clean and not clean["source"]:
        said = "A rate of your own needs its source. Write where it was measured, such as a report’s name."
        wrong["source"] = Wrong("required", said)
    if own and "measured_to" in clean and clean["measured_to"] is None:
        said = "A rate of your own is that of twelve months. Type their last day, such as 2026-05-31."
        wrong["measured_to"] = Wrong("required", said)
    return clean, wrong
