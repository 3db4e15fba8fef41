"""One HTTP line to a vendor: aiohttp on a thread of its own, bounded in time and in size.

The thread lets plain synchronous code call it anywhere (also where an event loop runs already) and keeps
answers coming in while the caller writes to its database. Nothing here logs or repeats what is sent.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL


class Unavailable(Exception):
    """The vendor gave no answer that can be used; the message is a plain sentence without patient data.

    `sent` is false when certainly nothing reached the vendor. `ours` is true when somebody here must mend
    something (address, token) before asking again can help.
    """

    def __init__(self, sentence: str, *, sent: bool = True, ours: bool = False):
        super().__init__(sentence)
        self.sent = sent
        self.ours = ours


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, for a whole call with its waits, and for one wait; bytes of one response."""

    connect: float = 10.0
    total: float = 60.0
    body: int = 64 * 2**20
    longest_wait: float = 20.0


@dataclass(frozen=True)
class Response:
    """Status, headers and the whole body of one response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Line:
    """A context manager around one session; `vendor` begins the sentences of `Unavailable`."""

    def __init__(self, vendor: str, limits: Limits):
        self.vendor = vendor
        self.limits = limits
        self._session: aiohttp.ClientSession

    def __enter__(self) -> Line:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"line to {self.vendor}", daemon=True
        )
        self._thread.start()
        self.call(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self.call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def call(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run `work` on the line and wait for its result."""
        return self.submit(work).result()

    def submit(self, work: Coroutine[Any, Any, Any]) -> Future:
        """Start `work` on the line."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _open(self) -> None:
        timeout = aiohttp.ClientTimeout(
            total=self.limits.total, connect=self.limits.connect, sock_connect=self.limits.connect
        )
        self._session = aiohttp.ClientSession(
            timeout=timeout,
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            # A small body that unpacks to gigabytes must not be unpacked, so none is asked for or understood.
            headers={"Accept-Encoding": "identity", "Accept": "application/json"},
            auto_decompress=False,
        )

    async def _close(self) -> None:
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await self._session.close()

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Response:
        """One request without redirects; raises `Unavailable` for everything but a whole response."""
        try:
            request = self._session.request(
                method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
            )
            async with request as response:
                return Response(response.status, response.headers, await self._read(response))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
            raise self._unavailable(problem) from None

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        pieces, size = [], 0
        async for piece in response.content.iter_chunked(2**16):
            size += len(piece)
            if size > self.limits.body:
                raise Unavailable(f"{self.vendor} sent more than we accept in one answer.")
            pieces.append(piece)
        return b"".join(pieces)

    def _unavailable(self, problem: Exception) -> Unavailable:
        if isinstance(problem, aiohttp.InvalidURL):
            return Unavailable(f"The address of {self.vendor} cannot be used.", sent=False, ours=True)
        if isinstance(problem, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
            return Unavailable(f"{self.vendor} could not be reached.", sent=False)
        if isinstance(problem, TimeoutError):
            return Unavailable(f"{self.vendor} did not answer in time.")
        if isinstance(problem, aiohttp.ClientPayloadError):
            return Unavailable(f"{self.vendor} broke off in the middle of its answer.")
        return Unavailable(f"{self.vendor} closed the connection without an answer we can read.")


def base_address(vendor: str, url: str) -> str:
    """`url` without its last slash; `Unavailable` unless it is plain http(s): no user, query or fragment."""
    try:
        parts = URL(url.strip())
        fit = parts.scheme in ("http", "https") and parts.host and not (parts.user or parts.query_string)
    except (ValueError, TypeError, AttributeError):
        fit = False
    if not fit or parts.fragment:
        raise Unavailable(f"The address of {vendor} must be an http or https address.", sent=False, ours=True)
    return str(parts).rstrip("/")
