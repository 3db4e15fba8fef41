"""What of a brought file is kept, readable to Holdline alone: the file, its first row, its rows."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken

from accounts.secrets import sealer
from patients.domain.import_rows import Row
from patients.domain.intake import Wrong

PURPOSE = "import"
NEW, SAME, DIFFERENT, TWIN, WRONG, ADDED = "new", "same", "different", "twin", "wrong", "added"


@dataclass
class Found:
    """One row as it is kept: its cells, what it was found to be, and with whom.

    ``head`` is the line of the first row of what several rows are together; 0 for a row of its own.
    ``name`` is what the one here already is called by, where its address has a number and no key.
    """

    line: int
    cells: list[str]
    standing: str
    wrong: dict[str, str] = field(default_factory=dict)
    key: int | None = None
    fields: list[str] = field(default_factory=list)
    head: int = 0
    name: str = ""


def found_of(row: Row) -> Found:
    """A row that was read, not yet compared with who is here."""
    return Found(row.line, list(row.cells), WRONG if row.wrong else NEW, row.wrong)


def seal(data: bytes) -> bytes:
    """Packed and sealed."""
    return sealer(PURPOSE).encrypt(zlib.compress(data, 6))


def unseal(sealed: Any) -> bytes:
    """What was sealed; Wrong when the server's key is another one meanwhile, or nothing is kept any more."""
    try:
        return zlib.decompress(sealer(PURPOSE).decrypt(bytes(sealed or b"")))
    except InvalidToken as error:
        raise Wrong(
            "sealed", "Holdline cannot open what it kept of this file any more. Bring it again."
        ) from error


def seal_rows(rows: Sequence[Found]) -> bytes:
    """The rows of a part."""
    return seal(json.dumps([asdict(row) for row in rows]).encode("ascii"))


def unseal_rows(sealed: Any) -> list[Found]:
    """The rows of a part, as they were kept."""
    return [Found(**row) for row in json.loads(unseal(sealed))]


def seal_heads(heads: Sequence[str]) -> bytes:
    """The names in the first row: a file without one has a patient there."""
    return seal(json.dumps(list(heads)).encode("ascii"))


def unseal_heads(sealed: Any) -> list[str]:
    """The names in the first row."""
    return [str(head) for head in json.loads(unseal(sealed))]
