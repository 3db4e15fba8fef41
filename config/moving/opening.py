"""Opening a company's file that anybody may have made: every byte is looked at before the first row is used.

Nothing of it is ever unpacked to a disk, no name in it leads anywhere, and what unpacks to far more than it
weighs is refused. Digests tell damage, not forgery: what is in the file is not trusted afterwards either.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.moving import manifest
from config.moving.manifest import LISTED, Manifest, Part, Unfit

LONGEST_LINE = 32_000_000
MOST_ROWS, MOST_BYTES = 1_000, 8_000_000
"""After so many rows, or bytes of them, they are written before more are read."""
LARGEST_FILE = 256_000_000
"""Bytes; a file stands in memory once while it is written into the database."""
_BLOCK = 1_000_000
_SMALL, _RATIO = 10_000_000, 400
"""A member of more bytes than the first may unpack to so many times its weight; rows that are all alike reach
sixty."""
_ENCRYPTED = 0x1
CUT = "The file cannot be read to its end: it was cut short or damaged on its way. Copy it again."


Batch = list[tuple[int, dict[str, Any]]]


class Opened:
    """A file that is open; ``check`` it before anything else."""

    def __init__(self, packed: zipfile.ZipFile, path: Path) -> None:
        self._zip, self.path = packed, path
        self._members = {one.filename: one for one in packed.infolist()}
        if len(self._members) != len(packed.infolist()):
            raise Unfit("Two members of the file have the same name. Holdline makes no such file.")
        for member in self._members.values():
            _refuse_member(member)
        self.manifest: Manifest = manifest.read(self._whole(manifest.NAME, manifest.LARGEST))

    def check(self) -> None:
        """Read all of it once: nothing missing, nothing more, and every byte as it was written."""
        expected = {manifest.NAME, LISTED, *(one.file for one in self.manifest.tables)}
        if len(expected) != len(self.manifest.tables) + 2 or self.manifest.files.file != LISTED:
            raise Unfit(f"{manifest.NAME} names a table twice. Take the file anew from where it was made.")
        for part in (*self.manifest.tables, self.manifest.files):
            self._check(part)
        count = 0
        for said in self.lines(self.manifest.files):
            self._check_listed(said)
            expected.add(said["name"])
            count += 1
        if count != self.manifest.files.rows or expected != set(self._members):
            stranger = next(iter(set(self._members) - expected), "")
            raise Unfit(
                f"It holds “{stranger[:60]}”, which stands in no list of it. Holdline did not put it there."
                if stranger
                else "A file is listed in it and not there. Take it anew from where it was made."
            )

    def _check(self, part: Part) -> None:
        digest, size, rows = hashlib.sha256(), 0, 0
        with self._open(part.file) as member:
            while block := member.read(_BLOCK):
                digest.update(block)
                size, rows = size + len(block), rows + block.count(b"\n")
                if size > part.bytes:
                    break
        if (size, rows, digest.hexdigest()) != (part.bytes, part.rows, part.sha256):
            raise Unfit(f"{part.file} is not as it was written: its digest differs. Copy the file again.")

    def _check_listed(self, said: Any) -> None:
        try:
            name, size, digest = said["name"], said["bytes"], said["sha256"]
            if not (isinstance(name, str) and name.startswith("files/") and isinstance(size, int)):
                raise ValueError
        except (TypeError, KeyError, ValueError) as error:
            raise Unfit(f"{LISTED} does not say what it should. Take the file anew.") from error
        if hashlib.sha256(self.content(name)).hexdigest() != digest or self._members[name].file_size != size:
            raise Unfit(f"{name} is not as it was written: its digest differs. Copy the file again.")

    def lines(self, part: Part) -> Iterator[dict[str, Any]]:
        """The rows of a table, one after the other."""
        for batch in self.batches(part):
            yield from (row for _, row in batch)

    def batches(self, part: Part) -> Iterator[Batch]:
        """The rows of a table with the numbers of their lines, so many at a time as memory should hold."""
        batch: Batch = []
        size = number = 0
        with self._open(part.file) as member:
            while line := member.readline(LONGEST_LINE + 1):
                number, size = number + 1, size + len(line)
                if len(line) > LONGEST_LINE:
                    raise Unfit(f"Line {number} of {part.file} is longer than any of Holdline's.")
                batch.append((number, _row(line, number, part.file)))
                if len(batch) >= MOST_ROWS or size >= MOST_BYTES:
                    yield batch
                    batch, size = [], 0
        if batch:
            yield batch

    def content(self, name: str) -> bytes:
        """One file, whole."""
        return self._whole(name, LARGEST_FILE)

    def _whole(self, name: str, largest: int) -> bytes:
        with self._open(name) as member:
            data: bytes = member.read(largest + 1)
        if len(data) > largest:
            raise Unfit(f"{name} is larger than Holdline takes in one file.")
        return data

    @contextmanager
    def _open(self, name: str) -> Iterator[Any]:
        if name not in self._members:
            raise Unfit(
                f"{name[:80]} is missing in it: this is no file of a company of Holdline, or not a whole one."
            )
        try:
            with self._zip.open(self._members[name]) as member:
                yield member
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise Unfit(CUT) from error


def _refuse_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name or ":" in name:
        raise Unfit(
            f"It holds a file named “{name[:60]}”, which leads elsewhere. Holdline makes no such file."
        )
    if member.flag_bits & _ENCRYPTED:
        raise Unfit("It is locked with a password. Unlock it: pack it anew without one.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unfit("It is packed in a way Holdline does not read. Take the file as Holdline made it.")
    if member.file_size > _SMALL and member.file_size > _RATIO * max(1, member.compress_size):
        raise Unfit(f"{name[:60]} unpacks to far more than it weighs. Holdline makes no such file.")


def _row(line: bytes, number: int, file: str) -> dict[str, Any]:
    try:
        row = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Unfit(
            f"Line {number} of {file} is no JSON. Take the file anew from where it was made."
        ) from error
    if not isinstance(row, dict):
        raise Unfit(f"Line {number} of {file} is no row. Take the file anew from where it was made.")
    return row


def _refuse_constant(said: str) -> Any:
    raise ValueError(said)


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a file; Unfit when it is none of ours."""
    if not path.is_file():
        raise Unfit(f"{path} is not there, or is no file.")
    try:
        packed = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unfit(
            f"{path} is no zip file, or was cut short on its way. Copy it again from where it was made."
        ) from error
    with packed:
        yield Opened(packed, path)


def digest_of(path: Path) -> str:
    """The SHA-256 of the whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
