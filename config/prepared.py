"""Whether database and static files are already what this checkout wants, asked without starting Django.

A second ``make run`` must take seconds; importing Django and walking the migrations would be half of them.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
STAMP = "prepared"
MADE_FROM = (
    "requirements.txt",
    "config/settings.py",
    "config/prepare.py",
    "static/**/*",
    "*/static/**/*",
    "*/migrations/*.py",
    "*/policy/**/*",
    "*/management/commands/*.py",
    "accounts/demo.py",
)


def is_prepared(var_dir: Path, database_url: str) -> bool:
    """Say whether ``mark_prepared`` was called for these very files and this very database."""
    with contextlib.suppress(OSError):
        return (var_dir / STAMP).read_text() == _state(database_url)
    return False


def mark_prepared(var_dir: Path, database_url: str) -> None:
    """Remember that everything is prepared."""
    (var_dir / STAMP).write_text(_state(database_url))


def _state(database_url: str) -> str:
    return f"{_files()} {_database(database_url)}"


def _files() -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    for path in _sources():
        facts = path.stat()
        digest.update(f"{path.relative_to(ROOT)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for pattern in MADE_FROM:
        yield from sorted(path for path in ROOT.glob(pattern) if path.is_file() and path.suffix != ".pyc")


def _database(database_url: str) -> str:
    """What tells this database, in this state of migration, from any other; a restored one differs."""
    try:
        connection = psycopg2.connect(database_url, connect_timeout=10)
    except psycopg2.Error:
        return "does not answer"
    with contextlib.closing(connection), connection.cursor() as cursor:
        try:
            cursor.execute(
                "SELECT max(d.oid::bigint), count(*), max(m.applied)"
                " FROM django_migrations m, pg_database d WHERE d.datname = current_database()"
            )
        except psycopg2.Error:
            return "has no tables"
        return str(cursor.fetchone())
