"""When everything at a desk happened: each call at its moment, each act after the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from config.demo.call import Call, Step
from config.demo.moments import Moments
from escalations.models import Ticket
from patients.models import Patient


@dataclass
class Planned:
    """One call with its moment and its patient; whoever takes it and its ticket come when it is lived."""

    call: Call
    at: datetime
    patient: Patient
    agent: User | None = None
    ticket: Ticket | None = None


@dataclass(frozen=True)
class Doing:
    """A call that is filed, or one later step of its ticket."""

    at: datetime
    planned: Planned
    step: Step | None = None


class Plan:
    """The calls of a desk; ``named`` are those that others speak of."""

    def __init__(self, calls: list[Call], patients: list[Patient], moments: Moments) -> None:
        self.moments = moments
        self.named: dict[str, Planned] = {}
        fresh = iter(patients)
        first_calls_first = sorted(calls, key=lambda call: call.again is not None)
        self.planned = [self._plan(call, fresh) for call in first_calls_first]

    def doings(self) -> list[Doing]:
        """Everything that was done, oldest first; acts of one ticket in their order."""
        found = [doing for planned in self.planned for doing in self._doings(planned)]
        return sorted(found, key=lambda doing: doing.at)

    def _plan(self, call: Call, fresh: Iterator[Patient]) -> Planned:
        if call.again:
            first, hours = self.named[call.again.of], call.again.hours
            at = self.moments.after(first.at, hours) if hours else self._moment(call)
            planned = Planned(call, at, first.patient)
        else:
            planned = Planned(call, self._moment(call), next(fresh))
        if call.name:
            self.named[call.name] = planned
        return planned

    def _moment(self, call: Call) -> datetime:
        """A ticket that is to be paused runs as if on track until it is."""
        if call.minutes:
            return self.moments.just(call.minutes)
        if call.days:
            return self.moments.long_ago(call.days)
        kind = self.moments.policy.type(call.type)
        standing = "on_track" if call.standing == "paused" else call.standing
        found = self.moments.filed(kind, call.channel, standing) if kind else None
        return found or self.moments.long_ago(1)

    def _doings(self, planned: Planned) -> Iterator[Doing]:
        yield Doing(planned.at, planned)
        at = planned.at
        for step in planned.call.steps:
            at = self.moments.after(at, step.after)
            yield Doing(at, planned, step)
