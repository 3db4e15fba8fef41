"""Moving and removing coverages and charge lines of a claim form that was sent: fields change names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deductibles.forms.claim import ADDRESS, CHARGE, COVERAGE, MOST_ROWS, RANKS, SUBSCRIBER

_OF_COVERAGE = (*COVERAGE, *(f"subscriber-{name}" for name in (*SUBSCRIBER, *ADDRESS)))


def move_coverage(data: Any, rank: str, *, up: bool) -> None:
    """Change places with the coverage above or below; the first is the primary, always one."""
    if rank not in RANKS:
        return
    there = RANKS.index(rank) + (-1 if up else 1)
    if 0 <= there < len(RANKS):
        _swap(data, f"coverages-{rank}", f"coverages-{RANKS[there]}", _OF_COVERAGE)


def remove_coverage(data: Any, rank: str) -> None:
    """Take a coverage out; those below it move up."""
    if rank not in RANKS:
        return
    place = RANKS.index(rank)
    for upper, lower in zip(RANKS[place:], RANKS[place + 1 :], strict=False):
        _swap(data, f"coverages-{upper}", f"coverages-{lower}", _OF_COVERAGE)
    _clear(data, f"coverages-{RANKS[-1]}", _OF_COVERAGE)


def remove_charge(data: Any, line: int, rows: int) -> None:
    """Take a charge line out, counted from 1; those below it move up."""
    for place in range(line - 1, min(rows, MOST_ROWS) - 1):
        _swap(data, f"charges-{place}", f"charges-{place + 1}", CHARGE)
    _clear(data, f"charges-{rows - 1}", CHARGE)


def add_coverage(data: Any, values: dict[str, str]) -> str:
    """Write a found coverage where none stands yet; its rank, or nothing when all three are taken.

    One that stands there already, by payer and member id, is not written a second time.
    """
    same = ("payer", "member_id")
    for rank in RANKS:
        if all(data.get(f"coverages-{rank}-{name}", "").strip() == values[name] for name in same):
            return rank
    for rank in RANKS:
        at = f"coverages-{rank}"
        if not any(data.get(f"{at}-{name}", "").strip() for name in ("payer", "member_id", "group_number")):
            for name, value in values.items():
                data[f"{at}-{name}"] = value
            return rank
    return ""


def _swap(data: Any, one: str, other: str, names: Iterable[str]) -> None:
    for name in names:
        here, there = f"{one}-{name}", f"{other}-{name}"
        data[here], data[there] = data.get(there, ""), data.get(here, "")


def _clear(data: Any, at: str, names: Iterable[str]) -> None:
    for name in names:
        data[f"{at}-{name}"] = ""
