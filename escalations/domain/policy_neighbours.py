"""The types that one is easily taken for, each with when it is the right one: as rows of a form. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from escalations.domain.policy_fields import Faults, plain
from patients.domain.intake import Wrong, text

Data = Mapping[str, Any]
MOST_NEIGHBOURS = 20
_SAY = text("When it is the right one", 600, required=True)


def neighbours_shown(row: Data) -> dict[str, str]:
    """``near.0.type`` and ``near.0.say`` of each, an empty row at the end."""
    shown: dict[str, str] = {}
    for number, one in enumerate([*row.get("neighbours", []), {}]):
        shown[f"near.{number}.type"] = one.get("type", "")
        shown[f"near.{number}.say"] = one.get("say", "")
    return shown


def read_neighbours(
    row: Data, said: Mapping[str, str], types: Sequence[str], faults: Faults
) -> list[dict[str, Any]]:
    """The neighbours as they were typed; a row without a type and without words is taken out."""
    old, shown = list(row.get("neighbours", [])), neighbours_shown(row)
    found: list[dict[str, Any]] = []
    places: list[int] = []
    for number in range(len(old) + 1):
        names = f"near.{number}.type", f"near.{number}.say"
        typed = [plain(said.get(name, "")) for name in names]
        if typed == [plain(shown[name]) for name in names]:
            found += old[number : number + 1]
        elif any(typed):
            found += _one(row["key"], typed, names, types, faults)
        places += [number] * (len(found) - len(places))
    keys = [one["type"] for one in found]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            faults.setdefault(f"near.{places[place]}.type", "This type is named twice. Keep it once.")
    if len(found) > MOST_NEIGHBOURS:
        faults[f"near.{places[-1]}.type"] = f"Name at most {MOST_NEIGHBOURS} similar types."
    return found


def _one(
    own: str, typed: Sequence[str], names: tuple[str, str], types: Sequence[str], faults: Faults
) -> list[dict[str, Any]]:
    key, words = typed
    if key not in types or key == own:
        faults[names[0]] = "Choose another type that this one is taken for."
        return []
    try:
        return [{"type": key, "say": _SAY(words)}]
    except Wrong as wrong:
        faults[names[1]] = wrong.sentence
        return []
