"""A signed-in SFTP session, bounded in time: the server's key is known, or nothing is signed in or sent.

asyncssh on a thread of its own, as `wire` does for HTTP. Nothing of this machine's is used: no agent, no
configuration, no known hosts, no keys; only what the connection holds. The address that was looked up and
judged is the one that is connected to. What the server says in words is never repeated.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from typing import Any, TypeVar

import asyncssh

from deductibles.domain import sftp as rules
from deductibles.domain.sftp import HostKey
from patients.domain.intake import Wrong
from work import reach
from work.places import is_public

from .wire import MEND, Limits, Unavailable, private

VENDOR = "The clearinghouse"
GOODBYE_SECONDS = 1.0
PRIVATE_KEY = "-----BEGIN "
logging.getLogger("asyncssh").setLevel(logging.WARNING)  # below that it tells who signs in where
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Account:
    """Where to sign in, as whom, by what; the server's pinned key; the two folders.

    `secret` is a private key or a password, told apart by how it begins. With `public_only` nothing is sent
    into a private network.
    """

    host: str
    port: int
    user: str
    outbox: str
    inbox: str
    secret: str = field(default="", repr=False)
    host_key: str = ""
    public_only: bool = False
    limits: Limits = Limits()


@dataclass
class Facts:
    """What a session found on its way in, for whoever tells a person of it."""

    addresses: list[str] = field(default_factory=list)
    peer: str = ""
    seen: HostKey | None = None
    seen_text: str = ""
    known: bool = False
    signed_in: str = ""
    answered_in: float = 0.0


class _Client(asyncssh.SSHClient):
    """Lets the key exchange go on to the sign-in only with a server whose key is the pinned one."""

    def __init__(self, pinned: HostKey | None) -> None:
        self.pinned = pinned
        self.seen: asyncssh.SSHKey | None = None
        self.known = False

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.seen = key
        shown = rules.fingerprint_of(key.public_data)
        self.known = self.pinned is not None and shown == self.pinned.fingerprint
        return self.known


class Session:
    """A context manager around one signed-in session; raises `Unavailable` with the step that failed.

    Whatever is called on it gets `Limits.total` seconds, each question to the server `Limits.operation`, and
    all of it together `seconds` where they are named.
    """

    def __init__(self, account: Account, seconds: float = inf) -> None:
        self.account = account
        self._until = time.monotonic() + seconds
        self.limits = account.limits
        self.facts = Facts()
        self.sftp: asyncssh.SFTPClient
        self._line: asyncssh.SSHClientConnection | None = None

    def __enter__(self) -> Session:
        key = read_private_key(self.account.secret) if self.account.secret.startswith(PRIVATE_KEY) else None
        pinned = rules.host_key(self.account.host_key) if self.account.host_key else None
        self._start()
        try:
            if pinned is None:
                raise _mine("hostkey", "The server's key is not known here yet, so nothing is sent to it.")
            if not self.account.secret:
                raise _mine("signin", "Neither a private key nor a password is set.")
            self._come_in(pinned, key)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def look_at_key(self) -> str:
        """The key the server shows, as it would be pinned; nobody is signed in. Raises `Unavailable`."""
        self._start()
        try:
            self.call(self._connect(None, None, rules.orders("")[0]), sent=False)
        except _AnotherKey:
            pass
        finally:
            self._stop()
        if not self.facts.seen_text:
            raise Unavailable(_NO_KIND, sent=False, step="hostkey")
        return self.facts.seen_text

    def call(self, work: Coroutine[Any, Any, _Result], *, sent: bool = True, step: str = "answer") -> _Result:
        """Run `work` on the session's thread; whatever fails there becomes `Unavailable`."""

        async def bounded() -> _Result:
            async with asyncio.timeout(min(self.limits.total, self._until - time.monotonic())):
                return await work

        try:
            return asyncio.run_coroutine_threadsafe(bounded(), self._loop).result()
        except (Unavailable, Told):
            raise
        except Exception as problem:  # a hostile server can make the library fail in any way
            raise unavailable(problem, step, sent=sent) from None

    async def ask(self, question: Awaitable[_Result]) -> _Result:
        """One question to the server, bounded in time."""
        async with asyncio.timeout(self.limits.operation):
            return await question

    def _start(self) -> None:
        self._loop = asyncio.new_event_loop()
        # What failed is told by who asked for it; the tasks beside it have nothing to add in the log.
        self._loop.set_exception_handler(lambda *_: None)
        self._thread = threading.Thread(
            target=self._loop.run_forever, name=f"sftp to {self.account.host}", daemon=True
        )
        self._thread.start()

    def _stop(self) -> None:
        with suppress(Exception):  # what the session was for is done, or has failed with its own words
            asyncio.run_coroutine_threadsafe(self._goodbye(), self._loop).result(5 * GOODBYE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _goodbye(self) -> None:
        if self._line:
            try:
                self._line.close()
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._line.wait_closed()
            except Exception:
                self._line.abort()
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    def _come_in(self, pinned: HostKey, key: asyncssh.SSHKey | None) -> None:
        """Through the door with the pinned key, or `Unavailable`; each kind of key is asked for in turn."""
        seen: list[HostKey] = []
        for algorithms in rules.orders(self.account.host_key):
            try:
                self.call(self._connect(pinned, key, algorithms), sent=False)
            except _AnotherKey as other:
                seen += [other.seen] if other.seen and other.seen not in seen else []
                continue
            except Unavailable as problem:
                if not seen or problem.step != "hostkey":
                    raise
                continue  # it has no key of this kind, and hung up
            self.call(self._open(), sent=False)
            return
        raise _strange(pinned, seen)

    async def _connect(
        self, pinned: HostKey | None, key: asyncssh.SSHKey | None, algorithms: tuple[str, ...]
    ) -> None:
        """The key exchange and the sign-in; `_AnotherKey` before anything is signed in."""
        door = await asyncio.to_thread(self._door)
        client = _Client(pinned)
        password = None if key else self.account.secret or None
        try:
            async with asyncio.timeout(self.limits.connect):
                self._line = await asyncssh.connect(
                    sock=door,
                    client_factory=lambda: client,
                    username=self.account.user,
                    client_keys=[key] if key else None,
                    password=password,
                    preferred_auth="publickey" if key else "password,keyboard-interactive",
                    known_hosts=([], [], []),
                    server_host_key_algs=list(algorithms),
                    compression_algs=["none"],
                    config=None,
                    agent_path=None,
                    gss_host=None,
                    x509_trusted_certs=None,
                )
        except Exception as problem:
            door.close()
            self._note(client)
            if not client.known and isinstance(
                problem, asyncssh.HostKeyNotVerifiable | asyncssh.KeyExchangeFailed
            ):
                raise _AnotherKey(self.facts.seen if client.seen else None) from None
            step = "signin" if client.known else "hostkey"
            raise unavailable(problem, step, sent=False) from None
        self._note(client)
        self.facts.signed_in = "key" if key else "password"

    def _note(self, client: _Client) -> None:
        self.facts.known = client.known
        if client.seen:
            shown = client.seen.export_public_key("openssh").decode().split()[:2]
            self.facts.seen_text = " ".join(shown)
            kind = rules.kind_of(shown[0])
            self.facts.seen = HostKey(rules.fingerprint_of(client.seen.public_data), kind)

    def _door(self) -> Any:
        """A connection to an address that was judged."""
        account = self.account
        places = reach.look_up(account.host, account.port, self.limits.connect)
        if isinstance(places, str):
            raise Unavailable(places, sent=False, step="name")
        self.facts.addresses = [place[0] for place in places]
        if account.public_only and not all(is_public(address) for address in self.facts.addresses):
            raise private(VENDOR)
        door = reach.connect(places, self.limits.connect)
        if isinstance(door, str):
            raise Unavailable(door, sent=False, step="connect")
        self.facts.peer = f"{door.getpeername()[0]} takes connections on port {door.getpeername()[1]}."
        return door

    async def _open(self) -> None:
        """Begin SFTP, in the version whose rename takes no other file's place."""
        assert self._line is not None
        began = time.monotonic()
        starting = self._line.start_sftp_client(path_encoding=None, sftp_version=3)
        self.sftp = await self.ask(starting)
        self.facts.answered_in = time.monotonic() - began


class Told(Exception):
    """What a caller's own work on a session ends with; it is passed on as it is."""


class _AnotherKey(Told):
    """The server showed another key than the pinned one, or has none of the kinds that were asked for."""

    def __init__(self, seen: HostKey | None) -> None:
        super().__init__()
        self.seen = seen


def account_at(
    address: str,
    secret: str,
    host_key: str,
    folders: tuple[str, str],
    *,
    public_only: bool,
    limits: Limits,
) -> Account:
    """The account an address names, with the folders for claims and for acknowledgements; `Unavailable`."""
    try:
        there = rules.where(address)
    except Wrong as wrong:
        raise _mine("address", wrong.sentence) from None
    outbox, inbox = there.folder(folders[0], rules.OUTBOX), there.folder(folders[1], rules.INBOX)
    return Account(there.host, there.port, there.user, outbox, inbox, secret, host_key, public_only, limits)


def read_private_key(text: str) -> asyncssh.SSHKey:
    """A private key as it is kept; `Unavailable` says what is wrong with it, never what it is."""
    try:
        key = asyncssh.import_private_key(text)
    except asyncssh.KeyEncryptionError:
        raise _mine("signin", _LOCKED) from None
    except Exception as problem:
        said = _LOCKED if "assphrase" in str(problem) or "ENCRYPTED" in text else _NO_KEY
        raise _mine("signin", said) from None
    if key.algorithm == b"ssh-dss":
        raise _mine("signin", _OLD_KIND)
    return key


_LOCKED = (
    "The private key is locked by a passphrase, which nobody could type at night. Enter a copy without one "
    "(ssh-keygen -p); it is kept sealed here."
)
_OLD_KIND = "The private key is of a kind (DSA) nobody accepts any more. Make an ED25519 key."
_NO_KIND = "The server has no key of a kind that is accepted here."
_NO_KEY = "The private key cannot be read. Copy the whole file, from its -----BEGIN to its -----END line."


def _mine(step: str, sentence: str) -> Unavailable:
    return Unavailable(f"{sentence} {MEND}", sent=False, ours=True, step=step)


def _strange(pinned: HostKey, seen: list[HostKey]) -> Unavailable:
    """A server that is not the one that is known; nothing was signed in or sent."""
    if not seen:
        return Unavailable(f"{_NO_KIND} Expected is {pinned}. Nothing was sent.", sent=False, step="hostkey")
    shown = ", ".join(map(str, seen))
    said = (
        f"The server shows another key than the one it is known by: expected {pinned}, seen {shown}. "
        "Somebody may be in between. Nobody signed in and nothing was sent."
    )
    return Unavailable(said, sent=False, ours=True, step="hostkey")


_SAID = {
    "hostkey": f"{VENDOR}'s server does not speak SSH as it is spoken here.",
    "signin": f"{VENDOR}'s server does not let us in.",
    "answer": f"{VENDOR}'s server broke the session off.",
}
_SLOW = {
    "hostkey": "The server took the connection and did not begin SSH in time.",
    "signin": "The server did not finish the sign-in in time.",
}


def unavailable(problem: BaseException, step: str, *, sent: bool) -> Unavailable:
    """What failed in a sentence of ours; the server's own words stay with it."""
    if isinstance(problem, TimeoutError):
        said = _SLOW.get(step, f"{VENDOR}'s server did not answer in time.")
    elif isinstance(problem, asyncssh.SFTPError) and not is_lost(problem):
        said = f"{VENDOR}'s server says no ({said_no(problem)})."
    elif isinstance(problem, asyncssh.PermissionDenied):
        said = f"{VENDOR}'s server does not accept our key or password for this user. {MEND}"
    elif isinstance(problem, asyncssh.ChannelOpenError):
        said = f"{VENDOR}'s server lets us in and offers no SFTP."
    else:
        said = _SAID.get(step, _SAID["answer"])
    return Unavailable(said, sent=sent, step=step)


def is_lost(problem: asyncssh.SFTPError) -> bool:
    """Whether this is no answer of the server's but the lack of one."""
    lost = asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection | asyncssh.SFTPBadMessage
    return isinstance(problem, lost)


def said_no(problem: asyncssh.SFTPError) -> str:
    """Why the server refused, in words of ours."""
    if isinstance(problem, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath):
        return "it is not there"
    if isinstance(problem, asyncssh.SFTPPermissionDenied | asyncssh.SFTPWriteProtect):
        return "this user may not"
    if isinstance(problem, asyncssh.SFTPNoSpaceOnFilesystem | asyncssh.SFTPQuotaExceeded):
        return "its disk is full"
    if isinstance(problem, asyncssh.SFTPOpUnsupported):
        return "it does not know how"
    return f"code {problem.code}"
