"""What "Which ticket?", similar types and what is filled in say otherwise, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from escalations.domain.explain import quoted
from escalations.domain.policy_difference_words import arrow, cut
from escalations.domain.policy_filled import HERE, answer_shown
from escalations.domain.policy_names import DataNames

Data = Mapping[str, Any]


def filled_words(filled: Data | None, type_key: str, names: DataNames) -> str:
    """What is filled in, as in "“Why?”: Something else; “Date”: the answer to “When?”"."""
    target = next((row for row in names.data["types"] if row["key"] == type_key), None)
    asked = {row["key"]: row for row in (target or {}).get("questions", [])}
    said = []
    for key, value in (filled or {}).items():
        label = quoted(asked[key]["label"]) if key in asked else f"“{key}”"
        if isinstance(value, str) and value.startswith("="):
            source = value[1:]
            said.append(f"{label}: {HERE.get(source) or 'the answer to ' + names.subject(source)}")
        else:
            said.append(f"{label}: {answer_shown(asked.get(key, {}), value, names.data)}")
    return "; ".join(said)


def carry_change(old: Data, new: Data, old_names: DataNames, new_names: DataNames) -> str:
    """What the suggestion of a rule fills in otherwise."""
    filled = [
        filled_words(row.get("carry"), row.get("suggest", ""), names)
        for row, names in ((old, old_names), (new, new_names))
    ]
    return f"fills in {_from_to(*filled)}"


def _from_to(old: str, new: str) -> str:
    return f"{cut(old) or 'nothing'} → {cut(new) or 'nothing'}"


def neighbour_changes(old: Data, new: Data, old_names: DataNames, new_names: DataNames) -> Iterator[str]:
    """Which similar types a type names otherwise."""
    before, after = ({one["type"]: one["say"] for one in row.get("neighbours", [])} for row in (old, new))
    for key in {**after, **before}:
        name = quoted(new_names.types.get(key) or old_names.types.get(key, key))
        if key not in before:
            yield f"Similar types: also {name}, when “{cut(after[key])}”"
        elif key not in after:
            yield f"Similar types: no longer {name}"
        elif before[key] != after[key]:
            yield f"Similar type {name}: {arrow(before[key], after[key])}"
    if list(before) != list(after) and sorted(before) == sorted(after):
        yield "Similar types: in another order"


def fork_changes(old: Data, new: Data) -> Iterator[str]:
    """What "Which ticket?" asks and answers otherwise."""
    names = DataNames(old), DataNames(new)
    before, after = ({row["key"]: row for row in data.get("which_ticket", [])} for data in (old, new))
    for key in {**after, **before}:
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            row = was or now or {}
            yield f"“Which ticket?”: {quoted(row['label'])} is {'new' if was is None else 'taken out'}"
        elif was != now:
            said = list(_fork(was, now, names)) or ["is written otherwise"]
            yield from (f"“Which ticket?”, {quoted(now['label'])}: {one}" for one in said)
    if list(before) != list(after) and sorted(before) == sorted(after):
        yield "“Which ticket?”: the questions stand in another order"


def _fork(old: Data, new: Data, names: tuple[DataNames, DataNames]) -> Iterator[str]:
    if old["label"] != new["label"]:
        yield f"it asked {quoted(old['label'])}"
    if old.get("hint", "") != new.get("hint", ""):
        yield f"hint: {arrow(old.get('hint'), new.get('hint'))}"
    before, after = ({way["label"]: way for way in row["ways"]} for row in (old, new))
    for label in {**after, **before}:
        if label not in before:
            yield f"also the answer {quoted(label)}, which leads to {_end(after[label], names[1])}"
        elif label not in after:
            yield f"no longer the answer {quoted(label)}"
        elif before[label] != after[label]:
            yield from (f"answer {quoted(label)}: {one}" for one in _way(before[label], after[label], names))
    if list(before) != list(after) and sorted(before) == sorted(after):
        yield "its answers stand in another order"


def _way(old: Data, new: Data, names: tuple[DataNames, DataNames]) -> Iterator[str]:
    ends = _end(old, names[0]), _end(new, names[1])
    if ends[0] != ends[1]:
        yield f"leads to {ends[1]}; before, to {ends[0]}"
    for key, label in (("why", "why"), ("none", "what to do instead"), ("rule", "rule")):
        if old.get(key) != new.get(key):
            yield f"{label}: {arrow(old.get(key), new.get(key))}"
    if old.get("prefill") != new.get("prefill"):
        filled = (filled_words(way.get("prefill"), way.get("type", ""), name)
                  for way, name in zip((old, new), names, strict=True))  # fmt: skip
        yield f"fills in {_from_to(*filled)}"


def _end(way: Data, names: DataNames) -> str:
    if way.get("type"):
        return names.types.get(way["type"], f"“{way['type']}”")
    if way.get("ask"):
        rows = names.data.get("which_ticket", [])
        asked = next((row["label"] for row in rows if row["key"] == way["ask"]), way["ask"])
        return f"the question {quoted(asked)}"
    return "no ticket"
