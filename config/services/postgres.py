"""PostgreSQL 18 on a Unix socket: our own initdb, start, crash recovery and stop."""

from __future__ import annotations

import locale
import os
import re
import shutil
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config.services.places import EnginesError, Places, Say, plain
from config.services.programs import Programs, end, is_running, run, spawn

MAJOR = "18"
SUPERUSER = "postgres"
ROLE = DATABASE = "holdline"
PORT = 5432
"""Only part of the socket's file name; nothing listens on the network."""
INITDB_SECONDS = 300.0
START_SECONDS = 900.0
"""Crash recovery replays what was written since the last checkpoint: minutes on a slow disk."""
NEWS_EVERY = 5.0
OLD_BACKENDS_SECONDS = 60.0
LARGEST_LOG = 10_000_000

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and key values of a failed write would put patient data into the log (I8).
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "autovacuum_naptime": "5min"}
"""Survives a kill of the server, as fault tests need, but not a power cut."""


def url(places: Places) -> str:
    """The database's address, as libpq, psycopg2 and django-environ all read it."""
    return f"postgres://{ROLE}@/{DATABASE}?host={quote(str(places.sockets))}"


def start(places: Places, programs: Programs, say: Say, *, throwaway: bool) -> None:
    """Make the cluster if there is none, start the server if it is down, wait until it answers.

    A server that was killed recovers first; ``say`` hears about it every few seconds. Raises EnginesError.
    """
    if not places.data.exists():
        _make_cluster(places, programs, say, throwaway)
    _check_version(places.data)
    if not running_pid(places):
        _launch(places, programs, say, throwaway)
    _wait_until_ready(places, say)
    _ensure_database(places)


