"""When a demo ticket must have come in to stand, now, where it is wanted: found by asking the engine.

The same list of tickets then shows every standing on a Monday morning, a Sunday or New Year's Day.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.models import Company
from escalations import clock
from escalations.domain import turnaround as engine
from escalations.domain.policy import TicketType
from escalations.policies import calendar_in_force, calendar_of, policy_in_force, policy_of

FURTHEST = timedelta(days=40)
STEP = timedelta(minutes=83)
SPREAD = 2400
"""Seconds by which a call may come in after the moment that was found."""
AT_ONCE = 0.25
"""Hours within which nobody goes home first."""
NEAR = 12
"""Of the moments that would do, one of the newest so many is taken: old tickets are few."""
FEW = 4
"""Of moments close to a limit, one of so many is taken, so that not all tickets come in at once."""


class Moments:
    """The office hours of the last weeks, and which of them give a ticket the standing that is wanted."""

    def __init__(self, company: Company, now: datetime, chance: random.Random) -> None:
        self.now, self.chance = now, chance
        self.calendar = calendar_of(calendar_in_force(company, at=now))
        self.policy = policy_of(policy_in_force(company, at=now))
        self._open = self._office_hours()
        self._found: dict[engine.Turnaround, dict[str, list[datetime]]] = {}

    def filed(self, kind: TicketType, channel: str, standing: str) -> datetime | None:
        """When to file such a ticket so that, left to run, it stands there now; None when it cannot."""
        turnaround = kind.turnaround(channel)
        if turnaround not in self._found:
            self._found[turnaround] = self._by_standing(turnaround)
        fitting = self._found[turnaround].get(standing, [])
        if standing == "due_soon" and not fitting:
            # While the office is closed nothing is due soon yet (K15): what will be when it opens.
            found = self._found[turnaround]
            fitting = (found.get("in_window") or found.get("on_track") or [])[-FEW:]
        if not fitting:
            return None
        at = self.chance.choice(fitting[:NEAR])
        return self._spread(
            at, lambda other: self._standing(turnaround, other) == self._standing(turnaround, at)
        )

    def long_ago(self, days: int) -> datetime:
        """An office moment that many days ago, or one of the last before."""
        wanted = self.now - timedelta(days=days, minutes=self.chance.randint(0, 400))
        fitting = [at for at in self._open if at <= wanted][:FEW]
        return self._spread(self.chance.choice(fitting or self._open[-1:]))

    def _spread(self, at: datetime, fits: Callable[[datetime], bool] = lambda other: True) -> datetime:
        """This moment or one a little later that fits as well, so that two calls seldom come at once."""
        other = at + timedelta(seconds=self.chance.randint(0, SPREAD))
        return other if other < self.now and self.calendar.is_open(other) and fits(other) else at

    def just(self, minutes: int) -> datetime:
        """So many minutes ago, whether the office is open or not."""
        return self.now - timedelta(minutes=minutes)

    def after(self, at: datetime, hours: float) -> datetime:
        """An office moment so many hours later; when that is not past yet, one between then and now.

        What is done within minutes is done at once, in the evening too.
        """
        later = at + timedelta(hours=hours)
        if hours > AT_ONCE:
            later = self.calendar.open_moment(later)
        if later < self.now:
            return later
        early = at + (self.now - at) * 0.4
        opened = self.calendar.open_moment(early)
        shut = self.calendar.last_open_moment(early)
        return next((one for one in (opened, shut) if one and at < one < self.now), early)

    def _office_hours(self) -> list[datetime]:
        """Newest first, a little apart; the very last one of the company's open minutes among them."""
        found = []
        at = self.now - timedelta(minutes=9)
        while at > self.now - FURTHEST:
            if self.calendar.is_open(at):
                found.append(at)
            at -= STEP + timedelta(minutes=self.chance.randint(-20, 20), seconds=self.chance.randint(0, 59))
        return found

    def _by_standing(self, turnaround: engine.Turnaround) -> dict[str, list[datetime]]:
        found: dict[str, list[datetime]] = defaultdict(list)
        for at in self._open:
            found[self._standing(turnaround, at)].append(at)
        return found

    def _standing(self, turnaround: engine.Turnaround, at: datetime) -> str:
        """Where it stands now; an immediate one is taken at once."""
        cycle = engine.Cycle(turnaround, at, ())
        moments = clock.dates(cycle, self.calendar, self.policy, urgent=False)
        return engine.standing(
            status="open", received_at=at, expected_from=moments["expected_from"], due_at=moments["due_at"],
            now=self.now, unit=turnaround.unit, warn_at=moments["warn_at"], taken_at=at,
        )  # fmt: skip
