"""What a company's file says of itself, and every check of it that needs no database. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT, VERSION = "holdline company", 1
NAME = "manifest.json"
LISTED = "files.jsonl"
"""Every file beside the tables, a line each: name, bytes, sha256."""
LARGEST = 8_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Unfit(Exception):
    """Why a file is not taken, in a sentence with what to do."""


@dataclass(frozen=True)
class Part:
    """One member of the file: how many lines and bytes it has, unpacked, and the SHA-256 of those bytes."""

    file: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Listed(Part):
    """A table: whether its rows come into another Holdline, and if not, why."""

    table: str
    what: str
    columns: list[str]
    comes_in: bool
    why: str = ""


@dataclass(frozen=True)
class Manifest:
    """The whole of ``manifest.json``."""

    holdline: str
    schema: list[str]
    company: Mapping[str, str]
    made_at: str
    tables: list[Listed]
    files: Part
    left_out: list[Mapping[str, str]] = field(default_factory=list)
    enter_again: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(one.rows for one in self.tables)

    def to_json(self) -> bytes:
        """As it is written, for people as well."""
        said = {"format": FORMAT, "format_version": VERSION, **asdict(self)}
        return json.dumps(said, indent=1, ensure_ascii=False).encode()


def read(data: bytes) -> Manifest:
    """Read a manifest that anybody may have written."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unfit(f"{NAME} in it is no JSON. Take the file anew from where it was made.") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise Unfit("This is no file of a company of Holdline. Make one with export_company.")
    if said.get("format_version") != VERSION:
        raise Unfit(
            f"It has format version {str(said.get('format_version'))[:20]}, and this Holdline reads version "
            f"{VERSION}. Use the version of Holdline that made it, or a newer one."
        )
    try:
        return _read(said)
    except (KeyError, TypeError, ValueError) as error:
        raise Unfit(f"{NAME} in it does not say what it should. Take the file anew.") from error


def _read(said: dict[str, Any]) -> Manifest:
    company = said["company"]
    return Manifest(
        holdline=_text(said["holdline"]),
        schema=[_text(one) for one in _list(said["schema"])],
        company={name: _text(company[name]) for name in ("key", "name", "time_zone")},
        made_at=_text(said["made_at"]),
        tables=[_table(one) for one in _list(said["tables"])],
        files=_part(said["files"]),
        left_out=[
            {"table": _text(one["table"]), "why": _text(one["why"])} for one in _list(said["left_out"])
        ],
        enter_again=[_text(one) for one in _list(said["enter_again"])],
    )


def _table(said: dict[str, Any]) -> Listed:
    part = _part(said)
    if part.file != f"tables/{said['table']}.jsonl" or not isinstance(said["comes_in"], bool):
        raise ValueError("a table under another name")
    return Listed(
        **asdict(part), table=_text(said["table"]), what=_text(said["what"]),
        columns=[_text(one) for one in _list(said["columns"])],
        comes_in=said["comes_in"], why=_text(said["why"]),
    )  # fmt: skip


def _part(said: dict[str, Any]) -> Part:
    if not _DIGEST.fullmatch(_text(said["sha256"])):
        raise ValueError("no digest")
    return Part(_text(said["file"]), _count(said["rows"]), _count(said["bytes"]), said["sha256"])


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 1_000:
        raise ValueError("no text")
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**60:
        raise ValueError("no number")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > 10_000:
        raise ValueError("no list")
    return value
