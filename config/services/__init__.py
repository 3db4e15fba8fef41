"""Embedded PostgreSQL and Valkey for a machine that has neither.

Both are started by whoever needs them first and stopped when the last one that uses them ends, however it
ends. Both listen on Unix sockets in a folder closed to other users, and on nothing else.
"""

from __future__ import annotations

import atexit
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from config.services import keeper, postgres, valkey
from config.services.locks import Use, alone, nobody_uses
from config.services.places import (
    EnginesError,
    Places,
    Say,
    erase,
    lay_out,
    places_of,
    plain,
    refuse_another_users_data,
)
from config.services.programs import programs_for

__all__ = [
    "Engines",
    "EnginesError",
    "Status",
    "addresses",
    "broker_url",
    "discard",
    "ensure",
    "leave",
    "status",
    "stop",
]

_uses: dict[Path, tuple[int, Use]] = {}


@dataclass(frozen=True)
class Engines:
    """The addresses of both engines, for DATABASE_URL and REDIS_URL."""

    database_url: str
    redis_url: str

    @property
    def broker_url(self) -> str:
        """The same Valkey as Celery wants it written."""
        return broker_url(self.redis_url)


@dataclass(frozen=True)
class Status:
    """What ``doctor`` tells of the embedded engines; a process number of 0 means down."""

    home: Path
    account: str
    postgres_pid: int
    valkey_pid: int


def broker_url(redis_url: str) -> str:
    """Turn REDIS_URL into Celery's spelling: sockets are ``redis+socket://`` there, the rest is the same."""
    return (
        redis_url.replace("unix://", "redis+socket://", 1)
        if urlsplit(redis_url).scheme == "unix"
        else redis_url
    )


def addresses(var_dir: Path | str) -> Engines:
    """Where the engines of ``var_dir`` answer once they run. Cheap; starts and makes nothing."""
    places = places_of(var_dir)
    return Engines(postgres.url(places), valkey.url(places))


def ensure(var_dir: Path | str, say: Say = lambda _: None, *, throwaway: bool = False) -> Engines:
    """Start what is down, wait until both answer, and count this process among their users until it ends.

    ``say`` hears a few words about anything that takes long. ``throwaway`` gives up safety for speed and has
    everything deleted after the last user. Raises EnginesError with one plain sentence.
    """
    places = places_of(var_dir)
    try:
        refuse_another_users_data(places)
        places.var.mkdir(mode=0o755, parents=True, exist_ok=True)
        with alone(places.var, say):
            keeper.set_aside_orphan(places, say)
            lay_out(places)
            _join(places)
            keeper.start(places, discard=throwaway)
            programs = programs_for(places.account)
            valkey.launch(places, programs)
            postgres.start(places, programs, say, throwaway=throwaway)
            valkey.wait(places)
    except OSError as error:
        raise EnginesError(plain(error, places.var)) from error
    return Engines(postgres.url(places), valkey.url(places))


def leave(var_dir: Path | str) -> bool:
    """Use the engines no longer; stop them if nobody else does. Answers whether they were stopped."""
    places = places_of(var_dir)
    pid, use = _uses.pop(places.var, (0, None))
    if use is None or pid != os.getpid():
        return False
    use.leave()
    with alone(places.var, lambda _: None), nobody_uses(places.var) as unused:
        if unused:
            keeper.stop_engines(places)
    if unused:
        keeper.wait_for_end(places, seconds=5)
    return unused


def stop(var_dir: Path | str) -> None:
    """Stop the engines whoever uses them."""
    places = places_of(var_dir)
    with alone(places.var, lambda _: None):
        keeper.stop_engines(places)


def discard(var_dir: Path | str) -> None:
    """Stop the engines and delete all their data: for throw-away engines."""
    places = places_of(var_dir)
    leave(var_dir)
    if places.var.exists():
        stop(var_dir)
    erase(places)


def status(var_dir: Path | str) -> Status:
    """Say where the engines are and whether they run."""
    places = places_of(var_dir)
    account = places.account.name if places.account else ""
    return Status(places.home, account, postgres.running_pid(places), valkey.running_pid(places))


def _join(places: Places) -> None:
    if _uses.get(places.var, (0, None))[0] != os.getpid():
        _uses[places.var] = (os.getpid(), Use(places.var))
        atexit.register(_leave_at_exit, places.var)


def _leave_at_exit(var: Path) -> None:
    with contextlib.suppress(OSError, EnginesError):  # a VAR_DIR deleted meanwhile is no reason to cry
        leave(var)
