"""Writing what became of running clocks, set-based: tickets, cycles, breaches, timeline (K14)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection

from accounts.models import Company, User
from accounts.steps import Refused
from escalations.actions.clocks import carry_alerts
from escalations.actions.reclock_beside import Beside
from escalations.actions.reclock_telling import MovedWords
from escalations.domain.reclock import ALWAYS, Change, Outlook, Running, Since, is_late
from escalations.domain.states import RUNNING
from escalations.models import Breach, CalendarVersion, PolicyVersion
from escalations.policies import calendar_in_force, calendar_of, policy_of
from escalations.running import what_if
from work.once import insert_once

BATCH = 50_000
MANY = 500
ROUNDS = 10
"""How often tickets that somebody keeps moving are worked out again before the whole is given up."""
BUSY = "Tickets keep moving while their dates are worked out. Nothing was changed; try again in a moment."

Part = tuple[list[Change], list[int]]
"""What came of writing some clocks: the changes that moved a date, and the tickets somebody moved before."""
T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

_MOVE = """
    UPDATE escalations_ticket t SET
        calendar_version_id = coalesce(%(calendar)s, t.calendar_version_id),
        policy_version_id = coalesce(%(policy)s, t.policy_version_id),
        unit = m.unit, expected_from = m.expected_from, due_at = m.due_at, warn_at = m.warn_at,
        late_from = m.late_from, due_order = m.due_order, version = t.version + m.step
    FROM unnest(%(ids)s::bigint[], %(versions)s::int[], %(kinds)s::int[]) AS v(id, version, kind)
    JOIN unnest(%(steps)s::int[], %(units)s::text[], %(expected)s::timestamptz[], %(due)s::timestamptz[],
                %(warn)s::timestamptz[], %(late)s::timestamptz[], %(orders)s::timestamptz[]) WITH ORDINALITY
         AS m(step, unit, expected_from, due_at, warn_at, late_from, due_order, kind) ON m.kind = v.kind
    WHERE t.id = v.id AND t.version = v.version AND t.status = ANY(%(running)s)
    RETURNING t.id"""

_KEEP = """
    UPDATE escalations_ticket t SET
        calendar_version_id = coalesce(%(calendar)s, t.calendar_version_id),
        policy_version_id = coalesce(%(policy)s, t.policy_version_id)
    FROM unnest(%(ids)s::bigint[], %(versions)s::int[]) AS v(id, version)
    WHERE t.id = v.id AND t.version = v.version AND t.status = ANY(%(running)s)
    RETURNING t.id"""

_CYCLES = """
    UPDATE escalations_ticketcycle c SET
        expected_from = m.expected_from, due_at = m.due_at, min = m.min, max = m.max, unit = m.unit
    FROM unnest(%(ids)s::bigint[], %(kinds)s::int[]) AS v(id, kind)
    JOIN unnest(%(expected)s::timestamptz[], %(due)s::timestamptz[], %(mins)s::int[], %(maxs)s::int[],
                %(units)s::text[]) WITH ORDINALITY
         AS m(expected_from, due_at, min, max, unit, kind) ON m.kind = v.kind
    WHERE c.id = v.id AND c.ended_at IS NULL"""

_ANNOTATE = """
    UPDATE escalations_breach b SET
        moved_to = nullif(m.due_at, b.due_at),
        moved_at = CASE WHEN m.due_at IS DISTINCT FROM b.due_at THEN %(at)s::timestamptz END
    FROM unnest(%(ids)s::bigint[], %(numbers)s::int[], %(kinds)s::int[]) AS v(id, number, kind)
    JOIN unnest(%(due)s::timestamptz[]) WITH ORDINALITY AS m(due_at, kind) ON m.kind = v.kind
    WHERE b.ticket_id = v.id AND b.cycle = v.number AND b.company_id = %(company)s"""

_TELL = """
    INSERT INTO escalations_ticketevent (company_id, ticket_id, act, at, by_id, title, text, version)
    SELECT %(company)s, v.id, 'reclock', %(at)s, %(by)s, m.title, '', v.version
    FROM unnest(%(ids)s::bigint[], %(versions)s::int[], %(kinds)s::int[]) AS v(id, version, kind)
    JOIN unnest(%(titles)s::text[]) WITH ORDINALITY AS m(title, kind) ON m.kind = v.kind
    ORDER BY v.id"""


class _Kinds(Generic[K]):
    """What many rows have in common, each once, and which of them each row has: few moments are those of
    many clocks, and are sent once."""

    def __init__(self, keys: Iterable[K]) -> None:
        known: dict[K, int] = {}
        self.of_rows = [known.setdefault(key, len(known) + 1) for key in keys]
        self.known = list(known)


class Under:
    """The rules that running tickets are put under, and the writing of it."""

    def __init__(
        self,
        company: Company,
        calendar: CalendarVersion | None,
        policy: PolicyVersion | None,
        by: User | None,
        at: datetime,
        undone: bool = False,
    ) -> None:
        self.company, self.calendar, self.policy, self.by, self.at = company, calendar, policy, by, at
        self.what = "calendar" if calendar is not None else "policy"
        zone = calendar_of(calendar or calendar_in_force(company, at=at)).tz
        self.words = MovedWords(zone, self.what, undone, at)

    def outlook(self, only: Collection[int] | None = None, since: Since = ALWAYS) -> Outlook:
        """What becomes of the company's running clocks that may move by ``since``, or of ``only``."""
        return what_if(
            self.company,
            calendar=calendar_of(self.calendar) if self.calendar else None,
            policy=policy_of(self.policy) if self.policy else None,
            at=self.at,
            only=only,
            since=since,
        )

    def write(self, found: Outlook, beside: Beside[Part] | None = None) -> list[Change]:
        """Write all of it; whoever was moved between reading and writing is worked out again.

        ``beside`` writes half of what is much. Gives back the changes that moved a date people are told.
        Refused ("busy") when there is no end of it.
        """
        if len(found.touched) + len(found.same) > MANY:
            _expect_many()
        moved, missed = self._by_two(found, beside) if beside is not None else self._put(found)
        rounds = 1
        while missed:
            if rounds == ROUNDS:
                raise Refused(BUSY, "busy")
            more, missed = self._put(self.outlook(missed))
            moved += more
            rounds += 1
        return moved

    def _by_two(self, found: Outlook, beside: Beside[Part]) -> Part:
        """Half of it written by another connection at the same time, or all of it by this one."""
        if not beside.helps(len(found.touched) + len(found.same)):
            return self._put(found)
        theirs, ours = _halves(found)
        beside.begin(lambda: self._put(theirs))
        moved, missed = self._put(ours)
        more, too = beside.result() or self._put(theirs)
        return moved + more, missed + too

    def _put(self, found: Outlook) -> Part:
        """Write what still is as it was read: the changes that moved a date, and the tickets that are not."""
        written = self._touch(found.touched) | self._keep(found.same)
        done = [change for change in found.touched if change.clock.ticket in written]
        self._follow(done)
        clocks = (*found.same, *(change.clock for change in found.touched))
        missed = [clock.ticket for clock in clocks if clock.ticket not in written]
        return [change for change in done if change.moves], missed

    def _touch(self, changes: Sequence[Change]) -> set[int]:
        written: set[int] = set()
        for some in _batches(changes):
            kinds = _Kinds((change.moves, change.moments) for change in some)
            moments = [one for _, one in kinds.known]
            written |= self._execute(
                _MOVE,
                ids=_numbers(change.clock.ticket for change in some),
                versions=_numbers(change.clock.version for change in some),
                kinds=_numbers(kinds.of_rows),
                steps=[int(moves) for moves, _ in kinds.known],
                units=[one.unit for one in moments],
                expected=[one.expected_from for one in moments],
                due=[one.due_at for one in moments],
                warn=[one.warn_at for one in moments],
                late=[one.late_from for one in moments],
                orders=[one.due_order for one in moments],
            )
        return written

    def _keep(self, clocks: Sequence[Running]) -> set[int]:
        """Clocks that stay as they are only name the new version."""
        written: set[int] = set()
        for some in _batches(clocks):
            ids, versions = (_numbers(column) for column in zip(*(one[:2] for one in some), strict=True))
            written |= self._execute(_KEEP, ids=ids, versions=versions)
        return written

    def _follow(self, changes: Sequence[Change]) -> None:
        """The cycle, the recorded breach and the timeline of each ticket that was written."""
        for some in _batches(changes):
            kinds = _Kinds((one.moments.expected_from, one.moments.due_at, one.turnaround) for one in some)
            turnarounds = [one for _, _, one in kinds.known]
            self._execute(
                _CYCLES,
                ids=_numbers(change.clock.cycle for change in some),
                kinds=_numbers(kinds.of_rows),
                expected=[one for one, _, _ in kinds.known],
                due=[one for _, one, _ in kinds.known],
                mins=[one.min for one in turnarounds],
                maxs=[one.max for one in turnarounds],
                units=[one.unit for one in turnarounds],
            )
        self._record(changes)
        carry_alerts(
            (one.clock.ticket, one.clock.number, one.clock.due_at, one.moments.due_at)
            for one in changes
            if is_late(one.clock, one.moments, self.at)
        )
        for some in _batches([change for change in changes if change.moves]):
            self._annotate(some)
            self._tell(some)

    def _annotate(self, changes: Sequence[Change]) -> None:
        """Recorded breaches of which the due moment moved say where to."""
        kinds = _Kinds(change.moments.due_at for change in changes)
        self._execute(
            _ANNOTATE,
            ids=_numbers(change.clock.ticket for change in changes),
            numbers=_numbers(change.clock.number for change in changes),
            kinds=_numbers(kinds.of_rows),
            due=kinds.known,
        )

    def _tell(self, changes: Sequence[Change]) -> None:
        kinds = _Kinds(
            (one.clock.due_at, one.moments.due_at, one.clock.expected_from, one.moments.expected_from)
            for one in changes
        )
        self._execute(
            _TELL,
            ids=_numbers(change.clock.ticket for change in changes),
            versions=_numbers(change.clock.version + 1 for change in changes),
            kinds=_numbers(kinds.of_rows),
            titles=[self.words.title(*one) for one in kinds.known],
        )

    def _record(self, changes: Sequence[Change]) -> None:
        """A clock that was late and by the change no longer is: that it was stays on record, though no sweep
        has seen it yet (K14)."""
        insert_once(
            [
                Breach(
                    company=self.company,
                    ticket_id=clock.ticket,
                    cycle=clock.number,
                    due_at=clock.due_at,
                    seen_at=self.at,
                    assignee_id=clock.assignee,
                )
                for clock in (change.clock for change in changes if change.moves)
                if clock.due_at is not None and is_late(clock, clock, self.at)
            ]
        )

    def _execute(self, sql: str, **values: Any) -> set[int]:
        common: dict[str, Any] = {
            "company": self.company.pk,
            "at": self.at,
            "by": self.by.pk if self.by else None,
            "running": list(RUNNING),
            "calendar": self.calendar.pk if self.calendar else None,
            "policy": self.policy.pk if self.policy else None,
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, {**common, **values})
            return {key for (key,) in cursor.fetchall()} if "RETURNING" in sql else set()


def _expect_many() -> None:
    """Have the trigger of the history planned anew: a plan that this connection made for three rows compares
    each of 30,000 with each, which takes minutes."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


def _halves(found: Outlook) -> tuple[Outlook, Outlook]:
    """The older tickets and the newer ones, each half as many."""
    touched, same = len(found.touched) // 2, len(found.same) // 2
    return (
        Outlook(touched=found.touched[:touched], same=found.same[:same]),
        Outlook(touched=found.touched[touched:], same=found.same[same:]),
    )


def _numbers(numbers: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL reads an array of them; a long list is sent much sooner like this."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _batches(rows: Sequence[T]) -> Iterable[Sequence[T]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
