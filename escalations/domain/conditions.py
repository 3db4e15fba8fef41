"""Conditions in the policy data: when a question is asked, when a rule applies, when it refuses. Pure.

A condition is one of::

    {"all": [c, …]}   {"any": [c, …]}   {"not": c}
    {"of": "recipient", "in": ["insurer"]}            the answer is one of these
    {"of": "channels", "has": "calls"}                a choice of several holds this one
    {"of": "sent_on", "answered": true}               there is an answer, or there is none
    {"of": "waited", "at_least": 2}                   number or money
    {"of": "served_on", "older_than_days": 180}       calendar days before today
    {"of": "note", "says": ["compassionate care"]}    whole words, letter case aside

``of`` names a question or a fact of the filing (``channel``, ``caller``, ``patient``, ``note``). A test
of something unanswered is false, except ``answered: false``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Condition = Mapping[str, Any]
Known = Mapping[str, Any]


def is_answered(value: Any) -> bool:
    """Say whether a normalised answer says anything: ``False`` does, an empty text does not."""
    return value is not None and value != "" and value != []


def holds(condition: Condition | None, known: Known, today: date) -> bool:
    """Say whether the condition is true of what is known; no condition is always true."""
    if condition is None:
        return True
    if "all" in condition:
        return all(holds(part, known, today) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, known, today) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], known, today)
    value = known.get(condition["of"])
    name, operand = _test_of(condition)
    if name == "answered":
        return is_answered(value) is operand
    return is_answered(value) and TESTS[name](value, operand, today)


def _in(value: Any, operand: Any, today: date) -> bool:
    return value in operand


def _has(value: Any, operand: Any, today: date) -> bool:
    return isinstance(value, list) and operand in value


def _at_least(value: Any, operand: Any, today: date) -> bool:
    return Decimal(value) >= Decimal(str(operand))


def _older_than_days(value: Any, operand: int, today: date) -> bool:
    return date.fromisoformat(value) < today - timedelta(days=operand)


def _says(value: Any, operand: list[str], today: date) -> bool:
    words = "|".join(re.escape(word) for word in operand)
    return bool(re.search(rf"\b(?:{words})\b", value, re.IGNORECASE))


TESTS: dict[str, Callable[[Any, Any, date], bool]] = {
    "in": _in,
    "has": _has,
    "at_least": _at_least,
    "older_than_days": _older_than_days,
    "says": _says,
}

_OPERANDS: dict[str, Callable[[Any], bool]] = {
    "answered": lambda operand: isinstance(operand, bool),
    "in": lambda operand: isinstance(operand, list) and bool(operand),
    "has": lambda operand: isinstance(operand, str),
    "at_least": lambda operand: type(operand) is int,
    "older_than_days": lambda operand: type(operand) is int and 0 < operand < 40_000,
    "says": lambda operand: isinstance(operand, list) and bool(operand) and all(map(_is_word, operand)),
}

# Which kinds of question a test can be put to; what is not listed may be put to any.
_KINDS = {
    "has": {"choices"},
    "at_least": {"number", "money"},
    "older_than_days": {"date"},
    "says": {"text"},
}


def wrong_with(condition: Any, kinds: Mapping[str, str]) -> str:
    """Say what is wrong with a condition of the policy data, or give an empty text.

    ``kinds`` maps every question and fact that may be named to its kind.
    """
    if not isinstance(condition, dict) or not condition:
        return 'a condition is an object like {"of": …, "in": […]}'
    for joined in ("all", "any"):
        if joined in condition:
            parts = condition[joined]
            if not isinstance(parts, list) or not parts or len(condition) != 1:
                return f"“{joined}” takes a list of conditions and stands alone"
            return next((wrong for part in parts if (wrong := wrong_with(part, kinds))), "")
    if "not" in condition:
        return wrong_with(condition["not"], kinds) if len(condition) == 1 else "“not” stands alone"
    return _wrong_with_test(condition, kinds)


def _wrong_with_test(condition: dict[str, Any], kinds: Mapping[str, str]) -> str:
    named = condition.get("of")
    if not isinstance(named, str) or named not in kinds:
        return f"“of” names no question or fact; known are {', '.join(sorted(kinds))}"
    if len(condition) != 2 or _test_of(condition)[0] not in _OPERANDS:
        return f"a condition has “of” and one of {', '.join(_OPERANDS)}"
    name, operand = _test_of(condition)
    if not _OPERANDS[name](operand):
        return f"“{name}” has an operand it cannot use"
    if kinds[named] not in _KINDS.get(name, {kinds[named]}):
        return f"“{name}” cannot be asked of the {kinds[named]} “{named}”"
    return ""


def _test_of(condition: Condition) -> tuple[str, Any]:
    return next(((name, operand) for name, operand in condition.items() if name != "of"), ("", None))


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
