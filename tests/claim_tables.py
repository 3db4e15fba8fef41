"""Tables of claims to import: invented claims by the charge line, as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from tests.api.claim_bodies import TODAY

DAY = (TODAY - timedelta(days=5)).isoformat()
HEADS = [
    "Claim",
    "Last name",
    "First name",
    "DOB",
    "Account",
    "DOS",
    "POS",
    "Dx",
    "Payer id",
    "Payer",
    "Member id",
    "CPT",
    "Modifiers",
    "Units",
    "Amount",
]
ROBIN = {"Last name": "Sample", "First name": "Robin", "DOB": "1971-03-14"}
PLAN = {"Payer id": "SHP01", "Payer": "Sample Health Plan", "Member id": "W123456789"}
VISIT = {"DOS": DAY, "POS": "11", "Dx": "R55", "CPT": "99284", "Units": "1", "Amount": "850.00"}


def row(number: str = "4711", **changes: str) -> dict[str, str]:
    """One charge line: a visit of Robin Sample, insured by the Sample Health Plan."""
    return {"Claim": number, **ROBIN, **PLAN, **VISIT, **changes}


def table(*rows: dict[str, str], heads: list[str] | None = None) -> bytes:
    """A CSV of these rows; what a row names beyond the usual columns has a column of its own."""
    names = heads or [*HEADS, *dict.fromkeys(name for one in rows for name in one if name not in HEADS)]
    written = io.StringIO()
    writer: Any = csv.DictWriter(written, names, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def lines_in(answer: Any) -> list[dict[str, str]]:
    """The rows of a CSV that was taken, by the names of its columns."""
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
