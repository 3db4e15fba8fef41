"""Pieces of sentences that tell a difference: from → to, what came and what went. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

LONGEST = 160


def cut(words: str) -> str:
    """The words, cut where they are long."""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def said(value: Any) -> str:
    """A value as a person reads it."""
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return cut(", ".join(str(one) for one in value))
    return f"“{cut(value)}”" if isinstance(value, str) and " " in value else cut(str(value))


def arrow(old: Any, new: Any) -> str:
    """From → to. Texts that begin alike are shown from where they part."""
    if isinstance(old, str) and isinstance(new, str) and max(len(old), len(new)) > LONGEST:
        start = _parting(old, new)
        old, new = (f"…{text[start:]}" if start else text for text in (old, new))
    return f"{said(old)} → {said(new)}"


def _parting(old: str, new: str) -> int:
    """Where two texts begin to differ, moved back to the beginning of a word."""
    same = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    return max(0, old.rfind(" ", 0, max(same - 30, 0)) + 1) if same > LONGEST // 2 else 0


def said_lists(label: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """What a list of words has now and what it no longer has; else that the order is another."""
    come = [one for one in new if one not in old]
    gone = [one for one in old if one not in new]
    if come:
        yield f"{label}: also {', '.join(f'“{cut(one)}”' for one in come)}"
    if gone:
        yield f"{label}: no longer {', '.join(f'“{cut(one)}”' for one in gone)}"
    if not come and not gone:
        yield f"{label}: in another order"
