"""JSON as it should be: no NaN, no duplicate keys, no text the database cannot keep."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import BaseParser

_DEPTH = 20
UNPRINTABLE = ErrorDetail(
    "A text has a NUL or a broken character in it. Send it again without.", "characters"
)


class StrictJSONParser(BaseParser):
    """Parse UTF-8 JSON and refuse what could not be stored or would mean two things."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise RequestDataTooBig("This request is too large.")
        try:
            text = raw.decode("utf-8")
            data = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twice, parse_float=str)
        except ParseError:
            raise
        except (ValueError, RecursionError) as wrong:
            raise ParseError("This is not valid JSON in UTF-8.") from wrong
        _check(data)
        return data


def _no_constant(name: str) -> Any:
    raise ParseError(f"{name} is not a number JSON knows.")


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ParseError("A name stands twice in one object.")
    return dict(pairs)


def _check(data: Any, depth: int = 0, path: str = "") -> None:
    """Refuse what no database keeps, by the path of its field: ``charges.0.code``."""
    if depth > _DEPTH:
        raise ParseError(f"This is nested deeper than {_DEPTH} levels.")
    if isinstance(data, str):
        if "\x00" in data or any("\ud800" <= letter <= "\udfff" for letter in data):
            raise ValidationError({path or "non_field_errors": [UNPRINTABLE]})
    elif isinstance(data, dict):
        for name, value in data.items():
            _check(name, depth + 1, path)
            inner = name[:40] if name.isidentifier() else "unknown_field"
            _check(value, depth + 1, f"{path}.{inner}" if path else inner)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            _check(value, depth + 1, f"{path}.{index}" if path else "")
