"""What the schema has to hold between companies: the keys beside the company, and every trigger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from pgtrigger import registry

from accounts.models import CompanyOwned, User

_KEYED_COLUMNS = """
    SELECT k.conrelid::regclass::text || '.' || a.attname FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey) AND a.attname <> 'company_id'
    WHERE k.contype = 'f' AND EXISTS (SELECT 1 FROM pg_attribute c WHERE c.attrelid = k.conrelid
                                      AND c.attnum = ANY(k.conkey) AND c.attname = 'company_id')"""
"""Every column that stands beside the company in a key, whether of two columns or of three."""


_WRITTEN_TRIGGERS = {
    "escalations_words_of_changed_ticket",
    "escalations_words_of_new_events",
    "escalations_words_of_new_tickets",
    "ticket_event_version",
}
"""Triggers that are written in migrations and known to no model."""


def wanted_keys() -> set[str]:
    """Every column, as table.column, that leads to a row of a company and so stands in a key beside it."""
    return {name for model in _owned() for name in _keys_of(model)}


def keyed_columns() -> set[str]:
    """Every column that does in this database."""
    return set(column(_KEYED_COLUMNS))


def listed_triggers() -> set[str]:
    """Every trigger that a model has."""
    return {trigger.get_pgid(model) for model, trigger in registry.registered()}


def wanted_triggers() -> set[str]:
    """Every trigger that has to be there, those of migrations alone among them."""
    return listed_triggers() | _WRITTEN_TRIGGERS


def triggers_there() -> set[str]:
    """Every trigger of this database that is switched on."""
    return set(column("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"))


def _owned() -> list[type[Any]]:
    return [model for model in apps.get_models() if issubclass(model, CompanyOwned)]


def _keys_of(model: type[Any]) -> Iterator[str]:
    owned, table = set(_owned()), model._meta.db_table
    for each in model._meta.concrete_fields:
        target = each.related_model
        if target in owned or target is User:
            yield f"{table}.{each.column}"


def column(sql: str) -> list[str]:
    """The first column of what a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]
