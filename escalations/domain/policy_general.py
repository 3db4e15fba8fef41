"""What holds beside the types: limits, reopen target, warnings, reasons to wait; "Which ticket?" (K13).

Pure. As with types, a field nobody touched keeps its data.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from escalations.domain.lists import new_key
from escalations.domain.policy_fields import Faults, plain
from escalations.domain.policy_typed import Edited
from escalations.domain.turnaround import Turnaround, TurnaroundError
from patients.domain.intake import Wrong, text

Data = Mapping[str, Any]
NAMES = ("limits", "reopen", "warn_before", "wait_reasons")
LIMITS = (
    ("immediate_grace_minutes", "An immediate ticket is in time if it is taken within", "minutes"),
    ("backdating_days", "A request may lie back", "days"),
    ("backdating_days_supervisor", "A request that a supervisor files may lie back", "days"),
    ("waiting_days", "A ticket waits too long after", "days"),
)
WARNINGS = (
    ("business_day", "business days"), ("business_hour", "business hours"), ("staffed_hour", "staffed hours"),
    ("clock_hour", "clock hours"), ("week", "weeks"),
)  # fmt: skip
MOST_REASONS, MOST_WAYS, MOST_FORKS = 20, 12, 40
_MOST = 36_500


def general_shown(data: Data) -> dict[str, str]:
    """The form: limits, the reopen target, warnings by unit, and ``reason.0.label``, ``reason.0.words``."""
    shown = {key: _said(data["limits"].get(key)) for key, _, _ in LIMITS}
    shown |= {f"reopen.{name}": _said(data["reopen"][name]) for name in ("min", "max", "unit")}
    shown |= {f"warn.{unit}": _said(data["warn_before"].get(unit)) for unit, _ in WARNINGS}
    for number, row in enumerate([*data["wait_reasons"], {}]):
        shown[f"reason.{number}.label"] = row.get("label", "")
        shown[f"reason.{number}.words"] = ", ".join(row.get("words", []))
    return shown


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def read_general(data: Data, said: Mapping[str, str]) -> Edited:
    """The general parts as they were typed."""
    faults: Faults = {}
    shown = general_shown(data)
    new: dict[str, Any] = {name: copy.deepcopy(data.get(name)) for name in NAMES}

    def touched(name: str) -> bool:
        return plain(said.get(name, "")) != shown.get(name, "")

    for key, _, _ in LIMITS:
        if touched(key):
            _put_number(new["limits"], key, said.get(key, ""), faults, key, least=0)
    for unit, _ in WARNINGS:
        if touched(f"warn.{unit}"):
            _put_number(
                new["warn_before"], unit, said.get(f"warn.{unit}", ""), faults, f"warn.{unit}", least=1
            )
    if any(touched(f"reopen.{name}") for name in ("min", "max", "unit")):
        new["reopen"] = _reopen(said, faults)
    _reasons(new["wait_reasons"], said, touched, faults)
    return Edited(new, faults)


def _put_number(row: dict[str, Any], key: str, typed: str, faults: Faults, name: str, *, least: int) -> None:
    said = plain(typed)
    if said.isascii() and said.isdigit() and len(said) <= 5 and least <= int(said) <= _MOST:
        row[key] = int(said)
    else:
        faults[name] = f"Give a whole number from {least} to {_MOST:,}."


def _reopen(said: Mapping[str, str], faults: Faults) -> dict[str, Any]:
    found: dict[str, Any] = {"min": None, "max": None, "unit": plain(said.get("reopen.unit", ""))}
    for name in ("min", "max"):
        typed = plain(said.get(f"reopen.{name}", ""))
        if typed:
            _put_number(found, name, typed, faults, f"reopen.{name}", least=1)
    try:
        Turnaround(**found)
    except TurnaroundError as wrong:
        faults.setdefault(f"reopen.{wrong.field}", wrong.message)
    return found


def _reasons(rows: list[dict[str, Any]], said: Mapping[str, str], touched: Any, faults: Faults) -> None:
    for number in range(len(rows) + 1):
        names = f"reason.{number}.label", f"reason.{number}.words"
        if not any(touched(name) for name in names):
            continue
        label, words = (said.get(name, "") for name in names)
        try:
            row: dict[str, Any] = {"label": text("The reason", 80, required=True)(label)}
            each = text("Each of the words", 60)
            row["words"] = [word for one in plain(words).split(",") if (word := each(one))]
        except Wrong as wrong:
            faults[names[0]] = wrong.sentence
            continue
        if number < len(rows):
            rows[number] = rows[number] | row
        elif len(rows) >= MOST_REASONS:
            faults[names[0]] = f"There are at most {MOST_REASONS} reasons to wait."
        else:
            rows.append({"key": new_key(row["label"], {one["key"] for one in rows})} | row)


# --- "Which ticket?" ----------------------------------------------------------------------------------------

NONE = "none"
"""What an answer leads to that ends without a ticket."""


def fork_shown(fork: Data) -> dict[str, str]:
    """The form of a question of "Which ticket?": ``way.0.label``, ``way.0.to`` (``ask:who``, ``type:refund``,
    ``none``) and ``way.0.say``, with an empty way at the end."""
    shown = {"label": fork.get("label", ""), "hint": fork.get("hint", "")}
    for number, way in enumerate([*fork.get("ways", []), {}]):
        shown[f"way.{number}.label"] = way.get("label", "")
        shown[f"way.{number}.to"] = _leads_to(way)
        shown[f"way.{number}.say"] = way.get("none") or way.get("why", "")
    return shown


def _leads_to(way: Data) -> str:
    for name in ("ask", "type"):
        if way.get(name):
            return f"{name}:{way[name]}"
    return NONE if way.get("none") else ""


def read_fork(forks: list[dict[str, Any]], key: str, said: Mapping[str, str], targets: set[str]) -> Edited:
    """All questions of "Which ticket?" with this one as it was typed; a new one stands at the end.

    ``targets`` is what an answer may lead to. An answer without words is taken out.
    """
    faults: Faults = {}
    place = next((n for n, one in enumerate(forks) if one["key"] == key), -1)
    fork: dict[str, Any] = copy.deepcopy(forks[place]) if place >= 0 else {"ways": []}
    shown = fork_shown(fork)
    for name, longest, needed in (("label", 200, True), ("hint", 300, False)):
        if plain(said.get(name, "")) != shown[name] or (needed and not shown[name]):
            try:
                fork[name] = text("The question" if needed else "The hint", longest, required=needed)(
                    said.get(name)
                )
            except Wrong as wrong:
                faults[name] = wrong.sentence
    fork["ways"] = _ways(fork["ways"], said, shown, targets, faults)
    if not fork["ways"]:
        faults.setdefault("way.0.label", "Give at least one answer.")
    if place < 0:
        fork = {"key": new_key(str(fork.get("label", "")), {one["key"] for one in forks})} | fork
    found = [*forks[:place], fork, *forks[place + 1 :]] if place >= 0 else [*forks, fork]
    if len(found) > MOST_FORKS:
        faults["label"] = f"“Which ticket?” has at most {MOST_FORKS} questions."
    return Edited({"which_ticket": found}, faults)


def _ways(
    ways: list[dict[str, Any]],
    said: Mapping[str, str],
    shown: Mapping[str, str],
    targets: set[str],
    faults: Faults,
) -> list[dict[str, Any]]:
    found = []
    for number in range(min(len(ways) + 1, MOST_WAYS)):
        names = [f"way.{number}.{name}" for name in ("label", "to", "say")]
        old = ways[number] if number < len(ways) else {}
        typed = [plain(said.get(name, "")) for name in names]
        if typed == [plain(shown.get(name, "")) for name in names]:
            found += [old] if old else []
        elif typed[0]:
            found += [_way(old, typed, names, targets, faults)]
        elif typed[1] and not old:
            faults[names[0]] = "Say the answer, or leave the row empty."
    return found


def _way(old: Data, typed: list[str], names: list[str], targets: set[str], faults: Faults) -> dict[str, Any]:
    label, to, say = typed
    kept = {name: old[name] for name in ("rule",) if name in old}
    if to == _leads_to(old) and "prefill" in old:
        kept["prefill"] = old["prefill"]
    way: dict[str, Any] = {"label": label[:200]} | kept
    try:
        words = text("What is said", 600, required=to == NONE)(say)
    except Wrong as wrong:
        faults[names[2]] = wrong.sentence
        return way
    if to == NONE:
        way["none"] = words
    elif to in targets:
        name, _, target = to.partition(":")
        way[name] = target
        if words:
            way["why"] = words
    else:
        faults[names[1]] = "Choose where the answer leads."
    return way
