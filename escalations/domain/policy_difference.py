"""The difference between two versions of the policy, in words (K13). Pure.

As in "Stop Claim by phone: 4 business hours → 2 business hours", "Question “Portal” is no longer required".
Every difference is told: what has no words of its own is said to be written otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from escalations.domain.explain import quoted
from escalations.domain.policy_difference_parts import question_changes, rule_changes
from escalations.domain.policy_difference_rest import general_changes, list_changes
from escalations.domain.policy_difference_ways import neighbour_changes
from escalations.domain.policy_difference_words import arrow, cut, said_lists
from escalations.domain.policy_fields import TYPE
from escalations.domain.policy_names import DataNames
from escalations.domain.policy_parts import changed_parts
from escalations.domain.turnaround import Turnaround, TurnaroundError, describe

Data = Mapping[str, Any]
EVERY, LISTS, GENERAL, TYPES = "Every ticket", "Keywords and lists", "In general", "Types"


@dataclass(frozen=True)
class Difference:
    """Something that is said otherwise: ``place`` is a type's name or one of the other places, ``type`` the
    type's key."""

    place: str
    words: str
    type: str = ""


def differences(old: Data, new: Data) -> list[Difference]:
    """Everything that ``new`` says otherwise than ``old``, types first, in the order of the types."""
    found: list[Difference] = []
    before, after = ({row["key"]: row for row in data["types"]} for data in (old, new))
    changed = set(changed_parts(old, new))
    for key in {**after, **before}:
        if ("types", key) in changed:
            found += _of_type(key, before.get(key), after.get(key), old, new)
    if list(before) != list(after) and sorted(before) == sorted(after):
        found.append(Difference(TYPES, "The types stand in another order"))
    for kind, key in sorted(changed - {("general", "types")}):
        if kind == "lists":
            found += [Difference(LISTS, words) for words in list_changes(key, old, new)]
    if ("general", "every_type") in changed:
        found += [Difference(EVERY, words) for words in _rules_of_all(old, new)]
    for kind, key in sorted(changed):
        if kind == "general" and key not in ("types", "every_type"):
            found += [Difference(GENERAL, words) for words in general_changes(key, old, new)]
    return found


def by_place(found: Sequence[Difference]) -> dict[str, list[str]]:
    """The differences as sentences, by place."""
    places: dict[str, list[str]] = {}
    for one in found:
        places.setdefault(one.place, []).append(one.words)
    return places


def _of_type(key: str, old: Data | None, new: Data | None, before: Data, after: Data) -> list[Difference]:
    if old is None or new is None:
        row = old or new or {}
        said = f"{row['name']} is a new type" if old is None else f"{row['name']} is taken out"
        return [Difference(row["name"], said, key)]
    words = list(type_changes(old, new, before, after))
    return [Difference(new["name"], one, key) for one in words or [f"{new['name']} is written otherwise"]]


def type_changes(old: Data, new: Data, before: Data, after: Data) -> Iterator[str]:
    """What a type says otherwise, sentence by sentence."""
    name = new["name"]
    if bool(old.get("off")) != bool(new.get("off")):
        off = "is switched off: no new ticket of it can be filed"
        yield f"{name} {off if new.get('off') else 'is switched on again'}"
    if old["name"] != name:
        yield f"{old['name']} is called {name} now"
    yield from _turnarounds(old, new)
    yield from _waits(old, new, before, after)
    for field in TYPE:
        if field.name in ("name", "off") or old.get(field.name) == new.get(field.name):
            continue
        if field.look in ("lines", "words"):
            yield from said_lists(field.label, old.get(field.name, []), new.get(field.name, []))
        elif field.look == "paragraphs":
            yield from _guidance(old.get(field.name, []), new.get(field.name, []))
        else:
            yield f"{field.label}: {arrow(old.get(field.name), new.get(field.name))}"
    old_names, new_names = DataNames(before, old), DataNames(after, new)
    yield from question_changes(old, new, old_names, new_names)
    yield from rule_changes(old["rules"], new["rules"], old_names, new_names)
    yield from neighbour_changes(old, new, old_names, new_names)
    if old.get("article") != new.get("article"):
        titles = [
            {row["key"]: row["title"] for row in data.get("articles", [])}.get(kind.get("article", ""), "")
            for data, kind in ((before, old), (after, new))
        ]
        yield f"Article: {arrow(*titles)}" if titles[0] != titles[1] else "It names another article"


def _guidance(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    gone = [one for one in old if one not in new]
    come = [one for one in new if one not in old]
    if not gone and not come:
        yield "The paragraphs of the guidance stand in another order"
    for was, now in zip(gone, come, strict=False):
        yield f"Guidance: {arrow(was, now)}"
    for now in come[len(gone) :]:
        yield f"Guidance says also “{cut(now)}”"
    for was in gone[len(come) :]:
        yield f"Guidance no longer says “{cut(was)}”"


def _turnarounds(old: Data, new: Data) -> Iterator[str]:
    if old["turnarounds"] == new["turnarounds"]:
        return
    name = new["name"]
    pairs = [(channel, said_turnaround(old, channel), said_turnaround(new, channel)) for channel in _CHANNELS]
    changed = [(channel, was, now) for channel, was, now in pairs if was != now]
    if len(changed) == len(pairs) and len({(was, now) for _, was, now in pairs}) == 1:
        yield f"{name}: {changed[0][1]} → {changed[0][2]}"
        return
    for channel, was, now in changed:
        yield f"{name} by {channel}: {was} → {now}"
    if not changed:
        yield f"The turnaround of {name} is written for other channels, and stays the same"


_CHANNELS = ("phone", "email")


def said_turnaround(kind: Data, channel: str) -> str:
    """The turnaround of a type by this channel, in words."""
    rows = {row["channel"]: row for row in kind["turnarounds"]}
    row = rows.get(channel) or rows.get("any") or next(iter(kind["turnarounds"]), None)
    if row is None:
        return "not said"
    try:
        return describe(Turnaround(row["min"], row["max"], row["unit"]))
    except TurnaroundError:
        return f"{row['max']} {row['unit']}".replace("_", " ")


def _waits(old: Data, new: Data, before: Data, after: Data) -> Iterator[str]:
    labels = {row["key"]: row["label"] for data in (before, after) for row in data["wait_reasons"]}
    for key in {**new["waits"], **old["waits"]}:
        was, now = old["waits"].get(key), new["waits"].get(key)
        words = quoted(labels.get(key, key))
        if was is None and now is not None:
            yield f"May wait: {words}; the clock {'stands still' if now else 'runs on'}"
        elif was is not None and now is None:
            yield f"May no longer wait: {words}"
        elif was is not now:
            yield f"{words}: the clock {'stands still' if now else 'runs on'} now"


def _rules_of_all(old: Data, new: Data) -> list[str]:
    rules = [data["every_type"]["rules"] for data in (old, new)]
    found = list(rule_changes(rules[0], rules[1], DataNames(old), DataNames(new)))
    return found or ["What holds for every ticket is written otherwise"]
