"""New keys for old ones: rows get numbers of the database they come into, and references follow them.

What became of each is kept in tables that end with the transaction, so that a company of any size fits. A
number that stands in the file for nothing in it has no answer: no row of another company can be reached.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import connection

from config.moving.plan import TABLES

_TABLES = """
    DROP TABLE IF EXISTS pg_temp.moving_key, pg_temp.moving_name, pg_temp.moving_later;
    CREATE TEMPORARY TABLE moving_key (
        of smallint, old bigint, new bigint NOT NULL, PRIMARY KEY (of, old)) ON COMMIT DROP;
    CREATE TEMPORARY TABLE moving_name (old text PRIMARY KEY, new text NOT NULL) ON COMMIT DROP;
    CREATE TEMPORARY TABLE moving_later (of text, row bigint, old bigint) ON COMMIT DROP"""
_GIVE = """
    INSERT INTO moving_key (of, old, new)
    SELECT %s, old, nextval(pg_get_serial_sequence(%s, 'id'))
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS each(old, place) ORDER BY place RETURNING old, new"""
_NUMBER = {table.model: number for number, table in enumerate(TABLES)}


class Unknown(Exception):
    """A row names one that is not in the file."""


class Asked:
    """Keys that only note what is asked for."""

    def __init__(self) -> None:
        self.ids: defaultdict[str, set[int]] = defaultdict(set)
        self.names: set[str] = set()

    def new(self, model: str, old: int) -> int | None:
        """Note the id."""
        self.ids[model].add(old)
        return old

    def name(self, old: str) -> str | None:
        """Note the name."""
        self.names.add(old)
        return old


class Answers:
    """Keys that know what became of what was asked for."""

    def __init__(self, ids: dict[tuple[str, int], int], names: dict[str, str]) -> None:
        self._ids, self._names = ids, names

    def new(self, model: str, old: int) -> int | None:
        """The new id; None for what is not in the file."""
        return self._ids.get((model, old))

    def name(self, old: str) -> str | None:
        """The new name of an attachment; None for any other word."""
        return self._names.get(old)


class NewKeys:
    """The keys of one import, inside its transaction."""

    def __init__(self) -> None:
        self._salt = secrets.token_hex(16)
        with connection.cursor() as cursor:
            cursor.execute(_TABLES)

    def give(self, model: str, olds: Sequence[int]) -> dict[int, int]:
        """A new number of its table's own series for each; a number twice is refused by the database."""
        table = apps.get_model(model)._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(_GIVE, [_NUMBER[model], table, list(olds)])
            return dict(cursor.fetchall())

    def is_now(self, model: str, old: int, new: int) -> None:
        """Say what became of one that is here already."""
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO moving_key VALUES (%s, %s, %s)", [_NUMBER[model], old, new])

    def give_names(self, olds: Sequence[str]) -> None:
        """Another random name for each attachment, for names are told apart over all companies."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO moving_name SELECT * FROM unnest(%s::text[], %s::text[])",
                [list(olds), [secrets.token_urlsafe(16) for _ in olds]],
            )

    def answer(self, asked: Asked, *, making: bool = False) -> Answers:
        """What became of all that was asked for. ``making``: what is not in the file gets a number that no
        row has, for a history tells of rows that are gone."""
        ids: dict[tuple[str, int], int] = {}
        names: dict[str, str] = {}
        with connection.cursor() as cursor:
            for model, olds in asked.ids.items():
                cursor.execute(
                    "SELECT old, new FROM moving_key WHERE of = %s AND old = ANY(%s)",
                    [_NUMBER[model], list(olds)],
                )
                found = dict(cursor.fetchall())
                if making and (gone := sorted(olds - found.keys())):
                    found |= self.give(model, gone)
                ids |= {(model, old): new for old, new in found.items()}
            if asked.names:
                cursor.execute("SELECT old, new FROM moving_name WHERE old = ANY(%s)", [list(asked.names)])
                names = dict(cursor.fetchall())
        return Answers(ids, names)

    def put_off(self, column: str, rows: Iterable[tuple[int, int]]) -> None:
        """Note references that are set once all rows are in: the row's new number and whom it names."""
        kept = list(rows)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO moving_later SELECT %s, * FROM unnest(%s::bigint[], %s::bigint[])",
                [column, [row for row, _ in kept], [old for _, old in kept]],
            )

    def set_later(self, table: str, column: str, model: str) -> None:
        """Set the references of one column that were put off."""
        name = f"{table}.{column}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM moving_later WHERE of = %s", [name])
            expected = cursor.fetchone()[0]
            cursor.execute(
                f'UPDATE "{table}" SET "{column}" = key.new FROM moving_later AS later'  # noqa: S608
                f" JOIN moving_key AS key ON key.of = %s AND key.old = later.old"
                f' WHERE later.of = %s AND "{table}".id = later.row',
                [_NUMBER[model], name],
            )
            if cursor.rowcount != expected:
                raise Unknown(f"A row of tables/{table}.jsonl names one by {column} that is not in the file.")

    def of_act(self, old: Any) -> str:
        """The key of an act of the history: the same for the same act, and no other company's."""
        return hashlib.sha256(f"{self._salt}{old}".encode()).hexdigest()[:32]
