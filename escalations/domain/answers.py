"""Reading the answer to a question of the policy: one reader per kind, form and API alike. Pure.

What is stored is plain JSON: money as ``"850.00"``, dates as ``"2026-05-20"``, moments in ISO 8601 with their
offset, files as a list of the ids they were uploaded under, a linked ticket as its number. Values are never
echoed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from patients.domain import intake as readers
from patients.domain.intake import Wrong

if TYPE_CHECKING:
    from escalations.domain.policy import Question

LONGEST_LINE = 500
LONGEST_TEXT = 10_000
MOST_FILES = 20
_FIRST_YEAR, _LAST_YEAR = 1990, 2150
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


def read_answer(question: Question, value: Any, now: datetime | None = None) -> Any:
    """Give the normalised answer, ``None`` when there is none, or raise :class:`Wrong`.

    ``now`` is the moment in the company's zone: a moment given without an offset, or as a clock time alone,
    is one of that zone and of that date.
    """
    if value is None or value == "" or value == []:
        return None
    if question.kind == "moment":
        return _moment(question, value, now)
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


def _fax(question: Question, value: Any) -> str | None:
    try:
        return readers.phone(value) or None
    except Wrong:
        said = f"{question.label}: a fax number needs ten digits, like 312-555-0147."
        raise Wrong("fax", said) from None


def _files(question: Question, value: Any) -> list[str]:
    """Ids of uploaded files; who may use which of them, only the database knows."""
    ids = [value] if isinstance(value, str) else value
    if not isinstance(ids, list) or not all(isinstance(one, str) and _is_file_id(one) for one in ids):
        raise Wrong("file", f"{question.label}: name files by the ids they were uploaded under.")
    if len(set(ids)) > MOST_FILES:
        raise Wrong("too_many", f"{question.label}: at most {MOST_FILES} files.")
    return list(dict.fromkeys(ids))


def _is_file_id(value: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{8,64}", value))


def _ticket(question: Question, value: Any) -> str:
    """The number of a ticket, typed ``E-1003``, ``e-1003`` or ``1003``; whose it is, only the database
    knows."""
    said = str(value).strip().upper().removeprefix("E-") if isinstance(value, int | str) else ""
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", said):
        raise Wrong("ticket", f"{question.label}: give the number of the ticket, like E-1003.")
    return f"E-{said}"


def _moment(question: Question, value: Any, now: datetime | None) -> str:
    """A date and time, or a clock time of today; kept in UTC."""
    found = _read_moment(value.strip(), now) if isinstance(value, str) and len(value) <= 40 else None
    if found is None or found.utcoffset() is None or not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Wrong("moment", f"{question.label}: give a time like 14:05, or a date and time.")
    return found.astimezone(UTC).isoformat()


def _read_moment(said: str, now: datetime | None) -> datetime | None:
    zone = now.tzinfo if now is not None else None
    try:
        if now is not None and re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", said):
            hour, minute = said.split(":")
            return datetime.combine(now.date(), time(int(hour), int(minute)), zone)
        found = datetime.fromisoformat(said) if "T" in said.replace(" ", "T") else None
    except ValueError:
        return None
    return found.replace(tzinfo=zone) if found is not None and found.tzinfo is None else found


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
    "fax": _fax,
    "file": _files,
    "ticket": _ticket,
    "moment": lambda question, value: _moment(question, value, None),
}
"""Every kind of question the policy data may ask."""
