"""Writing what became of running clocks, set-based: tickets, cycles, breaches, timeline (K14)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection

from accounts.models import Company, User
from accounts.steps import Refused
from escalations.actions.clocks import carry_alerts
from escalations.actions.reclock_telling import MovedWords
from escalations.domain.reclock import ALWAYS, Change, Outlook, Running, is_late
from escalations.domain.states import RUNNING
from escalations.models import Breach, CalendarVersion, PolicyVersion
from escalations.policies import calendar_in_force, calendar_of, policy_of
from escalations.running import what_if
from work.once import insert_once

BATCH = 5000
ROUNDS = 10
"""How often tickets that somebody keeps moving are worked out again before the whole is given up."""
BUSY = "Tickets keep moving while their dates are worked out. Nothing was changed; try again in a moment."

T = TypeVar("T")

_MOVE = """
    UPDATE escalations_ticket t SET
        calendar_version_id = coalesce(%(calendar)s, t.calendar_version_id),
        policy_version_id = coalesce(%(policy)s, t.policy_version_id),
        unit = v.unit, expected_from = v.expected_from, due_at = v.due_at, warn_at = v.warn_at,
        late_from = v.late_from, due_order = v.due_order, version = t.version + v.step
    FROM unnest(%(ids)s::bigint[], %(versions)s::int[], %(steps)s::int[], %(units)s::text[],
                %(expected)s::timestamptz[], %(due)s::timestamptz[], %(warn)s::timestamptz[],
                %(late)s::timestamptz[], %(orders)s::timestamptz[])
         AS v(id, version, step, unit, expected_from, due_at, warn_at, late_from, due_order)
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
        expected_from = v.expected_from, due_at = v.due_at, min = v.min, max = v.max, unit = v.unit
    FROM unnest(%(ids)s::bigint[], %(expected)s::timestamptz[], %(due)s::timestamptz[], %(mins)s::int[],
                %(maxs)s::int[], %(units)s::text[]) AS v(id, expected_from, due_at, min, max, unit)
    WHERE c.id = v.id AND c.ended_at IS NULL"""

_ANNOTATE = """
    UPDATE escalations_breach b SET
        moved_to = nullif(v.due_at, b.due_at),
        moved_at = CASE WHEN v.due_at IS DISTINCT FROM b.due_at THEN %(at)s::timestamptz END
    FROM unnest(%(ids)s::bigint[], %(numbers)s::int[], %(due)s::timestamptz[]) AS v(id, number, due_at)
    WHERE b.ticket_id = v.id AND b.cycle = v.number AND b.company_id = %(company)s"""

_TELL = """
    INSERT INTO escalations_ticketevent (company_id, ticket_id, act, at, by_id, title, text, version)
    SELECT %(company)s, v.id, 'reclock', %(at)s, %(by)s, v.title, '', v.version
    FROM unnest(%(ids)s::bigint[], %(titles)s::text[], %(versions)s::int[]) AS v(id, title, version)"""


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

    def outlook(self, only: Collection[int] | None = None, since: datetime = ALWAYS) -> Outlook:
        """What becomes of the company's running clocks that are due at ``since`` or later, or of ``only``."""
        return what_if(
            self.company,
            calendar=calendar_of(self.calendar) if self.calendar else None,
            policy=policy_of(self.policy) if self.policy else None,
            at=self.at,
            only=only,
            since=since,
        )

    def write(self, found: Outlook) -> list[Change]:
        """Write all of it; whoever was moved between reading and writing is worked out again.

        Gives back the changes that moved a date people are told. Refused ("busy") when there is no end of it.
        """
        moved: list[Change] = []
        for _ in range(ROUNDS):
            written = self._touch(found.touched) | self._keep(found.same)
            done = [change for change in found.touched if change.clock.ticket in written]
            self._follow(done)
            moved += [change for change in done if change.moves]
            clocks = (*found.same, *(change.clock for change in found.touched))
            missed = [clock.ticket for clock in clocks if clock.ticket not in written]
            if not missed:
                return moved
            found = self.outlook(missed)
        raise Refused(BUSY, "busy")

    def _touch(self, changes: Sequence[Change]) -> set[int]:
        written: set[int] = set()
        for some in _batches(changes):
            moments = [change.moments for change in some]
            written |= self._execute(
                _MOVE,
                ids=[change.clock.ticket for change in some],
                versions=[change.clock.version for change in some],
                steps=[int(change.moves) for change in some],
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
            ids, versions = [one.ticket for one in some], [one.version for one in some]
            written |= self._execute(_KEEP, ids=ids, versions=versions)
        return written

    def _follow(self, changes: Sequence[Change]) -> None:
        """The cycle, the recorded breach and the timeline of each ticket that was written."""
        for some in _batches(changes):
            moments = [change.moments for change in some]
            self._execute(
                _CYCLES,
                ids=[change.clock.cycle for change in some],
                expected=[one.expected_from for one in moments],
                due=[one.due_at for one in moments],
                mins=[change.turnaround.min for change in some],
                maxs=[change.turnaround.max for change in some],
                units=[one.unit for one in moments],
            )
        self._record(changes)
        carry_alerts(
            (one.clock.ticket, one.clock.number, one.clock.due_at, one.moments.due_at)
            for one in changes
            if is_late(one.clock, one.moments, self.at)
        )
        for some in _batches([change for change in changes if change.moves]):
            ids = [change.clock.ticket for change in some]
            due = [change.moments.due_at for change in some]
            self._execute(_ANNOTATE, ids=ids, due=due, numbers=[change.clock.number for change in some])
            titles = [self.words.title(change) for change in some]
            self._execute(_TELL, ids=ids, titles=titles, versions=[c.clock.version + 1 for c in some])

    def _record(self, changes: Sequence[Change]) -> None:
        """A clock that was late and by the change no longer is: that it was stays on record, though no sweep
        has seen it yet (K14)."""
        insert_once(
            [
                Breach(
                    company=self.company,
                    ticket_id=clock.ticket,
                    cycle=clock.number,
                    due_at=clock.due_at or clock.received_at,
                    seen_at=self.at,
                    assignee_id=clock.assignee,
                )
                for clock in (change.clock for change in changes if change.moves)
                if is_late(clock, clock.stored, self.at)
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


def _batches(rows: Sequence[T]) -> Iterable[Sequence[T]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
