"""What holds beside the types: limits, reopen target, warnings, reasons to wait; "Which ticket?" (K13).

Pure. As with types, a field nobody touched keeps its data.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from escalations.domain.ladder import RUNGS, SHIPPED
from escalations.domain.lists import new_key
from escalations.domain.policy_fields import Faults, plain
from escalations.domain.policy_typed import Edited
from escalations.domain.turnaround import Turnaround, TurnaroundError
from patients.domain.intake import Wrong, text

Data = Mapping[str, Any]
NAMES = ("limits", "reopen", "warn_before", "wait_reasons", "ladder")
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
MOST_REASONS = 20
_MOST = 36_500


def general_shown(data: Data) -> dict[str, str]:
    """The form: limits, the reopen target, warnings by unit, the ladder (``rung.0.who``, ``rung.0.hours``),
    and ``reason.0.label``, ``reason.0.words``."""
    shown = {key: _said(data["limits"].get(key)) for key, _, _ in LIMITS}
    shown |= {f"reopen.{name}": _said(data["reopen"][name]) for name in ("min", "max", "unit")}
    shown |= {f"warn.{unit}": _said(data["warn_before"].get(unit)) for unit, _ in WARNINGS}
    for number, row in enumerate([*data["wait_reasons"], {}]):
        shown[f"reason.{number}.label"] = row.get("label", "")
        shown[f"reason.{number}.words"] = ", ".join(row.get("words", []))
    ladder = data.get("ladder") or [vars(one) for one in SHIPPED]
    for number, row in enumerate([*ladder, *[{}] * len(RUNGS)][: len(RUNGS)]):
        shown[f"rung.{number}.who"] = row.get("who", "")
        shown[f"rung.{number}.hours"] = _said(row.get("after_staffed_hours"))
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
        typed = said.get(f"warn.{unit}", "")
        if touched(f"warn.{unit}") and not plain(typed):
            new["warn_before"].pop(unit, None)
        elif touched(f"warn.{unit}"):
            _put_number(new["warn_before"], unit, typed, faults, f"warn.{unit}", least=1)
    if any(touched(f"reopen.{name}") for name in ("min", "max", "unit")):
        new["reopen"] = _reopen(said, faults)
    if any(touched(f"rung.{number}.{name}") for number in range(len(RUNGS)) for name in ("who", "hours")):
        new["ladder"] = _ladder(said, faults)
    _reasons(new["wait_reasons"], said, touched, faults)
    gone = {f"reason.{n}.gone": row["key"] for n, row in enumerate(data["wait_reasons"])}
    taken = {key for name, key in gone.items() if said.get(name) == "yes"}
    new["wait_reasons"] = [row for row in new["wait_reasons"] if row["key"] not in taken]
    return Edited(new, faults)


def _ladder(said: Mapping[str, str], faults: Faults) -> list[dict[str, Any]]:
    """Who is told one after the other; a rung without anybody is left out (K15)."""
    found: list[dict[str, Any]] = []
    for number in range(len(RUNGS)):
        who = plain(said.get(f"rung.{number}.who", ""))
        if not who:
            continue
        row: dict[str, Any] = {"who": who, "after_staffed_hours": 0}
        hours = said.get(f"rung.{number}.hours", "")
        if plain(hours):
            _put_number(row, "after_staffed_hours", hours, faults, f"rung.{number}.hours", least=0)
        if who not in RUNGS:
            faults[f"rung.{number}.who"] = "Choose who is told from those offered."
        elif who in {one["who"] for one in found}:
            faults[f"rung.{number}.who"] = "Nobody is told twice. Choose somebody else, or nobody."
        found.append(row)
    if not found:
        faults["rung.0.who"] = "Somebody has to be told. Choose who is told first."
    return found


def without_waits(data: dict[str, Any]) -> None:
    """Let no type allow a wait for a reason there no longer is."""
    known = {row["key"] for row in data["wait_reasons"]}
    for kind in data["types"]:
        kind["waits"] = {key: stops for key, stops in kind["waits"].items() if key in known}


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
