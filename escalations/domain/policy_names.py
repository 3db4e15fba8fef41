"""What a policy that is still being edited calls its questions, answers, lists and rules. Pure.

Read from the data itself, which need not fit together yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from escalations.domain.condition_rows import FACT_WORDS
from escalations.domain.conditions import wrong_with
from escalations.domain.explain import condition_words, quoted
from escalations.domain.policy import FACTS, LINKED

Data = Mapping[str, Any]
_OF_LIST = {"in_list": "in", "says_list": "says"}


class DataNames:
    """Names as the data gives them, within one type or for every ticket."""

    def __init__(self, data: Data, kind: Data | None = None) -> None:
        self.data = data
        self.types = {row["key"]: row["name"] for row in data["types"]}
        self.lists = data.get("lists", {})
        self.questions = {row["key"]: row for row in (kind or {}).get("questions", [])}

    def subject(self, key: str) -> str:
        """A question in quotation marks, a fact by its plain name."""
        question = self.questions.get(key)
        if question:
            return quoted(question["label"])
        words = FACT_WORDS.get(key)
        return words[:1].lower() + words[1:] if words else f"“{key}”"

    def value(self, key: str, value: Any) -> str:
        """An answer as it is chosen; a type by its name."""
        if key in ("type", "open_types"):
            return str(self.types.get(value, value))
        label = self.options(key).get(str(value))
        return quoted(label) if label else str(value).replace("_", " ")

    def options(self, key: str) -> dict[str, str]:
        """What a question offers to choose."""
        question = self.questions.get(key, {})
        listed = self.lists.get(question.get("choices_from"), {}).get("items", [])
        return {one["key"]: one["label"] for one in (*listed, *question.get("choices", []))}

    def list_label(self, key: str) -> str:
        """A list by its label."""
        return quoted(self.lists.get(key, {}).get("label", key))

    def condition(self, condition: Any) -> str:
        """A condition as the second half of "when …"."""
        return condition_words(condition, self)


def kinds_of(kind: Data) -> dict[str, str]:
    """Every question and fact a condition of the type may name, with its kind."""
    found = {**FACTS, **{row["key"]: row["kind"] for row in kind.get("questions", [])}}
    linked = [row["key"] for row in kind.get("questions", []) if row["kind"] == "ticket"]
    return found | {f"{key}.{name}": sort for key in linked for name, sort in LINKED.items()}


def expanded(condition: Any, lists: Mapping[str, Any]) -> Any:
    """The condition with the words of the lists it names written out; of one there is not, none."""
    if isinstance(condition, list):
        return [expanded(part, lists) for part in condition]
    if not isinstance(condition, dict):
        return condition
    found: dict[str, Any] = {}
    for name, operand in condition.items():
        if name in _OF_LIST:
            found[_OF_LIST[name]] = list_words(lists, operand)
        else:
            found[name] = expanded(operand, lists) if isinstance(operand, dict | list) else operand
    return found


def list_words(lists: Mapping[str, Any], key: Any) -> list[str]:
    """All ways to say the entries of a list."""
    items = lists.get(key, {}).get("items", []) if isinstance(key, str) else []
    return [word for one in items for word in (one["label"], *one.get("also", []))]


def lists_named(condition: Any) -> list[Any]:
    """The lists a condition names."""
    if isinstance(condition, list):
        return [name for part in condition for name in lists_named(part)]
    if not isinstance(condition, dict):
        return []
    own = [condition[test] for test in _OF_LIST if test in condition]
    return own + [
        name for part in condition.values() if isinstance(part, dict | list) for name in lists_named(part)
    ]


def subjects_named(condition: Any) -> list[str]:
    """The questions and facts a condition names; of a linked ticket the question."""
    if isinstance(condition, list):
        return [name for part in condition for name in subjects_named(part)]
    if not isinstance(condition, dict):
        return []
    own = [condition["of"]] if isinstance(condition.get("of"), str) else []
    return own + [name for key in ("all", "any", "not") for name in subjects_named(condition.get(key))]


def wrong_in(condition: Any, kinds: Mapping[str, str], lists: Mapping[str, Any]) -> str:
    """Say what is wrong with a condition as the data writes it, or give an empty text."""
    try:
        missing = next(
            (one for one in lists_named(condition) if not isinstance(one, str) or one not in lists), None
        )
        if missing is not None:
            return f"names the list “{str(missing)[:40]}”, which there is not"
        return wrong_with(expanded(condition, lists), kinds)
    except (RecursionError, TypeError, AttributeError):
        return "is no condition"
