"""What a company's file says, with every number replaced by the place of its row, to compare two of them."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from config.moving.tables import CONTEXT, Shape, shapes

CHANGED = {
    "accounts_user": {"username", "is_staff", "is_superuser"},
    "work_connection": {
        "address", "notes", "secret_set_at", "secret_set_by_id", "from_environment",
    },
    "work_hookendpoint": {"enabled", "off_why", "earlier_until"},
    "patients_import": {"filename", "state", "note", "finished_at", "emptied_at"},
    "accounts_companyevent": {"key"},
}  # fmt: skip
"""What is meant to be different in the new company."""


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def rows_of(path: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members(path)[f"tables/{table}.jsonl"].splitlines()]


def manifest_of(path: Path) -> Any:
    return json.loads(members(path)["manifest.json"])


class Places:
    """Keys as the rewriting asks for them: the place of each row in its table."""

    def __init__(self, said: dict[str, bytes]) -> None:
        self._places: dict[str, dict[int, int]] = {}
        for shape in shapes():
            lines = said[f"tables/{shape.name}.jsonl"].splitlines()
            if not shape.history and shape.label != CONTEXT:
                ids = [json.loads(line)["id"] for line in lines]
                self._places[shape.label] = {key: place for place, key in enumerate(ids)}
        names = [
            json.loads(line)["name"] for line in said["tables/escalations_attachment.jsonl"].splitlines()
        ]
        self._names = {name: f"name {place}" for place, name in enumerate(names)}

    def new(self, model: str, old: int) -> int | None:
        return self._places.get(model, {}).get(old, -1)

    def name(self, old: str) -> str | None:
        return self._names.get(old)


def content_of(path: Path) -> dict[str, list[Any]]:
    """Every table that comes in, row by row, without numbers."""
    said = members(path)
    places = Places(said)
    acts = {row["id"]: row["metadata"].get("act") for row in rows_of(path, "pghistory_context")}
    found = {}
    for shape in shapes():
        if shape.moves and shape.label not in (CONTEXT, "accounts.Company"):
            lines = said[f"tables/{shape.name}.jsonl"].splitlines()
            found[shape.name] = [_plain(shape, json.loads(line), places, acts, said) for line in lines]
    return found


def _plain(shape: Shape, row: dict[str, Any], places: Places, acts: Any, said: dict[str, bytes]) -> Any:
    for column, model in shape.references.items():
        if row.get(column) is not None:
            row[column] = places.new(model, row[column])
    for column, rewrite in shape.plan.inside.items():
        if row.get(column) is not None:
            row[column] = rewrite(row[column], places)
    for column in shape.plan.contents if not shape.history else ():
        if row[column] is not None:
            row[column] = said[row[column]]
    if "pgh_context_id" in row:
        row["act"] = acts.get(row.pop("pgh_context_id"))
    return {name: value for name, value in row.items()
            if name not in CHANGED.get(shape.name, ()) and name not in (shape.key, "pgh_id")}  # fmt: skip


def repacked(path: Path, to: Path, change: Callable[[dict[str, bytes]], None], *, by: int = 8) -> Path:
    """The same file with its members changed by hand."""
    said = members(path)
    change(said)
    with zipfile.ZipFile(to, "w", by) as packed:
        for name, data in said.items():
            packed.writestr(name, data)
    return to


def url_of(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
