"""The desk's last weeks: tickets of every type, status and standing, by the acts that people use."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from accounts.models import User
from config.demo.calls import DEFLECTED, OTHERWISE, PLAIN_WORDS, WORDS, Call
from config.demo.moments import Moments
from escalations import actions
from escalations.domain.policy import Question, TicketType
from escalations.filing import Filing, read_filing
from escalations.models import Ticket
from patients import reading
from patients.models import Door, Patient

ITEMIZED_BILL = "itemized-bill"
ITEMIZED = {"recipient": "patient", "account_status": "paid"}
MOST_TRIES = 30


def live_tickets(
    agents: list[User], chief: User, patients: list[Patient], calls: list[Call], *, now: datetime
):
    """File the calls in the past, oldest first, and work on each as its line says."""
    chance = random.Random(len(calls))  # noqa: S311  invented people, not secrets
    desk = Desk(agents, chief, Moments(chief.company, now, chance))
    desk.live(calls, patients)


class Desk:
    """The agents of a company, their supervisor, and the moments at which they work."""

    def __init__(self, agents: list[User], chief: User, moments: Moments) -> None:
        self.agents, self.chief, self.moments = agents, chief, moments
        self.types = moments.policy.types
        self.used: Counter[str] = Counter()

    def live(self, calls: list[Call], patients: list[Patient]) -> None:
        """Every call in the order in which it came in; each type of the policy comes up."""
        planned = sorted(self._planned(calls, patients), key=lambda row: row[1])
        for (call, at, kind, patient), agent in zip(planned, cycle(self.agents), strict=False):
            self._live_one(call, at, kind, patient, agent)

    def _planned(
        self, calls: list[Call], patients: list[Patient]
    ) -> Iterator[tuple[Call, datetime, TicketType, Patient]]:
        fresh = iter(patients)
        chosen: list[Patient] = []
        for call in calls:
            chosen.append(chosen[-1] if call.again else next(fresh))
            yield (call, *self._found(call), chosen[-1])

    def _found(self, call: Call) -> tuple[datetime, TicketType]:
        """A moment and a type with which this call stands where it should; types take turns."""
        kinds = sorted(
            (kind for kind in self.types if _fits(kind, call)), key=lambda kind: self.used[kind.key]
        )
        found = ((self._moment(call, kind), kind) for kind in kinds)
        at, kind = next((pair for pair in found if pair[0]), (None, kinds[0]))
        self.used[kind.key] += 1
        return at or self.moments.long_ago(1), kind

    def _moment(self, call: Call, kind: TicketType) -> datetime | None:
        """A ticket that is to be paused runs as if on track until it is."""
        if call.days:
            return self.moments.long_ago(call.days)
        standing = "on_track" if call.standing == "paused" else call.standing
        return self.moments.filed(kind, call.channel, standing)

    def _live_one(self, call: Call, at: datetime, kind: TicketType, patient: Patient, agent: User) -> None:
        reading.note(agent, patient, Door.PAGE, at)
        received = at - timedelta(hours=call.received) if call.received else None
        ticket = file_one(agent, patient, call.channel, at, kind=kind, call=call, received=received)
        moment = at
        for hours, act in call.steps:
            moment = self.moments.after(moment, hours)
            by = self.chief if act in ("assign", "reopen", "cancel") else agent
            ticket = actions.act(ticket, act, by=by, at=moment, facts=self._facts(act, call, kind, ticket))

    def _facts(self, act: str, call: Call, kind: TicketType, ticket: Ticket) -> dict[str, Any]:
        words = (WORDS if kind.key == ITEMIZED_BILL else PLAIN_WORDS).get(act, ("",))
        note = words[ticket.pk % len(words)]
        if act == "wait":
            return {"reason": _reason(kind, stops=call.standing == "paused"), "note": note}
        if act == "resolve":
            outcomes = kind.outcomes or ("Done",)
            outcome = outcomes[ticket.pk // 4 % len(outcomes) if ticket.pk % 4 == 0 else 0]
            return {"outcome": outcome, "note": note if outcome == outcomes[0] else OTHERWISE}
        if act in ("reopen", "cancel"):
            return {"reason": note}
        if act == "assign":
            return {"user": self.agents[ticket.pk % len(self.agents)].username}
        return {"note": note} if act == "comment" else {}


def _fits(kind: TicketType, call: Call) -> bool:
    """Whether the type allows the waits of this call, and stops the clock where it must be paused."""
    waits = any(act == "wait" for _, act in call.steps)
    if call.standing == "paused":
        return any(reason.stops_clock for reason in kind.waits)
    return bool(kind.waits) or not waits


def log_deflections(agent: User, patients: list[Patient], *, now: datetime) -> None:
    """Log the callers who were told where to write (R-ITEM-3)."""
    for number, patient in enumerate(patients[: len(DEFLECTED)]):
        at = now - timedelta(days=DEFLECTED[number], hours=2)
        filing = read_filing(agent, _said(ITEMIZED_BILL, "phone", "insurance_representative", patient), at=at)
        if filing.intake.deflection:
            actions.log_deflection(filing, by=agent, at=at)


def file_one(
    agent: User,
    patient: Patient,
    channel: str,
    at: datetime,
    *,
    kind: TicketType | None = None,
    call: Call | None = None,
    received: datetime | None = None,
) -> Ticket:
    """File one ticket, an itemized bill unless another type is named."""
    caller, note = (call.caller, call.note) if call else ("patient", "")
    said = _said(kind.key if kind else ITEMIZED_BILL, channel, caller, patient)
    said |= {
        "note": note if said["type"] == ITEMIZED_BILL else "",
        "received_at": received.isoformat() if received else None,
    }
    filing = _answered(agent, said, kind, at)
    return actions.file_ticket(filing, by=agent, at=at)


def _said(kind: str, channel: str, caller: str, patient: Patient) -> dict[str, Any]:
    return {
        "type": kind, "channel": channel, "caller": caller, "patient": str(patient.pk), "note": "",
        "answers": dict(ITEMIZED) if kind == ITEMIZED_BILL else {}, "acknowledged": [],
    }  # fmt: skip


def _answered(agent: User, said: dict[str, Any], kind: TicketType | None, at: datetime) -> Filing:
    """Answer what the type still asks, one refusal after the other, until nothing stands against filing."""
    filing = read_filing(agent, said, at=at)
    for attempt in range(MOST_TRIES):
        if filing.may_be_filed or kind is None:
            break
        for finding in filing.intake.refusals:
            _give(said, finding, kind, attempt)
        for name in filing.intake.wrong:
            said["answers"].pop(name, None)
        filing = read_filing(agent, said, at=at)
    return filing


def _give(said: dict[str, Any], finding: Any, kind: TicketType, attempt: int) -> None:
    """Give what one finding misses: an acknowledgement, an answer, or another answer than before."""
    if finding.strength == "ACK":
        said["acknowledged"] = sorted({*said["acknowledged"], finding.rule})
    question = next((one for one in kind.questions if one.key == finding.field), None)
    if question is not None:
        said["answers"][question.key] = _an_answer(question, attempt)
    elif finding.field == "caller":
        said["caller"] = "patient"


def _an_answer(question: Question, attempt: int) -> Any:
    if question.choices:
        key = question.choices[attempt % len(question.choices)][0]
        return [key] if question.kind == "choices" else key
    return {"date": "2026-01-05", "money": "120.00", "number": "1", "yes_no": True}.get(
        question.kind, "As it stands on the account."
    )


def _reason(kind: TicketType, *, stops: bool) -> str:
    """A reason to wait that stops the clock, or one that does not; the type's first when it has no such."""
    fitting = [reason.key for reason in kind.waits if reason.stops_clock is stops]
    return (fitting or [reason.key for reason in kind.waits])[0]
