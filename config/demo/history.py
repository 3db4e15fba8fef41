"""The weeks before: tickets that came and went, in time or late, so that the reports have something to say.

Everything is done by the acts people use, at its moment; nothing of it still runs when the demo opens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Company, User
from config.demo.answers import Spoken, said_of
from config.demo.call import Call
from config.demo.tickets import AgainstTheRules
from escalations import actions
from escalations.domain.turnaround import BusinessCalendar
from escalations.filing import read_filing
from escalations.filing_parts import Override
from escalations.models import Breach, Notification, Ticket
from escalations.policies import calendar_in_force, calendar_of, policy_in_force
from patients.models import Patient

WEEKS = 8
MOST_DAYS = 55
"""How long ago the first of them came in: eight weeks, within the time the companies work with Holdline."""
BEFORE_NOW = timedelta(hours=30)


@dataclass(frozen=True)
class Kind:
    """What one type of call is like: what is asked and answered, and how it ends."""

    type: str
    answers: Mapping[str, Any]
    outcome: str
    openings: tuple[str, ...]
    channel: str = "phone"
    told: tuple[str, ...] = ()


BILL, BILL_BY_MAIL, FORM, BALANCE, LINK, PAYMENT, CODE, CALLBACK, CHANGE = (
    Kind("itemized-bill", {"recipient": "patient", "account_status": "paid"}, "Itemized bill sent",
         ("Asked for every line of the bill", "Wants the bill with all charges", "Needs the full bill")),
    Kind("itemized-bill", {"recipient": "patient", "account_status": "paid"}, "Itemized bill sent",
         ("Wrote for every line of the bill", "Wrote for a complete copy"), channel="email"),
    Kind("requisition-form", {"delivery": "email", "delivery_email": "{email}"}, "Form sent",
         ("Lost the form", "Never got the form", "Asked for the form again")),
    Kind("synergen", {"scenario": "written_off", "correct_balance": "249.00"}, "Balance corrected",
         ("The portal shows nothing to pay", "Cannot pay, the portal shows zero")),
    Kind("spay-error", {"problem": "not_received", "sent_to": "{email}", "sent_at": ""}, "New link sent",
         ("No link came", "Waited for the link in vain", "The link is nowhere to be found")),
    Kind("missing-payment", {"looked": ["amd", "synergen_pay", "payment_site"], "transaction_id": "TX-"},
         "Payment found and posted", ("Paid and still gets letters", "The payment is not on the account")),
    Kind("wo-code-error", {"code": "WO77", "judgement": "incorrect", "history_reviewed": True,
                           "balance_zero": False}, "Code corrected",
         ("The code does not fit", "Written off under another code than last time")),
    Kind("patient-callback", {"reason": "cannot_stay", "number": "{phone}", "window": "Any time after lunch"},
         "Called back and settled", ("Had to hang up", "Was on the way to work", "Battery was low")),
    Kind("supervisor", {"scenario": "account_change", "change_kind": "address", "new_address": "{address}"},
         "Done on the account", ("Has moved", "The letters go to the old house")),
)  # fmt: skip
DETAILS = (
    "for the tax adviser", "before the end of the month", "for a second time this year",
    "for the trip of 3 March", "after two letters from us", "for the spouse’s account too",
    "as the employer wants to see it", "for the trip to the dialysis center", "and asks us to hurry",
    "for the savings plan", "and will ring again next week", "before leaving for the winter",
    "for the return trip only",
)  # fmt: skip
"""How a note goes on. Their number has no divisor in common with that of any type's openings."""
ASKED = (
    BILL, LINK, FORM, CALLBACK, BILL_BY_MAIL, BALANCE, PAYMENT, BILL, CODE, CHANGE, CALLBACK, LINK, FORM,
    BILL, BALANCE, BILL_BY_MAIL, PAYMENT,
)  # fmt: skip
"""What the desk is asked, in turn."""
HOURS = {
    "itemized-bill": (52, 76, 98, 240), "requisition-form": (120, 170, 200, 400),
    "synergen": (26, 49, 120, 30), "spay-error": (20, 47, 28, 140), "missing-payment": (90, 130, 160, 290),
    "wo-code-error": (48, 100, 70, 220), "patient-callback": (4, 20, 31, 7), "supervisor": (8, 27, 30, 100),
}  # fmt: skip
"""How long after the call it was answered, in turn, in hours; the longest of them are late."""
REASONS = ("volume", "colleagues", "", "patient", "overlooked", "volume", "insurer", "volume")
"""Why a ticket was late, in turn; an empty one is not said yet."""
STARTED_EVERY, HANDED_ON_EVERY, OVERRIDDEN_EVERY = 3, 7, 15
WAITS_EVERY, RETYPED_EVERY, REOPENED_EVERY = 6, 3, 13
"""One of so many tickets is started, handed on, filed past a rule; waits, is reopened; and of bills and forms
one of so many is of another type."""


