"""What a form of the policy's editor was told: fields, rows, and which button was pressed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from django.http import QueryDict

from escalations.domain.condition_rows import MOST_ROWS, Row
from escalations.domain.condition_rows import Typed as Rows
from escalations.domain.policy_fields import DEFAULT, QUESTION, RULE, Field
from escalations.domain.policy_typed import MOST_OPTIONS, QuestionTyped, RuleTyped

_LONGEST = 20_000
_ROW = ("of", "test", "value", "turned", "together")

T = TypeVar("T")


class Torn(ValueError):
    """A form that did not arrive whole."""


def said_in(data: QueryDict, needed: Iterable[str]) -> dict[str, str]:
    """The plain fields; :class:`Torn` when one is missing that no browser leaves out."""
    if not all(name in data for name in ("seen", *needed)):
        raise Torn
    return {name: (data.get(name) or "")[:_LONGEST] for name in list(data)[:500]}


def always_sent(fields: Iterable[Field]) -> list[str]:
    """The fields that a browser sends whatever stands in them: all but boxes to tick."""
    return [one.name for one in fields if one.look != "flag"]


def rows_in(data: QueryDict, name: str) -> Rows:
    """The rows of a condition, without the blank ones."""
    columns = [data.getlist(f"{name}-{part}") for part in _ROW]
    if len({len(column) for column in columns}) != 1 or len(columns[0]) > MOST_ROWS + 1:
        raise Torn
    rows = [Row(*(value[:_LONGEST] for value in row)) for row in zip(*columns, strict=True)]
    joined = "any" if data.get(f"{name}-joined") == "any" else "all"
    kept = tuple(row for row in rows if row.is_kept or not row.is_blank)
    return Rows(joined, kept)


def question_in(data: QueryDict) -> QuestionTyped:
    """What the form of a question says."""
    keys, labels = data.getlist("option-key"), data.getlist("option-label")
    if len(keys) != len(labels) or len(keys) > MOST_OPTIONS + 1:
        raise Torn
    options = tuple((key[:80], label[:_LONGEST]) for key, label in zip(keys, labels, strict=True))
    return QuestionTyped(
        said=said_in(data, [*always_sent((*QUESTION, DEFAULT)), "of_type", "choices_from"]),
        options=tuple(one for one in options if one[0] or one[1].strip()),
        choices_from=data.get("choices_from", "")[:80],
        required=data.get("required") == "yes",
        when=rows_in(data, "when"),
    )


def rule_in(data: QueryDict) -> RuleTyped:
    """What the form of a rule says."""
    needs = tuple(dict.fromkeys(one[:80] for one in data.getlist("needs")[:200]))
    said = said_in(data, [*always_sent(RULE), "field", "suggest", "watch"])
    return RuleTyped(said, needs, rows_in(data, "when"), rows_in(data, "refuse"))


def act_in(data: QueryDict) -> tuple[str, str, str]:
    """The button that was pressed: what it does, to which rows, and to which of them (``up:options:2``)."""
    act, _, rest = data.get("do", "save")[:200].partition(":")
    which, _, place = rest.partition(":")
    return act or "save", which, place


def question_moved(typed: QuestionTyped, act: str, which: str, place: str) -> QuestionTyped | None:
    """The form after a button that only moves its rows; ``None`` for other buttons."""
    if which == "options":
        options = moved(typed.options, act, place)
        return None if options is None else replace(typed, options=tuple(options))
    if which == "when":
        return _with_rows(typed, "when", act, place)
    return None


def rule_moved(typed: RuleTyped, act: str, which: str, place: str) -> RuleTyped | None:
    """The same for the form of a rule."""
    return _with_rows(typed, which, act, place) if which in ("when", "refuse") else None


def _with_rows(typed: T, name: str, act: str, place: str) -> T | None:
    rows: Rows = getattr(typed, name)
    found = moved(rows.rows, act, place)
    return None if found is None else replace(typed, **{name: replace(rows, rows=tuple(found))})  # type: ignore[type-var]


def moved(rows: Sequence[T], act: str, place: str) -> list[T] | None:
    """The rows after *up*, *down*, *remove* or *add*; ``None`` for any other act."""
    found = list(rows)
    if act == "add":
        return found
    number = int(place) if place.isascii() and place.isdigit() and len(place) <= 4 else -1
    if act not in ("up", "down", "remove") or not 0 <= number < len(found):
        return None
    row = found.pop(number)
    if act != "remove":
        found.insert(max(0, number - 1) if act == "up" else number + 1, row)
    return found
