"""A desk's two months, lived by random acts, and the diary that is kept beside them."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Team, User
from accounts.steps import Refused
from escalations import actions
from escalations.models import Breach, Deflection, Proposal, Ticket, Waiver
from escalations.policies import policy_in_force
from tables.periods import Period
from tests.factories import PatientFactory
from tests.tickets import filed, good

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
"""Friday, half past four in Chicago."""
PERIOD = Period(date(2026, 9, 28), date(2026, 11, 20))
KINDS = (
    "itemized-bill", "refund", "supervisor", "requisition-form", "wo-code-error", "patient-sos",
    "executive-keywords",
)  # fmt: skip
TICKETS = 140
DONE = {"outcome": "Done on the account"}


@dataclass
class Diary:
    """What happened, noted down beside the acts: for each ticket when it became what, and who filed it as
    what."""

    moves: dict[int, list[tuple[datetime, str, int | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    retypes: list[tuple[datetime, str, str, int]] = field(default_factory=list)
    promised: dict[int, datetime | None] = field(default_factory=dict)

    def note(self, ticket: Ticket, at: datetime) -> None:
        self.moves[ticket.pk].append((at, ticket.status, ticket.assignee_id))


class Life:
    """Two months at acme's desk, by random acts."""

    def __init__(self, cast: dict[str, User]) -> None:
        self.chance = random.Random(20261120)  # noqa: S311  invented lives
        self.diary, self.cast = Diary(), cast
        acme = cast["ana"].company
        days, late = (Team.objects.create(company=acme, name=name) for name in ("Days", "Late shift"))
        cast["eve"] = User.objects.create(
            username="eve", first_name="Eve", last_name="Example", company=acme, role="agent", team=late
        )
        User.objects.filter(username="ana").update(team=days)
        cast["ana"].team = days
        self.people = [cast["ana"], cast["eve"], cast["sue"]]
        self.patients = [PatientFactory(company=acme) for _ in range(6)]

    def live(self) -> Diary:
        for _ in range(TICKETS):
            self._ticket(self._moment(NOW - timedelta(days=75), NOW - timedelta(hours=3)))
        self._waits_long(NOW - timedelta(days=20))
        _beside(self.cast, self.chance)
        actions.watch_clocks(at=NOW - timedelta(minutes=2))
        for breach in Breach.objects.order_by("pk"):
            if self.chance.random() < 0.6:
                said = self.chance.choice(["volume", "insurer", "overlooked"])
                Breach.objects.filter(pk=breach.pk).update(reason=said, told_at=NOW, told_by=self.cast["sue"])
        return self.diary

    def _moment(self, since: datetime, until: datetime) -> datetime:
        return since + (until - since) * self.chance.random()

    def _ticket(self, at: datetime) -> None:
        by, kind = self.chance.choice(self.people[:2]), self.chance.choice(KINDS)
        changes = {"note": "Her attorney wrote."} if self.chance.random() < 0.15 else {}
        channel = "email" if kind == "itemized-bill" and self.chance.random() < 0.5 else "phone"
        ticket = filed(kind, by, self.chance.choice(self.patients), at, channel=channel, **changes)
        self.diary.promised[ticket.pk] = ticket.due_at
        self.diary.note(ticket, at)
        for _ in range(self.chance.randint(0, 7)):
            at += timedelta(hours=self.chance.expovariate(1 / 40))
            if at >= NOW:
                return
            ticket = self._act(ticket, at)

    def _waits_long(self, at: datetime) -> None:
        """One that was in time by its clock, and later than its patient was told."""
        ticket = filed("supervisor", self.cast["ana"], self.patients[0], at)
        self.diary.promised[ticket.pk] = ticket.due_at
        self.diary.note(ticket, at)
        for hours, act, facts in (
            (1, "wait", {"reason": "patient"}),
            (200, "resume", {}),
            (2, "resolve", DONE),
        ):
            at += timedelta(hours=hours)
            ticket = actions.act(ticket, act, by=self.cast["ana"], at=at, facts=facts)
            self.diary.note(ticket, at)

    def _act(self, ticket: Ticket, at: datetime) -> Ticket:
        """Some act that may be done now; what the rules refuse is not done."""
        sue, act = self.cast["sue"], self._chosen(ticket)
        by = (
            sue
            if act in ("assign", "reopen", "cancel", "retype", "resolve")
            else self.chance.choice(self.people)
        )
        before = ticket.type
        try:
            ticket = actions.act(ticket, act, by=by, at=at, facts=self._facts(act, ticket))
        except (Refused, actions.Invalid, actions.Unfit):
            return Ticket.objects.get(pk=ticket.pk)
        if act == "retype" and ticket.type != before:
            self.diary.retypes.append((at, before, ticket.type, ticket.filed_by_id))
        self.diary.note(ticket, at)
        return ticket

    def _chosen(self, ticket: Ticket) -> str:
        if ticket.status == "resolved":
            return self.chance.choice(["reopen", "comment", "comment"])
        if ticket.status == "waiting":
            return self.chance.choice(["resume", "resume", "comment", "assign", "resolve"])
        return self.chance.choice(
            ["take", "start", "wait", "wait", "assign", "retype", *["resolve"] * 4, "comment", "cancel"]
        )

    def _facts(self, act: str, ticket: Ticket) -> dict[str, Any]:
        if act == "retype":
            kind = self.chance.choice(KINDS)
            return {"type": kind, **good(kind)}
        return {
            "assign": lambda: {"user": self.chance.choice(self.people).username},
            "wait": lambda: {"reason": self.chance.choice(["patient", "colleagues", "insurer"])},
            "resolve": lambda: {"outcome": "Settled"},
            "reopen": lambda: {"reason": "Not settled"},
            "cancel": lambda: {"reason": "Not needed"},
            "comment": lambda: {"note": "Looked at it"},
        }.get(act, dict)()


def _beside(cast: dict[str, User], chance: random.Random) -> None:
    """Overrides, dismissals, declined proposals and calls turned away, spread over three months."""
    acme = cast["ana"].company
    tickets = list(Ticket.objects.filter(company=acme).order_by("pk"))
    version = policy_in_force(acme, at=NOW)
    for number in range(90):
        at = NOW - timedelta(hours=chance.uniform(1, 24 * 80))
        ticket, by = chance.choice(tickets), chance.choice([cast["ana"], cast["eve"], cast["sue"]])
        Waiver.objects.create(
            company=acme, ticket=ticket, kind=chance.choice(["override", "dismissal"]), reason="Because",
            rule=chance.choice(["R-PTP-1", "R-DNC-2", "R-EXEC-1"]), at=at, by=by,
        )  # fmt: skip
        Deflection.objects.create(
            company=acme, rule=chance.choice(["R-ITEM-3", "R-X-9"]), type=chance.choice(["itemized-bill", ""]),
            channel="phone", caller="patient", told="Write to us", by=by, at=at, policy_version=version,
        )  # fmt: skip
        if number % 3 == 0:
            Proposal.objects.create(
                company=acme, ticket=tickets[number], rule="R-INS-3", type="supervisor", raised_at=at,
                decision="dismissed", reason="Is being done", decided_at=at, decided_by=by,
            )  # fmt: skip
