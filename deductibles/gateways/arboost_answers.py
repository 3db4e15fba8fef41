"""What AR Boost says, checked field by field: JSON of any shape in, `Answer`s one may act on out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

OUTCOMES = ("answered", "rejected", "unavailable")
MAX_271_BYTES = 2**20
MAX_REASON_CHARACTERS = 100
MAX_FIELD_CHARACTERS = 100
MAX_COVERAGES = 50
# Payers write 99,999 and more where there is no such amount (D-X12-4).
NO_SUCH_AMOUNT = Decimal("99999")
AMOUNT = re.compile(r"[0-9]{1,9}\.[0-9]{2}")
RANKS = ("primary", "secondary", "tertiary")


class Asked(Protocol):
    """The two names a question and its answer share."""

    @property
    def reference(self) -> str: ...
    @property
    def trace(self) -> str: ...


@dataclass(frozen=True)
class Answer:
    """One answer to one question.

    `outcome` is `answered`, `rejected` (the payer or AR Boost refused; the 271 says why) or `unavailable`
    (ask again, D-CHK-7). Amounts have two places, None where AR Boost gave none we can read; `period` is
    the first and last day they are for. `unread` names those of annual, remaining and period that were
    sent and cannot be read: they came, and nobody knows what they say. `detail` is a plain sentence
    without patient data.
    """

    reference: str
    trace: str
    outcome: str
    x12_271: str | None = None
    annual: Decimal | None = None
    remaining: Decimal | None = None
    period: tuple[date, date] | None = None
    reason_code: str | None = None
    detail: str = ""
    unread: tuple[str, ...] = ()


class Answers(list[Answer]):
    """Answers in the order asked; `dropped` counts results nobody asked for and repeated ones."""

    dropped: int = 0


class _Off(Exception):
    """A field is not what it must be; the message is the sentence for `Answer.detail`."""


def answer_of(question: Asked, raw: object) -> Answer:
    """The answer in `raw`, or one of outcome `unavailable` that says what is wrong with it.

    A reference or trace that is there and not ours makes it another question's answer (D-CHK-8).
    """
    try:
        return _read(question, raw)
    except _Off as problem:
        return unavailable(question, str(problem))


def unavailable(question: Asked, detail: str) -> Answer:
    return Answer(question.reference, question.trace, "unavailable", detail=detail)


def matched(questions: Sequence[Asked], raw: dict) -> Answers:
    """One answer for each question, in order, from the results of a batch (D-CHK-8)."""
    results = raw.get("results")
    answers = Answers()
    found: dict[tuple, object] = {}
    contradicted: set[tuple] = set()
    expected = {(q.reference, q.trace) for q in questions}
    for result in results if isinstance(results, list) else []:
        key = _key(result)
        if key not in expected:
            answers.dropped += 1
        elif key in found:
            answers.dropped += 1
            if found[key] != result:
                contradicted.add(key)
        else:
            found[key] = result
    answers.extend(_matched(question, found, contradicted) for question in questions)
    return answers


def _matched(question: Asked, found: dict, contradicted: set) -> Answer:
    key = (question.reference, question.trace)
    if key in contradicted:
        return unavailable(question, "AR Boost answered this question twice and not the same.")
    if key not in found:
        return unavailable(question, "AR Boost left this question unanswered.")
    return answer_of(question, found[key])


def _key(result: object) -> tuple | None:
    if not isinstance(result, dict):
        return None
    key = (result.get("reference"), result.get("trace"))
    return key if all(isinstance(part, str) for part in key) else None


def _read(question: Asked, raw: object) -> Answer:
    if not isinstance(raw, dict):
        raise _Off("AR Boost's answer could not be read.")
    for name in ("reference", "trace"):
        if raw.get(name) is not None and raw[name] != getattr(question, name):
            raise _Off("AR Boost answered another question than ours.")
    outcome = raw.get("outcome")
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        raise _Off("AR Boost's answer does not say whether the question was answered.")
    text = _text_271(raw.get("x12_271"))
    if outcome == "answered" and raw.get("x12_271") == "":
        # One that was cut before its first character; the amounts beside it are not what it said.
        raise _Off("AR Boost's 271 is empty.")
    annual, remaining, period = _deductible(raw.get("deductible"))
    unread = _unread(raw.get("deductible"))
    reason = _reason(raw.get("reason_code"))
    if outcome == "answered" and text is None and reason is None and annual is None and remaining is None:
        raise _Off("AR Boost's answer carries no benefits that can be read.")
    detail = _detail(outcome, raw.get("deductible"), annual, remaining)
    names = question.reference, question.trace
    return Answer(*names, outcome, text, annual, remaining, period, reason, detail, unread)


def _detail(outcome: str, deductible: object, annual: Decimal | None, remaining: Decimal | None) -> str:
    if outcome == "unavailable":
        return "AR Boost could not get an answer from the payer."
    if outcome == "rejected":
        return "The question was rejected."
    if deductible is not None and (annual is None or remaining is None):
        return "AR Boost answered; not all of its amounts could be read."
    return "AR Boost answered."


def _text_271(value: object) -> str | None:
    """The 271 as text that can be kept: at most 1 MB, no NUL and no half characters."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _storable(value):
        raise _Off("AR Boost's 271 is not text that can be kept.")
    if len(value) > MAX_271_BYTES or len(value.encode()) > MAX_271_BYTES:
        raise _Off("AR Boost's 271 is larger than 1 MB.")
    return value


