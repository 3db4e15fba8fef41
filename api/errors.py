"""One shape for everything that goes wrong.

``{"code", "message", "fields": {name: [{"code", "message"}]}, "problems": [...]}``, with 400 for
what is invalid or refused by a rule, 403 for the role, 404 for what is not there (or another
company's), 409 for state or staleness, which may tell more beside (the events of a ticket since the version
that was seen). Values that were sent are never echoed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.steps import Refused

log = structlog.get_logger(__name__)
_STATUS = {"role": 403, "state": 409, "stale": 409, "unknown": 400, "quota": 429}


class Conflict(APIException):
    """409: the row is not where the caller thinks it is."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "Somebody else changed this meanwhile. Read it again, then decide."


class RuleProblems(APIException):
    """400 with the rules that refuse it: dicts of ``rule``, ``strength``, ``message``, ``instead``."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(
        self, problems: Iterable[Mapping[str, Any]], fields: Mapping[str, list[dict[str, str]]] | None = None
    ) -> None:
        super().__init__("A rule refuses this; see problems.", "rules")
        self.problems = [dict(problem) for problem in problems]
        self.fields = dict(fields or {})


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn any exception of an endpoint into the one error shape."""
    if isinstance(error, Refused):
        named = {"act": [{"code": error.code, "message": error.sentence}]} if error.code == "unknown" else {}
        refused = _body(_STATUS.get(error.code, 409), error.code, error.sentence, named)
        refused.data |= error.facts
        return refused
    if isinstance(error, RuleProblems):
        return _body(400, "rules", str(error.detail), error.fields, error.problems)
    if isinstance(error, RequestDataTooBig):
        return _body(413, "too_large", "This request is larger than 2.5 MB. Send less at one time.")
    if isinstance(error, OperationalError):
        log.error("database_unavailable", error=type(error).__name__)
        return _body(503, "unavailable", "The database does not answer. Nothing was changed; try again.")
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        fields = _fields(error.detail)
        message = "Something in this request is not right; see fields."
        response.data = _shape("invalid", message, fields, [])
        return response
    code, message = _words(error)
    response.data = _shape(code, message, {}, [])
    return response


def _words(error: Exception) -> tuple[str, str]:
    if isinstance(error, Http404):
        return "not_found", "There is nothing here under this address."
    if isinstance(error, PermissionDenied):
        return "role", str(error) or "You may not do this."
    if isinstance(error, APIException):
        detail = error.detail
        code = detail.code if isinstance(detail, ErrorDetail) else error.default_code
        return ("role" if code == "permission_denied" else str(code)), str(detail)
    return "error", "This could not be done."


def _fields(detail: Any, prefix: str = "") -> dict[str, list[dict[str, str]]]:
    """Flatten nested validation errors to dotted names: ``charges.0.amount``."""
    found: dict[str, list[dict[str, str]]] = {}
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            found.update(_fields(inner, f"{prefix}.{name}" if prefix else str(name)))
    elif isinstance(detail, list):
        plain = [item for item in detail if isinstance(item, ErrorDetail | str)]
        if plain:
            rows = [{"code": getattr(item, "code", "invalid"), "message": str(item)} for item in plain]
            found[prefix or "non_field_errors"] = rows
        for index, item in enumerate(detail):
            if isinstance(item, Mapping | list) and item:
                found.update(_fields(item, f"{prefix}.{index}"))
    return found


def _shape(code: str, message: str, fields: Any, problems: Any) -> dict[str, Any]:
    return {"code": str(code), "message": message, "fields": fields, "problems": problems}


def _body(status_code: int, code: str, message: str, fields: Any = None, problems: Any = None) -> Response:
    return Response(_shape(code, message, fields or {}, problems or []), status=status_code)
