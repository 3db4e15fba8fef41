"""The Audit Logs of a claim in words: what one act changed is one entry, newest first (D-CLM-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from deductibles.domain import days, pins, states, troubles
from deductibles.domain.money import dollars

PAGE = 40

TITLES = {
    "create claim": "Claim entered",
    "edit claim": "Draft changed",
    "complete": "Completed",
    "hold": "Held by hand",
    "queue": "Queued for submission",
    "unqueue": "Taken out of the queue",
    "clear": "Cleared off the Hold for Deductible page",
    "void": "Voided",
    "change payer": "Payer changed",
    "make primary": "Another coverage made primary",
    "cover": "Further coverage added or changed",
    "end coverage": "Coverage ended",
    "pin": "Line pinned",
    "unpin": "Pin taken off",
    "run eligibility": "Eligibility run",
    "file answer": "Answer filed",
    "nightly check": "Nightly check",
    "release, deductible met": "Released, deductible met",
    "release, time elapsed": "Released, time elapsed",
    "apply settings": "Release date moved by new settings",
    "submit": "Written into a file",
    "eligibility check": "Answer",
}
_ICONS = {
    "create claim": "file-plus",
    "complete": "circle-check",
    "void": "ban",
    "eligibility check": "radar",
    "run eligibility": "radar",
    "nightly check": "radar",
    "file answer": "radar",
    "pin": "pin",
    "unpin": "pin-off",
    "hold": "hourglass",
    "queue": "send",
}
_NAMES = {
    "payer_id": "Payer",
    "release_on": "Release date",
    "next_check_on": "Next check",
    "why": "Why",
    "release_why": "Why released",
    "reason_code": "Reason code",
    "guard_waived": "Held inside the filing guard",
    "deductible_unknown": "Deductible unknown",
    "member_id": "Member id",
    "pin": "Pinned line",
    "flags": "Flags",
    "active": "On hold",
    "kind": "Hold",
}
_TOLD_ELSEWHERE = frozenset(
    (
        "settings version",
        *("snapshot_id", "last_asked_at", "last_answered_at", "nightly_answers", "ended_at", "queued_at"),
        *("cleared_at", "coverage_id", "anchor_on", "started_on"),
    )
)
"""Columns that an event's own moment, the check beside it or the settings in words say already."""
_MONEY = frozenset(("annual", "remaining", "dollar_threshold", "monitor_above", "total"))


@dataclass
class Entry:
    """What one act did: its title, who did it and when, and what changed, line by line."""

    title: str
    icon: str
    at: datetime
    who: str
    run: int | None = None
    lines: list[str] = field(default_factory=list)


def entries_of(events: Sequence[Mapping[str, Any]], *, payers: Mapping[int, str], year: int) -> list[Entry]:
    """Events of one act (same moment, act and actor) become one entry; the order is that of the events."""
    found: dict[tuple[Any, ...], Entry] = {}
    for event in events:
        act = str(event["act"] or "")
        key = (event["at"], act, event["who"], event["run"])
        entry = found.get(key)
        if entry is None:
            title = TITLES.get(act) or (act or event["what"]).capitalize()
            entry = Entry(title, _ICONS.get(act, "circle-dot"), event["at"], event["who"], event["run"])
            found[key] = entry
        entry.lines += [line for line in _lines(event, payers, year) if line not in entry.lines]
    return [entry for entry in found.values() if entry.lines or entry.who]


def _lines(event: Mapping[str, Any], payers: Mapping[int, str], year: int) -> list[str]:
    lines = []
    if event["act"] == "eligibility check":
        lines.append(f"{str(event['what']).removeprefix('answer: ')[:1].upper()}{event['what'][9:]}.")
        amounts = (_amount(event.get("annual")), _amount(event.get("remaining")))
        lines.append(f"Annual {amounts[0]}, remaining {amounts[1]}.")
        lines += [troubles.FLAGS[flag].says for flag in event.get("flags", ()) if flag in troubles.FLAGS]
    if event["reason"]:
        lines.append(str(event["reason"]))
    if event["what"].endswith(("added", "removed")) and event["what"].startswith("coverage"):
        lines.append(f"{event['what'].capitalize()}.")
    changes = event["changes"].items()
    lines += [
        _changed(name, pair, payers, year)
        for name, pair in changes
        if name not in _TOLD_ELSEWHERE and not (name == "pin" and pair["from"] == pair["to"])
    ]
    return lines + [line for line in [event.get("settings", "")] if line]


def _changed(name: str, pair: Mapping[str, Any], payers: Mapping[int, str], year: int) -> str:
    label = _NAMES.get(name) or name.removesuffix("_id").replace("_", " ").capitalize()
    after = _value(name, pair["to"], payers, year)
    if pair["from"] in (None, "", []):
        return f"{label}: {after}"
    return f"{label}: {_value(name, pair['from'], payers, year)} → {after}"


def _value(name: str, value: Any, payers: Mapping[int, str], year: int) -> str:
    if name == "pin":
        return pins.words(value)
    if value in (None, "", []):
        return "none"
    if name in _MONEY:
        return dollars(Decimal(str(value)))
    if name.endswith("_on") and isinstance(value, str):
        return days.plain(date.fromisoformat(value), year)
    if name == "payer_id":
        return payers.get(value, f"payer {value}")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "flags":
        return " ".join(troubles.FLAGS[flag].says if flag in troubles.FLAGS else str(flag) for flag in value)
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return states.STATUS_LABELS.get(str(value), str(value))


def _amount(value: Any) -> str:
    return dollars(Decimal(value)) if value else "unknown"
