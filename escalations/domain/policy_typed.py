"""A type, one of its questions, one of its rules: what was typed becomes data (K13). Pure.

Each reader takes the type as it is and what was typed, and gives the type as it would be with everything that
stands against it, by field. Keys never change: tickets, rules and conditions know things by them.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from escalations.domain.condition_rows import Typed as Rows
from escalations.domain.condition_rows import read_rows, rows_of, subjects_of
from escalations.domain.lists import new_key
from escalations.domain.policy import BESIDE, FACTS, REFUSING
from escalations.domain.policy_fields import QUESTION, RULE, TYPE, Faults, Field, fill, plain
from escalations.domain.policy_filled import (
    answer_shown,
    filled_shown,
    read_filled,
    read_typed,
    sources_of,
)
from escalations.domain.policy_names import wrong_in
from escalations.domain.policy_neighbours import neighbours_shown, read_neighbours
from escalations.domain.turnaround import Turnaround, TurnaroundError
from escalations.domain.units import UNCOUNTED
from patients.domain.intake import Wrong, text

Data = Mapping[str, Any]
Said = Mapping[str, str]
CHANNELS = ("any", "phone", "email")
RUNS, STANDS = "runs", "stands"
MOST_OPTIONS, MOST_QUESTIONS, MOST_RULES = 100, 60, 120


@dataclass
class Edited:
    """A row as it would be, and what stands against it by field."""

    row: dict[str, Any]
    faults: Faults = field(default_factory=dict)


# --- a type -----------------------------------------------------------------------------------------


def type_shown(row: Data, data: Data) -> dict[str, str]:
    """The plain fields of a type, its turnarounds (``unit.phone``), its waits (``wait.insurer``), its
    neighbours (``near.0.type``) and its article."""
    shown = {one.name: one.show(row) for one in TYPE} | {"article": row.get("article", "")}
    known = {one["channel"]: one for one in row["turnarounds"]}
    for channel in CHANNELS:
        for name in ("min", "max", "unit"):
            value = known.get(channel, {}).get(name)
            shown[f"{name}.{channel}"] = "" if value is None else str(value)
    for reason in data["wait_reasons"]:
        stops = row["waits"].get(reason["key"])
        shown[f"wait.{reason['key']}"] = "" if stops is None else STANDS if stops else RUNS
    return shown | neighbours_shown(row)


def read_type(row: Data, said: Said, data: Data) -> Edited:
    """The type with what was typed in its own form."""
    faults: Faults = {}
    articles = tuple(one["key"] for one in data.get("articles", []))
    fields = (*TYPE, Field("article", "Article", "choice", options=articles))
    found, shown = fill(row, fields, said, faults), type_shown(row, data)
    own = [f"{name}.{channel}" for channel in CHANNELS for name in ("min", "max", "unit")]
    if _differ(said, shown, own):
        found["turnarounds"] = _turnarounds(said, faults)
    waits = [f"wait.{reason['key']}" for reason in data["wait_reasons"]]
    if _differ(said, shown, waits):
        found["waits"] = {
            name.removeprefix("wait."): said[name] == STANDS
            for name in waits
            if said.get(name) in (RUNS, STANDS)
        }
    near = read_neighbours(row, said, [one["key"] for one in data["types"]], faults)
    if near != row.get("neighbours", []):
        _put(found, "neighbours", near or None)
    return Edited(found, faults)


def _differ(said: Said, shown: Said, names: Sequence[str]) -> bool:
    return any(plain(said.get(name, "")) != shown[name] for name in names)


def _turnarounds(said: Said, faults: Faults) -> list[dict[str, Any]]:
    found = []
    for channel in CHANNELS:
        unit = plain(said.get(f"unit.{channel}", ""))
        if not unit:
            continue
        low, high = (_amount(said, f"{name}.{channel}", faults) for name in ("min", "max"))
        if unit in UNCOUNTED:
            low = high = None
        try:
            Turnaround(low, high, unit)
        except TurnaroundError as wrong:
            faults.setdefault(f"{wrong.field}.{channel}", wrong.message)
        found.append({"channel": channel, "min": low, "max": high, "unit": unit})
    if not found:
        faults["unit.any"] = "Say how long it may take; where nothing is promised, choose that."
    elif not {one["channel"] for one in found} & {"any"} and len(found) < 2:
        faults["unit.any"] = "Say how long it takes by the other channel too, or for any channel."
    return found


def _amount(said: Said, name: str, faults: Faults) -> int | None:
    typed = plain(said.get(name, ""))
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 7):
        faults[name] = "Give a whole number of 1 or more."
        return None
    return int(typed)


# --- a question ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuestionTyped:
    """What the form of a question says. ``options`` are (key, label), the key empty for a new one."""

    said: Said
    options: tuple[tuple[str, str], ...] = ()
    choices_from: str = ""
    required: bool = False
    when: Rows = Rows()


def question_shown(kind: Data, row: Data, data: Data) -> QuestionTyped:
    """A question of a type as its form shows it."""
    said = {one.name: one.show(row) for one in QUESTION}
    return QuestionTyped(
        said=said
        | {"of_type": row.get("of_type", ""), "default": answer_shown(row, row.get("default"), data)},
        options=tuple((one["key"], one["label"]) for one in row.get("choices", [])),
        choices_from=row.get("choices_from", ""),
        required=row.get("key") in required_of(kind),
        when=rows_of(row.get("when"), subjects_before(kind, row, data), data["lists"]),
    )


def subjects_before(kind: Data, row: Data, data: Data) -> dict[str, Any]:
    """What the condition of a question may name: the questions before it, and the facts."""
    keys = [one["key"] for one in kind["questions"]]
    place = keys.index(row["key"]) if row.get("key") in keys else len(keys)
    return subjects_of(data, kind["questions"][:place])


def required_of(kind: Data) -> set[str]:
    """The questions that some rule of the type insists on."""
    return {key for rule in kind["rules"] if rule["strength"] in REFUSING for key in rule.get("needs", [])}


def read_question(kind: Data, key: str, typed: QuestionTyped, data: Data) -> Edited:
    """The type with this question as it was typed; one without a ``key`` is added at the end."""
    faults: Faults = {}
    found = copy.deepcopy(dict(kind))
    place = next((n for n, one in enumerate(kind["questions"]) if one["key"] == key), -1)
    row = kind["questions"][place] if place >= 0 else {}
    shown = question_shown(kind, row, data)
    types = tuple(one["key"] for one in data["types"])
    fields = (*QUESTION, Field("of_type", "Type of the ticket it names", "choice", options=types))
    new = fill(row, fields, typed.said, faults)
    if not key:
        taken = {*FACTS, *(one["key"] for one in kind["questions"])}
        new = {"key": new_key(str(new.get("label", "")), taken)} | new
    if (typed.options, typed.choices_from) != (shown.options, shown.choices_from):
        _put_options(new, typed, data, faults)
    if new.get("kind") in ("choice", "choices") and not (new.get("choices") or new.get("choices_from")):
        faults.setdefault("options", "Give at least one answer to choose, or take them from a list.")
    _put_default(new, typed.said.get("default", ""), shown.said["default"], data, faults)
    if typed.when != shown.when:
        _put_condition(new, "when", typed.when, subjects_before(kind, row, data), data, faults)
    if place >= 0:
        found["questions"][place] = new
    else:
        found["questions"].append(new)
        if len(found["questions"]) > MOST_QUESTIONS:
            faults["label"] = f"A type asks at most {MOST_QUESTIONS} questions."
    _put_required(found, new, row, typed.required, shown.required)
    return Edited(found, faults)


def _put_default(new: dict[str, Any], typed: str, shown: str, data: Data, faults: Faults) -> None:
    """The answer where none is given. One that nobody touched stays, if the question still takes it."""
    try:
        found = read_typed(new, typed, data, today=True)
    except Wrong as wrong:
        faults["default"] = wrong.sentence
        return
    if plain(typed) != plain(shown):
        _put(new, "default", found)


def _put_options(new: dict[str, Any], typed: QuestionTyped, data: Data, faults: Faults) -> None:
    known = {one["key"]: one for one in new.get("choices", [])}
    listed = data["lists"].get(typed.choices_from, {}).get("items", [])
    taken = {*known, *(one["key"] for one in listed)}
    found, labels = [], set()
    for number, (key, label) in enumerate(typed.options):
        if not label.strip():
            continue
        try:
            words = text("The answer", 200, required=True)(label)
            if words.casefold() in labels:
                raise Wrong("twice", f"“{words}” is offered twice. Keep it once.")
        except Wrong as wrong:
            faults[f"options.{number}"] = wrong.sentence
            continue
        labels.add(words.casefold())
        own = key if key in known else new_key(words, taken)
        taken.add(own)
        found.append(known.get(own, {}) | {"key": own, "label": words})
    if len(found) > MOST_OPTIONS:
        faults["options"] = f"Offer at most {MOST_OPTIONS} answers."
    if typed.choices_from and typed.choices_from not in data["lists"]:
        faults["choices_from"] = "There is no such list. Choose one of those offered."
    for name, value in (("choices", found), ("choices_from", typed.choices_from)):
        new.pop(name, None)
        if value:
            new[name] = value


def _put_condition(
    row: dict[str, Any], name: str, typed: Rows, subjects: Any, data: Data, faults: Faults
) -> None:
    try:
        condition = read_rows(typed, subjects, data["lists"])
    except Wrong as wrong:
        faults[f"{name}.{wrong.code}"] = wrong.sentence
        return
    kinds = {key: one.kind for key, one in subjects.items()}
    if condition is not None and wrong_in(condition, kinds, data["lists"]):
        faults[f"{name}.0"] = "This condition cannot be kept as it is. Take it out and write it anew."
        return
    _put(row, name, condition)


def _put_required(kind: dict[str, Any], new: Data, old: Data, wanted: bool, was: bool) -> None:
    """Let a rule insist on the question, or none any more; one that only did that follows its condition."""
    key = new["key"]
    if was and not wanted:
        kind["rules"] = without_need(kind["rules"], key)
    elif wanted and not was:
        kind["rules"] = [*kind["rules"], _insisting(kind, new)]
    elif was and old.get("when") != new.get("when"):
        for rule in kind["rules"]:
            plainly = rule.get("needs") == [key] and "refuse" not in rule
            if plainly and rule.get("when") == old.get("when"):
                _put(rule, "when", new.get("when"))


def _put(row: dict[str, Any], name: str, value: Any) -> None:
    row.pop(name, None)
    if value is not None:
        row[name] = copy.deepcopy(value)


def _insisting(kind: Data, question: Data) -> dict[str, Any]:
    rule = {
        "id": own_id(kind["rules"]),
        "strength": "REQUIRE",
        "field": question["key"],
        "needs": [question["key"]],
        "message": f"“{question.get('label', '')}” has no answer yet.",
        "instead": "Ask, and answer it before filing.",
    }
    return rule | ({"when": copy.deepcopy(question["when"])} if question.get("when") else {})


OWN_RULE = "R-OWN-"
"""How the ids of rules begin that were made here."""


def own_id(rules: Sequence[Data]) -> str:
    """The next id of a rule that was made here: ``R-OWN-1``."""
    made = (re.fullmatch(rf"{OWN_RULE}(\d{{1,6}})", one["id"]) for one in rules)
    return f"{OWN_RULE}{max((int(one[1]) for one in made if one), default=0) + 1}"


def without_need(rules: Sequence[Data], key: str) -> list[dict[str, Any]]:
    """The rules, none of which insists on this question; one that did nothing else is taken out."""
    found = []
    for rule in rules:
        row = dict(rule)
        if key in row.get("needs", []) and row["strength"] in REFUSING:
            row["needs"] = [one for one in row["needs"] if one != key]
            if not row["needs"]:
                del row["needs"]
                if row["strength"] != "ACK" and "refuse" not in row:
                    continue
        found.append(row)
    return found


def without_question(kind: Data, key: str) -> dict[str, Any]:
    """The type without a question, and without what only insisted on it."""
    found = copy.deepcopy(dict(kind))
    found["questions"] = [one for one in found["questions"] if one["key"] != key]
    found["rules"] = without_need(found["rules"], key)
    return found


# --- a rule -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleTyped:
    """What the form of a rule says; ``needs`` are keys of questions."""

    said: Said
    needs: tuple[str, ...] = ()
    when: Rows = Rows()
    refuse: Rows = Rows()


def name_of(rule: Data) -> str:
    """What a rule is known by within its type: its id, with its part."""
    return f"{rule['id']} {rule.get('part', '')}".strip()


def rule_shown(kind: Data, row: Data, data: Data) -> RuleTyped:
    """A rule as its form shows it."""
    subjects = subjects_of(data, kind["questions"])
    said = {one.name: one.show(row) for one in (*RULE, *_rule_choices(kind, data))}
    target = type_of(data, row.get("suggest", ""))
    if target is not None:
        said |= filled_shown(row.get("carry", {}), target, data, "carry")
    conditions = (rows_of(row.get(name), subjects, data["lists"]) for name in ("when", "refuse"))
    return RuleTyped(said, tuple(row.get("needs", [])), *conditions)


def _rule_choices(kind: Data, data: Data) -> tuple[Field, ...]:
    places = tuple(one["key"] for one in kind["questions"])
    return (
        Field("field", "Stands beside", "choice", options=(*places, *FACTS, *(one for one in BESIDE if one))),
        Field("suggest", "Suggests", "choice", options=tuple(one["key"] for one in data["types"])),
        Field("watch", "Listens for the words of", "choice", options=tuple(data["lists"])),
    )


def read_rule(kind: Data, name: str, typed: RuleTyped, data: Data) -> Edited:
    """The type with this rule as it was typed; one without a ``name`` is added at the end."""
    faults: Faults = {}
    found = copy.deepcopy(dict(kind))
    place = next((n for n, one in enumerate(kind["rules"]) if name_of(one) == name), -1)
    row: Data = kind["rules"][place] if place >= 0 else {"id": own_id(kind["rules"])}
    shown, subjects = rule_shown(kind, row, data), subjects_of(data, kind["questions"])
    new = fill(row, (*RULE, *_rule_choices(kind, data)), typed.said, faults)
    if set(typed.needs) != set(shown.needs):
        _put(new, "needs", list(typed.needs) or None)
    for part in ("when", "refuse"):
        if getattr(typed, part) != getattr(shown, part):
            _put_condition(new, part, getattr(typed, part), subjects, data, faults)
    if new.get("suggest") != row.get("suggest"):
        new.pop("carry", None)  # what it filled in are answers of the type that was suggested before
    else:
        old, target = row.get("carry", {}), type_of(data, row.get("suggest", ""))
        carry = read_filled(old, target, typed.said, data, "carry", sources_of(kind), faults)
        if carry != old:
            _put(new, "carry", carry or None)
    _judge_rule(new, faults)
    if place >= 0:
        found["rules"][place] = new
    else:
        found["rules"].append(new)
        if len(found["rules"]) > MOST_RULES:
            faults["message"] = f"A type has at most {MOST_RULES} rules."
    return Edited(found, faults)


def type_of(data: Data, key: str) -> Data | None:
    """The type of this key."""
    return next((one for one in data["types"] if one["key"] == key), None)


def _judge_rule(rule: Data, faults: Faults) -> None:
    if rule.get("effect") and rule.get("strength") != "ACTION":
        faults.setdefault("effect", "Only a rule of strength “Done for you” makes the system do something.")
    if (
        rule.get("strength") in ("BLOCK", "REQUIRE")
        and not (rule.get("needs") or rule.get("refuse"))
        and (not rule.get("when"))
    ):
        faults.setdefault("needs", "This would refuse every ticket. Say what it needs, or when it refuses.")
