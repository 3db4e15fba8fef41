"""Many rows, each with values of its own, written by one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models


def update_each(
    model: type[models.Model], keys: Sequence[int], columns: Mapping[str, Sequence[Any]]
) -> set[int]:
    """Give row ``keys[n]`` the ``n``-th value of every column; answer the keys of the rows that were there.

    One ``UPDATE … FROM unnest(…)`` whatever the number of rows, where ``bulk_update`` costs as much as saving
    them one by one. Columns are named by their attributes (``assignee_id``).
    """
    if not keys:
        return set()
    meta, quoted = model._meta, connection.ops.quote_name
    by_name = {field.attname: field for field in meta.concrete_fields}
    fields = [by_name[name] for name in columns]
    values = [
        [field.get_db_prep_save(value, connection) for value in column]
        for field, column in zip(fields, columns.values(), strict=True)
    ]
    names = [quoted(str(field.column)) for field in fields]
    given = ", ".join(
        [
            "%s::bigint[]",
            *(
                f"%s::{field.rel_db_type(connection) if field.is_relation else field.db_type(connection)}[]"
                for field in fields
            ),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quoted(meta.db_table)} AS t SET {', '.join(f'{name} = v.{name}' for name in names)} "  # noqa: S608
            f"FROM unnest({given}) AS v(id, {', '.join(names)}) WHERE t.id = v.id RETURNING t.id",
            [list(keys), *values],
        )
        return {key for (key,) in cursor.fetchall()}
