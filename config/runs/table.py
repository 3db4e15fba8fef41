"""The table of background work: its columns, its cells in words, its filters and its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.roles import Can
from config.runs.looking import Look, Row
from deductibles.domain import days
from deductibles.night_words import span
from tables.listing import Listing, Source, register
from tables.shape import Cell, Column, Table
from work.background import reading
from work.background.kinds import CANCELLED, DONE, FAILED, PERSON, RUNNING, STATES, WAITING, kinds_of
from work.background.reading import Asked

NEWEST_FIRST, OLDEST_FIRST = "-asked", "asked"
TROUBLE = {"yes": "failed, left something out, or stands still"}
WORK = Table(
    "background",
    "Background work",
    (
        Column("what", "Work", locked=True, heads=True),
        Column("kind", "Kind"),
        Column("state", "State", card="wide"),
        Column("result", "What came of it", card="wide"),
        Column("who", "Started by"),
        Column("asked", "Asked for", sort="asked", align="num"),
        Column("began", "Began", align="num", default=False),
        Column("seen", "Last sign of life", align="num", default=False),
        Column("finished", "Finished", align="num", default=False),
        Column("took", "Took", align="num"),
        Column("act", "To do", exported=False, card="end"),
    ),
)
_STANDINGS = {
    WAITING: "none_stated",
    RUNNING: "on_track",
    PERSON: "due_soon",
    DONE: "closed",
    FAILED: "breached",
    CANCELLED: "none_stated",
}
_WORDY = frozenset({"what", "kind", "result", "who"})
"""Columns of which the cells may take several lines."""
_DRAWN = {name: f"tables/cells/work_{name}.html" for name in ("what", "state", "result", "act")}


class Shown:
    """A piece of work as its cells read it."""

    def __init__(self, row: Row, user: User, now: datetime) -> None:
        self.row, self.piece, self.told, self.life = row, row.piece, row.told, row.life
        self.user, self.now = user, now

    @property
    def standing(self) -> tuple[str, str]:
        """How its state is drawn, and its words."""
        if self.life.still:
            return "breached", self.row.state
        drawn = "due_soon" if self.told.doubtful else _STANDINGS[self.piece.state]
        return drawn, self.row.state

    def moment(self, at: datetime | None) -> str:
        """A moment in the company's zone; of another year with its year."""
        if at is None:
            return ""
        zone = self.user.company.zone
        local, year = timezone.localtime(at, zone), timezone.localtime(self.now, zone).year
        return f"{days.short(local.date(), year)} {local:%H:%M}"

    @property
    def tone(self) -> str:
        """How what went wrong is coloured: what failed, or what was left out."""
        return "breach" if self.piece.state == FAILED or self.life.still else "soon"

    @property
    def took(self) -> str:
        """How long it took, or has taken so far."""
        if self.piece.under_way and self.piece.began:
            return span(self.now - self.piece.began)
        return span(self.piece.took) if self.piece.took else ""

    @property
    def seen(self) -> str:
        """How long ago somebody last worked on it."""
        return f"{span(self.now - self.row.seen)} ago" if self.row.seen else ""

    @property
    def said(self) -> str:
        """What came of it, and what went wrong, as plain text."""
        progress = self.told.progress.words if self.told.progress else ""
        parts = (progress, self.told.result, self.told.trouble, self.life.still)
        return " ".join(part for part in parts if part)


_TEXT: dict[str, Callable[[Shown], str]] = {
    "what": lambda row: row.told.what,
    "kind": lambda row: row.row.kind.label,
    "state": lambda row: row.standing[1],
    "result": lambda row: row.said,
    "who": lambda row: row.piece.who,
    "asked": lambda row: row.moment(row.piece.at),
    "began": lambda row: row.moment(row.piece.began),
    "seen": lambda row: row.moment(row.row.seen),
    "finished": lambda row: row.moment(row.piece.ended),
    "took": lambda row: row.took,
    "act": lambda row: "",
}
_MOMENTS: dict[str, Callable[[Shown], datetime | None]] = {
    "asked": lambda row: row.piece.at,
    "began": lambda row: row.piece.began,
    "seen": lambda row: row.row.seen,
    "finished": lambda row: row.piece.ended,
}


