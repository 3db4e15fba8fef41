"""What another calendar or another policy does to clocks that run (K13, K14). Pure.

A clock is a plain tuple as it is stored; :func:`outlook` says which of many move, which are late by it and
which no longer are. What is shown before a change and what the change does come from this one function.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from escalations.domain.calendar import BusinessCalendar
from escalations.domain.cycles import on_reopen_target
from escalations.domain.moments import Moments, Rules
from escalations.domain.pauses import Pause
from escalations.domain.policy import Policy
from escalations.domain.refusals import HorizonError
from escalations.domain.timetable import FIRST_YEAR, HORIZON_END, HORIZON_START, LAST_YEAR
from escalations.domain.units import Turnaround

NOTHING = timedelta(0)


class Since(NamedTuple):
    """From which due moment on clocks may move: of those that count in weeks, and of all others."""

    weeks: datetime
    others: datetime

    def may_move(self, unit: str, due_at: datetime | None) -> bool:
        """Whether a clock that is due then may; one without a date never does."""
        return due_at is not None and due_at >= (self.weeks if unit == "week" else self.others)


ALWAYS, NEVER = Since(HORIZON_START, HORIZON_START), Since(HORIZON_END, HORIZON_END)
"""What :func:`affects_from` gives when any clock may move, and when none can."""


def first_change(old: BusinessCalendar, new: BusinessCalendar) -> date | None:
    """The first local date that is open at other times; ``None`` when there is none.

    ``date.min`` when the zone or the hours of a weekday are others.
    """
    if (old.zone, old.hours) != (new.zone, new.hours):
        return date.min
    named = {*old.holidays, *new.holidays, *old.exceptions, *new.exceptions}
    return min((on for on in named if old.intervals(on) != new.intervals(on)), default=None)


def affects_from(old: BusinessCalendar, new: BusinessCalendar) -> Since:
    """From which due moment on a clock may have other moments under the one calendar than under the other.

    What is due before the first date that differs counts on dates alone that both have in common. But weeks
    are rolled back over closed dates (K6), and forward again when one of those opens: for them it is the
    close of the last business date before. :data:`ALWAYS` when nothing is known to lie before,
    :data:`NEVER` when no date differs.
    """
    on = first_change(old, new)
    if on is None or on.year > LAST_YEAR:
        return NEVER
    if on.year < FIRST_YEAR:
        return ALWAYS
    table = old.tables.on(on)
    while True:  # ends: each table begins earlier than the last, until the horizon
        day = table.day_on(on)
        rank = table.rank[day - 1] if day else 0
        if rank:
            return Since(table.closes[rank - 1], table.midnights[day])
        try:
            table = old.tables.earlier(table)
        except HorizonError:
            return ALWAYS


class Running(NamedTuple):
    """The clock of a running ticket as it is stored, with the rules it stands under.

    ``cycle`` is the key of the cycle that runs, ``number`` its number and ``opened_at`` when it was filed or
    reopened; ``pauses`` are those that stopped the clock and have ended: one that is open ends when the
    ticket is resumed (K9). ``type``, ``channel``, ``received_at`` and ``opened_at`` are known where another
    policy asks for them.
    """

    ticket: int
    version: int
    cycle: int
    number: int
    calendar: int
    policy: int
    type: str
    channel: str
    urgent: bool
    assignee: int | None
    min: int | None
    max: int | None
    clock_from: datetime
    received_at: datetime | None
    paused_at: datetime | None
    taken_at: datetime | None
    unit: str
    expected_from: datetime | None
    due_at: datetime | None
    warn_at: datetime | None
    late_from: datetime | None
    due_order: datetime
    pauses: tuple[Pause, ...] = ()
    opened_at: datetime | None = None

    @property
    def stored(self) -> Moments:
        """The moments as they are stored."""
        stored: Any = self[_STORED]
        return Moments(*stored)


_STORED = slice(Running._fields.index("unit"), Running._fields.index("due_order") + 1)


class Change(NamedTuple):
    """One clock with the moments and the turnaround it has under the new rules."""

    clock: Running
    turnaround: Turnaround
    moments: Moments

    @property
    def moves(self) -> bool:
        """Whether a date moves that people are told: expected from, or due."""
        clock, moments = self.clock, self.moments
        return clock.due_at != moments.due_at or clock.expected_from != moments.expected_from

    @property
    def by(self) -> timedelta:
        """How far the due moment moves; later is positive."""
        old, new = self.clock.due_at, self.moments.due_at
        return new - old if old and new else NOTHING


@dataclass(frozen=True)
class Outlook:
    """What becomes of the clocks that run.

    ``touched`` have any other moment or turnaround, ``moved`` of them a date that people are told,
    ``breaches`` of those are late by it and ``unbreaches`` no longer are. ``same`` were worked out too and
    stay as they are. ``looked_at`` is how many run, with those that cannot move and were not worked out;
    ``newest`` the newest ticket among all of them.
    """

    touched: Sequence[Change] = ()
    same: Sequence[Running] = ()
    moved: Sequence[Change] = ()
    breaches: Sequence[Change] = ()
    unbreaches: Sequence[Change] = ()
    moves: Sequence[timedelta] = field(default=(), repr=False)
    looked_at: int = 0
    newest: int = 0

    @property
    def earliest(self) -> timedelta:
        """How far the date that moves the most towards now does; zero when none comes earlier."""
        return min([NOTHING, *self.moves])

    @property
    def latest(self) -> timedelta:
        """How far the date that moves away the most does; zero when none comes later."""
        return max([NOTHING, *self.moves])

    def seal(self, newest: int) -> str:
        """The same for the same consequences: which clocks move where, which become late and which do not.

        Tickets filed after ``newest`` are left out: they are nothing that was shown.
        """
        said = sha256()
        for group in (self.moved, self.breaches, self.unbreaches):
            known = [one for one in group if one.clock.ticket <= newest]
            said.update(array("q", [one.clock.ticket for one in known]).tobytes())
            # Most clocks share their moments with others: each is put into figures once.
            figures: dict[datetime | None, float] = {None: 0.0}
            for moment in {one.moments.due_at for one in known} | {
                one.moments.expected_from for one in known
            }:
                figures.setdefault(moment, moment.timestamp() if moment else 0.0)
            said.update(array("d", [figures[one.moments.due_at] for one in known]).tobytes())
            said.update(array("d", [figures[one.moments.expected_from] for one in known]).tobytes())
        return said.hexdigest()


def outlook(
    clocks: Iterable[Running],
    rules_of: Callable[[Running], Rules],
    now: datetime,
    turnaround_of: Callable[[Running], Turnaround] | None = None,
) -> Outlook:
    """What becomes of these clocks under other rules at ``now``.

    ``turnaround_of`` gives the turnaround where the rules change that too; without it each keeps its own.
    Raises TimeRuleError when a date would lie outside the years a calendar reaches.
    """
    touched, same, moved, breaches, unbreaches, moves = [], [], [], [], [], []
    for clock in clocks:
        own = _turnaround(clock.min, clock.max, clock.unit)
        turnaround = turnaround_of(clock) if turnaround_of else own
        moments = rules_of(clock).moments(turnaround, clock.clock_from, clock.pauses, urgent=clock.urgent)
        if clock[_STORED] == moments and (turnaround is own or turnaround == own):
            same.append(clock)
            continue
        change = Change(clock, turnaround, moments)
        touched.append(change)
        if not change.moves:
            continue
        moved.append(change)
        moves.append(change.by)
        was, will = is_late(clock, clock, now), is_late(clock, moments, now)
        if will and not was:
            breaches.append(change)
        elif was and not will:
            unbreaches.append(change)
    return Outlook(touched, same, moved, breaches, unbreaches, moves)


def is_late(clock: Running, moments: Moments | Running, now: datetime) -> bool:
    """Whether a clock with these moments is late: what stands still is judged where it stopped (K7, K9)."""
    late_from = moments.late_from
    if late_from is None or late_from >= now:
        return False
    if moments.unit == "immediate":
        return (clock.taken_at or now) > late_from
    return (clock.paused_at or now) > late_from


def retimed(policy: Policy, clock: Running) -> Turnaround:
    """The turnaround of a clock under another policy (K13).

    A cycle that counts from filing has the turnaround of its type; one that counts from a reopening has the
    reopen target (K11). A type the policy does not know keeps what it has.
    """
    own = _turnaround(clock.min, clock.max, clock.unit)
    opened_at = clock.opened_at or clock.received_at or clock.clock_from
    if on_reopen_target(clock.number, clock.clock_from, opened_at, clock.unit):
        return policy.reopen
    kind = policy.type(clock.type)
    return kind.turnaround(clock.channel) if kind is not None else own


_turnaround = lru_cache(maxsize=4096)(Turnaround)
