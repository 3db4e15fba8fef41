"""Where the embedded engines keep their programs, data, sockets and logs.

An ordinary user has everything below VAR_DIR. PostgreSQL refuses to run as root, and the unprivileged
user it then runs as may not be able to look into VAR_DIR at all (a clone under ``/root``). So for root
the engines live in a folder of our own below ``/var/lib/holdline``, and no folder that somebody else
made ever has its permissions changed; VAR_DIR keeps a note that says where the data is.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import pwd
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SYSTEM_HOME = Path("/var/lib/holdline")
NOTE = "engines.json"
OWNER = "belongs_to"
ACCOUNTS = ("postgres", "nobody")
LONGEST_SOCKET_FOLDER = 75
"""Bytes. A Unix socket's whole path must stay below 104 bytes on the strictest system."""
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+-]+\Z")
"""PostgreSQL splits its list of socket folders at commas, and initdb hands paths to a shell."""

Say = Callable[[str], None]


class EnginesError(Exception):
    """The embedded engines cannot be had; the text is one plain sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Account:
    """The unprivileged user and group the engines run as when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Places:
    """Every folder of one VAR_DIR's engines. ``account`` is None for an ordinary user."""

    var: Path
    home: Path
    sockets: Path
    account: Account | None

    @property
    def data(self) -> Path:
        return self.home / "postgres" / "data"

    @property
    def valkey(self) -> Path:
        return self.home / "valkey"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def logs(self) -> Path:
        return self.home / "log"

    @property
    def note(self) -> Path:
        return self.var / NOTE


def places_of(var_dir: Path | str) -> Places:
    """Say where the engines of ``var_dir`` are. Reads at most one small note; makes and starts nothing."""
    var = Path(var_dir).expanduser().resolve()
    mark = _mark(var)
    if os.geteuid() == 0:
        home = _home_for_root(var, mark)
        return Places(var, home, home / "sockets", _account(mark))
    home = var / "engines"
    sockets = home / "sockets"
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER or not PLAIN_PATH.match(str(sockets)):
        sockets = Path(f"/tmp/holdline-{os.geteuid()}-{mark}")  # noqa: S108  made 0700, its owner verified
    return Places(var, home, sockets, None)


def lay_out(places: Places) -> None:
    """Make what is missing of the engines' folders and leave the note in VAR_DIR.

    Raises EnginesError when a folder is not ours to use.
    """
    if places.account:
        _own_folder(SYSTEM_HOME, 0o711)
        _own_folder(places.home, 0o710, group=places.account.gid)
    else:
        _own_folder(places.home, 0o700)
    _own_folder(places.logs, 0o700)
    for folder in (places.home / "postgres", places.valkey, places.sockets):
        _own_folder(folder, 0o700, account=places.account)
    (places.home / OWNER).write_text(str(places.var))
    note = {"home": str(places.home), "uid": os.geteuid(), "user": _user_name(os.geteuid())}
    if noted(places.var) != note:
        places.note.write_text(json.dumps(note, indent=1) + "\n")


def erase(places: Places) -> None:
    """Delete data, sockets, logs and note of these engines, which must be down."""
    shutil.rmtree(places.home, ignore_errors=True)
    shutil.rmtree(places.sockets, ignore_errors=True)
    places.note.unlink(missing_ok=True)


def _mark(var: Path) -> str:
    return hashlib.sha256(os.fsencode(var)).hexdigest()[:12]


def noted(var: Path) -> dict[str, object]:
    """The note of a VAR_DIR: ``home``, ``uid`` and ``user`` of its engines; empty when there is none."""
    with contextlib.suppress(OSError, ValueError):
        note = json.loads((var / NOTE).read_text())
        if isinstance(note, dict):
            return note
    return {}


def _home_for_root(var: Path, mark: str) -> Path:
    """Follow a VAR_DIR that was moved to its data; give one that was copied a home of its own."""
    usual = SYSTEM_HOME / mark
    told = Path(str(noted(var).get("home") or usual))
    if told == usual or told.parent != SYSTEM_HOME:
        return usual
    try:
        holder = Path((told / OWNER).read_text())
    except OSError:
        return usual
    return told if holder == var or not (holder / NOTE).exists() else usual


def _account(mark: str) -> Account:
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, _private_group(mark, entry.pw_gid))
    raise EnginesError(
        "PostgreSQL does not run as root, and this machine has no user named postgres or nobody "
        "to run it as; run this as an ordinary user."
    )


def _private_group(mark: str, otherwise: int) -> int:
    """A group number nobody else runs under, so that other programs of the same account stay outside."""
    wanted = 40_000 + int(mark, 16) % 20_000
    try:
        ranges = [line.split() for line in Path("/proc/self/gid_map").read_text().splitlines()]
    except OSError:
        return wanted
    mapped = any(int(first) <= wanted < int(first) + int(count) for first, _, count in ranges)
    return wanted if mapped else otherwise


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"


def refuse_another_users_data(places: Places) -> None:
    """Raise EnginesError when VAR_DIR's engines were set up by somebody else."""
    note = noted(places.var)
    if note and note.get("uid") != os.geteuid():
        raise EnginesError(
            f"The data of {places.var} was set up by the user {note.get('user')}, in {note.get('home')}; "
            "run this as that user, or choose another folder: VAR_DIR=/some/folder make run"
        )


def _own_folder(folder: Path, mode: int, *, account: Account | None = None, group: int = -1) -> None:
    """Make ``folder`` and its parents, or check that the one there is ours, and close it to ``mode``."""
    owner = account.uid if account else os.geteuid()
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        found = folder.lstat()
        if found.st_uid == os.geteuid() != owner:
            os.chown(folder, owner, account.gid if account else -1)
        elif group != -1 and found.st_gid != group:
            os.chown(folder, -1, group)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
            raise EnginesError(f"{folder} belongs to another user; remove it or choose another VAR_DIR.")
        if stat.S_IMODE(found.st_mode) != mode:
            folder.chmod(mode)
    except OSError as error:
        raise EnginesError(plain(error, folder)) from error


def plain(error: OSError, path: Path) -> str:
    """Say in one sentence what the system refused about ``path`` and what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"There is no room left on the disk that holds {path}; make room and start again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"{path} cannot be written by the user {_user_name(os.geteuid())}; "
            "change its owner or choose another folder: VAR_DIR=/some/folder make run"
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{path} needs to be a folder, but a file is in the way; move it or choose another VAR_DIR."
    return f"{path} cannot be used: {error.strerror or error}."
