"""The small process that switches the engines off when their last user is gone, even after ``kill -9``.

``python -m config.services.keeper VAR_DIR [--discard]``; started by ``ensure``, one for each VAR_DIR.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from config.services import postgres, valkey
from config.services.locks import alone, nobody_uses, open_lock, try_lock, wait_for_last_user
from config.services.places import Places, Say, erase, noted, places_of

LOCK = "keeper"
ROOT = Path(__file__).resolve().parent.parent.parent


def start(places: Places, *, discard: bool) -> None:
    """Start a keeper unless one is there. Its end is never waited for here."""
    descriptor = open_lock(places.var, LOCK)
    try:
        if not try_lock(descriptor):
            return
    finally:
        os.close(descriptor)
    argv = [
        sys.executable,
        "-m",
        "config.services.keeper",
        str(places.var),
        *(["--discard"] if discard else []),
    ]
    null = subprocess.DEVNULL
    _started[places.var] = subprocess.Popen(  # noqa: S603  argv is ours, no shell
        argv, cwd=ROOT, stdin=null, stdout=null, stderr=null, start_new_session=True
    )


_started: dict[Path, subprocess.Popen[bytes]] = {}
"""Keepers this process started, by VAR_DIR; kept so that they are reaped."""


def wait_for_end(places: Places, seconds: float) -> None:
    """Give the keeper time to see that its work is done, so that no process is left behind."""
    deadline = time.monotonic() + seconds
    if process := _started.pop(places.var, None):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0, deadline - time.monotonic()))
    descriptor = open_lock(places.var, LOCK)
    try:
        while not try_lock(descriptor) and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        os.close(descriptor)


def keep(places: Places, *, discard: bool) -> None:
    """Wait until nobody uses the engines, stop them, and delete throw-away ones."""
    descriptor = open_lock(places.var, LOCK)
    if not try_lock(descriptor):
        return
    while True:
        wait_for_last_user(places.var)
        with alone(places.var, _silence), nobody_uses(places.var) as unused:
            if unused:
                stop_engines(places)
                if discard:
                    erase(places)
                    shutil.rmtree(places.var, ignore_errors=True)
                return


def set_aside_orphan(places: Places, say: Say) -> None:
    """Data whose VAR_DIR was deleted must not come back in somebody's fresh start, nor be lost unasked."""
    if places.account is None or noted(places.var) or not places.home.exists():
        return
    stop_engines(places)
    kept = places.home.with_name(f"{places.home.name}.old-{time.strftime('%Y%m%d-%H%M%S')}")
    for older in places.home.parent.glob(f"{places.home.name}.old-*"):
        shutil.rmtree(older, ignore_errors=True)
    places.home.rename(kept)
    say(f"{places.var} is new, so the data of an earlier folder of this name was set aside in {kept}")


def stop_engines(places: Places) -> None:
    """Stop both servers, whoever uses them."""
    valkey.stop(places)
    postgres.stop(places)


def _silence(_: str) -> None:
    return None


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    keep(places_of(sys.argv[1]), discard="--discard" in sys.argv[2:])
