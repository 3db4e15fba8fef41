"""Which tables keep a history, what each row of it is about, and the statements that read many at once.

Nothing is listed by hand: a model that is tracked from tomorrow on is found from tomorrow on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from pghistory.models import Event

from accounts.models import Company

CLAIM, TICKET, PATIENT = "claim", "ticket", "patient"
_NAMED = {"deductibles.Claim": CLAIM, "escalations.Ticket": TICKET, "patients.Patient": PATIENT}
MOST_ROWS = 1_000
"""Of one act and table so many rows are counted; the page says "1,000 or more"."""
MOST_ACTS = 500
"""Of one claim, ticket or patient the newest so many acts of each table are looked at."""

Statement = tuple[str, list[Any]]


@dataclass(frozen=True)
class History:
    """The history of one table: ``about`` is the kind of thing its rows belong to, found in ``column``."""

    what: str
    table: str
    about: str
    column: str
    model: type[models.Model]
    wall: str
    """The condition that keeps rows of one company; its one value is the company's id."""

    @property
    def rows(self) -> str:
        """The table whose history this is."""
        return str(self.model._meta.db_table)


@lru_cache(maxsize=1)
def histories() -> tuple[History, ...]:
    """Every history, by the order of the apps."""
    events: list[Any] = [one for one in apps.get_models() if issubclass(one, Event) and one._meta.managed]
    return tuple(_history(one, one.pgh_tracked_model) for one in events if one.pgh_tracked_model)


def _history(event: Any, tracked: type[models.Model]) -> History:
    columns = {field.column for field in event._meta.concrete_fields}
    about, column = _NAMED.get(tracked._meta.label, ""), "pgh_obj_id"
    if not about:
        found = next((kind for kind in (CLAIM, TICKET, PATIENT) if f"{kind}_id" in columns), "")
        about, column = (found, f"{found}_id") if found else (tracked._meta.label_lower, "pgh_obj_id")
    own = "pgh_obj_id = %s" if tracked is Company else _WALL_BY_USER
    wall = "company_id = %s" if "company_id" in columns else own
    what = str(tracked._meta.verbose_name)
    return History(what, event._meta.db_table, about, column, tracked, wall)


_WALL_BY_USER = "user_id IN (SELECT id FROM accounts_user WHERE company_id = %s)"


def rows_of(statement: Statement) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return list(cursor.fetchall())


def touched_by(acts: Sequence[Any], company: int) -> Statement:
    """What these acts touched: act, kind of row, how, about what, how many rows, the first things."""
    parts, values = [], list[Any]()
    for one in histories():
        parts.append(
            f"SELECT act.id, %s, found.how, %s, count(*), (array_agg(DISTINCT found.thing))[1:4]"  # noqa: S608
            f" FROM unnest(%s::uuid[]) AS act(id) CROSS JOIN LATERAL (SELECT left(pgh_label, 6) AS how,"
            f" {one.column} AS thing FROM {one.table} WHERE pgh_context_id = act.id AND {one.wall}"
            f" LIMIT {MOST_ROWS}) AS found GROUP BY act.id, found.how"
        )
        values += [one.what, one.about, list(acts), company]
    return " UNION ALL ".join(parts), values


def acts_about(kind: str, key: int, company: int) -> Statement:
    """The acts that touched one claim, ticket or patient, or what belongs to it."""
    parts, values = [], list[Any]()
    for one in histories():
        reference = _reference(one, kind)
        if reference is None:
            continue
        parts.append(
            f"(SELECT pgh_context_id FROM {one.table} WHERE {reference} AND {one.wall}"  # noqa: S608
            f" AND pgh_context_id IS NOT NULL ORDER BY pgh_id DESC LIMIT {MOST_ACTS})"
        )
        values += [key, company]
    return " UNION ".join(parts), values


def _reference(one: History, kind: str) -> str | None:
    """By which index of a history the rows about a thing are found: its own, or that of a row it has."""
    if one.about == kind and one.column == "pgh_obj_id":
        return "pgh_obj_id = %s"
    if not any(field.column == f"{kind}_id" for field in one.model._meta.concrete_fields):
        return None
    return f"pgh_obj_id IN (SELECT id FROM {one.rows} WHERE {kind}_id = %s)"  # noqa: S608


def changes_of(act: Any, company: int, most: int) -> Statement:
    """What one act changed: number of the history, how, about what, the row after it and before it."""
    parts, values = [], list[Any]()
    for number, one in enumerate(histories()):
        parts.append(
            f"(SELECT %s, left(now.pgh_label, 6), now.{one.column}, to_jsonb(now),"  # noqa: S608
            f" (SELECT to_jsonb(old) FROM {one.table} AS old WHERE old.pgh_obj_id = now.pgh_obj_id"
            f" AND old.pgh_id < now.pgh_id ORDER BY old.pgh_id DESC LIMIT 1)"
            f" FROM {one.table} AS now WHERE now.pgh_context_id = %s AND {one.wall}"
            " ORDER BY now.pgh_id LIMIT %s)"
        )
        values += [number, act, company, most]
    return " UNION ALL ".join(parts), values
