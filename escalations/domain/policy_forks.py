"""A question of "Which ticket?" as a form (R-X-9): its answers, where they lead, what they fill in. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from escalations.domain.lists import new_key
from escalations.domain.policy_fields import Faults, plain
from escalations.domain.policy_filled import filled_shown, read_filled
from escalations.domain.policy_typed import Edited, type_of
from patients.domain.intake import Wrong, text

Data = Mapping[str, Any]
NONE = "none"
"""What an answer leads to that ends without a ticket."""
MOST_WAYS, MOST_FORKS = 12, 40
_FIELDS = ("label", "to", "say", "rule")


def fork_shown(fork: Data, data: Data) -> dict[str, str]:
    """The form of a question: ``way.0.label``, ``way.0.to`` (``ask:who``, ``type:refund``, ``none``),
    ``way.0.say``, ``way.0.rule`` and what it fills in, ``way.0.fill.0.key``; an empty way at the end."""
    shown = {"label": fork.get("label", ""), "hint": fork.get("hint", "")}
    for number, way in enumerate([*fork.get("ways", []), {}]):
        shown |= _way_shown(way, f"way.{number}", data)
    return shown


def _way_shown(way: Data, place: str, data: Data) -> dict[str, str]:
    said = {
        "label": way.get("label", ""),
        "to": leads_to(way),
        "say": way.get("none") or way.get("why", ""),
        "rule": way.get("rule", ""),
    }
    shown = {f"{place}.{name}": value for name, value in said.items()}
    target = type_of(data, way.get("type", ""))
    if target is not None:
        shown |= filled_shown(way.get("prefill", {}), target, data, f"{place}.fill")
    return shown


def leads_to(way: Data) -> str:
    """Where an answer leads, as the form names it."""
    for name in ("ask", "type"):
        if way.get(name):
            return f"{name}:{way[name]}"
    return NONE if way.get("none") else ""


def targets_of(data: Data, key: str) -> dict[str, str]:
    """What the answers of a question may lead to, in words."""
    forks = {f"ask:{one['key']}": f"asks: {one['label']}" for one in data.get("which_ticket", [])}
    types = {f"type:{row['key']}": row["name"] for row in data["types"]}
    forks.pop(f"ask:{key}", None)
    return {**types, **forks, NONE: "no ticket; say what to do instead"}


@dataclass(frozen=True)
class _Typed:
    """What was typed, beside what was shown."""

    said: Mapping[str, str]
    shown: Mapping[str, str]
    data: Data
    targets: Mapping[str, str]
    faults: Faults

    def at(self, name: str) -> str:
        """What was typed in this field."""
        return plain(self.said.get(name, ""))

    def touched(self, place: str) -> bool:
        """Whether anything below this place was changed."""
        names = [name for name in self.shown if name.startswith(f"{place}.")]
        return any(self.at(name) != plain(self.shown[name]) for name in names)


def read_fork(data: Data, key: str, said: Mapping[str, str]) -> Edited:
    """All questions with this one as it was typed; a new one stands at the end.

    An answer without words is taken out.
    """
    forks: list[dict[str, Any]] = data.get("which_ticket", [])
    place = next((n for n, one in enumerate(forks) if one["key"] == key), -1)
    fork: dict[str, Any] = copy.deepcopy(forks[place]) if place >= 0 else {"ways": []}
    typed = _Typed(said, fork_shown(fork, data), data, targets_of(data, key), {})
    for name, longest, needed in (("label", 200, True), ("hint", 300, False)):
        if typed.at(name) != typed.shown[name] or (needed and not typed.shown[name]):
            try:
                read = text("The question" if needed else "The hint", longest, required=needed)
                fork[name] = read(said.get(name))
            except Wrong as wrong:
                typed.faults[name] = wrong.sentence
    fork["ways"] = _ways(fork["ways"], typed)
    if not fork["ways"]:
        typed.faults.setdefault("way.0.label", "Give at least one answer.")
    if place < 0:
        fork = {"key": new_key(str(fork.get("label", "")), {one["key"] for one in forks})} | fork
    found = [*forks[:place], fork, *forks[place + 1 :]] if place >= 0 else [*forks, fork]
    if len(found) > MOST_FORKS:
        typed.faults["label"] = f"“Which ticket?” has at most {MOST_FORKS} questions."
    return Edited({"which_ticket": found}, typed.faults)


def _ways(ways: list[dict[str, Any]], typed: _Typed) -> list[dict[str, Any]]:
    found = []
    for number, old in enumerate([*ways, {}]):
        place = f"way.{number}"
        if not typed.touched(place):
            found += [old] if old else []
        elif not old and number >= MOST_WAYS:
            typed.faults[f"{place}.label"] = f"A question has at most {MOST_WAYS} answers. Take one out."
        elif typed.at(f"{place}.label"):
            found += [_way(old, place, typed)]
        elif typed.at(f"{place}.to") and not old:
            typed.faults[f"{place}.label"] = "Say the answer, or leave the row empty."
    return found


def _way(old: Data, place: str, typed: _Typed) -> dict[str, Any]:
    way: dict[str, Any] = {}
    to = typed.at(f"{place}.to")
    readers = {
        "label": text("The answer", 200, required=True),
        "say": text("What is said", 600, required=to == NONE),
        "rule": text("The rule", 60),
    }
    words = {}
    for name, read in readers.items():
        try:
            words[name] = read(typed.at(f"{place}.{name}"))
        except Wrong as wrong:
            typed.faults[f"{place}.{name}"] = wrong.sentence
            return way
    way["label"] = words["label"]
    if words["rule"]:
        way["rule"] = words["rule"]
    if to == leads_to(old):
        prefill = _filled(old, place, typed)
        if prefill:
            way["prefill"] = prefill
    if to == NONE:
        way["none"] = words["say"]
    elif to in typed.targets:
        name, _, target = to.partition(":")
        way[name] = target
        if words["say"]:
            way["why"] = words["say"]
    else:
        typed.faults[f"{place}.to"] = "Choose where the answer leads."
    return way


def _filled(old: Data, place: str, typed: _Typed) -> dict[str, Any]:
    """What the answer fills in of the type it leads to; of another type nothing."""
    target = type_of(typed.data, old.get("type", ""))
    if target is None:
        return {}
    return read_filled(
        old.get("prefill", {}), target, typed.said, typed.data, f"{place}.fill", {}, typed.faults
    )


def in_order(rows: list[dict[str, Any]], number: int, act: str) -> list[dict[str, Any]]:
    """The rows with the one of this number moved up or down; as they are where that cannot be."""
    other = number + (-1 if act == "up" else 1)
    if act not in ("up", "down") or not (0 <= number < len(rows) and 0 <= other < len(rows)):
        return rows
    found = list(rows)
    found[number], found[other] = found[other], found[number]
    return found
