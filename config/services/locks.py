"""Who uses the engines of a VAR_DIR, told by file locks, which the system drops however a process ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from config.services.places import EnginesError, Say, plain

PATIENCE_SECONDS = 1200.0
"""Another process may be waiting for a long crash recovery."""


def open_lock(var: Path, name: str) -> int:
    """Open the lock file ``name`` of a VAR_DIR and answer its descriptor. Raises EnginesError."""
    try:
        folder = var / "locks"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EnginesError(plain(error, var)) from error


def try_lock(descriptor: int) -> bool:
    """Take the lock for ourselves alone if nobody holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def alone(var: Path, say: Say) -> Iterator[None]:
    """Only one process at a time starts or stops the engines of a VAR_DIR."""
    descriptor = open_lock(var, "start")
    began, told = time.monotonic(), False
    try:
        while not try_lock(descriptor):
            if not told and time.monotonic() - began > 2:
                say("waiting for another command that is starting or stopping the engines")
                told = True
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise EnginesError(
                    "Another command has been starting the engines for 20 minutes; end it first."
                )
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


class Use:
    """This process's place among those who use the engines; the last one out switches them off."""

    def __init__(self, var: Path) -> None:
        self.descriptor = open_lock(var, "users")
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Use the engines no longer."""
        os.close(self.descriptor)


@contextlib.contextmanager
def nobody_uses(var: Path) -> Iterator[bool]:
    """Say whether nobody uses the engines, and keep it so while they are being stopped.

    Asked inside ``alone``: nobody can join meanwhile.
    """
    descriptor = open_lock(var, "users")
    try:
        yield try_lock(descriptor) or _only_the_keeper(descriptor)
    finally:
        os.close(descriptor)


def _only_the_keeper(descriptor: int) -> bool:
    """Whether the lock we were refused is the keeper's, which takes it the moment the last user has gone."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True  # users share it, so whoever has it alone is the keeper
    return try_lock(descriptor)  # users, or a keeper that let go just now; it takes it only once


def wait_for_last_user(var: Path) -> None:
    """Block, without using any processor, until no process uses the engines."""
    descriptor = open_lock(var, "users")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)
