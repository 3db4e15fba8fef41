"""The policy's data by parts: what was changed, by whom it is owned, and two changes brought together. Pure.

A part is one type, one list, or one of the other things that stand on top of the data. Two people who change
different parts do not meet; what a company changed is its own, and a newer shipped policy leaves it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from escalations.domain.guide_words import OWN as OWN_WORDS

Data = Mapping[str, Any]
Part = tuple[str, str]
"""``("types", "refund")``, ``("lists", "portal_errors")``, ``("general", "limits")``."""

OWN = "own_parts"
"""Where the data keeps which parts were changed here: ``{"types": {key: {by, at}}, "general": {…},
"gone": [keys of types]}``."""
_NO_PARTS = ("types", "lists", OWN, OWN_WORDS)
ORDER: Part = ("general", "types")
"""The order of the types, as a part of its own."""


def parts_of(data: Data) -> dict[Part, Any]:
    """Every part with its data."""
    found: dict[Part, Any] = {("types", row["key"]): row for row in data["types"]}
    found |= {("lists", key): row for key, row in data.get("lists", {}).items()}
    found |= {("general", key): value for key, value in data.items() if key not in _NO_PARTS}
    return found | {ORDER: [row["key"] for row in data["types"]]}


def put_together(parts: Mapping[Part, Any], rest: Data) -> dict[str, Any]:
    """The data of these parts; who owns what is taken from ``rest``."""
    order = {key: place for place, key in enumerate(parts[ORDER])}
    types = [value for (kind, _), value in parts.items() if kind == "types"]
    types.sort(key=lambda row: order.get(row["key"], len(order)))
    data: dict[str, Any] = {
        name: value for (kind, name), value in parts.items() if kind == "general" and (kind, name) != ORDER
    }
    data["lists"] = {name: value for (kind, name), value in parts.items() if kind == "lists"}
    data["types"] = types
    return copy.deepcopy(data | {key: rest[key] for key in (OWN, OWN_WORDS) if key in rest})


def changed_parts(old: Data, new: Data) -> list[Part]:
    """The parts that are others in the one than in the other, or stand in one alone."""
    before, after = parts_of(old), parts_of(new)
    return [part for part in {**before, **after} if before.get(part) != after.get(part)]


def brought_together(base: Data, mine: Data, theirs: Data) -> tuple[dict[str, Any], list[Part]]:
    """What was changed in ``mine`` and in ``theirs`` since ``base``, and the parts that both changed.

    Of those the data has mine.
    """
    was, own, other = parts_of(base), parts_of(mine), parts_of(theirs)
    parts: dict[Part, Any] = {}
    both: list[Part] = []
    for part in {**other, **own, **was}:
        changed = own.get(part) != was.get(part)
        chosen = own if changed else other
        if changed and own.get(part) != other.get(part) != was.get(part) and part != ORDER:
            both.append(part)
        if part in chosen:
            parts[part] = chosen[part]
    return put_together(parts, theirs), both


def with_marks(data: Data, base: Data, by: Mapping[str, str]) -> dict[str, Any]:
    """The data with every part that differs from ``base`` marked as the company's own.

    ``by`` says who and when, as ``{"by": …, "at": …}``.
    """
    marked: dict[str, Any] = copy.deepcopy(dict(data))
    own: dict[str, Any] = copy.deepcopy(base.get(OWN, {}))
    words: dict[str, Any] = copy.deepcopy(base.get(OWN_WORDS, {}))
    types = {row["key"] for row in data["types"]}
    for kind, key in changed_parts(base, data):
        if kind == "lists" and key in marked["lists"]:
            marked["lists"][key] |= {"own": True, "changed": dict(by)}
        elif key in ("glossary", "articles"):
            _mark_words(words, key, base, data, by)
        elif kind == "types" and key not in types:
            own["gone"] = sorted({*own.get("gone", []), key})
        elif (kind, key) != ORDER:
            own.setdefault(kind, {})[key] = dict(by)
    own["gone"] = [key for key in own.get("gone", []) if key not in types]
    own["types"] = {key: said for key, said in own.get("types", {}).items() if key in types}
    kept = {name: value for name, value in own.items() if value}
    for name, value in ((OWN, kept), (OWN_WORDS, words)):
        marked.pop(name, None)
        if value:
            marked[name] = value
    return marked


def _mark_words(words: dict[str, Any], key: str, base: Data, data: Data, by: Mapping[str, str]) -> None:
    if key == "glossary":
        words["glossary"] = dict(by)
        return
    before = {row["key"]: row for row in base.get("articles", [])}
    changed = [row["key"] for row in data.get("articles", []) if before.get(row["key"]) != row]
    words.setdefault("articles", {}).update({name: dict(by) for name in changed})


def with_own_parts(shipped: Data, current: Data) -> dict[str, Any]:
    """The shipped data with the parts that the company has changed as they are with it."""
    own = current.get(OWN)
    if not own:
        return dict(shipped)
    parts, mine = parts_of(shipped), parts_of(current)
    for kind in ("types", "general"):
        parts |= {(kind, key): mine[kind, key] for key in own.get(kind, {}) if (kind, key) in mine}
    for key in own.get("gone", []):
        parts.pop(("types", key), None)
    parts[ORDER] = _ordered(mine[ORDER], parts[ORDER])
    return put_together(parts, {**shipped, OWN: own})


def _ordered(mine: Iterable[str], shipped: Iterable[str]) -> list[str]:
    """The company's order, what is new behind it."""
    return list(dict.fromkeys([*mine, *shipped]))


def without_marks(data: Data) -> dict[str, Any]:
    """The data as a file has it: the policy alone, not who changed what in it."""
    plain: dict[str, Any] = copy.deepcopy({key: value for key, value in data.items() if key not in _NO_PARTS})
    plain["lists"] = {
        key: {name: value for name, value in row.items() if name not in ("own", "changed")}
        for key, row in data.get("lists", {}).items()
    }
    plain["types"] = copy.deepcopy(data["types"])
    return plain


def with_marks_of(data: Data, current: Data) -> dict[str, Any]:
    """Data out of a file with the marks of ``current`` on what is the same there."""
    marked = copy.deepcopy(dict(data))
    known = current.get("lists", {})
    plain = without_marks(current)["lists"]
    marked["lists"] = {
        key: copy.deepcopy(known[key]) if plain.get(key) == row else row
        for key, row in marked["lists"].items()
    }
    return marked | copy.deepcopy({key: current[key] for key in (OWN, OWN_WORDS) if key in current})