def _storable(text: str) -> bool:
    try:
        return "\x00" not in text and bool(text.encode())
    except UnicodeEncodeError:
        return False


def _deductible(value: object) -> tuple[Decimal | None, Decimal | None, tuple[date, date] | None]:
    if value is None:
        return None, None, None
    if not isinstance(value, dict):
        raise _Off("AR Boost's deductible could not be read.")
    return amount(value.get("annual")), amount(value.get("remaining")), period_of(value.get("period"))


def _unread(value: object) -> tuple[str, ...]:
    """The parts of a deductible that were sent and cannot be read; "no such amount" (D-X12-4) is read."""
    if not isinstance(value, dict):
        return ()
    sent = {name: value.get(name) for name in ("annual", "remaining", "period")}
    read = {
        "annual": _is_amount(sent["annual"]),
        "remaining": _is_amount(sent["remaining"]),
        "period": period_of(sent["period"]) is not None,
    }
    return tuple(name for name, given in sent.items() if given not in (None, "") and not read[name])


def _is_amount(value: object) -> bool:
    return isinstance(value, str) and AMOUNT.fullmatch(value) is not None


def amount(value: object) -> Decimal | None:
    """`"1500.00"` as money; None for every other shape, a sign, an exponent, or 99,999 and more."""
    if not isinstance(value, str) or not _is_amount(value):
        return None
    money = Decimal(value)
    return money if money < NO_SUCH_AMOUNT else None


def period_of(value: object) -> tuple[date, date] | None:
    """`"2026-01-01/2026-12-31"` as its two days; None for anything else."""
    if not isinstance(value, str) or len(value) != 21 or value[10] != "/":
        return None
    try:
        first, last = date.fromisoformat(value[:10]), date.fromisoformat(value[11:])
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _reason(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_REASON_CHARACTERS or not value.isprintable():
        raise _Off("AR Boost's reason code could not be read.")
    return value


def coverages_of(raw: dict) -> list[dict]:
    """The coverages of an Insurance Finder answer that name a payer and a member id; others are left out."""
    listed = raw.get("coverages")
    found = []
    for value in listed[:MAX_COVERAGES] if isinstance(listed, list) else []:
        try:
            found.append(_coverage(value))
        except _Off:
            continue
    return found


def _coverage(value: object) -> dict:
    if not isinstance(value, dict) or not isinstance(value.get("payer"), dict):
        raise _Off("a coverage without a payer")
    annual, remaining, period = _deductible(value.get("deductible"))
    rank = value.get("rank")
    return {
        "rank": rank if isinstance(rank, str) and rank in RANKS else "primary",
        "payer": {"name": _field(value["payer"], "name"), "payer_id": _field(value["payer"], "payer_id")},
        "member_id": _field(value, "member_id"),
        "group_number": _field(value, "group_number", required=False),
        "relationship": _field(value, "relationship", required=False) or "self",
        "trace": _field(value, "trace", required=False) or None,
        "x12_271": _text_271(value.get("x12_271")),
        "annual": annual,
        "remaining": remaining,
        "period": period,
        "unread": _unread(value.get("deductible")),
        "reason_code": _reason(value.get("reason_code")),
    }


def _field(value: dict, name: str, *, required: bool = True) -> str:
    text = value.get(name)
    if text is None and not required:
        return ""
    if not isinstance(text, str) or len(text) > MAX_FIELD_CHARACTERS or not text.isprintable():
        raise _Off(f"a coverage whose {name} cannot be read")
    if required and not text.strip():
        raise _Off(f"a coverage without {name}")
    return text.strip()
