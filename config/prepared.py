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
STATIC = ("requirements.txt", "config/settings.py", "config/prepare.py", "static/**/*", "*/static/**/*")
DATABASE = (
    "requirements.txt",
    "config/settings.py",
    "config/prepare.py",
    "*/migrations/*.py",
    "accounts/company_keys.py",
    "accounts/tables_at_once.py",
    "*/policy/**/*",
    "*/management/commands/*.py",
    "accounts/demo.py",
)


def static_is_current(var_dir: Path) -> bool:
    """Say whether static files were gathered from these very files."""
    return (var_dir / "static").is_dir() and _read(var_dir / "prepared-static") == _files(STATIC)


def mark_static(var_dir: Path) -> None:
    """Remember that the static files are gathered."""
    (var_dir / "prepared-static").write_text(_files(STATIC))


def database_is_current(var_dir: Path, database_url: str) -> bool:
    """Say whether this very database was prepared by these very files."""
    return _read(var_dir / "prepared-database") == _database_state(database_url)


def mark_database(var_dir: Path, database_url: str) -> None:
    """Remember that the database is prepared."""
    (var_dir / "prepared-database").write_text(_database_state(database_url))


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""


def _database_state(database_url: str) -> str:
    return f"{_files(DATABASE)} {_database(database_url)}"


def _files(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    for path in _matching(patterns):
        facts = path.stat()
        digest.update(f"{path.relative_to(ROOT)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _matching(patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
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
