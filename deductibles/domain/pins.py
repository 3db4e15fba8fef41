"""The pin of a coverage: which line of its answers a person wants followed, and how it is stored. Pure.

Stored as plain values beside the coverage: what describes the line, who pinned it, when and why. Its place
in the file and its amount are not kept: both are others in the next answer (D-CLM-4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from deductibles.domain import days, line_words
from deductibles.x12.eligibility import Described, Pin

LONGEST_REASON = 200


def kept(line: Described, *, by: str, on: date, reason: str) -> dict[str, Any]:
    """The pin as it is stored."""
    return {"line": line.as_json(), "by": by, "on": on.isoformat(), "reason": reason}


def pin_of(stored: Mapping[str, Any] | None) -> Pin | None:
    """The stored pin as the reader of answers follows it; None when the rules choose."""
    if not stored:
        return None
    return Pin(Described.from_json(stored.get("line") or {}), f"pinned by {who_and_when(stored)}")


def who_and_when(stored: Mapping[str, Any]) -> str:
    """Who pinned it and on which day, with the year, for the words outlive it: "ben on 3 May 2026"."""
    on = date.fromisoformat(stored["on"])
    return f"{stored['by']} on {days.plain(on, 0)}"


def words(stored: Mapping[str, Any] | None) -> str:
    """The pin in words, as audit and page tell it."""
    if not stored:
        return "none, the rules choose"
    line = line_words.whole(Described.from_json(stored.get("line") or {}))
    because = f", because: {stored['reason']}" if stored.get("reason") else ""
    return f"{line} (by {who_and_when(stored)}{because})"
