"""Valkey on a Unix socket: the doorbell between web and worker. It keeps nothing that matters."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from pathlib import Path
from urllib.parse import quote

from config.services.places import EnginesError, Places
from config.services.programs import Programs, end, is_running, spawn

START_SECONDS = 30.0


def url(places: Places) -> str:
    """The address as the ``redis`` client reads it."""
    return f"unix://{quote(str(places.valkey_socket))}"


def launch(places: Places, programs: Programs) -> None:
    """Start the server if it is down; ``wait`` says when it answers."""
    if running_pid(places):
        return
    places.valkey_socket.unlink(missing_ok=True)
    log = places.logs / "valkey.log"
    log.unlink(missing_ok=True)
    server = spawn(_command(places, programs), account=places.account, log=log)
    _pid_file(places).write_text(f"{server.pid}\n")


def wait(places: Places) -> None:
    """Return when the server answers a ping. Raises EnginesError when it does not within its time."""
    deadline = time.monotonic() + START_SECONDS
    while not answers(places):
        if not running_pid(places) or time.monotonic() > deadline:
            raise EnginesError(f"Valkey does not start: {_last_line(places.logs / 'valkey.log')}")
        time.sleep(0.02)


def answers(places: Places) -> bool:
    """Say whether a ping comes back within a second."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1)
        line.connect(str(places.valkey_socket))
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


def running_pid(places: Places) -> int:
    """The server's process number, 0 when it is down."""
    try:
        pid = int(_pid_file(places).read_text())
    except (OSError, ValueError):
        return 0
    return pid if is_running(pid, str(places.valkey_socket)) else 0


def stop(places: Places) -> None:
    """End the server; what waited in it is found again in the database by the next sweep."""
    pid = running_pid(places)
    if pid:
        end(pid, str(places.valkey_socket), signals=[(signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)])
    _pid_file(places).unlink(missing_ok=True)


def _pid_file(places: Places) -> Path:
    return places.home / "valkey.pid"


def _command(places: Places, programs: Programs) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(places.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(places.valkey),
        "save": "",
        "appendonly": "no",
        "maxmemory": "128mb",
        "maxmemory-policy": "noeviction",
        "set-proc-title": "no",  # the command line is how we know our own server again
    }
    return [str(programs.valkey), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "it said nothing."
