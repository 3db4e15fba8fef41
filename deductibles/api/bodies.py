"""What the biller's endpoints share: bodies and refusals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from django.http import Http404
from rest_framework.exceptions import ErrorDetail, ValidationError

from api.errors import RuleProblems
from deductibles.actions.moves import NOT_THERE, Invalid

Found = TypeVar("Found")


def read_object(data: Any, known: Collection[str]) -> dict[str, Any]:
    """The body as one JSON object of known fields; unknown ones are named, not ignored."""
    if not isinstance(data, dict):
        raise ValidationError({"non_field_errors": [ErrorDetail("Send one JSON object.", "type")]})
    unknown = [name for name in data if name not in known]
    if unknown:
        allowed = ", ".join(sorted(known)) or "none"
        sentence = ErrorDetail(f"Unknown field. Known: {allowed}.", "unknown")
        raise ValidationError({_safe(name): [sentence] for name in unknown[:20]})
    return dict(data)


def _safe(name: Any) -> str:
    return name[:40] if isinstance(name, str) and name.isidentifier() else "unknown_field"


def tried(work: Callable[[], Found]) -> Found:
    """Do the work; what its action finds invalid becomes 400 with every field named.

    When all that is wrong are ids of rows that are not there, or are another company's, it is 404.
    """
    try:
        return work()
    except Invalid as invalid:
        if all(code == NOT_THERE for rows in invalid.fields.values() for code, _ in rows):
            raise Http404 from invalid
        raise as_fields(invalid.fields) from invalid


def as_fields(fields: Mapping[str, list[tuple[str, str]]]) -> ValidationError:
    """A 400 from field -> [(code, sentence)]."""
    detail = {name: [ErrorDetail(text, code) for code, text in rows] for name, rows in fields.items()}
    return ValidationError(detail)


def as_problems(fields: Mapping[str, list[tuple[str, str]]]) -> RuleProblems:
    """A 400 that names everything an 837P would lack, as fields and as problems."""
    named = {name: [{"code": code, "message": text} for code, text in rows] for name, rows in fields.items()}
    problems = [problem_json(name, code, text) for name, rows in fields.items() for code, text in rows]
    return RuleProblems(problems, named)


def problem_json(field: str, code: str, message: str) -> dict[str, str]:
    """One thing the 837P of a claim would lack (D-SUB-0: the provider, D-SUB-1: the claim)."""
    rule = "D-SUB-0" if field.split(".")[0] == "provider" else "D-SUB-1"
    return {
        "rule": rule,
        "strength": "stop",
        "message": message,
        "instead": "",
        "field": field,
        "code": code,
    }
