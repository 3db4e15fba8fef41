"""How a payer came to be as it is: each change with who made it and the values, to be put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from accounts.models import User
from patients.history import label_of, words_of
from patients.models import Payer

FIELDS = (
    "name",
    "payer_id",
    "kind",
    "network",
    "never_hold",
    "max_days",
    "dollar_threshold",
    "monitor_above",
    "filing_limit_days",
    "filing_limit_source",
    "filing_limit_checked_on",
)
"""What a person decides about a payer."""
MOST = 30
_EMPTY = {
    "max_days": "the company’s",
    "dollar_threshold": "the company’s",
    "monitor_above": "the company’s",
    "filing_limit_days": "not known",
}


@dataclass(frozen=True)
class Step:
    """One version of a payer: who made it and when, what it changed in words, and whether it is in force."""

    version: int
    who: str
    at: datetime
    lines: tuple[str, ...]
    first: bool
    in_force: bool

    @property
    def title(self) -> str:
        """What the timeline calls it."""
        return "Added" if self.first else "Changed"


def steps_of(payer: Payer) -> list[Step]:
    """The newest versions of a payer, newest first; the oldest one kept says "Added"."""
    events = _events(payer)
    people = User.objects.in_bulk({_user(event) for event in events} - {None})
    first = [_step(payer, None, event, people) for event in events[:1]]
    later = [_step(payer, was, now, people) for was, now in pairwise(events)]
    found = [*first, *later]
    return [step for step in reversed(found) if step.first or step.lines]


def version_of(payer: Payer, version: int) -> dict[str, Any] | None:
    """What a person had decided as of a version; None when there was no such version."""
    newest = _kept(payer).filter(version=version).order_by("-pgh_id").first()
    return {name: getattr(newest, name) for name in FIELDS} if newest else None


def _events(payer: Payer) -> list[Any]:
    newest = _kept(payer).select_related("pgh_context").order_by("-pgh_id")[: MOST + 1]
    return list(reversed(newest))


def _kept(payer: Any) -> Any:
    return payer.pgh_event_models["insert"].objects.filter(pgh_obj_id=payer.pk)


def _user(event: Any) -> Any:
    return event.pgh_context.metadata.get("user") if event.pgh_context else None


def _step(payer: Payer, was: Any, now: Any, people: dict[int, User]) -> Step:
    context = now.pgh_context.metadata if now.pgh_context else {}
    who = str(people.get(_user(now) or 0, context.get("who", "Holdline")))
    names = [name for name in FIELDS if was is not None and getattr(was, name) != getattr(now, name)]
    lines = tuple(_line(payer, name, getattr(was, name), getattr(now, name)) for name in names)
    first = was is None
    return Step(now.version, who, now.pgh_created_at, lines, first, now.version == payer.version)


def _line(payer: Payer, name: str, before: Any, after: Any) -> str:
    words = [words_of(payer, name, value) or _EMPTY.get(name, "empty") for value in (before, after)]
    return f"{label_of(payer, name)}: {words[0]} → {words[1]}"
