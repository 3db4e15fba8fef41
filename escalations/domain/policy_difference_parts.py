"""What the questions and the rules of a type say otherwise, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from escalations.domain.explain import STRENGTH_WORDS, quoted
from escalations.domain.policy_difference_ways import carry_change
from escalations.domain.policy_difference_words import arrow, cut, said_lists
from escalations.domain.policy_fields import QUESTION, RULE
from escalations.domain.policy_filled import answer_shown
from escalations.domain.policy_names import DataNames
from escalations.domain.policy_typed import OWN_RULE, name_of, required_of

Data = Mapping[str, Any]
_LABELS = {field.name: field.label for field in (*QUESTION, *RULE)} | {
    "of_type": "Type of the ticket it names",
    "choices_from": "Answers from the list",
    "default": "Taken where nothing is answered",
    "field": "Stands beside",
    "suggest": "Suggests",
    "watch": "Listens for the words of",
    "carry": "Fills in",
}


def question_changes(old: Data, new: Data, old_names: DataNames, new_names: DataNames) -> Iterator[str]:
    """What a type asks otherwise."""
    before = {row["key"]: row for row in old["questions"]}
    after = {row["key"]: row for row in new["questions"]}
    musts = required_of(old), required_of(new)
    for key in {**after, **before}:
        if key not in before:
            must = ", and must be answered" if key in musts[1] else ""
            yield f"Question {quoted(after[key]['label'])} is new{must}"
        elif key not in after:
            yield f"Question {quoted(before[key]['label'])} is taken out"
        else:
            yield from _question(before[key], after[key], old_names, new_names)
            if (key in musts[0]) != (key in musts[1]):
                must = "is required now" if key in musts[1] else "is no longer required"
                yield f"Question {quoted(after[key]['label'])} {must}"
    kept = [[key for key in rows if key in before and key in after] for rows in (before, after)]
    if kept[0] != kept[1]:
        yield "The questions are asked in another order"


def _question(old: Data, new: Data, old_names: DataNames, new_names: DataNames) -> Iterator[str]:
    name = f"Question {quoted(new['label'])}"
    if old["label"] != new["label"]:
        yield f"Question {quoted(old['label'])} is now {quoted(new['label'])}"
    if old.get("when") != new.get("when"):
        yield f"{name} is asked {_asked_when(new, new_names)}; before, {_asked_when(old, old_names)}"
    if old.get("choices") != new.get("choices"):
        yield from _options(name, old.get("choices", []), new.get("choices", []))
    if old.get("default") != new.get("default"):
        said = [
            answer_shown(row, row.get("default"), names.data)
            for row, names in ((old, old_names), (new, new_names))
        ]
        yield f"{name}: {_LABELS['default']}: {arrow(*said)}"
    yield from _fields(name, old, new, ("key", "label", "when", "choices", "default"))


def _asked_when(row: Data, names: DataNames) -> str:
    when = row.get("when")
    return f"when {names.condition(when)}" if when else "always"


def _options(name: str, old: Sequence[Data], new: Sequence[Data]) -> Iterator[str]:
    before, after = ({row["key"]: row["label"] for row in rows} for rows in (old, new))
    for key, label in after.items():
        if key not in before:
            yield f"{name} offers {quoted(label)} too"
        elif before[key] != label:
            yield f"{name}: the answer {quoted(before[key])} is now {quoted(label)}"
    for key, label in before.items():
        if key not in after:
            yield f"{name} no longer offers {quoted(label)}"
    if list(before) != list(after) and sorted(before) == sorted(after):
        yield f"{name} offers its answers in another order"


def _fields(name: str, old: Data, new: Data, told: Sequence[str]) -> Iterator[str]:
    """Every other field: by its label, from and to."""
    for key in {**old, **new}:
        if key not in told and old.get(key) != new.get(key):
            yield f"{name}: {_LABELS.get(key, key.replace('_', ' '))}: {arrow(old.get(key), new.get(key))}"


def rule_changes(
    old: Sequence[Data], new: Sequence[Data], old_names: DataNames, new_names: DataNames
) -> Iterator[str]:
    """What rules say otherwise; each is known by its id and part."""
    before, after = {name_of(row): row for row in old}, {name_of(row): row for row in new}
    for name in {**after, **before}:
        if name not in before:
            if not _only_insists(after[name], new_names):
                yield f"Rule {name} is new: {cut(after[name]['message'])}"
        elif name not in after:
            if not _only_insists(before[name], old_names):
                yield f"Rule {name} is taken out: {cut(before[name]['message'])}"
        elif before[name] != after[name]:
            yield from _rule(name, before[name], after[name], old_names, new_names)
    kept = [[name for name in rows if name in before and name in after] for rows in (before, after)]
    if kept[0] != kept[1]:
        yield "The rules stand in another order"


def _only_insists(rule: Data, names: DataNames) -> bool:
    """Whether a rule made here does nothing but insist on a question as it is asked: that it is required is
    told of the question."""
    needs = rule.get("needs", [])
    question = names.questions.get(needs[0], {}) if len(needs) == 1 else {}
    own = rule["id"].startswith(OWN_RULE) and rule["strength"] == "REQUIRE"
    return bool(own and question and "refuse" not in rule and rule.get("when") == question.get("when"))


def _rule(name: str, old: Data, new: Data, old_names: DataNames, new_names: DataNames) -> Iterator[str]:
    if old["strength"] != new["strength"]:
        words = [STRENGTH_WORDS.get(row["strength"], row["strength"]) for row in (old, new)]
        yield f"Rule {name}: {words[0]} → {words[1]}"
    if old.get("needs") != new.get("needs"):
        wanted = [
            [names.subject(key) for key in row.get("needs", [])]
            for row, names in ((old, old_names), (new, new_names))
        ]
        yield from said_lists(f"Rule {name} needs", wanted[0], wanted[1])
    for key, verb in (("when", "applies"), ("refuse", "refuses")):
        if old.get(key) != new.get(key):
            was, now = _condition(old.get(key), old_names, key), _condition(new.get(key), new_names, key)
            yield f"Rule {name} {verb} {now}; before, {was}"
    if old.get("carry") != new.get("carry"):
        yield f"Rule {name} {carry_change(old, new, old_names, new_names)}"
    told = ("id", "part", "strength", "needs", "when", "refuse", "carry")
    yield from _fields(f"Rule {name}", old, new, told)


def _condition(condition: Any, names: DataNames, key: str) -> str:
    if condition:
        return f"when {names.condition(condition)}"
    return "always" if key == "when" else "by no condition"
