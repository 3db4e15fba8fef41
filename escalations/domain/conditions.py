"""Conditions in the policy data: when a question is asked, when a rule applies, when it refuses. Pure.

A condition is one of::

    {"all": [c, …]}   {"any": [c, …]}   {"not": c}
    {"of": "recipient", "in": ["insurer"]}            the answer is one of these
    {"of": "channels", "has": "calls"}                a choice of several holds this one
    {"of": "sent_on", "answered": true}               there is an answer, or there is none
    {"of": "visible", "is": false}                    yes or no
    {"of": "waited", "at_least": 120}                 number or money
    {"of": "waited", "less_than": 120}                number or money
    {"of": "served_on", "older_than_days": 180}       more calendar days ago than this
    {"of": "sent_on", "older_than_business_days": 45} more business days ago than this, by the calendar (K2)
    {"of": "note", "says": ["compassionate care"]}    whole words, letter case aside, also in the plural

``of`` names a question or a fact of the filing, see :data:`escalations.domain.policy.FACTS`. A test of
something unanswered is false, except ``answered: false``. In the policy's files ``in_list`` and
``says_list`` name one of its lists instead of writing its words again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.keywords import LONGEST_WORD, says
from escalations.domain.refusals import TimeRuleError

Condition = Mapping[str, Any]
Known = Mapping[str, Any]


@dataclass(frozen=True)
class Day:
    """The date on which conditions are asked, and the calendar that knows business days."""

    on: date
    calendar: BusinessCalendar | None = None

    def business_days_since(self, since: date) -> int:
        """How many business days have passed: the date itself is day 0 (K2); 0 for a date ahead.

        A date no calendar reaches is counted as further back than any limit.
        """
        if self.calendar is None or since >= self.on:
            return 0
        try:
            return self.calendar.business_days_between(since, self.on)
        except TimeRuleError:
            return (self.on - since).days


def is_answered(value: Any) -> bool:
    """Say whether a normalised answer says anything: ``False`` does, an empty text does not."""
    return value is not None and value != "" and value != []


def holds(condition: Condition | None, known: Known, day: Day) -> bool:
    """Say whether the condition is true of what is known; no condition is always true."""
    if condition is None:
        return True
    if "all" in condition:
        return all(holds(part, known, day) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, known, day) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], known, day)
    value = known.get(condition["of"])
    name, operand = _test_of(condition)
    if name == "answered":
        return is_answered(value) is operand
    return is_answered(value) and TESTS[name](value, operand, day)


def _in(value: Any, operand: Any, day: Day) -> bool:
    if isinstance(value, str):
        return value.casefold() in (one.casefold() for one in operand if isinstance(one, str))
    return value in operand


def _is(value: Any, operand: bool, day: Day) -> bool:
    return value is operand


def _has(value: Any, operand: Any, day: Day) -> bool:
    return isinstance(value, list) and operand in value


def _at_least(value: Any, operand: Any, day: Day) -> bool:
    return Decimal(value) >= Decimal(str(operand))


def _less_than(value: Any, operand: Any, day: Day) -> bool:
    return Decimal(value) < Decimal(str(operand))


def _older_than_days(value: Any, operand: int, day: Day) -> bool:
    return date.fromisoformat(value) < day.on - timedelta(days=operand)


def _older_than_business_days(value: Any, operand: int, day: Day) -> bool:
    return day.business_days_since(date.fromisoformat(value)) > operand


def _says(value: Any, operand: list[str], day: Day) -> bool:
    return says(value, operand)


TESTS: dict[str, Callable[[Any, Any, Day], bool]] = {
    "in": _in,
    "is": _is,
    "has": _has,
    "at_least": _at_least,
    "less_than": _less_than,
    "older_than_days": _older_than_days,
    "older_than_business_days": _older_than_business_days,
    "says": _says,
}

_OPERANDS: dict[str, Callable[[Any], bool]] = {
    "answered": lambda operand: isinstance(operand, bool),
    "in": lambda operand: isinstance(operand, list) and all(map(_is_word, operand)),
    "is": lambda operand: isinstance(operand, bool),
    "has": lambda operand: isinstance(operand, str),
    "at_least": lambda operand: type(operand) is int,
    "less_than": lambda operand: type(operand) is int,
    "older_than_days": lambda operand: type(operand) is int and 0 < operand < 40_000,
    "older_than_business_days": lambda operand: type(operand) is int and 0 < operand < 10_000,
    "says": lambda operand: isinstance(operand, list) and all(map(_is_word, operand)),
}

# Which kinds of question a test can be put to; what is not listed may be put to any.
_KINDS = {
    "is": {"yes_no"},
    "has": {"choices"},
    "at_least": {"number", "money"},
    "less_than": {"number", "money"},
    "older_than_days": {"date"},
    "older_than_business_days": {"date"},
    "says": {"text"},
}


def fits(test: str, kind: str) -> bool:
    """Whether a test can be put to a question of this kind."""
    return kind in _KINDS.get(test, {kind})


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
    if not fits(name, kinds[named]):
        return f"“{name}” cannot be asked of the {kinds[named]} “{named}”"
    return ""


def _test_of(condition: Condition) -> tuple[str, Any]:
    return next(((name, operand) for name, operand in condition.items() if name != "of"), ("", None))


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip(" -")) and len(value) <= LONGEST_WORD
