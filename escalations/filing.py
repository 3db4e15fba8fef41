"""Reading what somebody wants to file: one home for form, API, draft and change of type.

Everything that is wrong is found at once: values that cannot be read, by field, and what the rules of the
type say. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from accounts.roles import Can
from escalations.contacts import NOBODY, Contacts, contacts_of, facts_of, with_marks
from escalations.domain import turnaround as engine
from escalations.domain.answers import LONGEST_TEXT, long_text
from escalations.domain.intake import Asking, Intake, evaluate
from escalations.domain.policy import CALLERS, CHANNELS, Policy, Question, TicketType
from escalations.domain.states import RUNNING
from escalations.filing_parts import (
    Dismissal,
    Override,
    check_overrides,
    read_acknowledged,
    read_dismissals,
    read_followed,
    read_overrides,
    usable_files,
    what_is_known_of,
)
from escalations.models import CalendarVersion, PolicyVersion, Ticket
from escalations.moments import read_moment
from escalations.policies import calendar_beside, calendar_of, policy_in_force, policy_of
from patients.domain.intake import Wrong
from patients.models import Patient


@dataclass
class Filing:
    """What was said, read as far as it can be; ``wrong`` and ``intake`` tell what stands against it.

    ``follows`` is the ticket this one comes out of. ``links`` are the tickets that answers name, by question.
    """

    policy_version: PolicyVersion
    calendar_version: CalendarVersion
    received_at: datetime
    type: TicketType | None = None
    channel: str = ""
    caller: str = ""
    patient: Patient | None = None
    note: str = ""
    acknowledged: list[str] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    dismissals: list[Dismissal] = field(default_factory=list)
    follows: Ticket | None = None
    links: dict[str, Ticket] = field(default_factory=dict)
    contacts: Contacts = NOBODY
    intake: Intake = field(default_factory=lambda: Intake({}, ()))
    wrong: dict[str, Wrong] = field(default_factory=dict)

    @property
    def may_be_filed(self) -> bool:
        """Whether nothing stands against filing."""
        return not self.wrong and self.type is not None and self.intake.may_be_filed

    @property
    def policy(self) -> Policy:
        """The policy this is filed under."""
        return policy_of(self.policy_version)

    @property
    def calendar(self) -> engine.BusinessCalendar:
        """The business calendar in force."""
        return calendar_of(self.calendar_version)

    @property
    def all_wrong(self) -> dict[str, Wrong]:
        """Every value that cannot be read, an answer's as ``answers.recipient``."""
        return {**self.wrong, **{f"answers.{name}": wrong for name, wrong in self.intake.wrong.items()}}

    @property
    def values(self) -> dict[str, str]:
        """What the policy's sentences may name in braces."""
        return values_of(self.policy, self.policy_version.company)


Prefill = Callable[[Filing, Question, Mapping[str, Any]], Any]
"""What a page offers as the answer to a question that nothing was typed to."""


@dataclass(frozen=True)
class Promise:
    """The window of a filing and the sentence to say (R-ALL-2)."""

    turnaround: engine.Turnaround
    due: engine.Due
    sentence: str


def values_of(policy: Policy, company: Any) -> dict[str, str]:
    """The company's name, and the addresses set in the policy's list or, for the first one, at set-up."""
    addresses = policy.addresses
    bills = addresses.get("itemized_bill_address") or company.itemized_bill_address
    return {"company": company.name, **addresses, "itemized_bill_address": bills}


def read_filing(
    user: User,
    said: Mapping[str, Any],
    *,
    at: datetime,
    policy_version: PolicyVersion | None = None,
    ticket: Ticket | None = None,
    prefill: Prefill | None = None,
) -> Filing:
    """Read what ``user`` wants to file at ``at``: the names are those of the API's body.

    ``policy_version`` is the version to file under, when the caller has read it already. ``ticket`` is the
    one that is filed from its draft or changes its type: its own files are usable, and it is no contact of
    its own.
    """
    company = user.company
    version = policy_version or policy_in_force(company, at=at)
    version.company = company
    filing = Filing(version, calendar_beside(version, at=at), received_at=at)
    readers: dict[str, Callable[[Any], Any]] = {
        "type": lambda value: _type(filing.policy, value, ticket),
        "channel": lambda value: _word("The channel", value, CHANNELS),
        "caller": lambda value: _word("The caller", value, CALLERS),
        "patient": lambda value: _patient(user, value),
        "note": long_text("The note", LONGEST_TEXT),
        "received_at": lambda value: _received_at(filing.policy, user, value, at),
        "acknowledged": read_acknowledged,
        "overrides": lambda value: read_overrides(user, value),
        "dismissals": read_dismissals,
        "follows": lambda value: read_followed(user, value),
    }
    for name, read in readers.items():
        try:
            setattr(filing, name, read(said.get(name)))
        except Wrong as problem:
            filing.wrong[name] = problem
    filing.contacts = _contacts(filing, user, ticket)
    _ask_rules(filing, said.get("answers"), at=at, user=user, ticket=ticket, prefill=prefill)
    return filing