class Line:
    """One piece of the list in the columns chosen."""

    def __init__(self, row: Shown, columns: Sequence[Column]) -> None:
        self.cells = [_cell(row, column) for column in columns]


def _cell(row: Shown, column: Column) -> Cell:
    look = "work-words" if column.key in _WORDY else "nowrap"
    href = row.told.url if column.heads else ""
    drawn = "" if column.key == "act" and not row.told.acts else _DRAWN.get(column.key, "")
    return Cell(column, _TEXT[column.key](row), href, look, drawn, row)


def order_of(said: str) -> str:
    """The order that was asked for, the newest first unless it is known."""
    return said if said == OLDEST_FIRST else NEWEST_FIRST


def day_of(said: str) -> date | None:
    """A day of an address; None for what is none, or for one of another age."""
    try:
        on = date.fromisoformat(said) if len(said) == 10 else None
    except ValueError:
        return None
    return on if on and 2000 <= on.year < 9999 else None


def choices_of(user: User) -> dict[str, dict[str, str]]:
    """What each filter offers this person, in words."""
    return {
        "kind": {key: kind.label for key, kind in kinds_of(user).items()},
        "state": dict(STATES),
        "trouble": TROUBLE,
    }


def understood(user: User, given: Mapping[str, str]) -> dict[str, str]:
    """Those of the filters that say something this list knows."""
    choices = choices_of(user)
    found = {name: given[name] for name, known in choices.items() if given.get(name) in known}
    dates = {name: given[name] for name in ("since", "until") if day_of(given.get(name, ""))}
    return {**found, **dates}


def asked_of(user: User, given: Mapping[str, str]) -> Asked:
    """The question that the filters ask; days are the company's."""
    said = understood(user, given)
    since, until = day_of(said.get("since", "")), day_of(said.get("until", ""))
    return Asked(
        kind=said.get("kind", ""),
        states=(said["state"],) if "state" in said else (),
        trouble="trouble" in said,
        since=_midnight(user, since) if since else None,
        until=_midnight(user, until + timedelta(days=1)) if until else None,
    )


def _midnight(user: User, on: date) -> datetime:
    return datetime.combine(on, time(0), user.company.zone)


def _filters(user: User, given: Mapping[str, str], now: datetime) -> dict[str, str]:
    order = order_of(given.get("ordering", ""))
    found = understood(user, given)
    return found if order == NEWEST_FIRST else {**found, "ordering": order}


def _source(user: User, given: Mapping[str, str], now: datetime, most: int) -> Source:
    look = Look(user, asked_of(user, given), now)
    down = order_of(given.get("ordering", "")) == NEWEST_FIRST
    names: Any = reading.keys(user, look.asked, most, down=down)

    def read(some: Sequence[Any]) -> dict[Any, Any]:
        found = reading.by_keys(user, some)
        rows = look.told(list(found.values()))
        return {(row.piece.kind, row.piece.key): Shown(row, user, now) for row in rows}

    return Source(names, read, _in_a_file)


def _in_a_file(row: Shown, key: str) -> str:
    """A cell of a file: moments with their offset, for a spreadsheet and a program alike."""
    if key in _MOMENTS:
        at = _MOMENTS[key](row)
        return at.astimezone(row.user.company.zone).isoformat(" ", "seconds") if at else ""
    if key == "what" and row.told.detail:
        return f"{row.told.what} ({row.told.detail})"
    return _TEXT[key](row)


LISTING = register(Listing(WORK, Can.READ_NIGHTS, "runs:list", _filters, _source))
