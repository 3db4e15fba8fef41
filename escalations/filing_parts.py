"""The parts of a filing that only the database can judge: linked tickets, files, overrides, dismissals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from accounts.models import User
from accounts.roles import Can
from escalations.domain.answers import read_answer
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.conditions import Day
from escalations.domain.policy import Question, TicketType
from escalations.domain.states import RUNNING
from escalations.models import Attachment, Ticket
from escalations.queries import tickets_of
from patients.domain.intake import Wrong, text

if TYPE_CHECKING:
    from escalations.filing import Filing

MOST_ACKNOWLEDGED = 100
MOST_WAIVED = 20
SENT_ON = "sent_on"
"""The answer by which a linked ticket says when it was sent (R-SUP-4, R-SUP-9)."""


@dataclass(frozen=True)
class Override:
    """A rule that a supervisor sets aside for this ticket, and why."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Dismissal:
    """A keyword that was heard and does not apply, and why (R-EXEC-1)."""

    word: str
    reason: str


def read_acknowledged(value: Any) -> list[str]:
    """The ids of the rules that were ticked, each once."""
    if value in (None, ""):
        return []
    if not isinstance(value, list) or len(value) > MOST_ACKNOWLEDGED:
        raise Wrong("type", "Acknowledged is a list of rule ids.")
    if not all(isinstance(one, str) and len(one) <= 24 for one in value):
        raise Wrong("type", "Acknowledged is a list of rule ids.")
    return sorted(set(value))


def read_overrides(user: User, value: Any) -> list[Override]:
    """What a supervisor overrides: one ``{rule, reason}`` or a list of them; Wrong for anybody else."""
    rows = _rows(value, "rule", "An override")
    if rows and not user.may(Can.DIRECT_TICKETS):
        raise Wrong("role", "Only a supervisor may override a rule. Ask one to file this.")
    return [Override(*row) for row in rows]


def check_overrides(ticket_type: TicketType, overrides: Sequence[Override]) -> Wrong | None:
    """Say what is wrong with overriding these rules of the type."""
    allowed = {rule.id for rule in ticket_type.rules if rule.override}
    firm = [one.rule for one in overrides if one.rule not in allowed]
    if not firm:
        return None
    listed = ", ".join(sorted(allowed)) or "none"
    return Wrong("override", f"This rule cannot be overridden. Of {ticket_type.name} may be: {listed}.")


def read_dismissals(value: Any) -> list[Dismissal]:
    """Which keywords do not apply: a list of ``{word, reason}`` (R-EXEC-1)."""
    return [Dismissal(*row) for row in _rows(value, "word", "A dismissal")]


def _rows(value: Any, name: str, what: str) -> list[tuple[str, str]]:
    if value in (None, "", []):
        return []
    rows = value if isinstance(value, list) else [value]
    if len(rows) > MOST_WAIVED or not all(isinstance(row, dict) for row in rows):
        raise Wrong("type", f"{what} is an object with {name} and reason.")
    about, why = text(f"The {name}", 80, required=True), text("The reason", 300, required=True)
    for row in rows:
        if set(row) - {name, "reason"}:
            raise Wrong("unknown", f"{what} has {name} and reason, and nothing else.")
    return [(about(row.get(name)), why(row.get("reason"))) for row in rows]


def read_followed(user: User, value: Any) -> Ticket | None:
    """The ticket this one comes out of, by number or id."""
    if value in (None, ""):
        return None
    question = Question("follows", "Follows", "ticket")
    return _ticket_of(user, read_answer(question, value))


def _ticket_of(user: User, number: str) -> Ticket:
    found = tickets_of(user).filter(number=number).first()
    if found is None:
        raise Wrong("not_found", "There is no ticket of this number.")
    return found


def what_is_known_of(
    filing: Filing, user: User, question: Question, number: str, at: datetime
) -> dict[str, Any]:
    """The facts of a ticket that an answer names (``escalations.domain.policy.LINKED``); it joins the filing.

    Wrong when it is not there, is another patient's, or is of another type than asked for.
    """
    found = _ticket_of(user, number)
    if filing.patient is not None and found.patient_id != filing.patient.pk:
        raise Wrong("patient", f"{question.label}: {number} is another patient's ticket.")
    if question.of_type and found.type != question.of_type:
        wanted = filing.policy.type(question.of_type)
        name = wanted.name if wanted else question.of_type
        raise Wrong("type", f"{question.label}: {number} is of the type {found.type_name}, not {name}.")
    filing.links[question.key] = found
    return known_of(found, Day(at.astimezone(user.company.zone).date(), filing.calendar), at)


def known_of(ticket: Ticket, day: Day, at: datetime) -> dict[str, Any]:
    """The facts of a linked ticket: late or not, and how many business days ago it was sent (K2)."""
    late = ticket.status in RUNNING and ticket.due_at is not None and ticket.due_at < at
    return {"late": late, "business_days": days_since_sent(ticket, day), "type": ticket.type}


def days_since_sent(ticket: Ticket, day: Day) -> int:
    """Business days since the ticket's request was sent."""
    return day.business_days_since(sent_on(ticket, day.calendar))


def sent_on(ticket: Ticket, calendar: BusinessCalendar | None) -> date:
    """The date on which a ticket's request was sent: its answer says when, else when it was received."""
    sent = ticket.answers.get(SENT_ON)
    zone = calendar.tz if calendar else None
    return datetime.fromisoformat(sent).date() if sent else ticket.received_at.astimezone(zone).date()


def usable_files(user: User, question: Question, names: list[str], ticket: Ticket | None) -> list[str]:
    """The names of the files that may stand under this ticket: one's own that have none yet, or its own."""
    rows = Attachment.objects.visible_to(user).filter(name__in=names)
    usable = {row.name for row in rows if _is_usable(row, user, ticket)}
    _all_there(question, names, usable)
    return names


def _is_usable(row: Attachment, user: User, ticket: Ticket | None) -> bool:
    if row.ticket_id is None:
        return row.uploaded_by_id == user.pk
    return ticket is not None and row.ticket_id == ticket.pk


def _all_there(question: Question, names: Collection[str], usable: Collection[str]) -> None:
    if set(names) - set(usable):
        raise Wrong("not_found", f"{question.label}: a file is not there any more. Attach it again.")
