"""Reading the answer to a question of the policy: one reader per kind, form and API alike. Pure.

What is stored is plain JSON: money as ``"850.00"``, dates as ``"2026-05-20"``. Values are never echoed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from patients.domain import intake as readers
from patients.domain.intake import Wrong

if TYPE_CHECKING:
    from escalations.domain.policy import Question

LONGEST_LINE = 500
LONGEST_TEXT = 10_000
_TRUE, _FALSE = (True, "true", "yes", "on"), (False, "false", "no")


def long_text(label: str, longest: int, *, one_line: bool = False) -> Callable[[Any], str]:
    """A reader of text that may have line breaks, without other control characters."""

    def read(value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Wrong("type", f"{label} must be text.")
        if len(value) > longest:
            raise Wrong("too_long", f"{label} is longer than {longest:,} characters. Shorten it.")
        plain = value.replace("\r\n", "\n").strip()
        allowed = "" if one_line else "\n\t"
        if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed for letter in plain):
            raise Wrong("characters", f"{label} has a character in it that cannot be kept. Type it again.")
        return plain

    return read


def read_answer(question: Question, value: Any) -> Any:
    """Give the normalised answer, ``None`` when there is none, or raise :class:`Wrong`."""
    if value is None or value == "" or value == []:
        return None
    return READERS[question.kind](question, value)


def _choice(question: Question, value: Any) -> str:
    for key, label in question.choices:
        if isinstance(value, str) and value.strip() in (key, label):
            return key
    listed = ", ".join(key for key, _ in question.choices)
    raise Wrong("choice", f"{question.label}: choose one of {listed}.")


def _choices(question: Question, value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > len(question.choices):
        raise Wrong("choice", f"{question.label}: send a list of what applies.")
    chosen = {_choice(question, one) for one in value}
    return [key for key, _ in question.choices if key in chosen]


def _yes_no(question: Question, value: Any) -> bool:
    word = value.strip().lower() if isinstance(value, str) else value
    if isinstance(word, bool | str) and word in _TRUE:
        return True
    if isinstance(word, bool | str) and word in _FALSE:
        return False
    raise Wrong("choice", f"{question.label}: answer yes or no.")


def _text(question: Question, value: Any) -> str | None:
    return long_text(question.label, LONGEST_LINE)(value) or None


def _money(question: Question, value: Any) -> str:
    found = readers.amount(question.label)(value)
    return f"{found:.2f}"


def _number(question: Question, value: Any) -> int | None:
    return readers.whole(question.label, 0, 999_999)(value)


def _date(question: Question, value: Any) -> str:
    found = readers.day(question.label)(value)
    return found.isoformat()


def _phone(question: Question, value: Any) -> str | None:
    return _labelled(question, readers.phone, value)


def _email(question: Question, value: Any) -> str | None:
    return _labelled(question, readers.email, value)


def _labelled(question: Question, read: Callable[[Any], str], value: Any) -> str | None:
    try:
        return read(value) or None
    except Wrong as problem:
        raise Wrong(problem.code, f"{question.label}: {problem.sentence}") from None


READERS: dict[str, Callable[[Question, Any], Any]] = {
    "choice": _choice,
    "choices": _choices,
    "yes_no": _yes_no,
    "text": _text,
    "money": _money,
    "number": _number,
    "date": _date,
    "phone": _phone,
    "email": _email,
}
"""Every kind of question the policy data may ask."""
