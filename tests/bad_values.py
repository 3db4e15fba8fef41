"""What is no value of which kind of field, for forms and API alike.

``REFUSED`` says what no field of a kind takes, ``ACCEPTED`` what looks odd and is understood. Which field is
of which kind stands in ``tests/bad_input.py``.
"""

from __future__ import annotations

from typing import Any

UNPRINTABLE = ["before\x00after", "lone \ud800 surrogate"]
LONG = "x" * 10_001

REFUSED: dict[str, list[Any]] = {
    "money": ["1.000,00", "1e3", "NaN", "-5", "Infinity", "1.005", "１００", *UNPRINTABLE],
    "date": ["2026-02-30", "0000-00-00", "soon", "2026-13-01", "９９９９-01-01", *UNPRINTABLE],
    "birth": ["2026-02-30", "2999-01-01", "1700-01-01", "soon", *UNPRINTABLE],
    "past": ["2026-02-30", "2999-01-01", "soon", *UNPRINTABLE],
    "time": ["25:00", "9:60", "soon", "18.30", "٠٩:٣٠", *UNPRINTABLE],
    "moment": ["2026-02-30T10:00", "2999-01-01T10:00", "soon", *UNPRINTABLE],
    "days": ["1.5", "-1", "1e3", "NaN", "99999999999", *UNPRINTABLE],
    "switch": ["no such thing", *UNPRINTABLE],
    "miles": ["1.000,00", "1e3", "NaN", "-5", *UNPRINTABLE],
    "plain date": ["2026-02-30", "0000-00-00", "soon", "2026-13-01", *UNPRINTABLE],
    "amount of units": ["1.000,00", "1e3", "NaN", "-5", "0", *UNPRINTABLE],
    "line": [*UNPRINTABLE, LONG],
    "name": [*UNPRINTABLE, LONG, "<script>"],
    "note": [*UNPRINTABLE, "x" * 100_000],
    "choice": ["no such thing", *UNPRINTABLE],
    "phone": ["12", "٣١٢٥٥٥٠١٤٧", *UNPRINTABLE],
    "email": ["nobody", "a@b", *UNPRINTABLE],
    "state": ["ZZ", *UNPRINTABLE],
    "zip": ["6060", *UNPRINTABLE],
    "npi": ["1234567890", "12", *UNPRINTABLE],
    "tax id": ["12", *UNPRINTABLE],
    "id": ["nobody", "-1", "9" * 30, "999999999", *UNPRINTABLE],
    "version": ["0", "-1", "x", "999999", *UNPRINTABLE],
    "x12": ["", "no X12 at all", *UNPRINTABLE],
    "free": [],
}
"""What a field of the kind never takes, as text: what JSON can carry besides is in ``WRONG_TYPES``."""

WRONG_TYPES: dict[str, list[Any]] = {
    kind: [[], {"a": "b"}, ["x", 1], *([] if kind == "switch" else [True])]
    for kind in REFUSED
    if kind not in ("free", "version", "x12", "note")
}
ACCEPTED: dict[str, list[str]] = {"money": ["1,000.50", "$1,000.50", "1000", "0"]}
TOO_MANY = [str(number) for number in range(1, 5_002)]
LARGE = "x" * 10_000_000
"""A note of ten megabytes, refused before anything of it is read."""
