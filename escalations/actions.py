"""Everything that changes a ticket: filing it, turning a caller away, and the steps of its life.

Each write commits the change, its timeline line and its audit in one transaction. A row moves by
compare-and-set on status and version in :func:`_apply` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F

from accounts.audit import acting
from accounts.models import Company, User
from accounts.roles import Can
from accounts.steps import Refused, Step, find_step
from escalations.clock import dates
from escalations.domain import turnaround as engine
from escalations.domain.policy import TicketType
from escalations.domain.states import TICKET
from escalations.domain.step_facts import read_step
from escalations.filing import Filing, promise_of
from escalations.models import Deflection, Ticket, TicketEvent
from escalations.policies import policy_of
from escalations.step_work import WORK, Doing, open_cycle
from patients.domain.intake import Wrong

FIRST_NUMBER = 1001
_CHANNEL_WORDS = {"phone": "by phone", "email": "by email"}


class Invalid(Exception):
    """A step was told something that cannot be used; ``wrong`` names it by field."""

    def __init__(self, wrong: dict[str, Wrong]) -> None:
        super().__init__(", ".join(wrong))
        self.wrong = wrong


def file_ticket(filing: Filing, *, by: User, at: datetime) -> Ticket:
    """File what :func:`escalations.filing.read_filing` found nothing against (R-ALL-1 to R-ALL-3).

    Raises ``ValueError`` for a filing something stands against: show its findings instead.
    """
    promise = promise_of(filing)
    if not filing.may_be_filed or filing.type is None or promise is None:
        raise ValueError("This filing has findings that refuse it.")
    clock = engine.Cycle(promise.turnaround, filing.received_at, ())
    urgent = filing.type.urgency == "urgent"
    moments = dates(clock, filing.calendar, filing.policy, urgent=urgent)
    with transaction.atomic(), acting(by, "file"):
        ticket = Ticket.objects.create(
            company=by.company,
            number=_next_number(by.company),
            type=filing.type.key,
            type_name=filing.type.name,
            urgency=filing.type.urgency,
            channel=filing.channel,
            caller=filing.caller,
            patient=filing.patient,
            answers=filing.intake.answers,
            note=filing.note,
            acknowledged=filing.acknowledged,
            filed_by=by,
            received_at=filing.received_at,
            created_at=at,
            policy_version=filing.policy_version,
            calendar_version=filing.calendar_version,
            promise=promise.sentence,
            **moments,
        )
        open_cycle(ticket, 1, clock, moments, at)
        _tell(ticket, "file", f"Filed {_CHANNEL_WORDS[ticket.channel]}", _filed_words(filing, at), by, at)
    return ticket


def log_deflection(filing: Filing, *, by: User, at: datetime) -> Deflection:
    """Log a caller who was told where to write, and for whom no ticket is filed (R-ITEM-3)."""
    finding = filing.intake.deflection
    if finding is None or filing.type is None:
        raise ValueError("Nothing in this filing turns the caller away.")
    with transaction.atomic(), acting(by, "deflect"):
        return Deflection.objects.create(
            company=by.company,
            rule=finding.rule,
            type=filing.type.key,
            channel=filing.channel,
            caller=filing.caller,
            patient=filing.patient,
            told=finding.instead,
            by=by,
            at=at,
            policy_version=filing.policy_version,
        )


def act(
    ticket: Ticket,
    act: str,
    *,
    by: User,
    at: datetime,
    version: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Ticket:
    """Take one step and give the ticket as it is then.

    ``facts`` are what the step must be told, as it was sent. ``version`` is the version the person saw,
    when known. Raises :class:`Refused` for what the table, the role or somebody else's step does not
    allow, and :class:`Invalid` for facts that cannot be used.
    """
    step = find_step(TICKET, act, ticket.status, by.role, owner=ticket.belongs_to(by), thing="ticket")
    clean, wrong = read_step(act, facts or {}, type_of(ticket))
    if act == "assign" and "user" in clean:
        clean["user"], problem = _assignable(clean["user"], by)
        wrong |= {"user": problem} if problem else {}
    if wrong:
        raise Invalid(wrong)
    if version is not None and version != ticket.version and step.act != "comment":
        raise _stale(ticket)
    with transaction.atomic(), acting(by, act):
        change = WORK[act](Doing(ticket, by, at, clean))
        if step.act != "comment":
            _apply(ticket, step, change.columns)
        change.after()
        _tell(ticket, act, change.title, change.text or clean.get("note", ""), by, at)
    ticket.refresh_from_db(from_queryset=Ticket.objects.select_related("assignee", "patient"))
    return ticket


def type_of(ticket: Ticket) -> TicketType:
    """The ticket's type as its own version of the policy has it (R-ALL-3)."""
    found = policy_of(ticket.policy_version).type(ticket.type)
    if found is None:
        raise LookupError(f"Policy version {ticket.policy_version_id} lacks the type of ticket {ticket.pk}.")
    return found


def _apply(ticket: Ticket, step: Step, columns: dict[str, Any]) -> None:
    """Move the row by compare-and-set; the one place where a ticket's status changes."""
    rows = Ticket.objects.filter(pk=ticket.pk, status=ticket.status, version=ticket.version)
    try:
        moved = rows.update(status=step.target or ticket.status, version=F("version") + 1, **columns)
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") == "HL409":
            raise Refused(f"A ticket cannot go from {ticket.status} to {step.target}.") from error
        raise
    if not moved:
        raise _stale(ticket)


def _stale(ticket: Ticket) -> Refused:
    newest = TicketEvent.objects.filter(ticket=ticket).select_related("by").order_by("-id").first()
    done = f" Last: {newest.title}, by {newest.by or 'Holdline'}." if newest else ""
    return Refused(
        f"{ticket.number} was changed meanwhile.{done} Nothing was done; look again, then decide.", "stale"
    )


def _next_number(company: Company) -> str:
    """Allot the company's next number; the counter's row lock puts concurrent filings in line."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO escalations_ticketcounter (company_id, last) VALUES (%s, %s) "
            "ON CONFLICT (company_id) DO UPDATE SET last = escalations_ticketcounter.last + 1 RETURNING last",
            [company.pk, FIRST_NUMBER],
        )
        return f"E-{cursor.fetchone()[0]}"


def _tell(ticket: Ticket, act: str, title: str, text: str, by: User | None, at: datetime) -> None:
    TicketEvent.objects.create(
        company_id=ticket.company_id, ticket=ticket, act=act, at=at, by=by, title=title[:200], text=text
    )


def _filed_words(filing: Filing, at: datetime) -> str:
    """What the timeline keeps of a filing; a request received earlier is logged with its moment (K18)."""
    told = f"Promised: {promise.sentence}." if (promise := promise_of(filing)) else ""
    if filing.received_at >= at:
        return told
    received = filing.received_at.astimezone(filing.calendar.tz)
    return f"{told} Received earlier: {received:%A} {received.day} {received:%B %Y, %H:%M}."


def _assignable(named: str, by: User) -> tuple[User | None, Wrong | None]:
    people = User.objects.filter(company_id=by.company_id, is_active=True)
    found = people.filter(username=named).first()
    if found is None and named.isascii() and named.isdigit() and len(named) <= 18:
        found = people.filter(pk=int(named)).first()
    if found is None:
        return None, Wrong("not_found", "There is nobody of that name here.")
    if not found.may(Can.WORK_TICKETS):
        return None, Wrong("role", f"{found} is {found.role} and does not work on tickets.")
    return found, None
