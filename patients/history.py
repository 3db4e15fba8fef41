"""Who changed what of a patient or payer, told from the history the database keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from accounts.models import User
from patients.domain.zones import NAMES

_NOT_TOLD = frozenset({"id", "company", "version", "created_at"})


@dataclass(frozen=True)
class Change:
    """One change: who made it, when, and the names of the fields that differ after it."""

    who: str
    at: datetime
    fields: tuple[str, ...]


def changes_since(row: Any, version: int) -> list[Change]:
    """The changes made to ``row`` after ``version`` of it was read, oldest first, a hundred at most.

    What raises no version, such as a refused channel, is no change of what was typed and is left out.
    """
    history = row.pgh_event_models["insert"].objects.filter(pgh_obj_id=row.pk, version__gte=version)
    events = list(history.select_related("pgh_context").order_by("pgh_id")[:100])
    pairs = [(was, now) for was, now in pairwise(events) if was.version != now.version]
    people = User.objects.in_bulk(
        [now.pgh_context.metadata.get("user") for _, now in pairs if now.pgh_context]
    )
    return [_change(type(row), was, now, people) for was, now in pairs]


def _change(model: Any, was: Any, now: Any, people: dict[int, User]) -> Change:
    context = now.pgh_context.metadata if now.pgh_context else {}
    who = str(people.get(context.get("user") or 0, context.get("who", "Holdline")))
    told = (field for field in model._meta.concrete_fields if field.name not in _NOT_TOLD)
    names = tuple(f.name for f in told if getattr(was, f.attname) != getattr(now, f.attname))
    return Change(who, now.pgh_created_at, names)


def side_by_side(row: Any, changes: list[Change], typed: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each field others changed: its label, what is saved now, and what was typed, as words."""
    names = dict.fromkeys(name for change in changes for name in change.fields)
    return [
        {
            "field": label_of(row, name),
            "theirs": words_of(row, name, getattr(row, name)),
            "yours": words_of(row, name, typed.get(name, getattr(row, name))),
        }
        for name in names
    ]


def label_of(row: Any, name: str) -> str:
    """A field's name as people read it."""
    label = str(row._meta.get_field(name).verbose_name)
    return label[:1].upper() + label[1:]


def words_of(row: Any, name: str, value: Any) -> str:
    """A field's value in words; empty for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if name == "time_zone":
        return NAMES.get(value, value) if value else "as the state says"
    return str(dict(row._meta.get_field(name).flatchoices).get(value, value))
