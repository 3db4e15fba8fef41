"""Reading background work of every kind at once: each kind's newest rows, merged by when they were asked for.

One statement whatever the number of kinds: a branch for each set of rows, which reads no more of its index
than a page takes, and the page out of those. So it costs the same at a million rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, DateTimeField, F, JSONField, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, JSONObject

from accounts.models import User
from work.background.kinds import UNDER_WAY, Kind, Piece, kinds, kinds_of

MOST_UNDER_WAY = 50
"""Pieces under way that are read at once; a company has far fewer."""
_COLUMNS = ("b_rank", "b_key", "b_at", "b_state", "b_began", "b_seen", "b_ended", "b_who", "b_facts")
_ORDER = ("b_at", "b_rank", "b_key")


@dataclass(frozen=True)
class Asked:
    """What is looked for. ``since`` and ``until`` (not included) bound when it was asked for.

    ``still`` names pieces that stand still: a look for trouble finds them too.
    """

    kind: str = ""
    states: tuple[str, ...] = ()
    trouble: bool = False
    since: datetime | None = None
    until: datetime | None = None
    still: frozenset[tuple[str, int]] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Place:
    """A place in the list: the piece it is beside."""

    at: datetime
    kind: str
    key: int


def pieces(
    user: User, asked: Asked, *, count: int, down: bool = True, behind: Place | None = None
) -> list[Piece]:
    """The next ``count`` pieces, the newest first or, not ``down``, the oldest; one query."""
    branches = [
        _ordered(rows if behind is None else rows.filter(_further(kind, behind, down)), kind, down)[:count]
        for kind, rows in _found(user, asked)
    ]
    if not branches:
        return []
    return [_piece(row) for row in _merged(branches, down)[:count]]


def under_way(user: User) -> list[Piece]:
    """Everything that is to come to its end by itself, the newest first; one query."""
    return pieces(user, Asked(states=UNDER_WAY), count=MOST_UNDER_WAY)


def by_keys(user: User, names: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Piece]:
    """The pieces of these kinds and keys that there still are."""
    wanted: dict[str, list[int]] = {}
    for kind, key in names:
        wanted.setdefault(kind, []).append(key)
    branches = [
        _told(rows.filter(pk__in=wanted[kind.key]), kind)
        for kind, rows in _found(user, Asked())
        if kind.key in wanted
    ]
    found = (_piece(row) for row in _merged(branches, True)) if branches else ()
    return {(piece.kind, piece.key): piece for piece in found}


def keys(user: User, asked: Asked, most: int, *, down: bool = True) -> list[tuple[str, int]]:
    """At most so many kinds and keys in the order of the list; one query."""
    names = list(kinds())
    branches = [_ordered(rows, kind, down, only=_ORDER)[:most] for kind, rows in _found(user, asked)]
    if not branches:
        return []
    return [(names[rank], key) for _, rank, key in _merged(branches, down)[:most]]


def counts(user: User, asked: Asked, most: int) -> tuple[int, int]:
    """How many match and how many there are, counted no further than one more than ``most``; one query."""
    parts, values = [], list[Any]()
    for one in (asked, Asked()):
        sums = []
        for _, rows in _found(user, one):
            try:
                sql, given = rows.order_by().values("pk")[: most + 1].query.sql_with_params()
            except EmptyResultSet:
                continue
            sums.append(f"(SELECT count(*) FROM ({sql}) AS few)")  # noqa: S608  our own SQL
            values += given
        parts.append(" + ".join(sums) or "0")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        found, whole = cursor.fetchone()
    return min(found, most + 1), min(whole, most + 1)


def _found(user: User, asked: Asked) -> Iterator[tuple[Kind, QuerySet[Any]]]:
    """Each set of rows that can have what is looked for, narrowed to it."""
    for key, kind in kinds_of(user).items():
        if asked.kind and asked.kind != key:
            continue
        for wanted in _wanted(kind, asked):
            for rows in kind.rows(user):
                yield kind, rows.filter(wanted)


def _wanted(kind: Kind, asked: Asked) -> list[Q]:
    """What a row of this kind must be, in parts that share no row; none where no row can be it."""
    common = Q()
    if asked.since is not None:
        common &= Q(**{f"{kind.moment}__gte": asked.since})
    if asked.until is not None:
        common &= Q(**{f"{kind.moment}__lt": asked.until})
    if asked.states:
        some = [kind.states[state] for state in asked.states if state in kind.states]
        if not some:
            return []
        common &= reduce(or_, some)
    if not asked.trouble:
        return [common]
    still = [key for name, key in asked.still if name == kind.key]
    if not still:
        return [] if kind.troubled is None else [common & kind.troubled]
    # Apart, for the index of what is troubled does not know what stands still.
    parts = [common & Q(pk__in=still)]
    return parts if kind.troubled is None else [*parts, common & kind.troubled & ~Q(pk__in=still)]


def _further(kind: Kind, place: Place, down: bool) -> Q:
    """What of a kind comes behind a place, in a form that its index can walk."""
    beyond = "lt" if down else "gt"
    moment, names = kind.moment, list(kinds())
    mine, theirs = names.index(kind.key), names.index(place.kind)
    after = Q(**{f"{moment}__{beyond}": place.at})
    if mine == theirs:
        same = Q(**{moment: place.at, f"pk__{beyond}": place.key})
        return Q(**{f"{moment}__{beyond}e": place.at}) & (after | same)
    comes_later = mine < theirs if down else mine > theirs
    return Q(**{f"{moment}__{beyond}e": place.at}) if comes_later else after


def _ordered(rows: QuerySet[Any], kind: Kind, down: bool, only: Sequence[str] = _COLUMNS) -> QuerySet[Any]:
    sign = "-" if down else ""
    return _told(rows, kind, only).order_by(f"{sign}{kind.moment}", f"{sign}pk")


def _told(rows: QuerySet[Any], kind: Kind, only: Sequence[str] = _COLUMNS) -> QuerySet[Any]:
    """Rows as every kind has them, so that they can stand below each other."""
    moment, text = DateTimeField(), TextField()
    none: Any = Cast(Value(None), moment)
    states = [When(wanted, then=Value(state)) for state, wanted in kind.states.items()]
    columns = {
        "b_rank": Value(list(kinds()).index(kind.key)),
        "b_key": F("pk"),
        "b_at": F(kind.moment),
        "b_state": Case(*states, output_field=CharField()),
        "b_began": Cast(kind.columns.get("began", none), moment),
        "b_seen": Cast(kind.columns.get("seen", none), moment),
        "b_ended": Cast(kind.columns.get("ended", none), moment),
        "b_who": Cast(kind.columns.get("who", Value("")), text),
        "b_facts": JSONObject(**kind.facts) if kind.facts else Cast(Value("{}"), JSONField()),
    }
    plain: QuerySet[Any] = rows.order_by().annotate(**{name: columns[name] for name in only})
    return plain.values_list(*only)


def _merged(branches: Sequence[QuerySet[Any]], down: bool) -> QuerySet[Any]:
    """All branches in one order; one alone has it already."""
    if len(branches) == 1:
        return branches[0]
    whole = branches[0].union(*branches[1:], all=True)
    return whole.order_by(*(f"{'-' if down else ''}{name}" for name in _ORDER))


def _piece(row: Sequence[Any]) -> Piece:
    rank, key, at, state, began, seen, ended, who, facts = row
    return Piece(list(kinds())[rank], key, at, state or "", began, seen, ended, who, facts or {})
