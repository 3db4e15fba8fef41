"""A company's folders at the clearinghouse: `outbox`, `inbox`, and our notes of what was handed over.

The transfer program takes files out of `outbox` when it likes, so an absent file says nothing about whether
it was handed over. `handed/<name>` does: it is written as `sending` before the file appears in the outbox
and as `handed` after. A crash between the two, with the file gone, is what nobody can decide: ambiguous.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .wire import Unavailable

MAX_ACKNOWLEDGEMENT_BYTES = 10 * 2**20
LONGEST_NAME = 120
SENDING, HANDED = "sending", "handed"


@dataclass(frozen=True)
class Handed:
    """`state` is `accepted`, `ambiguous` or `refused`; `detail` a plain sentence for the biller.

    `step` is where it failed, as `Unavailable` names it.
    """

    state: str
    reference: str
    detail: str
    step: str = "answer"


@dataclass(frozen=True)
class Arrived:
    """One acknowledgement file, as it came; with ``trouble``, why it cannot be taken, it has no content."""

    name: str
    content: bytes = b""
    trouble: str = ""


def hand_over(company: Path, filename: str, content: bytes, *, anew: bool = False) -> Handed:
    """Put `content` into the outbox under `filename`, whole and once; safe to repeat after any crash.

    `anew`: a person says that an interrupted hand-over left nothing, which no note can tell.
    """
    try:
        outbox, notes = _folder(company / "outbox"), _folder(company / "handed")
        with _alone(notes):
            return _once(outbox / filename, notes / filename, content, anew=anew)
    except OSError as problem:
        return Handed("refused", "", f"{_trouble(problem)} Nothing was handed over.")


def _once(final: Path, note: Path, content: bytes, *, anew: bool) -> Handed:
    """Raises `OSError` only while nothing is visible in the outbox."""
    digest = hashlib.sha256(content).hexdigest()
    state, noted = _noted(note)
    stands = _stands(final, content)
    if stands is False or (noted and noted != digest):
        return Handed("refused", "", "A different file was handed over under this name before.")
    if state == HANDED:
        return Handed("accepted", str(final), "This file was handed over before.")
    if state and not stands and not anew:
        return Handed("ambiguous", str(final), "The hand-over was interrupted; wait for the acknowledgement.")
    if not stands:
        _appear(final, note, content, digest)
    return _confirmed(final, note, digest)


def _appear(final: Path, note: Path, content: bytes, digest: str) -> None:
    """Let the whole file appear under its name, which must be free; without it no note stays either."""
    part = final.with_name(f".{final.name}.part")
    try:
        _write(part, content)
        _write_note(note, SENDING, digest)
        os.link(part, final)
    except OSError:
        if _stands(final, content):  # a network folder may do the work and lose its answer
            return
        note.unlink(missing_ok=True)
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def _confirmed(final: Path, note: Path, digest: str) -> Handed:
    """The file is visible: make that last, and note it."""
    try:
        final.with_name(f".{final.name}.part").unlink(missing_ok=True)
        _sync(final.parent)
        _write_note(note, HANDED, digest)
    except OSError as problem:
        return Handed("ambiguous", str(final), f"The file stands in the outbox, but: {_trouble(problem)}")
    return Handed("accepted", str(final), "The file stands in the outbox.")


def _noted(note: Path) -> tuple[str, str]:
    """State and digest of an earlier hand-over; a note nobody can read counts as an interrupted one."""
    try:
        state, _, digest = note.read_text("ascii", "replace").strip().partition(" ")
    except FileNotFoundError:
        return "", ""
    return (state, digest) if state in (SENDING, HANDED) and len(digest) == 64 else (SENDING, "")


def _write_note(note: Path, state: str, digest: str) -> None:
    part = note.with_name(f".{note.name}.part")
    _write(part, f"{state} {digest}\n".encode())
    part.replace(note)
    _sync(note.parent)


def _stands(final: Path, content: bytes) -> bool | None:
    """Whether exactly these bytes stand there; None when nothing does."""
    try:
        found = final.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode) or found.st_size != len(content):
        return False
    try:
        return final.read_bytes() == content
    except FileNotFoundError:  # taken away between the two looks
        return None


def _write(path: Path, content: bytes) -> None:
    """Replace `path` by `content`, on the disk, readable by us alone."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _folder(path: Path) -> Path:
    """`path`, made with what is missing above it, closed to others; folders that exist stay as they are."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            _sync(folder.parent)
    if not path.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    return path


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone(notes: Path) -> Iterator[None]:
    """One hand-over of a company at a time on this machine."""
    descriptor = os.open(notes / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _trouble(problem: OSError) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "The disk of the clearinghouse's folder is full."
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "The clearinghouse's folder cannot be written; its permissions or file system forbid it."
    return f"The clearinghouse's folder cannot be used ({os.strerror(problem.errno or errno.EIO)})."


TOO_LARGE = f"It is larger than {MAX_ACKNOWLEDGEMENT_BYTES // 2**20} MB, which no acknowledgement is."
ODD_NAME = "Its name has characters that no file of a clearinghouse has."
NO_FILE = "It is no plain file, or it cannot be read."


def arrived(company: Path) -> list[Arrived]:
    """What stands in the inbox, by name; what cannot be taken in stands there with the reason.

    Folders, and what is hidden because it is still being written, are nobody's acknowledgement.
    """
    try:
        names = sorted(path.name for path in (company / "inbox").iterdir())
    except FileNotFoundError:
        return []
    except OSError as problem:
        raise Unavailable(_trouble(problem), sent=False, ours=True) from None
    shown = [name for name in names if not name.startswith(".") and not (company / "inbox" / name).is_dir()]
    return [_arrived(company / "inbox", name) for name in shown]


def _arrived(folder: Path, name: str) -> Arrived:
    if not fit_name(name):
        return Arrived(readable(name), trouble=ODD_NAME)
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(file.fileno())
            if stat.S_ISREG(about.st_mode) and about.st_size <= MAX_ACKNOWLEDGEMENT_BYTES:
                return Arrived(name, file.read(MAX_ACKNOWLEDGEMENT_BYTES))
            return Arrived(name, trouble=TOO_LARGE if stat.S_ISREG(about.st_mode) else NO_FILE)
    except OSError:
        return Arrived(name, trouble=NO_FILE)


def fit_name(name: str) -> bool:
    """Whether a file of this name can be named, listed and put away."""
    plain = name.isprintable() and "/" not in name and not name.startswith(".")
    return plain and 0 < len(name) <= LONGEST_NAME


def readable(name: str) -> str:
    """A name as a page can show it, whatever it is made of."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name[:LONGEST_NAME])
    return shown or "a file without a name"


def put_away(company: Path, name: str) -> None:
    """Move a read acknowledgement to `read`; beside an earlier one of the same name it gets a number."""
    try:
        kept = _folder(company / "read")
        target, number = kept / name, 1
        while target.exists():
            number += 1
            target = kept / f"{name}.{number}"
        with suppress(FileNotFoundError):
            (company / "inbox" / name).rename(target)
    except OSError as problem:
        raise Unavailable(_trouble(problem), sent=False, ours=True) from None
