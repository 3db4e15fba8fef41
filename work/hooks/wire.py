"""One attempt: a signed POST to a receiver that may be slow, hostile or gone, in bounded time and size."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
from django.conf import settings
from django.utils import timezone

from work.hooks.domain.address import NoAddress, Rules, read_url
from work.hooks.domain.schedule import read_retry_after
from work.wire import Limits, Line, Unavailable

LIMITS = Limits(connect=5.0, total=15.0, body=64 * 2**10)
KEPT = 500
"""Bytes of an answer that are kept for the log."""
_ANSWER_SECONDS = 3.0
"""How long a body is waited for once the status is known."""
GONE = 410
_BY_STEP = ("address", "name", "connect", "tls", "answer")


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. ``step`` is empty when it went well, else what failed; ``said`` says why.

    ``status`` is the answer's, None when there was none; ``asked`` is how long the receiver asked to be left
    alone.
    """

    status: int | None = None
    milliseconds: int = 0
    step: str = ""
    said: str = ""
    answer: str = ""
    asked: timedelta | None = None

    @property
    def gone(self) -> bool:
        """Whether the receiver said that it wants nothing any more."""
        return self.status == GONE


def rules() -> Rules:
    """What this installation allows as the address of a receiver."""
    return Rules(loopback=settings.WEBHOOKS_TO_LOOPBACK)


class HookLine(Line):
    """A line to receivers. Of an answer it reads so much as is kept, and waits for no more."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        super().__init__("The receiver", limits, public_only=True)
        self._allowed = rules()

    def fits(self, address: str) -> bool:
        """Whether something may be sent to this IP address."""
        return self._allowed.may_connect(address)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        pieces = bytearray()

        async def read() -> None:
            async for piece in response.content.iter_any():
                pieces.extend(piece)
                if len(pieces) >= self.limits.body:
                    break

        try:
            await asyncio.wait_for(read(), _ANSWER_SECONDS)
        except (TimeoutError, aiohttp.ClientError):
            pass  # the status is the answer; a body that does not end or breaks off changes nothing
        finally:
            response.close()
        return bytes(pieces)

    async def post(self, url: str, headers: Mapping[str, str], body: str) -> Outcome:
        """Send one body; every trouble becomes an outcome with its sentence."""
        began = time.monotonic()
        try:
            read_url(url, self._allowed)
            found = await self.send("POST", url, headers=headers, body=body.encode())
        except NoAddress as problem:
            return Outcome(step="address", said=str(problem))
        except Unavailable as problem:
            step = problem.step if problem.step in _BY_STEP else "answer"
            return Outcome(milliseconds=_since(began), step=step, said=str(problem)[:300])
        asked = read_retry_after(found.headers.get("Retry-After", ""), timezone.now())
        said = _said(found.status)
        return Outcome(
            status=found.status,
            milliseconds=_since(began),
            step="answer" if said else "",
            said=said,
            answer=shown(found.body),
            asked=asked if said else None,
        )


def shown(body: bytes) -> str:
    """The first bytes of an answer as text that can be kept and shown."""
    text = body[:KEPT].decode("utf-8", "replace").replace("\0", "\ufffd")
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)[:KEPT]


def uses_tls(url: str) -> bool:
    """Whether what is sent there is encrypted."""
    return urlsplit(url).scheme == "https"


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _said(status: int) -> str:
    """Why this answer is no success; empty when it is."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"The receiver answered {status}, a redirect. None is followed: enter the address it leads to."
    if status == GONE:
        return "The receiver answered 410: it wants nothing any more."
    if status in (401, 403):
        return f"The receiver answered {status}: it did not accept the request, perhaps not the signature."
    if status == 404:
        return "The receiver answered 404: there is nothing at this address."
    if status == 429:
        return "The receiver answered 429: it wants fewer at a time."
    if status >= 500:
        return f"The receiver answered {status}: it had a trouble of its own."
    return f"The receiver answered {status}; only an answer from 200 to 299 counts as received."
