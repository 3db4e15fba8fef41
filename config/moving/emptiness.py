"""Whether a company is empty, and making room in one that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Q

from accounts.models import Company
from config.moving.plan import OF_AN_EMPTY_ONE, SEEDED, TABLES
from work.models import Connection


def holds(company: Company) -> list[str]:
    """What stands in the company that does not in an empty one, in words: "133 patients"."""
    return list(_found(company))


def _found(company: Company) -> Iterator[str]:
    for table in TABLES:
        model = apps.get_model(table.model)
        if not any(one.name == "company" for one in model._meta.concrete_fields):
            continue
        rows: Any = model._default_manager.filter(company=company)
        if table.model == Connection._meta.label:
            rows = rows.exclude(Q(from_environment=True) | Q(address=""))
        elif table.model in OF_AN_EMPTY_ONE:
            # A first version is what a company is opened with; a second one somebody made.
            rows = rows.filter(number__gt=1) if table.model in SEEDED else rows.none()
        if count := rows.count():
            yield f"{count:,} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"


def make_room(company: Company) -> None:
    """Take away what the company was opened with: what comes in takes its place. The history keeps it."""
    for label in SEEDED:
        apps.get_model(label)._default_manager.filter(company=company).delete()
