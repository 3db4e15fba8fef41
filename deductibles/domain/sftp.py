"""An address of SFTP and what is pinned to it: who signs in where, which folders, and the server's own key.

Pure: nothing is looked up, and a key is judged by its bytes alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from patients.domain.intake import Wrong

SCHEME = "sftp"
PORT = 22
OUTBOX, INBOX = "outbox", "inbox"
"""The folders below the address when no others are named."""
LONGEST_FOLDER = 200
LONGEST_HOST_KEY = 4000
ALGORITHMS = {
    "ED25519": ("ssh-ed25519",),
    "ECDSA": ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    "RSA": ("rsa-sha2-512", "rsa-sha2-256"),
}
"""Kinds of host keys that are taken, best first, with their signatures; none by SHA-1 and no DSA."""
_KINDS = {
    "ssh-ed25519": "ED25519",
    "ssh-rsa": "RSA",
    **dict.fromkeys(ALGORITHMS["ECDSA"], "ECDSA"),
}
_FINGERPRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?(?![A-Za-z0-9+/=])")
_KEY = re.compile(rf"(?<!\S)({'|'.join(map(re.escape, _KINDS))})\s+([A-Za-z0-9+/]+={{0,2}})(?!\S)")
_NO_KEY = (
    "This is no host key. Paste the line that begins with ssh-ed25519, ecdsa-sha2-… or ssh-rsa, or the "
    "fingerprint that begins with SHA256:."
)
_MD5 = (
    "This is a fingerprint of an old kind (MD5), which can be forged. Ask for one that begins with SHA256:."
)
_SEVERAL = "This names more than one host key. Paste the one this server is to be known by."


@dataclass(frozen=True)
class HostKey:
    """What a server is known by: its fingerprint, and its kind where the whole key is known."""

    fingerprint: str
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint}".strip()


@dataclass(frozen=True)
class Where:
    """An address taken apart; ``path`` is absolute, or without its first slash when it begins at home."""

    host: str
    port: int
    user: str
    path: str

    def folder(self, named: str, otherwise: str) -> str:
        """The folder of that name below the address; an absolute one stands for itself."""
        return str(PurePosixPath(self.path or ".") / (named or otherwise))


def is_sftp(address: str) -> bool:
    """Whether an address, read or only typed, is one of SFTP."""
    return address.strip().lower().startswith(f"{SCHEME}:")


def where(address: str) -> Where:
    """An address of SFTP taken apart; ``Wrong`` says what it lacks. ``/~/in`` is the folder in at home."""
    try:
        parts = urlsplit(address.strip())
        host, port, user = parts.hostname, parts.port, unquote(parts.username or "")
    except ValueError:
        raise Wrong("address", "This is no address. Type it as sftp://user@vendor.example.") from None
    path = unquote(parts.path)
    if parts.scheme != SCHEME or not host or parts.query or parts.fragment:
        raise Wrong("address", "This is no address. Type it as sftp://user@vendor.example.")
    if not user or not user.isprintable() or parts.password is not None:
        said = "The address must say who signs in and no password: type it as sftp://user@vendor.example."
        raise Wrong("user", said)
    if not path.isprintable() or ".." in PurePosixPath(path).parts:
        raise Wrong("address", "The folder in the address has .. or a character that cannot be printed.")
    if path == "/~" or path.startswith("/~/"):
        return Where(host, port or PORT, user, path[3:])
    return Where(host, port or PORT, user, path or "/")


def read_folder(label: str, value: object) -> str:
    """A folder on the server as it was typed, without its last slash; empty stands for the usual one."""
    text = str(value or "").strip()
    if len(text) > LONGEST_FOLDER or not text.isprintable() or ".." in PurePosixPath(text).parts:
        said = f"{label}: type a folder as the clearinghouse calls it, such as outbox or /acme/outbox."
        raise Wrong("folder", said)
    return text if text == "/" else text.rstrip("/")


def read_host_key(value: object) -> str:
    """A pinned key in its one form: ``ssh-ed25519 AAAA…`` or ``SHA256:…``; empty when nothing was typed.

    Taken are a public key, a line of known_hosts or ssh-keyscan, and what ssh-keygen says of a key.
    """
    text = str(value or "").strip()
    if not text:
        return ""
    if len(text) > LONGEST_HOST_KEY:
        raise Wrong("host_key", _NO_KEY)
    keys = {f"{kind} {data}" for kind, data in _KEY.findall(text) if _is_key(kind, data)}
    found = keys or {f"SHA256:{digest}" for digest in _FINGERPRINT.findall(text)}
    if len(found) == 1:
        return found.pop()
    if found:
        raise Wrong("host_key", _SEVERAL)
    is_md5 = re.search(r"(?:[0-9a-fA-F]{2}:){15}[0-9a-fA-F]{2}", text)
    raise Wrong("host_key", _MD5 if is_md5 else _NO_KEY)


def _is_key(kind: str, data: str) -> bool:
    """Whether the bytes name the kind that stands before them."""
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return False
    name = kind.encode()
    return raw.startswith(len(name).to_bytes(4, "big") + name) and len(raw) > len(name) + 20


def host_key(pinned: str) -> HostKey:
    """What a key that was read stands for."""
    kind, _, data = pinned.partition(" ")
    if not data:
        return HostKey(pinned)
    return HostKey(fingerprint_of(base64.b64decode(data)), _KINDS[kind])


def same_key(one: str, other: str) -> bool:
    """Whether two keys that were read stand for the same, one perhaps by its fingerprint alone."""
    return host_key(one).fingerprint == host_key(other).fingerprint


def fingerprint_of(raw: bytes) -> str:
    """The fingerprint of a public key's bytes, as everybody writes it."""
    digest = hashlib.sha256(raw).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def kind_of(algorithm: str) -> str:
    """ED25519, ECDSA or RSA, by the name in a public key."""
    return _KINDS.get(algorithm, algorithm)


def orders(pinned: str) -> list[tuple[str, ...]]:
    """Which kinds of key to ask the server for, try by try.

    A whole key names its kind, which is asked for first; another is only seen when that one is gone. A
    fingerprint does not: when the server's best key is another one, each kind is asked for in turn.
    """
    every = [signature for signatures in ALGORITHMS.values() for signature in signatures]
    if not pinned:
        return [tuple(every)]
    kind = host_key(pinned).kind
    if not kind:
        return [tuple(every), *ALGORITHMS.values()]
    first = ALGORITHMS[kind]
    return [(*first, *(each for each in every if each not in first))]


def is_whole(content: bytes) -> bool:
    """Whether X12 text begins with an ISA segment and ends with an IEA, so that nothing of it is missing."""
    text = content.strip()
    if len(text) < 106 or not text.startswith(b"ISA"):
        return False
    element, segment = text[3:4], text[105:106]
    last = text.rstrip(segment + b"\r\n").rpartition(segment)[2].strip()
    return text.endswith(segment) and last.startswith(b"IEA" + element)
