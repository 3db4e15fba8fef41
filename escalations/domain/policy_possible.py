"""Which filings are possible by the conditions of a type: every case that its tests can tell apart. Pure.

Of each question and fact that a condition names, the values are tried that make a difference; so "can never
be asked" and "refuses everything" are found by asking the conditions themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, product
from math import prod
from typing import Any

from escalations.domain.conditions import Day, holds
from escalations.domain.policy import CALLERS, CHANNELS, FACTS
from escalations.domain.policy_names import expanded, kinds_of, subjects_named

Data = Mapping[str, Any]
MOST_CASES = 30_000
"""Beyond so many cases nothing is said: who edits a policy is not kept waiting for it."""
_TODAY = date(2026, 6, 1)
_ELSE = "zzz"


@dataclass(frozen=True)
class _PlainDay(Day):
    def business_days_since(self, since: date) -> int:
        """Without a calendar every day is one: which dates are closed decides nothing here."""
        return max((self.on - since).days, 0)


DAY = _PlainDay(_TODAY)


class Cases:
    """The cases of one type."""

    def __init__(self, kind: Data, data: Data) -> None:
        self.kind, self.lists = kind, data.get("lists", {})
        self.questions = {row["key"]: row for row in kind.get("questions", [])}
        self.whens = {key: self.read(row.get("when")) for key, row in self.questions.items()}
        self.kinds = kinds_of(kind)

    def read(self, condition: Any) -> Any:
        """A condition with its lists written out."""
        return expanded(condition, self.lists)

    def of(self, conditions: Iterable[Any], needs: Iterable[str] = ()) -> Iterator[dict[str, Any]] | None:
        """What may be known in each case that these conditions and questions can tell apart.

        ``None`` when there are too many. The conditions have their lists written out.
        """
        asked = [one for one in conditions if one is not None]
        names, tests = self._reach(asked, needs)
        values = {name: self._values(name, tests) for name in names}
        if prod(map(len, values.values())) > MOST_CASES:
            return None
        return self._worlds(values)

    def _reach(self, conditions: list[Any], needs: Iterable[str]) -> tuple[list[str], list[Any]]:
        """Everything the conditions depend on, the questions in their order, and all conditions met."""
        met, names = list(conditions), set(needs)
        todo = [*(name for one in conditions for name in subjects_named(one)), *names]
        while todo:
            name = todo.pop()
            names.add(name)
            own = name.partition(".")[0]
            when = self.whens.get(own)
            if own != name and own not in names:
                todo.append(own)
            if when is not None and when not in met:
                met.append(when)
                todo += subjects_named(when)
        order = {key: place for place, key in enumerate(self.questions)}
        return sorted(names, key=lambda one: (order.get(one.partition(".")[0], -1), one)), met

    def _worlds(self, values: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
        for chosen in islice(product(*values.values()), MOST_CASES):
            known: dict[str, Any] = {}
            for name, value in zip(values, chosen, strict=True):
                own = name.partition(".")[0]
                hidden = own in self.whens and not holds(self.whens[own], known, DAY)
                if value is not None and (hidden or (own != name and own not in known)):
                    break
                if value is not None:
                    known[name] = value
            else:
                yield known

    def _values(self, name: str, conditions: list[Any]) -> list[Any]:
        """The values of a question or fact that make a difference, ``None`` for no answer."""
        if name == "type":
            return [self.kind.get("key", "")]
        if name == "patient":
            return ["1"]
        tests = [test for one in conditions for test in _tests_of(one, name)]
        fixed = {"channel": CHANNELS, "caller": CALLERS}.get(name)
        if fixed:
            return list(fixed)
        found = _BY_KIND.get(self.kinds.get(name, ""), _anything)(self, name, tests)
        return [None, *found] if name not in FACTS or self.kinds[name] != "yes_no" else found

    def options(self, name: str) -> list[str]:
        """What a question offers to choose."""
        row = self.questions.get(name, {})
        listed = self.lists.get(row.get("choices_from"), {}).get("items", [])
        return [one["key"] for one in (*listed, *row.get("choices", []))]


Tests = list[tuple[str, Any]]


def _tests_of(condition: Any, name: str) -> Tests:
    if isinstance(condition, list):
        return [test for part in condition for test in _tests_of(part, name)]
    if not isinstance(condition, dict):
        return []
    own = [(key, value) for key, value in condition.items() if condition.get("of") == name and key != "of"]
    return own + [test for key in ("all", "any", "not") for test in _tests_of(condition.get(key), name)]


def _words(tests: Tests, *names: str) -> list[str]:
    found: dict[str, None] = {}
    for test, operand in tests:
        if test in names:
            found |= dict.fromkeys(operand if isinstance(operand, list) else [operand])
    return list(found)


def _choice(cases: Cases, name: str, tests: Tests) -> list[Any]:
    """Every answer that is named, and one that is not, of those the question offers."""
    named = {one.casefold() for one in _words(tests, "in")}
    offered = cases.options(name)
    told = [one for one in offered if one.casefold() in named]
    return [*told, *[one for one in offered if one.casefold() not in named][:1]]


def _choices(cases: Cases, name: str, tests: Tests) -> list[Any]:
    named = _words(tests, "has")
    offered = cases.options(name) if name in cases.questions else [*named, _ELSE]
    told = [one for one in offered if one in named]
    rest = [one for one in offered if one not in named][:1]
    return [pick for pick in ([one] for one in (*told, *rest)) if pick] + ([told] if len(told) > 1 else [])


def _yes_no(cases: Cases, name: str, tests: Tests) -> list[Any]:
    return [True, False]


def _number(cases: Cases, name: str, tests: Tests) -> list[Any]:
    limits = {
        operand for test, operand in tests if test in ("at_least", "less_than") and isinstance(operand, int)
    }
    return sorted({0, *limits, *(one - 1 for one in limits if one > 0)})


def _date(cases: Cases, name: str, tests: Tests) -> list[Any]:
    days = {operand for test, operand in tests if test.startswith("older_than") and isinstance(operand, int)}
    ages = sorted({0, *days, *(one + 1 for one in days)})
    return [(_TODAY - timedelta(days=one)).isoformat() for one in ages]


def _text(cases: Cases, name: str, tests: Tests) -> list[Any]:
    """Words that are compared or listened for, one of each test, all of them, and others."""
    compared = _words(tests, "in")
    said = [operand[0] for test, operand in tests if test == "says" and operand]
    every = [". ".join(said)] if len(said) > 1 else []
    return [_ELSE, *dict.fromkeys([*compared, *said, *every])]


def _anything(cases: Cases, name: str, tests: Tests) -> list[Any]:
    return [*(_words(tests, "in") if tests else []), _ELSE]


_BY_KIND = {
    "choice": _choice,
    "choices": _choices,
    "yes_no": _yes_no,
    "number": _number,
    "money": _number,
    "date": _date,
    "text": _text,
}
