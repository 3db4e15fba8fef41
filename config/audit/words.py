"""How the audit speaks of rows and columns, and which values it may show.

An admin opens no patient pages, so the audit is no way around them: of what a patient, a ticket or a claim
says in free text it tells that it changed, never what it says. Amounts, dates, statuses and choices of
everything but the patient's own row are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from config.audit.histories import CLAIM, PATIENT, TICKET, History
from deductibles.claim_events import TITLES
from deductibles.domain.money import dollars

HOW = {"insert": "added", "update": "changed", "delete": "removed"}
_NUMBERS = (models.IntegerField, models.DecimalField, models.BooleanField)
_UNTOLD = frozenset(("id", "company_id"))
_LONGEST = 120


@dataclass(frozen=True)
class Change:
    """One column: its name, and both values in words; ``hidden`` says that only the change is told."""

    name: str
    before: str = ""
    after: str = ""
    hidden: bool = False


def title_of(act: str) -> str:
    """An act as a title: that of a claim's Audit Logs, or the act itself."""
    return TITLES.get(act) or (act[:1].upper() + act[1:] if act else "Changed without a name")


def many(count: int, most: int) -> str:
    """How many rows: "1", "12", "1,000 or more"."""
    return f"{count:,} or more" if count >= most else f"{count:,}"


def changes(
    history: History, how: str, after: Mapping[str, Any], before: Mapping[str, Any] | None, zone: ZoneInfo
) -> list[Change]:
    """The columns that differ; of a row that was added, those that say something."""
    found = []
    for field in history.model._meta.concrete_fields:
        name = str(field.column)
        if name in _UNTOLD or name not in after:
            continue
        old, new = (before or {}).get(name), after[name]
        if how == "update" and before is not None and old == new:
            continue
        if how != "update" and new in (None, "", [], {}, False):
            continue
        label = str(field.verbose_name).capitalize()
        if not _may_show(history, field):
            found.append(Change(label, hidden=True))
        else:
            found.append(
                Change(label, _said(field, old, zone) if how == "update" else "", _said(field, new, zone))
            )
    return found


def _may_show(history: History, field: models.Field) -> bool:
    """Nothing of a patient; elsewhere what cannot hold a sentence somebody typed about one."""
    if history.about == PATIENT:
        return False
    if field.choices or isinstance(field, (*_NUMBERS, models.ForeignKey)):
        return True
    if isinstance(field, (models.DateField, models.TimeField)):
        return "birth" not in field.name
    about_patients = history.about in (CLAIM, TICKET) or any(
        other.column == "patient_id" for other in history.model._meta.concrete_fields
    )
    return isinstance(field, models.CharField) and not about_patients


def _said(field: models.Field, value: Any, zone: ZoneInfo) -> str:
    if value in (None, ""):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, models.DateTimeField):
        return moment(datetime.fromisoformat(value), zone)
    if isinstance(field, models.DateField):
        on = date.fromisoformat(value)
        return f"{on.day} {on:%b %Y}"
    if isinstance(field, models.DecimalField) and field.decimal_places == 2:
        return dollars(Decimal(str(value)))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.ForeignKey):
        return f"{field.related_model._meta.verbose_name} {value}"
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment in the company's zone, to the second: "30 Nov 2026, 18:23:05"."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M:%S}"