def promise_of(filing: Filing) -> Promise | None:
    """The promise of what has been said so far; ``None`` until type and channel are known."""
    if filing.type is None or not filing.channel:
        return None
    turnaround = filing.type.turnaround(filing.channel)
    due = engine.compute(turnaround, filing.received_at, filing.calendar)
    sentence = engine.promise(due, turnaround, filing.calendar, filing.received_at)
    return Promise(turnaround, due, sentence)


def _contacts(filing: Filing, user: User, ticket: Ticket | None) -> Contacts:
    found = contacts_of(filing.patient, user)
    return Contacts([one for one in found.running if ticket is None or one.pk != ticket.pk])


def _ask_rules(
    filing: Filing,
    answers: Any,
    *,
    at: datetime,
    user: User,
    ticket: Ticket | None,
    prefill: Prefill | None,
) -> None:
    if answers is None:
        answers = {}
    if not isinstance(answers, Mapping):
        filing.wrong["answers"] = Wrong("type", "Answers are an object: a question's key and its answer.")
        answers = {}
    if filing.type is None:
        return
    asking = Asking(
        now=at.astimezone(user.company.zone),
        calendar=filing.calendar,
        values=filing.values,
        unreadable=set(filing.wrong),
        overridden={one.rule for one in filing.overrides},
        links=lambda question, number: what_is_known_of(filing, user, question, number, at),
        files=lambda question, names: usable_files(user, question, names, ticket),
        prefill=(lambda question, known: prefill(filing, question, known)) if prefill else None,
    )
    filing.intake = evaluate(filing.type, _facts(filing), answers, filing.acknowledged, asking)
    if wrong := check_overrides(filing.type, filing.overrides):
        filing.wrong["overrides"] = wrong
    _complete(filing)


def _facts(filing: Filing) -> dict[str, Any]:
    promise = promise_of(filing)
    due_at = promise.due.due_at if promise else None
    closed = due_at is not None and not filing.calendar.is_open(due_at - engine.INSTANT)
    return {
        "channel": filing.channel,
        "caller": filing.caller,
        "patient": filing.patient,
        "note": filing.note,
        "due_when_closed": closed,
        **facts_of(filing.patient, filing.contacts),
    }


def _complete(filing: Filing) -> None:
    """A filed ticket has a channel, a caller and a patient, also under a policy that does not ask."""
    told = {finding.field for finding in filing.intake.refusals} | set(filing.wrong)
    if filing.intake.deflection:
        return
    for name in ("channel", "caller", "patient"):
        if not getattr(filing, name) and name not in told:
            filing.wrong[name] = Wrong("required", f"A ticket needs its {name}.")
    strangers = set(filing.acknowledged) - {rule.id for rule in filing.type.rules} if filing.type else set()
    if strangers:
        filing.wrong["acknowledged"] = Wrong(
            "unknown", "A rule was acknowledged that this type does not have."
        )


def _type(policy: Policy, value: Any, ticket: Ticket | None) -> TicketType:
    if value in (None, ""):
        raise Wrong("required", "Choose an escalation type.")
    found = policy.type(value) if isinstance(value, str) else None
    if found is None:
        listed = ", ".join(one.key for one in policy.offered)
        raise Wrong("choice", f"There is no such escalation type. Choose one of: {listed}.")
    if found.off and (ticket is None or ticket.status not in RUNNING or ticket.type != found.key):
        raise Wrong(
            "off", f"{found.name} is switched off: no new ticket of this type is filed. Choose another."
        )
    return found


def _word(label: str, value: Any, allowed: tuple[str, ...]) -> str:
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or value not in allowed:
        raise Wrong("choice", f"{label} is one of: {', '.join(allowed)}.")
    return value


def _patient(user: User, value: Any) -> Patient | None:
    if value in (None, ""):
        return None
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Wrong("type", "The patient is given by id. Find the patient, or add a new one.")
    found = with_marks(Patient.objects.visible_to(user)).filter(pk=int(text)).first()
    if found is None:
        raise Wrong("not_found", "There is no such patient. Find the patient, or add a new one.")
    return found


def _received_at(policy: Policy, user: User, value: Any, at: datetime) -> datetime:
    """When the request came in: not after filing, and bounded backwards, a supervisor's wider (K18)."""
    if value in (None, ""):
        return at
    wide = user.may(Can.DIRECT_TICKETS)
    days = policy.backdating_days_supervisor if wide else policy.backdating_days
    try:
        return engine.check_received_at(read_moment(value), at, timedelta(days=days))
    except engine.TimeRuleError as wrong:
        raise Wrong("received_at", wrong.message) from None
