"""Writing a company's file: a zip of one JSON line for each row, and of every attachment and X12 text.

Rows are read in one look at the database and written as they come; nothing is kept in memory but the names of
the files. Anybody can read it with what every machine has.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from accounts.models import Company
from config.backups import applied_migrations
from config.moving.manifest import LISTED, NAME, Listed, Manifest, Part
from config.moving.plan import TABLES, Fate
from config.moving.snapshot import Snapshot, snapshot
from config.moving.tables import Shape, shapes
from config.product import VERSION
from work.models import Connection, HookEndpoint

Told = Callable[[str, int], None]
"""Is called with the table that is being written and the rows written so far."""
_SPOOL = 1_000_000
_ENDINGS = (
    (b"%PDF", "pdf"), (b"\x89PNG", "png"), (b"\xff\xd8", "jpg"), (b"GIF8", "gif"), (b"RIFF", "webp"),
    (b"II*\x00", "tif"), (b"MM\x00*", "tif"),
)  # fmt: skip


@dataclass(frozen=True)
class Packed:
    """What was written."""

    manifest: Manifest
    bytes: int
    sha256: str


class Counting:
    """A file that is only written to, with its length and digest."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.bytes, self._digest = file, 0, hashlib.sha256()

    def write(self, data: Any) -> int:
        """Write on."""
        self._file.write(data)
        self._digest.update(data)
        self.bytes += len(data)
        return len(data)

    def flush(self) -> None:
        """Hand on what is not written yet."""
        self._file.flush()

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._digest.hexdigest()


def pack(company: Company, to: IO[bytes], *, at: datetime, told: Told = lambda table, rows: None) -> Packed:
    """Write everything of a company into ``to``, as it stands at this moment."""
    out = Counting(to)
    with snapshot() as seen, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:  # type: ignore[call-overload]
        manifest = _Packing(company, packed, seen, at, told).write()
    return Packed(manifest, out.bytes, out.sha256)


class _Packing:
    """One company on its way into one zip."""

    def __init__(
        self, company: Company, packed: zipfile.ZipFile, seen: Snapshot, at: datetime, told: Told
    ) -> None:
        self.company, self.zip, self.seen, self.at, self.told = company, packed, seen, at, told
        self.values = {"company": company.pk}
        self.rows = 0

    def write(self) -> Manifest:
        """Tables, files, the list of the files, and the manifest last: only then everything is counted."""
        with tempfile.SpooledTemporaryFile(_SPOOL) as listed:
            self.listed: Any = listed
            tables = [self._table(shape) for shape in shapes()]
            listed.seek(0)
            files = self._member(LISTED, iter(listed))
        manifest = Manifest(
            holdline=VERSION,
            schema=applied_migrations(),
            company={
                "key": self.company.key, "name": self.company.name, "time_zone": self.company.time_zone
            },
            made_at=self.at.isoformat(timespec="seconds"),
            tables=tables,
            files=files,
            left_out=[
                {"table": one.model, "why": one.why}
                for one in TABLES
                if one.fate not in (Fate.MOVES, Fate.READ)
            ],
            enter_again=enter_again(self.company),
        )  # fmt: skip
        with self._open(NAME) as member:
            member.write(manifest.to_json())
        return manifest

    def _table(self, shape: Shape) -> Listed:
        lines = self._lines_with_files(shape) if shape.contents else self._lines(shape)
        part = self._member(f"tables/{shape.name}.jsonl", lines, shape.name)
        return Listed(
            part.file, part.rows, part.bytes, part.sha256, shape.name, shape.what,
            [*shape.names, *shape.contents], shape.moves, "" if shape.moves else shape.plan.why,
        )  # fmt: skip

    def _lines(self, shape: Shape) -> Iterator[bytes]:
        for (line,) in self.seen.rows(shape.statement, self.values):
            yield line.encode() + b"\n"

    def _lines_with_files(self, shape: Shape) -> Iterator[bytes]:
        """The rows of a table whose columns are files: those are written first, for one member is open at a
        time."""
        with tempfile.SpooledTemporaryFile(_SPOOL) as lines:
            for line, *found in self.seen.rows(shape.statement, self.values, at_once=1):
                row = json.loads(line)
                for column, data in zip(shape.contents, found, strict=True):
                    row[column] = self._file(shape, column, row, data)
                lines.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            lines.seek(0)
            yield from lines

    def _file(self, shape: Shape, column: str, row: dict[str, Any], data: Any) -> str | None:
        """Write one file; its name, or None where there is none."""
        if data is None:
            return None
        content = shape.plan.contents[column]
        whole = data.encode() if isinstance(data, str) else bytes(data)
        name = f"files/{content.folder}/{row[content.named]}.{content.ending or _ending(whole)}"
        with self._open(name) as member:
            member.write(whole)
        said = {"name": name, "bytes": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}
        self.listed.write(json.dumps(said).encode() + b"\n")
        return name

    def _member(self, name: str, lines: Iterator[bytes], table: str = "") -> Part:
        # A table with files writes them before its first line: that one is asked for before the member opens.
        digest, rows, size = hashlib.sha256(), 0, 0
        first = next(lines, None)
        with self._open(name) as member:
            while first is not None:
                member.write(first)
                digest.update(first)
                rows, size = rows + 1, size + len(first)
                self.rows += 1
                if rows % 1_000 == 0:
                    self.told(table, self.rows)
                first = next(lines, None)
        if table:
            self.told(table, self.rows)
        return Part(name, rows, size, digest.hexdigest())

    def _open(self, name: str) -> Any:
        info = zipfile.ZipInfo(name, self.at.timetuple()[:6])
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        return self.zip.open(info, "w", force_zip64=True)


def _ending(data: bytes) -> str:
    return next((ending for begins, ending in _ENDINGS if data.startswith(begins)), "txt")


def enter_again(company: Company) -> list[str]:
    """What stays behind because it is secret, in words, for whoever sets the new company up."""
    connections = Connection.objects.filter(company=company).exclude(address="").order_by("kind")
    hooks = HookEndpoint.objects.filter(company=company, removed_at=None).order_by("pk")
    return [
        *(f"{one.get_kind_display()}: address and secret of the connection" for one in connections),
        *(f"Webhook {one}: a new secret, then switch it on" for one in hooks),
        "People: everybody chooses a password, and sets a second factor up anew",
        "Programs: new API tokens",
    ]
