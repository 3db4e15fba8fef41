"""Rows that are superseded and never edited, as a page tells them: each version, who saved it and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NOBODY = "set up with Holdline"


@dataclass(frozen=True)
class Version:
    """One saved version: what changed, first in ``title``, then in ``lines``; ``when`` in words."""

    number: int
    title: str
    lines: list[str]
    when: str
    who: str
    in_force: bool


def who_saved(row: Any) -> str:
    """Who saved a version, from the audit; expects ``events__pgh_context`` prefetched when there are many."""
    history: Any = row
    contexts = [event.pgh_context for event in history.events.all() if event.pgh_context]
    return str(contexts[0].metadata.get("who", "")) if contexts else NOBODY