def running_pid(places: Places) -> int:
    """The process number of this cluster's server, 0 when it is down (a stale pid file counts as down)."""
    try:
        pid = int((places.data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pid if is_running(pid, "-D", str(places.data)) else 0


def stop(places: Places) -> None:
    """Fast shutdown: clients are disconnected, a checkpoint is written. Never raises for a dead server."""
    pid = running_pid(places)
    if pid:
        steps = [(signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)]
        end(pid, "-D", str(places.data), signals=steps)


def _make_cluster(places: Places, programs: Programs, say: Say, throwaway: bool) -> None:
    say("making a new PostgreSQL database cluster")
    making = places.data.with_name("data.new")  # a half-made cluster is never taken for a whole one
    shutil.rmtree(making, ignore_errors=True)
    result = run(
        [
            str(programs.initdb),
            f"--pgdata={making}",
            f"--username={SUPERUSER}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=PG_UNICODE_FAST",
            f"--locale={_system_locale()}",
            "--data-checksums",
            "--auth-local=trust",  # the socket's folder is closed to everybody else
            "--auth-host=reject",
            *(["--no-sync"] if throwaway else []),
        ],
        account=places.account,
        seconds=INITDB_SECONDS,
    )
    if result.returncode:
        raise EnginesError(_initdb_sentence(result.stdout, places))
    making.rename(places.data)


def _system_locale() -> str:
    """C.UTF-8 classifies letters for full text search; old systems do not have it."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def _initdb_sentence(said: str, places: Places) -> str:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return f"There is no room left on the disk that holds {places.home}; make room and start again."
    if "could not look up effective user ID" in said:
        return (
            f"The user number {os.geteuid()} has no name on this machine, and PostgreSQL needs one; "
            "run this as a user that has a name."
        )
    return f"PostgreSQL could not make its data folder: {_last_complaint(said)}"


def _check_version(data: Path) -> None:
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise EnginesError(plain(error, data)) from error
    if found != MAJOR:
        raise EnginesError(
            f"{data} was made by PostgreSQL {found}, but this is PostgreSQL {MAJOR}; "
            "restore a backup into a new VAR_DIR instead."
        )


def _launch(places: Places, programs: Programs, say: Say, throwaway: bool) -> None:
    """Start the server; after a kill, wait for its last backends to notice and let go of the memory."""
    log = places.logs / "postgres.log"
    _keep_log_small(log)
    deadline = time.monotonic() + OLD_BACKENDS_SECONDS
    while True:
        _forget_stale_locks(places)
        begin = log.stat().st_size if log.exists() else 0
        server = spawn(_command(places, programs, throwaway), account=places.account, log=log)
        while server.poll() is None and not _status(places.data):
            time.sleep(0.02)
        if server.poll() is None:
            return
        said = _read_from(log, begin)
        if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
            raise EnginesError(_start_sentence(said, log, places))
        say("waiting for the last processes of the PostgreSQL that was killed")
        time.sleep(1)


def _command(places: Places, programs: Programs, throwaway: bool) -> list[str]:
    settings = SETTINGS | {"unix_socket_directories": str(places.sockets), "port": str(PORT)}
    settings["dynamic_shared_memory_type"] = "posix" if _roomy_shared_memory() else "mmap"
    if throwaway:
        settings |= THROWAWAY
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return [str(programs.postgres), "-D", str(places.data), *options]


def _roomy_shared_memory() -> bool:
    """Containers often give /dev/shm 64 MB, too little for parallel queries."""
    try:
        facts = os.statvfs("/dev/shm")  # noqa: S108  asked for its size only
    except OSError:
        return True
    return facts.f_bavail * facts.f_frsize >= 256_000_000


def _forget_stale_locks(places: Places) -> None:
    """Remove pid files of a server that is gone, also where its number was reused since (containers)."""
    if running_pid(places):
        return
    for lock in (places.data / "postmaster.pid", places.sockets / f".s.PGSQL.{PORT}.lock"):
        lock.unlink(missing_ok=True)
    (places.sockets / f".s.PGSQL.{PORT}").unlink(missing_ok=True)


def _wait_until_ready(places: Places, say: Say) -> None:
    began = news = time.monotonic()
    while _status(places.data) != "ready":
        now = time.monotonic()
        if not running_pid(places):
            log = places.logs / "postgres.log"
            raise EnginesError(
                _start_sentence(_read_from(log, max(0, log.stat().st_size - 4000)), log, places)
            )
        if now - began > START_SECONDS:
            raise EnginesError(
                f"PostgreSQL did not become ready within {START_SECONDS / 60:.0f} minutes; see {places.logs}."
            )
        if now - news > NEWS_EVERY:
            news = now
            say(f"PostgreSQL is recovering what it had not yet written down ({now - began:.0f} s so far)")
        time.sleep(0.02)


def _status(data: Path) -> str:
    """What the server itself says of its state: '', 'starting', 'ready' or 'stopping'."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return ""
    return lines[7].strip() if len(lines) > 7 else ""


def _ensure_database(places: Places) -> None:
    """Make role and database when they are missing; the role is no superuser, as in production."""
    with _superuser(places) as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


class _superuser:
    """A cursor of the cluster's superuser, outside any transaction."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def __enter__(self) -> Any:
        import psycopg2

        try:
            self.connection = psycopg2.connect(
                host=str(self.places.sockets),
                port=PORT,
                user=SUPERUSER,
                dbname="postgres",
                connect_timeout=30,
            )
        except psycopg2.Error as error:
            raise EnginesError(f"PostgreSQL runs but does not answer: {str(error).strip()}") from error
        self.connection.autocommit = True
        return self.connection.cursor()

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def _keep_log_small(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))


def _read_from(log: Path, begin: int) -> str:
    with log.open("rb") as lines:
        lines.seek(begin)
        return lines.read().decode(errors="replace")


def _start_sentence(said: str, log: Path, places: Places) -> str:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return f"There is no room left on the disk that holds {places.home}; make room and start again."
    return f"PostgreSQL does not start: {_last_complaint(said)} (more in {log})"


def _last_complaint(said: str) -> str:
    complaints = re.findall(r"(?:FATAL|PANIC|error|ERROR): +(.+)", said)
    lines = said.strip().splitlines()
    return (complaints or lines or ["it said nothing"])[-1].strip()
