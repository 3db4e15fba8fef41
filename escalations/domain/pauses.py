"""Stretches in which a ticket's clock stands still (K9, K11)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from escalations.domain.calendar import in_utc
from escalations.domain.refusals import TurnaroundError

MOST_PAUSES = 1000

Stops = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still in `[start, end)`; `end` None: it still does. Aware datetimes (K9)."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", in_utc(self.start, "pauses"))
        if self.end is None:
            return
        object.__setattr__(self, "end", in_utc(self.end, "pauses"))
        if self.end < self.start:
            raise TurnaroundError("pauses", "A pause cannot end before it starts.")


def pauses_from_json(value: Any) -> tuple[Pause, ...]:
    """Read the contract's `pauses`, `[[from, to], …]` with ISO 8601 times; `to` may be null: still paused."""
    if not isinstance(value, list | tuple) or len(value) > MOST_PAUSES:
        raise TurnaroundError("pauses", f"Give pauses as a list of at most {MOST_PAUSES} pairs.")
    return tuple(_read_pause(pair) for pair in value)


def _read_pause(pair: Any) -> Pause:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise TurnaroundError("pauses", "Give each pause as a pair: when it started and when it ended.")
    start, end = pair
    return Pause(_read_moment(start), None if end is None else _read_moment(end))


def _read_moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise TurnaroundError("pauses", "Give times as in 2026-05-20T10:00:00-05:00.") from None


def settle(pauses: Iterable[Pause], received: datetime, now: datetime | None) -> Stops:
    """The pauses after `received` (UTC), sorted, merged where they touch, an open one ended at `now`.

    Raises TurnaroundError for an open pause without `now`: what is due then depends on when it ends.
    """
    stops: list[tuple[datetime, datetime]] = []
    for start, end in sorted((pause.start, _end(pause, now)) for pause in pauses):
        start = max(start, received)
        if end <= start:
            continue
        if stops and start <= stops[-1][1]:
            stops[-1] = (stops[-1][0], max(stops[-1][1], end))
        else:
            stops.append((start, end))
    return tuple(stops)


def _end(pause: Pause, now: datetime | None) -> datetime:
    if pause.end is not None:
        return pause.end
    if now is None:
        raise TurnaroundError("pauses", "This pause has not ended, so no date can be given yet.")
    return in_utc(now, "now")
