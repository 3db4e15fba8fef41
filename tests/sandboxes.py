"""The stand-ins of sandbox/ as separate processes on free ports, for tests that want real HTTP.

with arboost() as vendor:
    vendor.script("TST000111", reject={"code": "72"})
    ...                      # vendor.url, vendor.token
    vendor.requests()        # what was asked: [{"method", "path", "body", "status"}]

with clearinghouse(folder=tmp_path) as house: ...
"""

import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

ROOT = Path(__file__).parent.parent
START_SECONDS = 20


class Sandbox:
    """One running stand-in."""

    def __init__(self, module: str, *options: str, token: str = ""):
        self.token = token
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, "--port", "0", *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        self.said = self.process.stdout
        self.url = self._address()

    def _address(self) -> str:
        ready, _, _ = select.select([self.said], [], [], START_SECONDS)
        line = self.said.readline() if ready else ""
        found = re.search(r"http://\S+", line)
        if not found:
            self.stop()
            raise RuntimeError(f"the stand-in did not start: {line!r}")
        return found[0]

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One request to the stand-in itself; its JSON, whatever the status."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            with urlopen(Request(self.url + path, data, headers, method=method), timeout=60) as response:
                return json.load(response)
        except HTTPError as refused:
            return json.load(refused)

    def script(self, key: str, **fields: object) -> None:
        """What the stand-in says of a member id (`*`: the whole service) or, at the clearinghouse, a claim."""
        self.call("PUT", f"/_script/{quote(key, safe='*')}", fields)

    def reset(self) -> None:
        """Forget scripts, monitoring and requests."""
        self.call("DELETE", "/_script")
        self.call("DELETE", "/_requests")

    def requests(self) -> list[dict]:
        """What was asked since the start or the last reset, oldest first."""
        return self.call("GET", "/_requests")["requests"]

    def monitored(self) -> dict[str, str]:
        """Reference to member id of every claim registered with AR Boost."""
        return self.call("GET", "/_monitored")["monitored"]

    def stop(self, *, kill: bool = False) -> None:
        """End the process; safe to repeat."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL if kill else signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said.close()


@contextmanager
def arboost(*, token: str = "test-token", state: Path | None = None) -> Iterator[Sandbox]:
    """AR Boost's stand-in, stopped at the end of the block."""
    options = ["--token", token] if token else []
    sandbox = Sandbox("sandbox.arboost", *options, *(["--state", str(state)] if state else []), token=token)
    try:
        yield sandbox
    finally:
        sandbox.stop()


@contextmanager
def clearinghouse(
    *, folder: Path | None = None, ack_after: float = 0, keyless: bool = False, takes: float = 0
) -> Iterator[Sandbox]:
    """The clearinghouse's stand-in; with `folder` it also watches the outboxes of the companies in it.

    `keyless`: it keeps everything it is sent, also what it has; each file takes it `takes` seconds.
    """
    options = ["--ack-after", str(ack_after), "--takes", str(takes)]
    options += [*(["--folder", str(folder)] if folder else []), *(["--keyless"] if keyless else [])]
    sandbox = Sandbox("sandbox.clearinghouse", *options)
    try:
        yield sandbox
    finally:
        sandbox.stop()


@contextmanager
def oidc() -> Iterator[Sandbox]:
    """The stand-in of an OpenID Connect provider, stopped at the end of the block."""
    sandbox = Sandbox("sandbox.oidc")
    try:
        yield sandbox
    finally:
        sandbox.stop()
