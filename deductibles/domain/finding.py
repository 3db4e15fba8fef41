"""Insurance Finder's coverages laid beside our own payers: which of them is meant, and of what kind. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_KINDS = (
    (r"\bmedicare\s+advantage\b|\bpart\s+c\b|\bmapd?\b", "medicare_advantage"),
    (r"\bmedicare\b", "medicare"),
    (r"\bmedicaid\b|\bmedi-?cal\b", "medicaid"),
    (r"\bworkers?\W*s?\W*\s*comp", "workers_comp"),
    (r"\bauto(mobile)?\b|\bno[- ]fault\b", "auto"),
)


def payer_meant(name: str, payer_id: str, ours: Iterable[Any]) -> Any:
    """The one of our payers that a found coverage names, or None when that is not certain.

    The same payer id and name; else the only one with that payer id. A name alone proves nothing: insurers
    of one name have many ids, and the bill goes to the id.
    """
    same_id = [payer for payer in ours if _plain(payer.payer_id) == _plain(payer_id)]
    same = [payer for payer in same_id if _plain(payer.name) == _plain(name)]
    if same:
        return same[0]
    return same_id[0] if len(same_id) == 1 else None


def payer_like(name: str, ours: Iterable[Any]) -> Any:
    """One of our payers with this name under another id: offered to the person, never taken for certain."""
    return next((payer for payer in ours if _plain(payer.name) == _plain(name)), None)


def kind_likely(name: str) -> str:
    """The kind of payer that a name speaks of; commercial when it says nothing. The person confirms it."""
    return next((kind for pattern, kind in _KINDS if re.search(pattern, name, re.IGNORECASE)), "commercial")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
