"""Who works on what is under way, when somebody last did, and what stands still though it should not.

Whoever works on a piece holds its lease, and keeps it while they live: that is their sign of life, without a
column that every part would have to write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from work.background.kinds import Piece, kinds
from work.models import Heartbeat

SILENT = timedelta(minutes=5)
"""After this long without a sign of life a scheduler or worker is taken for silent."""
START: dict[str, str] = {
    Heartbeat.Kind.WORKER: "No worker answers: whoever runs the server starts one (celery -A config worker).",
    Heartbeat.Kind.BEAT: "The scheduler is silent: the server needs one (celery -A config beat).",
}
"""What to do about a kind of process that is silent; of several the first, for the others wait for it."""
GOES_ON = (
    "Workers answer, and the next sweep should take it up within a minute. If this stays, whoever runs the "
    "server looks into the worker’s log for what failed."
)
_ASKED = """
    SELECT name, held_until, holder IS NULL OR EXISTS (SELECT FROM pg_stat_activity WHERE pid = holder)
    FROM work_lease WHERE name = ANY(%s) AND held_until IS NOT NULL
    UNION ALL SELECT kind, max(seen_at), NULL FROM work_heartbeat GROUP BY kind
"""
"""The leases that are held or were not given back, and when each kind of process was last seen."""


@dataclass(frozen=True)
class Life:
    """What is known of one piece under way: its last sign of life, if any. ``still`` says in a sentence for
    how long nobody has worked on it, empty while somebody does or soon will; ``mend`` why, and what to do."""

    seen: datetime | None
    still: str = ""
    mend: str = ""

    @property
    def whole(self) -> str:
        """Both together."""
        return f"{self.still} {self.mend}".strip()


def lives_of(pieces: Sequence[Piece], company: int, now: datetime) -> Mapping[tuple[str, int], Life]:
    """What is known of each of these that is under way; one query, none when nothing is."""
    wanted = [piece for piece in pieces if piece.under_way]
    if not wanted:
        return {}
    leases = {piece.kind: kinds()[piece.kind].lease(company) for piece in wanted}
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, [[name for name in leases.values() if name]])
        rows = cursor.fetchall()
    held = {name: (until, alive) for name, until, alive in rows if alive is not None}
    processes = {kind: at for kind, at, alive in rows if alive is None}
    found = {}
    for piece in wanted:
        kind = kinds()[piece.kind]
        until, alive = held.get(leases[piece.kind], (None, False))
        signs = [at for at in (piece.seen, until and min(until - kind.lifetime, now)) if at]
        seen = max(signs, default=None)
        at_work = until is not None and until > now and alive
        since = max([piece.at, *signs])
        found[piece.kind, piece.key] = (
            Life(seen)
            if at_work or now - since <= kind.quiet
            else Life(
                seen,
                f"Nobody has worked on it for {long_words(now - since)}.",
                kind.mend or silence(processes, now) or GOES_ON,
            )
        )
    return found


def silence(seen: Mapping[str, datetime], now: datetime) -> str:
    """That every worker or the scheduler is silent, and what to do; empty while both speak.

    ``seen`` is when each kind of process was seen last.
    """
    for kind, words in START.items():
        at = seen.get(kind)
        if at is None or now - at > SILENT:
            return words
    return ""


def long_words(length: timedelta) -> str:
    """A length of time in whole words: "7 minutes", "3 hours", "2 days"."""
    minutes = max(int(length.total_seconds()) // 60, 0)
    for size, one in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{minutes // size} {one}s"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
