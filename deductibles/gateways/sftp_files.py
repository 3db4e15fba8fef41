"""Files of a clearinghouse over SFTP: handed over once, acknowledgements read whole and put away.

A file is written under a name nobody watches, made to last, and renamed. A rename of SFTP's version 3 takes
no other file's place, and until it is asked for nothing has arrived: what fails before is refused, what is
unanswered after is ambiguous. There are no notes of ours on the server, so whoever tries a file a second
time says `again`: then a file that is gone from the outbox was taken, unless what is left of the first try
shows that it never came to the rename.
"""

from __future__ import annotations

import logging
import re
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import asyncssh

from deductibles.domain import sftp as rules

from .outbox import MAX_ACKNOWLEDGEMENT_BYTES, Arrived, Handed
from .sftp import Account, Session, Told, is_lost, said_no, unavailable
from .wire import MEND, Unavailable

log = logging.getLogger(__name__)
CHUNK = 2**18
LONGEST_HAND_OVERS = 2
"""How often the seconds of one call a hand-over may take with its sign-in: less than the lease of a night."""
MOST_NAMES = 5000
"""Names of a folder that are looked at; an inbox with more is read in the order the server tells them."""
MOST_FILES, MOST_BYTES = 500, 64 * 2**20
"""What one visit to an inbox takes in; the next one, a minute later, goes on."""
STILL_SECONDS = 120.0
"""So long a file that does not end as X12 must not have changed before it counts as whole."""
OLD_SECONDS = 86400
LEFT_OVER = re.compile(r"\.(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,119})\.[0-9a-f]{8}\.part")
UNFINISHED = re.compile(
    r"(?i)\..*|.*(\.(part|partial|filepart|te?mp|upload(ing)?|writing|crdownload|lock)|~)"
)
READ = "read"
NOTHING_SENT = "Nothing was handed over."
WAIT = "It may have arrived: wait for its acknowledgement before sending it again."
BEFORE = "A different file was handed over under this name before."


class _Said(Told):
    """What became of the hand-over."""

    def __init__(self, state: str, detail: str, step: str = "answer") -> None:
        super().__init__(detail)
        self.state, self.detail, self.step = state, detail, step


@dataclass
class _Moment:
    """Whether the rename was asked for: from then on the file may have arrived."""

    leaving: bool = False


def hand_over(account: Account, filename: str, content: bytes, *, again: bool = False) -> Handed:
    """Put `content` into the outbox under `filename`, whole and once; never raises for what is outside."""
    final = f"{account.outbox}/{filename}"
    moment = _Moment()
    try:
        with Session(account, LONGEST_HAND_OVERS * account.limits.total) as session:
            session.call(_deliver(session, final, content, again, moment), sent=False, step="answer")
    except _Said as said:
        reference = final if said.state != "refused" else ""
        return Handed(said.state, reference, said.detail, said.step)
    except Unavailable as problem:
        if moment.leaving:
            return Handed("ambiguous", final, f"{problem} {WAIT}", problem.step)
        return Handed("refused", "", f"{problem} {NOTHING_SENT}", problem.step)
    return Handed("ambiguous", final, WAIT)


async def _deliver(session: Session, final: str, content: bytes, again: bool, moment: _Moment) -> None:
    """Ends in `_Said` or in what the library raises."""
    await _refuse_twice(session, final, content, again)
    part = str(PurePosixPath(final).with_name(f".{PurePosixPath(final).name}.{secrets.token_hex(4)}.part"))
    try:
        await _write(session, part, content)
        moment.leaving = True
        await session.ask(session.sftp.rename(part.encode(), final.encode()))
    except asyncssh.SFTPError as problem:
        if is_lost(problem):
            raise
        if moment.leaving:
            await _not_renamed(session, part, final, content, problem)
        await _remove(session, part)
        raise _refused(problem, "the outbox") from None
    raise _Said("accepted", "The file stands in the outbox.")


async def _refuse_twice(session: Session, final: str, content: bytes, again: bool) -> None:
    """`_Said` when this file arrived before or may have; else what crashed tries left is cleared away."""
    try:
        stands = await _stands(session, final, content)
        if stands is not None:
            raise _Said("accepted", "The file stands in the outbox.") if stands else _Said("refused", BEFORE)
        never_left = await _clear(session, final, len(content))
    except asyncssh.SFTPError as problem:
        if is_lost(problem):
            raise
        raise _refused(problem, "the outbox") from None
    if again and not never_left:
        said = "It was tried before and does not stand in the outbox: it was taken, or never came there."
        raise _Said("ambiguous", f"{said} {WAIT}")


async def _stands(session: Session, final: str, content: bytes) -> bool | None:
    """Whether exactly these bytes stand there; None when nothing does."""
    try:
        about = await session.ask(session.sftp.lstat(final.encode()))
        if not _is_plain(about) or about.size != len(content):
            return False
        return await _read(session, final.encode(), len(content)) == content
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        # Either the file or the whole folder: the one is what is hoped for, the other is told apart here.
        await session.ask(session.sftp.stat(str(PurePosixPath(final).parent).encode()))
        return None


