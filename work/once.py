"""Rows that may exist once: of several workers who insert the same fact, one is told that it was theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
_AT_A_TIME = 500


def insert_once(rows: Sequence[M]) -> list[M]:
    """Insert the rows that no unique constraint says are there already; give back those, with their keys.

    One statement for 500 rows. Unlike ``bulk_create(ignore_conflicts=True)`` it tells the rows it inserted
    from those that somebody else inserted before or at the same moment. Call it in a transaction when what
    follows from a row must not get lost.
    """
    inserted: list[M] = []
    for start in range(0, len(rows), _AT_A_TIME):
        inserted += _insert(rows[start : start + _AT_A_TIME])
    return inserted


def _insert(rows: Sequence[M]) -> list[M]:
    if not rows:
        return []
    meta = rows[0]._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    # The keys are drawn first, so that each row that comes back is known by its own.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, str(meta.pk.column), len(rows)],
        )
        keys = [key for (key,) in cursor.fetchall()]
        quoted = connection.ops.quote_name
        names = [str(meta.pk.column), *(str(field.column) for field in fields)]
        columns = ", ".join(quoted(name) for name in names)
        line = f"({', '.join(['%s'] * (len(fields) + 1))})"
        values = []
        for key, row in zip(keys, rows, strict=True):
            values += [
                key,
                *(field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields),
            ]
        cursor.execute(
            f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES {', '.join([line] * len(rows))} "  # noqa: S608
            f"ON CONFLICT DO NOTHING RETURNING {quoted(str(meta.pk.column))}",
            values,
        )
        new = {key for (key,) in cursor.fetchall()}
    for key, row in zip(keys, rows, strict=True):
        row.pk = key
        row._state.adding = key not in new
    return [row for row in rows if row.pk in new]
