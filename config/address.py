"""Where the site listens: PORT and BIND, checked before anything is started."""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_PORT = 8000
DEFAULT_BIND = "127.0.0.1"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  only compared with


class NoAddress(Exception):
    """The site cannot listen there; the text is one plain sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Address:
    """One host and port. By default both spellings of this machine, ``127.0.0.1`` and ``localhost``."""

    host: str
    port: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Address:
        """Read PORT and BIND. Raises NoAddress when either makes no sense."""
        typed = environ.get("PORT") or str(DEFAULT_PORT)
        if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed) <= 65535:
            raise NoAddress(
                f"PORT is {typed!r}, but a port is a number from 1 to 65535, as in: PORT=8001 make run"
            )
        return cls(environ.get("BIND") or DEFAULT_BIND, int(typed))

    @property
    def url(self) -> str:
        """What a person types into the browser."""
        own = self.host == DEFAULT_BIND or self.host in EVERYWHERE
        return f"http://{'localhost' if own else _bracketed(self.host)}:{self.port}"

    def hosts(self) -> list[str]:
        """The addresses to listen on; browsers may try ``::1`` first for ``localhost``."""
        return [self.host, "::1"] if self.host == DEFAULT_BIND and _has_ipv6_loopback() else [self.host]

    def binds(self) -> list[str]:
        """The same as gunicorn wants them."""
        return [f"{_bracketed(host)}:{self.port}" for host in self.hosts()]

    def refuse_if_busy(self) -> None:
        """Raise NoAddress when another program listens there, or nobody may."""
        for host in self.hosts():
            try:
                _try_to_listen(host, self.port)
            except OSError as error:
                raise NoAddress(self._refusal(error)) from error

    def answers(self) -> bool:
        """Say whether the site's process is there."""
        host = EVERYWHERE.get(self.host, self.host)
        with contextlib.suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection(host, self.port, timeout=5)
            with contextlib.closing(line):
                line.request("GET", "/livez", headers={"Host": f"localhost:{self.port}"})
                return line.getresponse().status < 500
        return False

    def _refusal(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            another = self.port + 1 if self.port < 65535 else DEFAULT_PORT
            return (
                f"Port {self.port} is used by another program; end that one or choose another port: "
                f"PORT={another} make run"
            )
        if error.errno in (errno.EACCES, errno.EPERM):
            return (
                f"You may not listen on port {self.port}; choose one above 1023: PORT={DEFAULT_PORT} make run"
            )
        return f"BIND is {self.host!r}, which is no address of this machine; try BIND={DEFAULT_BIND} make run"


def free_port(first: int) -> int:
    """The first free port of this machine's loopback from ``first`` on, or any."""
    for port in range(first, min(first + 20, 65536)):
        with contextlib.suppress(OSError):
            return _try_to_listen(DEFAULT_BIND, port)
    return _try_to_listen(DEFAULT_BIND, 0)


def _try_to_listen(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(1)
        return int(door.getsockname()[1])


def _has_ipv6_loopback() -> bool:
    with contextlib.suppress(OSError):
        return bool(_try_to_listen("::1", 0))
    return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
