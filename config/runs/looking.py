"""What a look at background work finds for one reader: pieces with their words, and what stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from accounts.models import User
from work.background import reading
from work.background.kinds import STATES, Kind, Piece, Told, kinds
from work.background.reading import Asked, Place
from work.background.standing import Life, lives_of

STANDS_STILL = "Stands still"


@dataclass(frozen=True)
class Row:
    """One piece of work, told to one reader."""

    piece: Piece
    kind: Kind
    told: Told
    life: Life

    @property
    def state(self) -> str:
        """Its state in words."""
        return STANDS_STILL if self.life.still else self.told.state or STATES[self.piece.state]

    @property
    def seen(self) -> datetime | None:
        """When somebody last worked on it, while it is under way."""
        return self.life.seen if self.piece.under_way else None


class Look:
    """One question about background work, for one person at one moment."""

    def __init__(self, user: User, asked: Asked, now: datetime) -> None:
        self.user, self.now, self._asked = user, now, asked

    @cached_property
    def _under_way(self) -> list[Piece]:
        return reading.under_way(self.user)

    @cached_property
    def _lives(self) -> Mapping[tuple[str, int], Life]:
        return lives_of(self._under_way, self.user.company_id, self.now)

    @cached_property
    def asked(self) -> Asked:
        """The question, which knows what stands still once trouble is looked for."""
        if not self._asked.trouble:
            return self._asked
        still = frozenset(name for name, life in self._lives.items() if life.still)
        return replace(self._asked, still=still)

    @property
    def under_way(self) -> list[Row]:
        """Everything that is to come to its end by itself, whatever else is asked for."""
        return self.told(self._under_way)

    def page(self, count: int, *, down: bool = True, behind: Place | None = None) -> list[Row]:
        """The next pieces of those that match."""
        return self.told(reading.pieces(self.user, self.asked, count=count, down=down, behind=behind))

    def told(self, pieces: Sequence[Piece]) -> list[Row]:
        """These pieces in words; what is under way is looked at for that, whether or not it is among them."""
        lives = self._lives
        return [self._row(piece, lives.get((piece.kind, piece.key), Life(None))) for piece in pieces]

    def _row(self, piece: Piece, life: Life) -> Row:
        kind = kinds()[piece.kind]
        return Row(piece, kind, kind.tell(piece, self.user, bool(life.still)), life)
