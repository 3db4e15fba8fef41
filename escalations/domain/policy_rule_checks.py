"""What stands against the rules of a type: names, conditions, and rules that let no ticket through. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from escalations.domain.conditions import holds, is_answered
from escalations.domain.explain import quoted
from escalations.domain.policy import BESIDE, EFFECTS, STRENGTHS
from escalations.domain.policy_filled import wrong_filled
from escalations.domain.policy_names import kinds_of, wrong_in
from escalations.domain.policy_possible import DAY, Cases
from escalations.domain.policy_problem import Problem
from escalations.domain.policy_typed import name_of

Data = Mapping[str, Any]


def check_rules(kind: Data, data: Data, *, sound: bool = True) -> list[Problem]:
    """Everything that stands against the rules of a type, or against those of every type.

    What a rule does to all tickets is only asked of questions that are ``sound``.
    """
    found = list(_twice(kind))
    for rule in kind["rules"]:
        wrong = list(_of_rule(rule, kind, data))
        if not wrong and sound:
            wrong = list(_of_effect(rule, kind, data))
        found += [
            Problem(f"{_place(rule, kind)} {words}", kind["key"], "rule", name_of(rule)) for words in wrong
        ]
    return found


def _place(rule: Data, kind: Data) -> str:
    return f"Rule {name_of(rule)} of {kind['name'] if kind['key'] else 'every ticket'}"


def _twice(kind: Data) -> Iterator[Problem]:
    names = Counter(name_of(rule) for rule in kind["rules"])
    ticks = Counter(rule["id"] for rule in kind["rules"] if rule["strength"] == "ACK")
    for name in [one for one, count in names.items() if count > 1]:
        yield Problem(f"The rule {name} stands twice.", kind["key"], "rule", name)
    for name in [one for one, count in ticks.items() if count > 1]:
        yield Problem(
            f"Two rules {name} must be ticked; a tick is known by its id.", kind["key"], "rule", name
        )


def _of_rule(rule: Data, kind: Data, data: Data) -> Iterator[str]:
    """Names and conditions, each the end of a sentence."""
    kinds, lists = kinds_of(kind), data.get("lists", {})
    if rule["strength"] not in STRENGTHS:
        yield f"has a strength there is not, “{rule['strength']}”."
    for key in rule.get("needs", []):
        if key not in kinds:
            yield f"insists on “{key}”, which nobody is asked."
    if rule.get("field", "") not in {*kinds, *BESIDE}:
        yield f"stands beside “{rule['field']}”, which nobody is asked."
    for name, words in (("when", "applies"), ("refuse", "refuses")):
        wrong = wrong_in(rule[name], kinds, lists) if rule.get(name) is not None else ""
        if wrong:
            yield f"{words} by a condition that cannot be read: {wrong}."
    if rule.get("watch", "") not in ("", *lists):
        yield f"listens for the words of “{rule['watch']}”, a list there is not."
    if rule.get("effect", "") not in ("", *EFFECTS) or (rule.get("effect") and rule["strength"] != "ACTION"):
        yield "makes the system do something that it cannot do."
    yield from _of_suggestion(rule, kind, data)


def _of_suggestion(rule: Data, kind: Data, data: Data) -> Iterator[str]:
    suggested = rule.get("suggest", "")
    if not suggested:
        return
    found = next((row for row in data["types"] if row["key"] == suggested), None)
    if found is None:
        yield f"suggests “{suggested}”, a type there is not."
        return
    yield from wrong_filled(rule.get("carry", {}), found, data, kind)


def _of_effect(rule: Data, kind: Data, data: Data) -> Iterator[str]:
    """What the rule would do to every ticket, or to some that could then never be filed."""
    if rule["strength"] not in ("BLOCK", "REQUIRE"):
        return
    cases = Cases(kind, data)
    needs = [key for key in rule.get("needs", []) if key in cases.questions]
    when, refuse = cases.read(rule.get("when")), cases.read(rule.get("refuse"))
    found = cases.of([when, refuse], needs)
    if found is None:
        return
    worlds = list(found)
    if worlds and all(holds(when, known, DAY) and _refuses(refuse, needs, rule, known) for known in worlds):
        yield "refuses every ticket, whatever is answered."
        return
    for key in needs:
        hidden = cases.whens[key]
        if hidden is None or key not in cases.questions:
            continue
        some = cases.of([when, hidden], [key])
        if some and any(holds(when, known, DAY) and not holds(hidden, known, DAY) for known in some):
            label = quoted(cases.questions[key]["label"])
            yield f"insists on {label} also where that is not asked, so that no such ticket could be filed."


def _refuses(refuse: Any, needs: list[str], rule: Data, known: Mapping[str, Any]) -> bool:
    if any(not is_answered(known.get(key)) for key in needs):
        return True
    if refuse is not None:
        return holds(refuse, known, DAY)
    return not rule.get("needs")
