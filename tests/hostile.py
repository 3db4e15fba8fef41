"""Twenty-five values nobody means, for every field of every form and body.

``HOSTILE`` holds what JSON can carry; ``HOSTILE_TEXT`` what a form can send. A plain text field may keep a
harmless one; nothing may answer with a 500, and what is invalid for a field answers 400 with a sentence.
"""

from __future__ import annotations

import json
from typing import Any

HOSTILE: list[Any] = [
    "",
    "   ",
    "\x00",
    "before\x00after",
    "\ud800",
    "\u202edesrever",
    "\u200b\ufeff",
    "\x1b[31m\x07",
    "x" * 100_000,
    "'; DROP TABLE escalations_ticket; --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}{% debug %}",
    "../../../../etc/passwd",
    "-5",
    -5,
    10**30,
    "1e999",
    "NaN",
    "1.000,00",
    "2026-02-30",
    "９９９",
    None,
    True,
    {"$ne": None},
    [[[]], {"a": "b"}],
]

HOSTILE_TEXT: list[str] = [value if isinstance(value, str) else repr(value) for value in HOSTILE]

MEANINGLESS: list[Any] = [value for value in HOSTILE if value not in ("", "   ", None)]
"""Those that a field with a closed meaning (a choice, a date, an amount, an id) never accepts."""


def as_json(body: Any) -> str:
    """The body as a hostile program sends it: a lone surrogate travels as an escape."""
    return json.dumps(body)
