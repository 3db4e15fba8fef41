"""A backup and its way back: everything is there again, nothing is sent, and what is unfit is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.api.test_holds import hold_many

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
KEPT_OUT = {"django_session", "deductibles_sending", "deductibles_sendingevent", "pghistory_context", "cache"}
"""What a restore changes itself."""


def url_of(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@pytest.fixture
def empty() -> Iterator[str]:
    """The address of an empty database on the same server."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield url_of(name)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def restored(path: Path, url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "restore", str(path)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DEMO": "1"},
        capture_output=True,
        text=True,
    )


def counts(url: str) -> dict[str, int]:
    with psycopg2.connect(url) as there, there.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            found[name] = cursor.fetchone()[0]
        return found


def test_everything_comes_back_and_nothing_is_sent(acme: Any, other: Any, tmp_path: Path, empty: str) -> None:
    hold_many(acme, 3)
    path = tmp_path / "holdline.dump"
    call_command("backup", str(path))
    assert path.stat().st_mode & 0o077 == 0
    before = counts(url_of(str(connection.settings_dict["NAME"])))
    done = restored(path, empty)
    assert done.returncode == 0, done.stderr
    assert "2 companies, sending disarmed" in done.stdout
    after = counts(empty)
    assert {name: rows for name, rows in after.items() if name not in KEPT_OUT} == {
        name: rows for name, rows in before.items() if name not in KEPT_OUT
    }
    assert before["deductibles_hold"] == 3
    with psycopg2.connect(empty) as there, there.cursor() as cursor:
        cursor.execute("SELECT armed, why FROM deductibles_sending")
        rows = cursor.fetchall()
        assert len(rows) == 2
        assert all(not armed and why.startswith("Restored from the backup of") for armed, why in rows)
        # The database's own rules came along: a history can still not be changed.
        with pytest.raises(psycopg2.Error, match="append-only|Cannot update"):
            cursor.execute("UPDATE deductibles_holdevent SET remaining = 0")


def test_what_is_unfit_is_refused_before_anything_is_made(acme: Any, tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "holdline.dump"
    call_command("backup", str(path))
    with pytest.raises(CommandError, match="nothing is written over"):
        call_command("backup", str(path))
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", str(tmp_path / "nowhere" / "x.dump"))

    def refused() -> str:
        with pytest.raises(CommandError) as why:
            call_command("restore", str(path))
        return str(why.value)

    assert "A backup goes into an empty one" in refused()
    kept, settings.SECRETS_KEY = settings.SECRETS_KEY, "another-key-of-another-house"
    assert "SECRETS_KEY is not the one" in refused()
    settings.SECRETS_KEY = kept
    beside = path.with_name("holdline.dump.json")
    said = json.loads(beside.read_text())
    for change, sentence in (
        (
            {**said, "migrations": [*said["migrations"], "deductibles 0999_of_next_year"]},
            "of a newer Holdline",
        ),
        ({**said, "server": 99}, "Use a newer one"),
        ({"made_at": "today"}, "does not say what it should"),
    ):
        beside.write_text(json.dumps(change))
        assert sentence in refused()
    beside.write_text(json.dumps(said))
    path.write_bytes(path.read_bytes()[:-100])
    assert "its checksum differs" in refused()
    beside.unlink()
    assert "stands beside every backup" in refused()
