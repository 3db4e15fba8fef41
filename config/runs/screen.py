"""What the page of all background work shows."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from accounts.access import SignedIn
from config.runs.looking import Look
from config.runs.table import (
    LISTING,
    NEWEST_FIRST,
    Line,
    Shown,
    asked_of,
    choices_of,
    day_of,
    order_of,
    understood,
)
from deductibles.domain import days
from deductibles.keyset import Forged, read_cursor, write_cursor
from tables.face import MOST_COUNTED, Menu, capped
from tables.screen import ListPage
from work.background import reading
from work.background.kinds import Piece, kinds
from work.background.reading import Place

ROWS = 100


def write_place(piece: Piece, *, back: bool) -> str:
    """A cursor: the page behind this piece, or before it."""
    return write_cursor(f"{piece.at.isoformat()}|{piece.kind}", piece.key, back=back)


def read_place(cursor: str) -> tuple[Place, bool]:
    """What such a cursor says, and whether it goes back; Forged for one of somebody's making."""
    value, key, back = read_cursor(cursor, _moment_and_kind)
    if value is None:
        raise Forged("This page does not exist. Start from the first.")
    return Place(value[0], value[1], key), back


def _moment_and_kind(text: str) -> tuple[datetime, str]:
    moment, _, kind = text.partition("|")
    at = datetime.fromisoformat(moment)
    if at.tzinfo is None or not 2000 <= at.year < 9999 or kind not in kinds():
        raise ValueError("no place")
    return at, kind


class Turned:
    """One page of a look: its rows, and the cursors of the pages beside it, empty where there is none."""

    def __init__(self, look: Look, cursor: str, size: int, *, down: bool) -> None:
        if not cursor:
            found = look.page(size + 1, down=down)
            more, behind, back = len(found) > size, False, False
        else:
            place, back = read_place(cursor)
            found = look.page(size + 1, down=down != back, behind=place)
            more, behind = len(found) > size, True
        self.rows = found[:size]
        if back:
            self.rows.reverse()
        ahead, before = (True, more) if back else (more, behind)
        here = bool(self.rows)
        self.next = write_place(self.rows[-1].piece, back=False) if here and ahead else ""
        self.previous = write_place(self.rows[0].piece, back=True) if here and before else ""


class WorkScreen(ListPage):
    """Everything the list shows; it has no search, for work is found by its kind and its day."""

    names = ("kind", "state", "trouble", "since", "until")
    labels = {
        "kind": "Kind",
        "state": "State",
        "trouble": "With trouble",
        "since": "Asked for since",
        "until": "Asked for until",
    }
    first_order = NEWEST_FIRST

    def __init__(self, request: SignedIn, *, now: datetime) -> None:
        super().__init__(request, LISTING)
        self.now = now
        self.ordering = order_of(self.given["ordering"])
        self.sought = ""
        self._choices = choices_of(self.user)
        self._understood = understood(self.user, self.given)
        self._look = Look(self.user, asked_of(self.user, self.given), now)

    def turn(self, cursor: str) -> None:
        """Read the page behind a cursor; raises Forged for one of somebody's making."""
        turned = Turned(self._look, cursor, ROWS, down=self.ordering == NEWEST_FIRST)
        self.rows = [Line(Shown(row, self.user, self.now), self.face.columns) for row in turned.rows]
        self.next, self.previous = self.page_link(turned.next), self.page_link(turned.previous)
        found, whole = reading.counts(self.user, self._look.asked, MOST_COUNTED)
        pieces = "piece" if whole == 1 else "pieces"
        self.matches = f"{capped(whole)} {pieces} of work" if whole else ""
        if self.chips and whole:
            self.matches = f"{capped(found)} of {capped(whole)} match"

    @cached_property
    def under_way(self) -> list[Shown]:
        """What is under way, whatever the filters say."""
        return [Shown(row, self.user, self.now) for row in self._look.under_way]

    @property
    def still(self) -> int:
        """How many pieces stand still."""
        return sum(bool(one.life.still) for one in self.under_way)

    @property
    def lead(self) -> str:
        """Where it stands, in a sentence."""
        count = len(self.under_way)
        if not count:
            return "Nothing is under way. What ran, and what came of it, stands below."
        said = f"{count} piece{'' if count == 1 else 's'} of work under way"
        return f"{said}, {self.still} of them standing still." if self.still else f"{said}."

    @property
    def offered(self) -> list[Menu]:
        """What the list may be filtered by."""
        menus = [self.choices(name, known.items()) for name, known in self._choices.items()]
        return [*menus, self.typed("since", "date"), self.typed("until", "date")]

    def in_force(self, name: str) -> bool:
        """Whether this filter was understood."""
        return name in self._understood

    def said(self, name: str) -> str:
        """A filter's value in words."""
        value = self._understood[name]
        if name in self._choices:
            return self._choices[name][value]
        on = day_of(value)
        return days.plain(on, self.now.astimezone(self.user.company.zone).year) if on else value