async def _clear(session: Session, final: str, size: int) -> bool:
    """Remove what earlier tries left; say whether it proves that this file never came to its rename.

    A rename is asked for only when every byte has been written, so a shorter left-over was never renamed.
    Those of other files go when they are a day older than the newest thing there.
    """
    folder, name = PurePosixPath(final).parent, PurePosixPath(final).name
    try:
        found = [entry async for entry in _entries(session, str(folder))]
    except asyncssh.SFTPError as problem:
        if is_lost(problem):
            raise
        return False  # a folder one may only write to
    newest = max((entry.attrs.mtime or 0 for entry in found), default=0)
    proofs = []
    for entry in found:
        left = LEFT_OVER.fullmatch(_text(entry.filename) or "")
        if left and left["name"] == name:
            removed = await _remove(session, f"{folder}/{_text(entry.filename)}")
            proofs.append(removed and (entry.attrs.size or 0) < size)
        elif left and newest - (entry.attrs.mtime or newest) > OLD_SECONDS:
            await _remove(session, f"{folder}/{_text(entry.filename)}")
    return bool(proofs) and all(proofs)


async def _write(session: Session, part: str, content: bytes) -> None:
    """The whole file under its temporary name, on the server's disk where it can say so."""
    sftp = session.sftp
    flags = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT | asyncssh.FXF_EXCL
    file = await session.ask(sftp.open(part.encode(), flags, encoding=None))
    for start in range(0, len(content), CHUNK):
        await session.ask(file.write(content[start : start + CHUNK], start))
    with suppress(asyncssh.SFTPOpUnsupported):
        await session.ask(file.fsync())
    await session.ask(file.close())
    about = await session.ask(sftp.lstat(part.encode()))
    if about.size != len(content):
        await _remove(session, part)
        said = "The server kept only a part of the file; its disk may be full."
        raise _Said("refused", f"{said} {NOTHING_SENT}", "outbox")


async def _not_renamed(
    session: Session, part: str, final: str, content: bytes, problem: asyncssh.SFTPError
) -> None:
    """The server said no to the rename: look whether that is true before it is believed."""
    stands = await _stands(session, final, content)
    if stands:
        await _remove(session, part)
        raise _Said("accepted", "The file stands in the outbox.")
    try:
        await session.ask(session.sftp.lstat(part.encode()))
    except asyncssh.SFTPError:
        said = f"The server did not give the file its name ({said_no(problem)}), and took the copy away."
        raise _Said("ambiguous", f"{said} {WAIT}") from None
    await _remove(session, part)
    if stands is False:
        raise _Said("refused", BEFORE)
    said = f"The server does not let the file be given its name ({said_no(problem)})."
    raise _Said("refused", f"{said} {NOTHING_SENT}", "outbox")


def _refused(problem: asyncssh.SFTPError, folder: str) -> _Said:
    said = f"The clearinghouse's server refuses to use {folder}: {said_no(problem)}. {MEND}"
    return _Said("refused", f"{said} {NOTHING_SENT}", "outbox")


