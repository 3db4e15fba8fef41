"""From a name to an open connection, in bounded time, saying in a sentence where that ends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

Place = tuple[str, int]
"""An address in digits, and a port."""
_Waited = TypeVar("_Waited")


def look_up(host: str, port: int, seconds: float) -> list[Place] | str:
    """The addresses behind a name, or the sentence that says why there are none.

    The system's look-up knows no time limit, so it is waited for beside its thread.
    """
    try:
        found = _in_time(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), seconds)
    except TimeoutError:
        return f"Nobody said in {seconds:.0f} seconds where {host} is."
    except (OSError, UnicodeError):
        return f"The name {host} is not known."
    return (
        list(dict.fromkeys((str(place[4][0]), port) for place in found)) or f"The name {host} leads nowhere."
    )


def connect(places: list[Place], seconds: float) -> socket.socket | str:
    """A connection to the first place that takes one, or why there is none; twice ``seconds`` for all."""
    said = ""
    until = time.monotonic() + 2 * seconds
    for place in places:
        left = min(seconds, until - time.monotonic())
        if left <= 0:
            break
        try:
            return socket.create_connection(place, timeout=left)
        except ConnectionRefusedError:
            said = f"{place[0]} refuses connections on port {place[1]}: nothing listens there."
        except TimeoutError:
            said = f"{place[0]} did not take a connection on port {place[1]} in {left:.0f} seconds."
        except OSError:
            said = f"There is no way to {place[0]} from this server."
    return said


def _in_time(work: Callable[[], _Waited], seconds: float) -> _Waited:
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    thread = threading.Thread(target=run, name="look up", daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    if isinstance(found[0], Exception):
        raise found[0]
    result: _Waited = found[0]
    return result
