"""One look at the database from one moment, row by row, on a connection of its own.

What is read may be larger than memory and take minutes; meanwhile people go on working, and what they change
is not seen. It is a second connection, so that the first can write down what was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

ROWS = 2_000
"""So many rows travel at once; of those that hold files, one."""


class Snapshot:
    """What the database said at one moment."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._number = 0

    def rows(
        self, statement: str, values: dict[str, Any], *, at_once: int = ROWS
    ) -> Iterator[tuple[Any, ...]]:
        """What a statement finds, a few rows in memory at a time."""
        self._number += 1
        with self._raw.cursor(name=f"moving_{self._number}") as cursor:
            cursor.itersize = at_once
            cursor.execute(statement, values)
            yield from cursor

    def one(self, statement: str, values: dict[str, Any]) -> Any:
        """The one value that a statement finds."""
        with self._raw.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Open the look; nothing can be written through it."""
    beside = connection.copy()
    beside.ensure_connection()
    raw = beside.connection
    try:
        raw.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True, autocommit=False)
        yield Snapshot(raw)
    finally:
        raw.rollback()
        beside.close()