class History:
    """The desk of one company over the weeks before."""

    def __init__(self, agents: list[User], chief: User, patients: list[Patient], now: datetime) -> None:
        self.agents, self.chief, self.patients, self.now = agents, chief, patients, now
        self.policy = policy_in_force(chief.company, at=now)
        self.calendar_version = calendar_in_force(chief.company, at=now)
        self.calendar: BusinessCalendar = calendar_of(self.calendar_version)
        self.late = 0
        self.asked: Counter[tuple[str, str]] = Counter()

    def live(self) -> None:
        """One call after the other, each to its end."""
        for number, at in enumerate(self._moments()):
            self._live_one(number, at)
        told = Notification.objects.filter(company=self.chief.company, read_at=None)
        told.update(read_at=self.now - BEFORE_NOW)

    def _moments(self) -> Iterator[datetime]:
        """One call every working day, two on some; the newest is more than a week ago."""
        first = self.now - timedelta(days=MOST_DAYS)
        for day in range(MOST_DAYS - 8):
            at = first + timedelta(days=day)
            if not self.calendar.is_business(at.astimezone(self.calendar.tz).date()):
                continue
            morning = self.calendar.open_moment(at - timedelta(hours=9))
            yield morning + timedelta(minutes=23 + 7 * (day % 11))
            if day % 3:
                yield morning + timedelta(hours=4, minutes=5 * (day % 7))

    def _live_one(self, number: int, at: datetime) -> None:
        kind, agent = ASKED[number % len(ASKED)], self.agents[number % len(self.agents)]
        ticket = self._file(kind, number, agent, at)
        if kind in (BILL, FORM) and self.asked[kind.type, kind.channel] % RETYPED_EVERY == 2:
            ticket = self._retype(ticket, kind, number, at + timedelta(hours=2))
        owner = self._taken(ticket, number, agent, at)
        hours = HOURS[ticket.type]
        answered = self._office(at + timedelta(hours=hours[(number * 3 + number // 7) % len(hours)]))
        if number % WAITS_EVERY == 2 and ticket.type != "wo-code-error":
            self._act(ticket, "wait", owner, at + timedelta(hours=3), {"reason": "patient"})
            self._act(ticket, "resume", owner, at + timedelta(hours=26), {})
            answered = max(answered, self._office(at + timedelta(hours=28)))
        self._resolve(ticket, owner, answered)
        if number % REOPENED_EVERY == 6 and answered < self.now - 4 * BEFORE_NOW:
            facts = {"reason": "Rang again: it is not settled."}
            self._act(ticket, "reopen", self.chief, self._office(answered + timedelta(hours=20)), facts)
            self._resolve(ticket, owner, self._office(answered + timedelta(hours=45)))

    def _file(self, kind: Kind, number: int, agent: User, at: datetime) -> Ticket:
        patient = self.patients[number % len(self.patients)]
        times = self.asked[kind.type, kind.channel]
        self.asked[kind.type, kind.channel] += 1
        answers, by = dict(kind.answers), agent
        beside: tuple[Override, ...] = ()
        if "sent_at" in answers:
            answers["sent_at"] = (at - timedelta(hours=20)).isoformat()
        if "transaction_id" in answers:
            answers["transaction_id"] = f"TX-77{number:04d}"
        if kind is BILL and number % OVERRIDDEN_EVERY == 0:
            answers["account_status"], by = "neither", self.chief
            beside = (Override("R-ITEM-4", "The last payment is with the bank and will post tomorrow."),)
        note = f"{kind.openings[times % len(kind.openings)]} {DETAILS[times % len(DETAILS)]}."
        call = Call(kind.type, note, answers, channel=kind.channel, told=kind.told, beside=beside)
        filing = read_filing(by, said_of(call, Spoken(patient, by, at)), at=at, policy_version=self.policy)
        if not filing.may_be_filed:
            raise AgainstTheRules(f"{call.type}: {filing.all_wrong}, {filing.intake.refusals}")
        return actions.file_ticket(filing, by=by, at=at)

    def _retype(self, ticket: Ticket, kind: Kind, number: int, at: datetime) -> Ticket:
        """It was taken for something else than it was."""
        other = BILL if kind is FORM else LINK if number % 2 else FORM
        answers = {
            name: value.format(email="home@mail.example") if isinstance(value, str) else value
            for name, value in other.answers.items()
        }
        if "sent_at" in answers:
            answers["sent_at"] = (ticket.received_at - timedelta(hours=20)).isoformat()
        facts = {"type": other.type, "answers": answers, "note": "They meant something else."}
        return self._act(ticket, "retype", self.chief, at, facts)

    def _taken(self, ticket: Ticket, number: int, agent: User, at: datetime) -> User:
        """Somebody takes it; some are handed on, some lie for hours."""
        lay = (0.5, 0.7, 6, 0.4, 1.5)[number % 5]
        owner = agent
        if number % HANDED_ON_EVERY == 3:
            owner = self.agents[(number + 1) % len(self.agents)]
            self._act(ticket, "assign", self.chief, at + timedelta(hours=lay / 2), {"user": owner.username})
        self._act(ticket, "take", owner, at + timedelta(hours=lay), {})
        if number % STARTED_EVERY == 0:
            self._act(ticket, "start", owner, at + timedelta(hours=lay + 1), {})
        return owner

    def _resolve(self, ticket: Ticket, owner: User, at: datetime) -> None:
        """Answer it; of a late one somebody may say why."""
        at = min(at, self.now - BEFORE_NOW)
        outcome = next(kind.outcome for kind in ASKED if kind.type == ticket.type)
        self._act(ticket, "resolve", owner, at, {"outcome": outcome})
        if not Breach.objects.filter(ticket=ticket, reason="").exists():
            return
        reason = REASONS[self.late % len(REASONS)]
        self.late += 1
        if reason:
            self._act(ticket, "explain", owner, at + timedelta(minutes=20), {"reason": reason})

    def _act(self, ticket: Ticket, act: str, by: User, at: datetime, facts: dict[str, Any]) -> Ticket:
        # Versions never change: read once, not once an act.
        ticket.policy_version, ticket.calendar_version = self.policy, self.calendar_version
        return actions.act(ticket, act, by=by, at=at, facts=facts)

    def _office(self, at: datetime) -> datetime:
        return self.calendar.open_moment(at)


def live_history(
    company: Company, agents: list[User], chief: User, patients: list[Patient], *, now: datetime
) -> None:
    """Let the company's desk work through the eight weeks before."""
    assert chief.company_id == company.pk
    History(agents, chief, patients, now).live()