class Inbox:
    """A company's acknowledgements over one session, see `clearinghouse.visit`."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.folder = session.account.inbox

    def count(self) -> int:
        """How many files wait, at most `MOST_NAMES`; none is read."""
        return len(self._waiting())

    def arrived(self) -> Iterator[Arrived]:
        """Each whole file of at most 10 MB, one at a time, by name; raises `Unavailable`."""
        taken, began = 0, time.monotonic()
        for name, size, changed in self._waiting()[:MOST_FILES]:
            if taken + size > MOST_BYTES or time.monotonic() - began > 4 * self.session.limits.total:
                return
            content = self.session.call(self._whole(name, size, changed), step="inbox")
            if content is not None:
                taken += size
                yield Arrived(name, content)

    def put_away(self, name: str) -> None:
        """Move a read file into `read` inside the inbox where there is such a folder, else remove it."""
        self.session.call(self._put_away(name), step="inbox")

    def _waiting(self) -> list[tuple[str, int, int]]:
        """Name, size and time of what looks like an acknowledgement."""
        return self.session.call(self._listed(), step="inbox")

    async def _listed(self) -> list[tuple[str, int, int]]:
        found = []
        try:
            async for entry in _entries(self.session, self.folder):
                name, about = _text(entry.filename), entry.attrs
                if name and not UNFINISHED.fullmatch(name) and _is_plain(about):
                    if (about.size or 0) <= MAX_ACKNOWLEDGEMENT_BYTES:
                        found.append((name, about.size or 0, about.mtime or 0))
                    else:
                        log.warning("clearinghouse: a file in the inbox is larger than we take")
        except asyncssh.SFTPError as problem:
            raise self._no(problem) from None
        return sorted(found)

    async def _whole(self, name: str, size: int, changed: int) -> bytes | None:
        """The file, unless it is still being written: it must not change while it is read, and end."""
        path = f"{self.folder}/{name}".encode()
        try:
            content = await _read(self.session, path, size)
            now = await self.session.ask(self.session.sftp.lstat(path))
        except asyncssh.SFTPError as problem:
            if is_lost(problem):
                raise self._no(problem) from None
            log.warning("clearinghouse: something in the inbox cannot be read")
            return None
        still = _is_plain(now) and (now.size, now.mtime or 0) == (size, changed) and len(content) == size
        old = time.time() - changed > STILL_SECONDS
        return content if still and size and (rules.is_whole(content) or old) else None

    async def _put_away(self, name: str) -> None:
        sftp, path = self.session.sftp, f"{self.folder}/{name}"
        for target in (name, *(f"{name}.{secrets.token_hex(3)}" for _ in range(2))):
            try:
                kept = f"{self.folder}/{READ}/{target}".encode()
                await self.session.ask(sftp.rename(path.encode(), kept))
                return
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                break
            except asyncssh.SFTPError as problem:
                if is_lost(problem):
                    raise self._no(problem) from None
        try:
            await self.session.ask(sftp.remove(path.encode()))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return
        except asyncssh.SFTPError as problem:
            raise self._no(problem) from None

    def _no(self, problem: asyncssh.SFTPError) -> Unavailable:
        if is_lost(problem):
            return unavailable(problem, "inbox", sent=True)
        said = f"The clearinghouse's server refuses to use the inbox: {said_no(problem)}. {MEND}"
        return Unavailable(said, ours=True, step="inbox")


def leave_and_take(session: Session) -> None:
    """Leave a small file beside the outbox's, rename it as a hand-over does, take it away; `Unavailable`."""
    session.call(_leave_and_take(session), step="leave")


async def _leave_and_take(session: Session) -> None:
    base = f"{session.account.outbox}/.holdline-test-{secrets.token_hex(4)}"
    part, final = f"{base}.part", base
    try:
        await _write(session, part, b"test")
        await session.ask(session.sftp.rename(part.encode(), final.encode()))
        await session.ask(session.sftp.remove(final.encode()))
    except _Said as said:
        raise Unavailable(said.detail, step="leave") from None
    except asyncssh.SFTPError as problem:
        await _remove(session, part)
        await _remove(session, final)
        said_so = f"Leaving a file, renaming it or taking it away was refused: {said_no(problem)}."
        raise Unavailable(said_so, ours=True, step="leave") from None


def find_outbox(session: Session) -> None:
    """Whether the folder for claims is there; raises `Unavailable`."""
    session.call(_find_outbox(session), step="outbox")


async def _find_outbox(session: Session) -> None:
    try:
        about = await session.ask(session.sftp.stat(session.account.outbox.encode()))
    except asyncssh.SFTPError as problem:
        said = f"{session.account.outbox}: {said_no(problem)}."
        raise Unavailable(said, ours=True, step="outbox") from None
    if about.permissions is not None and not stat.S_ISDIR(about.permissions):
        raise Unavailable(f"{session.account.outbox} is no folder.", ours=True, step="outbox")


async def _entries(session: Session, folder: str) -> Any:
    """The entries of a folder, `MOST_NAMES` of them at most, in bounded time."""
    seen = 0
    async for entry in session.sftp.scandir(folder.encode()):
        yield entry
        seen += 1
        if seen >= MOST_NAMES:
            return


async def _read(session: Session, path: bytes, size: int) -> bytes:
    """At most one byte more than expected, so that a file that grew is seen and never swallowed whole."""
    file = await session.ask(session.sftp.open(path, asyncssh.FXF_READ, encoding=None))
    pieces, got = [], 0
    while got <= size and (piece := await session.ask(file.read(min(CHUNK, size + 1 - got), got))):
        pieces.append(piece if isinstance(piece, bytes) else piece.encode())
        got += len(piece)
    await session.ask(file.close())
    return b"".join(pieces)


async def _remove(session: Session, path: str) -> bool:
    try:
        await session.ask(session.sftp.remove(path.encode()))
    except asyncssh.SFTPError:
        return False
    return True


def _text(name: Any) -> str:
    """A name that can be kept and shown; empty for those nobody could mean well."""
    try:
        text = name.decode() if isinstance(name, bytes) else str(name)
    except UnicodeDecodeError:
        return ""
    fit = text.isprintable() and "/" not in text and "\\" not in text and 0 < len(text) <= 120
    return text if fit and text not in (".", "..") else ""


def _is_plain(about: asyncssh.SFTPAttrs) -> bool:
    return about.permissions is None or stat.S_ISREG(about.permissions)
