"""How long a session lasts: 15 minutes without activity, 12 hours in all.

The moments are kept in the session itself and written at most once a minute, so that a page costs no query
more. The kept moment may therefore be up to a minute old, and that minute is given on top: nobody is signed
out early, at most a minute late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings

BEGAN = "_began"
SEEN = "_seen"
GRAIN = 60
"""Seconds between two writes of the last activity."""


class Ended(StrEnum):
    """Why a session ended."""

    IDLE = "idle"
    ABSOLUTE = "absolute"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Clock:
    """The two clocks of one session at one moment, in whole seconds left; below nought they have run out."""

    idle_left: int
    absolute_left: int

    @property
    def idle_seconds(self) -> int:
        """How long a session lasts without activity."""
        return settings.SESSION_IDLE_SECONDS

    @property
    def ended(self) -> Ended | None:
        """Why the session is over, or None while it lasts. The idle end comes with its minute's grace."""
        if self.absolute_left <= 0:
            return Ended.ABSOLUTE
        return Ended.IDLE if self.idle_left <= -GRAIN else None

    @property
    def is_due(self) -> bool:
        """Say whether somebody who watched the clock himself may end the session now."""
        return min(self.idle_left, self.absolute_left) <= 0


def begin(session: Any, at: datetime) -> None:
    """Start both clocks: somebody signed in."""
    session[BEGAN] = session[SEEN] = int(at.timestamp())


def read(session: Any, at: datetime) -> Clock:
    """Read the clocks of a session; one that never was started counts from now."""
    now = int(at.timestamp())
    idle = session.get(SEEN, now) + settings.SESSION_IDLE_SECONDS - now
    return Clock(
        idle_left=min(idle, settings.SESSION_IDLE_SECONDS),
        absolute_left=session.get(BEGAN, now) + settings.SESSION_ABSOLUTE_SECONDS - now,
    )


def touch(session: Any, at: datetime, *, always: bool = False) -> bool:
    """Note activity; say whether there was something to write (always, or once a minute)."""
    now = int(at.timestamp())
    if not always and abs(now - session.get(SEEN, 0)) < GRAIN:
        return False
    session.setdefault(BEGAN, now)
    session[SEEN] = now
    return True
