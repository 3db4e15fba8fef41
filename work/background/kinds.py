"""What a room tells of its background work, once, so that one list can show all of it.

A room registers a :class:`Kind` for each sort of work when the application starts. This room knows no claim,
no ticket and no page: a kind says which rows are its work, what states they are in, and how one is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Expression, Q, QuerySet
from django.db.models.expressions import F, Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim

from accounts.models import User

WAITING, RUNNING, PERSON, DONE, FAILED, CANCELLED = (
    "waiting", "running", "person", "done", "failed", "cancelled",
)  # fmt: skip
STATES: Mapping[str, str] = {
    WAITING: "Waiting",
    RUNNING: "Under way",
    PERSON: "Waits for a person",
    DONE: "Done",
    FAILED: "Failed",
    CANCELLED: "Cancelled",
}
"""Every state a piece of work can be in, whatever its own room calls it."""
UNDER_WAY = (WAITING, RUNNING)
BY_ITSELF = "by itself"
BY_COMMAND = "whoever runs the server"


@dataclass(frozen=True)
class Piece:
    """One piece of work as the database has it.

    ``at`` is when it was asked for, which never changes; ``seen`` when its row was last touched by whoever
    works on it, where the row says so. ``facts`` are what its kind asked for to tell it.
    """

    kind: str
    key: int
    at: datetime
    state: str
    began: datetime | None
    seen: datetime | None
    ended: datetime | None
    who: str
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called in addresses and by the API."""
        return f"{self.kind}-{self.key}"

    @property
    def under_way(self) -> bool:
        """Whether it is to come to its end without a person."""
        return self.state in UNDER_WAY

    @property
    def took(self) -> timedelta | None:
        """How long it took; None where that is not known, as for what was done within a request."""
        if self.began is None or self.ended is None or self.ended <= self.began:
            return None
        return self.ended - self.began


@dataclass(frozen=True)
class Progress:
    """How far a piece has come: ``done`` of ``whole``, None while that is not known, and in words."""

    done: int
    whole: int | None
    words: str


@dataclass(frozen=True)
class Act:
    """Something to do about a piece: ``fields`` are posted to ``url``; without any it is a link."""

    label: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Told:
    """A piece in words, for one reader.

    ``what`` names it and ``detail`` says a little more; ``state`` is its state in its own room's words,
    empty for the plain one. ``result`` is what came of it, ``trouble`` what went wrong, each a sentence or
    two. ``url`` is its own page, empty for whoever may not open it. Where somebody must know of its trouble
    although it is done, ``doubtful`` says so.
    """

    what: str
    detail: str = ""
    state: str = ""
    result: str = ""
    trouble: str = ""
    progress: Progress | None = None
    url: str = ""
    acts: tuple[Act, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True)
class Kind:
    """One sort of background work.

    ``rows`` gives the rows of the reader's company in one or more sets, each of which has an index that ends
    in ``moment`` and the id, newest first; none for whoever may not see this kind. ``states`` parts the rows:
    each is in exactly one. ``troubled`` is what went wrong, wholly or in part. ``columns`` are expressions
    for ``began``, ``seen``, ``ended`` and ``who``, ``facts`` whatever ``tell`` reads besides. ``tell`` is
    given the piece, the reader, and whether the piece stands still.

    ``lease`` names what the worker of a piece of a company holds, for at most ``lifetime`` after its last
    sign of life; empty where there is no such thing. Without any for ``quiet`` a piece stands still; ``mend``
    says then what to do, where neither a worker nor the sweep takes it up.
    """

    key: str
    label: str
    rows: Callable[[User], Sequence[QuerySet[Any]]]
    moment: str
    states: Mapping[str, Q]
    tell: Callable[[Piece, User, bool], Told]
    troubled: Q | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    lease: Callable[[int], str] = lambda company: ""
    lifetime: timedelta = timedelta(0)
    quiet: timedelta = timedelta(minutes=5)
    mend: str = ""


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known; a room does so once, when the application starts."""
    _KINDS[kind.key] = kind
    return kind


def kinds() -> Mapping[str, Kind]:
    """Every kind of background work by its key, in the order of the keys."""
    return dict(sorted(_KINDS.items()))


def kinds_of(user: User) -> Mapping[str, Kind]:
    """The kinds this person may see anything of."""
    return {key: kind for key, kind in kinds().items() if kind.rows(user)}


def name_of(column: str, otherwise: str = "") -> Expression:
    """What the person in this column is called, of a table of people the row itself where it is empty; and
    what is said where there is nobody."""
    of = f"{column}__" if column else ""
    full = NullIf(Trim(Concat(f"{of}first_name", Value(" "), f"{of}last_name")), Value(""))
    return Coalesce(full, F(f"{of}username"), Value(otherwise))
