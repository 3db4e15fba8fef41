"""One HTTP line to whoever is outside: aiohttp on a thread of its own, bounded in time and in size.

The thread lets plain synchronous code call it anywhere (also where an event loop runs already) and keeps
answers coming in while the caller writes to its database. Nothing here logs or repeats what is sent.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from work.places import is_address, is_public


class Unavailable(Exception):
    """The vendor gave no answer that can be used; the message is a plain sentence without patient data.

    `sent` is false when certainly nothing reached the vendor. `ours` is true when somebody here must mend
    something (address, token) before asking again can help. `step` is the part of the call that failed,
    such as "name", "connect", "tls" or "answer"; "wait" when the vendor asked us to come back later and
    "question" when it answered that it does not understand this one question: both are no fault of the
    connection.
    """

    def __init__(self, sentence: str, *, sent: bool = True, ours: bool = False, step: str = "answer"):
        super().__init__(sentence)
        self.sent = sent
        self.ours = ours
        self.step = step


@dataclass(frozen=True)
class Limits:
    """Seconds to connect, for a whole call with its waits, and for one wait; bytes of one response.

    `batch_wait` is the longest wait of a batch at night, for which nobody sits waiting; `operation` is for
    one question within a session (SFTP).
    """

    connect: float = 10.0
    total: float = 60.0
    body: int = 64 * 2**20
    longest_wait: float = 20.0
    batch_wait: float = 120.0
    operation: float = 20.0


@dataclass(frozen=True)
class Response:
    """Status, headers and the whole body of one response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Judged(AbstractResolver):
    """Looks names up and refuses those that lead where nothing may be sent, each time a connection is made.

    The connection then goes to the very addresses that were judged here, so that a name which changes its
    address between two looks (DNS rebinding) gains nothing.
    """

    def __init__(self, vendor: str, fits: Callable[[str], bool]):
        self.vendor, self.fits = vendor, fits
        self._system = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._system.resolve(host, port, family)
        if not all(self.fits(each["host"]) for each in found):
            raise private(self.vendor)
        return found

    async def close(self) -> None:
        await self._system.close()


def inside(vendor: str) -> str:
    """The vendor's name where it does not begin the sentence."""
    return vendor[0].lower() + vendor[1:] if vendor.startswith("The ") else vendor


def private(vendor: str) -> Unavailable:
    """What is said of an address that is no public one."""
    said = f"The address of {inside(vendor)} leads to this machine or into a private network."
    return Unavailable(f"{said} Nothing is sent there.", sent=False, ours=True, step="address")


class Line:
    """A context manager around one session; `vendor` begins the sentences of `Unavailable`.

    With `public_only` nothing is sent to this machine or a private network, whatever a name leads to. `trust`
    is who may vouch for the vendor's certificate, if not whom the system trusts.
    """

    def __init__(
        self,
        vendor: str,
        limits: Limits,
        *,
        public_only: bool = False,
        trust: ssl.SSLContext | None = None,
    ):
        self.vendor = vendor
        self.limits = limits
        self.public_only = public_only
        self.trust = trust
        self._paused_until = 0.0
        self._session: aiohttp.ClientSession

    def __enter__(self) -> Self:
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

    def fits(self, address: str) -> bool:
        """Whether something may be sent to this IP address, when it is `public_only`."""
        return is_public(address)

    def call(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run `work` on the line and wait for its result."""
        return self.submit(work).result()

    def submit(self, work: Coroutine[Any, Any, Any]) -> Future:
        """Start `work` on the line."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def pause(self, seconds: float) -> None:
        """Let every further request of this line wait so long, as the vendor asked."""
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)

    def pause_left(self) -> float:
        """Seconds for which the vendor still wants to be left alone."""
        return max(0.0, self._paused_until - time.monotonic())

    async def _open(self) -> None:
        timeout = aiohttp.ClientTimeout(
            total=self.limits.total, connect=self.limits.connect, sock_connect=self.limits.connect
        )
        self._session = aiohttp.ClientSession(
            timeout=timeout,
            connector=aiohttp.TCPConnector(
                limit=0,
                ssl=self.trust or True,
                resolver=_Judged(self.vendor, self.fits) if self.public_only else None,
            ),
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
        if self.public_only:
            self._refuse_private(url)
        try:
            request = self._session.request(
                method, URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
            )
            async with request as response:
                return Response(response.status, response.headers, await self._read(response))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
            raise self._unavailable(problem) from None

    def _refuse_private(self, url: str) -> None:
        """An address written in digits is looked up by nobody, so it is judged here."""
        host = URL(url, encoded=True).host or ""
        if is_address(host) and not self.fits(host):
            raise private(self.vendor)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        pieces, size = [], 0
        async for piece in response.content.iter_chunked(2**16):
            size += len(piece)
            if size > self.limits.body:
                raise Unavailable(f"{self.vendor} sent more than we accept in one answer.")
            pieces.append(piece)
        return b"".join(pieces)

    def _unavailable(self, problem: Exception) -> Unavailable:
        vendor = self.vendor
        if isinstance(problem, aiohttp.InvalidURL):
            return Unavailable(
                f"The address of {inside(vendor)} cannot be used.", sent=False, ours=True, step="address"
            )
        if isinstance(problem, aiohttp.ClientConnectorDNSError):
            said = f"The name in the address of {inside(vendor)} is not known, so it could not be reached."
            return Unavailable(said, sent=False, step="name")
        if isinstance(problem, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
            return tls_trouble(vendor, _certificate_error(problem))
        if isinstance(problem, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
            return Unavailable(f"{vendor} could not be reached.", sent=False, step="connect")
        if isinstance(problem, TimeoutError):
            return Unavailable(f"{vendor} did not answer in time.")
        if isinstance(problem, aiohttp.ClientPayloadError):
            return Unavailable(f"{vendor} broke off in the middle of its answer.")
        return Unavailable(f"{vendor} closed the connection without an answer we can read.")


def _certificate_error(problem: Exception) -> BaseException:
    found = getattr(problem, "certificate_error", None) or getattr(problem, "os_error", None)
    return found or problem


_REFUSED_CERTIFICATES = {
    10: "The certificate of {} has expired.",
    9: "The certificate of {} is not valid yet, or the clock of this server is wrong.",
    62: "The certificate that was shown is for another name than the one in the address of {}.",
    64: "The certificate that was shown is for another name than the one in the address of {}.",
    **dict.fromkeys((2, 18, 19, 20, 21), "The certificate of {} was issued by nobody this server trusts."),
}
"""By what OpenSSL says of a certificate that it does not accept (`X509_V_ERR_…`)."""
_BAD_CERTIFICATE = "The certificate of {} is not valid."
_NO_TLS = "What stands at the address of {} does not speak TLS, or no version of it that we accept."


def tls_trouble(vendor: str, error: BaseException) -> Unavailable:
    """Which part of the encryption failed, in a sentence; certainly nothing of ours was sent."""
    refused = isinstance(error, ssl.SSLCertVerificationError)
    code = getattr(error, "verify_code", 0)
    said = _REFUSED_CERTIFICATES.get(code, _BAD_CERTIFICATE) if refused else _NO_TLS
    return Unavailable(said.format(inside(vendor)), sent=False, step="tls")
