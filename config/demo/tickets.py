"""The desk's last weeks: tickets of every type, status and standing, by the acts that people use."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, TypeVar

from accounts.models import User
from config.demo.answers import Spoken, said_of
from config.demo.call import Call, Care, Step, Transfer
from config.demo.calls import DEFLECTED, NO_TICKET
from config.demo.calls_itemized import bill
from config.demo.moments import Moments
from config.demo.plan import Doing, Plan, Planned
from config.demo.words import CANCELLED, REOPENED, WAITED, WORDS
from escalations import actions
from escalations.api import drafts
from escalations.domain.intake import filled
from escalations.domain.policy import TicketType
from escalations.filing import Filing, read_filing, values_of
from escalations.models import LiveTransfer, Ticket
from escalations.policies import calendar_in_force, policy_in_force, policy_of
from patients import reading
from patients.actions import mark_patient
from patients.models import Door, Patient, PatientMark

T = TypeVar("T")
HANGING_UP = timedelta(seconds=50)
"""Between the end of a live transfer and the filing."""
CARE = PatientMark.Kind.COMPASSIONATE_CARE
CALLED_ALL_THE_SAME = "Asked to be called at this hour."
"""The reason of a call outside calling hours; kept only where it was one."""
BY_THE_CHIEF = ("assign", "reopen", "cancel")


class AgainstTheRules(Exception):
    """A call of the demo that the rules do not let be filed: its type, its note, and the rules by id."""


def live_tickets(
    agents: list[User], chief: User, patients: list[Patient], calls: list[Call], *, now: datetime
) -> None:
    """File the calls in the past and work on each as its line says, everything at its moment."""
    chance = random.Random(len(calls))  # noqa: S311  invented people, not secrets
    moments = Moments(chief.company, now, chance)
    Desk(agents, chief, Plan(calls, patients, moments)).live()


class Desk:
    """The agents of a company, their supervisor, and what they have to do."""

    def __init__(self, agents: list[User], chief: User, plan: Plan) -> None:
        self.agents, self.chief, self.plan = agents, chief, plan
        self.turns = cycle(agents)
        self.policy = policy_in_force(chief.company, at=plan.moments.now)
        self.calendar = calendar_in_force(chief.company, at=plan.moments.now)
        self.used: Counter[tuple[str, str]] = Counter()

    def live(self) -> None:
        """Everything in the order in which it happened."""
        for doing in self.plan.doings():
            if doing.step is None:
                self._file(doing)
            else:
                self._act(doing, doing.step)

    def _file(self, doing: Doing) -> None:
        planned, call, at = doing.planned, doing.planned.call, doing.at
        planned.agent = self._answers(call)
        by = self.chief if call.chief else planned.agent
        patient = planned.patient
        reading.note(by, patient, Door.PAGE, at)
        first = self.plan.named[call.again.of].ticket if call.again and call.again.rule else None
        spoken = Spoken(patient, by, at, _transfer(call, patient, by, at), first, self._number)
        said = said_of(call, spoken, self._kind(call.type))
        filing = read_filing(by, said, at=at, policy_version=self.policy)
        planned.ticket = (
            drafts.keep(filing, said, by=by, at=at) if call.draft else _filed(filing, call, by, at)
        )
        for care in (one for one in call.beside if isinstance(one, Care)):
            mark_patient(patient, CARE, reason=care.reason, by=by, at=at)

    def _answers(self, call: Call) -> User:
        """Whoever's turn it is; a ticket that follows from another is filed by who filed that one."""
        before = self.plan.named[call.again.of].agent if call.again and call.again.rule else None
        return before or next(self.turns)

    def _number(self, name: str) -> str:
        ticket = self.plan.named[name].ticket
        return ticket.number if ticket else ""

    def _kind(self, key: str) -> TicketType:
        kind = self.plan.moments.policy.type(key)
        assert kind is not None, key
        return kind

    def _act(self, doing: Doing, step: Step) -> None:
        planned = doing.planned
        assert planned.ticket is not None and planned.agent is not None
        by = self.chief if step.act in BY_THE_CHIEF else planned.agent
        facts = self._facts(planned, step)
        # Versions never change: read once, not once an act.
        planned.ticket.policy_version, planned.ticket.calendar_version = self.policy, self.calendar
        planned.ticket = actions.act(planned.ticket, step.act, by=by, at=doing.at, facts=facts)

    def _facts(self, planned: Planned, step: Step) -> dict[str, Any]:
        kind = planned.call.type
        if step.act == "wait":
            return {"reason": step.why, "note": step.note or self._next(step.why, step.act, WAITED[step.why])}
        if step.act == "resolve":
            end = (step.why, step.note) if step.why else self._next(kind, step.act, WORDS[kind].ends)
            return {"outcome": end[0], "note": end[1]}
        if step.act in ("reopen", "cancel"):
            return {"reason": step.note or (REOPENED if step.act == "reopen" else CANCELLED)[0]}
        if step.act == "assign":
            others = [one for one in self.agents if one != planned.agent] or self.agents
            return {"user": self._next("", step.act, others).username}
        if step.act == "call":
            return {"outcome": step.why, "note": step.note, "reason": CALLED_ALL_THE_SAME}
        if step.act in ("comment", "contact"):
            return {"note": step.note or self._next(kind, step.act, WORDS[kind].comments)}
        return {}

    def _next(self, kind: str, act: str, options: Sequence[T]) -> T:
        """The options in turn, so that two tickets of a type do not say the same where that can be."""
        self.used[kind, act] += 1
        return options[(self.used[kind, act] - 1) % len(options)]


def _transfer(call: Call, patient: Patient, by: User, at: datetime) -> LiveTransfer | None:
    """Hand the caller over before the ticket is filed, as far as the call says so."""
    tried = next((one for one in call.beside if isinstance(one, Transfer)), None)
    if tried is None:
        return None
    ended = at - HANGING_UP
    begun = actions.start_transfer(patient, tried.queue, by=by, at=ended - timedelta(seconds=tried.seconds))
    return actions.end_transfer(begun, tried.answered, by=by, at=ended)


def _filed(filing: Filing, call: Call, by: User, at: datetime) -> Ticket:
    """File it. AgainstTheRules names the rules that refuse: a call of the demo keeps all of them."""
    against = [f"{one.rule}: {one.message}" for one in filing.intake.refusals]
    against += [f"{name}: {wrong.sentence}" for name, wrong in filing.all_wrong.items()]
    if against:
        raise AgainstTheRules(f"{call.type}, “{call.note}”, is refused by {'; '.join(against)}")
    return actions.file_ticket(filing, by=by, at=at)


def log_deflections(agent: User, patients: list[Patient], *, now: datetime) -> None:
    """Log the callers for whom no ticket was filed: insurers who were told where to write (R-ITEM-3), and
    those for whom “Which ticket?” led to none (R-X-9)."""
    insurer = bill("", caller="insurance_representative")
    for days, patient in zip(DEFLECTED, patients, strict=False):
        at = now - timedelta(days=days, hours=2)
        filing = read_filing(agent, said_of(insurer, Spoken(patient, agent, at)), at=at)
        actions.log_deflection(filing, by=agent, at=at)
    version = policy_in_force(agent.company, at=now)
    policy = policy_of(version)
    for days, question, answer in NO_TICKET:
        fork = policy.fork(question)
        way = next(one for one in fork.ways if one.label == answer) if fork else None
        assert way is not None and way.none, answer
        told = filled(way.none, values_of(policy, agent.company))
        actions.log_no_ticket(version, way.rule, told, by=agent, at=now - timedelta(days=days, hours=1))
