"""Tables to import: invented people by the row, as CSV and as a workbook."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

HEADS = "Last Name,First name,DOB,Gender,Acct #,Phone,ZIP"


def people(*rows: str, heads: str = HEADS) -> bytes:
    """A CSV of these rows."""
    return "\r\n".join([heads, *rows, ""]).encode()


def many(count: int, *, first: int = 0) -> bytes:
    """So many good patients, each with an account number of its own."""
    return people(
        *(
            f"Sample,Robin,1971-03-14,F,A-{number},312-555-0147,60601"
            for number in range(first, first + count)
        )
    )


def workbook(*rows: list[Any]) -> bytes:
    """An Excel workbook of these rows."""
    book, written = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(written)
    return written.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The packed file with one part more."""
    packed = BytesIO(data)
    with ZipFile(packed, "a", ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return packed.getvalue()


def replaced(data: bytes, name: str, content: bytes) -> bytes:
    """The packed file with one of its parts being another."""
    packed = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return packed.getvalue()


def upload(data: bytes, name: str = "people.csv") -> dict[str, Any]:
    """What the form sends."""
    return {"file": SimpleUploadedFile(name, data)}
