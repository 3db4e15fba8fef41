"""Who changed what of a patient or payer, told from the history the database keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

_NOT_TOLD = frozenset({"id", "company", "version", "created_at"})


@dataclass(frozen=True)
class Change:
    """One change: who, when, and each field's label with its value before and after, as words."""

    who: str
    at: datetime
    fields: tuple[tuple[str, str, str], ...]


def changes_since(row: Any, version: int) -> list[Change]:
    """The changes made to ``row`` after ``version`` of it was read, oldest first."""
    history = row.pgh_event_models["insert"].objects.filter(pgh_obj_id=row.pk, version__gte=version)
    events = list(history.select_related("pgh_context").order_by("pgh_id")[:100])
    changes = (_change(type(row), was, now) for was, now in pairwise(events))
    return [change for change in changes if change.fields]


def _change(model: Any, was: Any, now: Any) -> Change:
    context = now.pgh_context.metadata if now.pgh_context else {}
    return Change(context.get("who", "Holdline"), now.pgh_created_at, tuple(_differences(model, was, now)))


def _differences(model: Any, was: Any, now: Any) -> Iterator[tuple[str, str, str]]:
    for field in model._meta.concrete_fields:
        before, after = getattr(was, field.attname), getattr(now, field.attname)
        if field.name not in _NOT_TOLD and before != after:
            label = str(field.verbose_name)
            yield label[:1].upper() + label[1:], _words(field, before), _words(field, after)


def _words(field: Any, value: Any) -> str:
    if value in (None, ""):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return str(dict(field.flatchoices).get(value, value))
