"""Looking acts up: by person, by claim, ticket or patient, by what was done, by date.

An act is one transaction of somebody, or of Holdline itself: a context of the history. It is this company's
when a person of the company did it, when Holdline did it for the company, or when it touched the company's
rows; what it touched elsewhere is never shown.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from config.audit.histories import (
    CLAIM,
    MOST_ROWS,
    PATIENT,
    TICKET,
    acts_about,
    rows_of,
    touched_by,
)
from config.audit.words import HOW, many
from deductibles.models import Claim
from escalations.models import Ticket

PAGE = 25
MOST_LOOKED = 10_000
"""Searching for a word looks through so many acts, the newest first."""
PEOPLE, HOLDLINE, EVERYBODY = "people", "holdline", "all"
_ROUNDS = 4
"""A sweep acts for all companies at once; so often is asked on for acts that touched this one."""


@dataclass(frozen=True)
class Sought:
    """What is looked for: between two moments, by whom, about what, and a word of the act."""

    since: datetime
    until: datetime
    by: str = PEOPLE
    person: int | None = None
    about: tuple[str, int] | None = None
    word: str = ""
    before: tuple[datetime, UUID] | None = None


@dataclass
class Act:
    """One act: who did what, when, and how many rows of which kind it touched."""

    key: UUID
    at: datetime
    facts: dict[str, Any]
    touched: list[tuple[str, str, str, int, list[int]]] = field(default_factory=list)

    @property
    def who(self) -> str:
        """A username, or Holdline."""
        return str(self.facts.get("who") or "somebody without a name")

    @property
    def things(self) -> list[tuple[str, int]]:
        """The first things of each kind of row that it touched."""
        return [(about, key) for _, about, _, _, keys in self.touched for key in keys]

    @property
    def counts(self) -> list[str]:
        """What was touched in words: "hold changed: 12"."""
        return [
            f"{what} {HOW.get(how, how)}: {many(count, MOST_ROWS)}" for what, _, how, count, _ in self.touched
        ]


@dataclass(frozen=True)
class Found:
    """Acts, the newest first; ``last`` is the one behind which older ones go on; ``looked_to`` says how far
    back the search for a word looked, if not to the end."""

    acts: list[Act]
    last: Act | None
    looked_to: datetime | None = None


def find(user: User, sought: Sought, size: int = PAGE) -> Found:
    """One page of what this person's company did."""
    found: list[Act] = []
    for _ in range(_ROUNDS):
        acts, looked_to = _acts(user, sought, size + 1)
        _touch(acts, user.company_id)
        found += [act for act in acts if act.touched]
        if len(found) > size:
            return Found(found[:size], found[size - 1], looked_to)
        if len(acts) <= size:
            return Found(found, None, looked_to)
        sought = _behind(sought, acts[-1])
    return Found(found, acts[-1], looked_to)


def all_of(user: User, sought: Sought, most: int, size: int = 200) -> Iterator[Act]:
    """Everything that matches, at most so many, a page at a time."""
    given = 0
    while given < most:
        acts, _ = _acts(user, sought, size)
        _touch(acts, user.company_id)
        mine = [act for act in acts if act.touched][: most - given]
        yield from mine
        given += len(mine)
        if len(acts) < size:
            return
        sought = _behind(sought, acts[-1])


def act_of(user: User, key: UUID) -> Act | None:
    """One act, if it touched anything of this person's company."""
    rows = rows_of(("SELECT id, created_at, metadata FROM pghistory_context WHERE id = %s", [key]))
    acts = [Act(key=row[0], at=row[1], facts=_facts(row[2])) for row in rows]
    _touch(acts, user.company_id)
    return acts[0] if acts and acts[0].touched else None


def _behind(sought: Sought, last: Act) -> Sought:
    return replace(sought, before=(last.at, last.key))


def _acts(user: User, sought: Sought, size: int) -> tuple[list[Act], datetime | None]:
    conditions, values = ["created_at >= %s", "created_at < %s"], list[Any]((sought.since, sought.until))
    if sought.before:
        conditions.append("(created_at, id) < (%s, %s)")
        values += list(sought.before)
    if sought.about:
        statement, given = acts_about(*sought.about, user.company_id)
        conditions.append(f"id IN ({statement})")
        values += given
    conditions_by, given = _by(user, sought)
    conditions += conditions_by
    values += given
    where = " AND ".join(conditions)
    asked = (
        f"SELECT id, created_at, metadata FROM pghistory_context WHERE {where}"  # noqa: S608
        " ORDER BY created_at DESC, id DESC"
    )
    if not sought.word:
        return _read(rows_of((f"{asked} LIMIT %s", [*values, size]))), None
    rows = rows_of(
        (
            f"WITH looked AS MATERIALIZED ({asked} LIMIT {MOST_LOOKED})"  # noqa: S608
            " (SELECT id, created_at, metadata, 0 FROM looked WHERE strpos(lower(metadata ->> 'act'), %s) > 0"
            " ORDER BY created_at DESC, id DESC LIMIT %s)"
            " UNION ALL SELECT NULL, min(created_at), NULL, count(*) FROM looked",
            [*values, sought.word.lower(), size],
        )
    )
    whole = next(row for row in rows if row[0] is None)
    return _read([row for row in rows if row[0]]), whole[1] if whole[3] == MOST_LOOKED else None


def _by(user: User, sought: Sought) -> tuple[list[str], list[Any]]:
    """Whose acts; each condition is one of an index, see ``accounts/migrations/0006_audit_found.py``."""
    person = "metadata ->> 'user' IS NOT NULL"
    if sought.person is not None:
        return [person, "(metadata ->> 'user')::int = %s"], [sought.person]
    if sought.by == PEOPLE:
        return [person, "(metadata ->> 'company')::int = %s"], [user.company_id]
    if sought.by == HOLDLINE:
        mine = "(metadata ->> 'company' IS NULL OR (metadata ->> 'company')::int = %s)"
        return ["metadata ->> 'user' IS NULL", mine], [user.company_id]
    return [], []


def _read(rows: list[tuple[Any, ...]]) -> list[Act]:
    return [Act(key=row[0], at=row[1], facts=_facts(row[2])) for row in rows]


def _facts(metadata: Any) -> dict[str, Any]:
    return json.loads(metadata) if isinstance(metadata, str) else dict(metadata)


def _touch(acts: list[Act], company: int) -> None:
    """Tell each act what it touched of this company."""
    if not acts:
        return
    by_key = {act.key: act for act in acts}
    for key, what, how, about, count, things in rows_of(touched_by(list(by_key), company)):
        by_key[key].touched.append((what, about, how, count, things))


def numbers_of(user: User, things: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """What claims, tickets and patients are called: by number, never by name."""
    keys: dict[str, set[int]] = defaultdict(set)
    for about, key in things:
        keys[about].add(key)
    names = {(PATIENT, key): f"patient {key}" for key in keys[PATIENT]}
    for kind, model in ((CLAIM, Claim), (TICKET, Ticket)):
        if keys[kind]:
            rows = model.objects.visible_to(user).filter(pk__in=keys[kind]).values_list("pk", "number")
            names |= {(kind, key): number for key, number in rows}
    return names
