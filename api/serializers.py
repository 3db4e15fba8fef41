"""What every body and query string shares: unknown names are refused, not ignored."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request


class StrictSerializer(serializers.Serializer):
    """A serializer that names every field it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(str(name) for name in set(data) - writable)
            if unknown:
                known = ", ".join(sorted(writable)) or "none"
                raise serializers.ValidationError(
                    {
                        _name(name): [serializers.ErrorDetail(f"Unknown field. Known: {known}.", "unknown")]
                        for name in unknown[:20]
                    }
                )
        return super().to_internal_value(data)


class DayField(serializers.DateField):
    """A date as 2026-05-20, in plain digits: DRF's own field also takes those of other scripts."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and not value.isascii():
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


def _name(text: str) -> str:
    return text[:40] if text.isidentifier() else "unknown_field"


def read_query(request: Request, serializer: type[StrictSerializer]) -> dict[str, Any]:
    """Validate the query string like a body; ``cursor`` and ``page_size`` are always allowed."""
    names = request.query_params.keys() - {"cursor", "page_size", "format"}
    given: dict[str, Any] = {}
    for name in names:
        values = request.query_params.getlist(name)
        if len(values) > 1:
            raise serializers.ValidationError({_name(name): ["Give this once."]})
        if "\x00" in values[0]:
            raise serializers.ValidationError({_name(name): ["A text has a NUL in it."]})
        given[name] = values[0]
    form = serializer(data=given)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)
