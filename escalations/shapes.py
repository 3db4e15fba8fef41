"""How tickets, types and dates look in the API's answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import User
from escalations.clock import standing_of
from escalations.domain.policy import TicketType, turnaround_rows
from escalations.domain.turnaround import BusinessCalendar, Due, LedgerLine
from escalations.models import Ticket
from escalations.policies import calendar_of
from escalations.queries import steps_of


def moment_json(moment: datetime | None, calendar: BusinessCalendar) -> str | None:
    """ISO 8601 with the offset of the calendar's zone."""
    return moment.astimezone(calendar.tz).isoformat() if moment else None


def ticket_json(ticket: Ticket, user: User, now: datetime) -> dict[str, Any]:
    """The one shape of a ticket; ``steps`` are those this person may take now."""
    calendar = calendar_of(ticket.calendar_version)
    names = ["received_at", "created_at", "expected_from", "due_at", "resolved_at"]
    return {
        "id": str(ticket.pk),
        "number": ticket.number,
        "type": ticket.type,
        "type_name": ticket.type_name,
        "status": ticket.status,
        "standing": standing_of(ticket, now),
        "urgency": ticket.urgency,
        "channel": ticket.channel,
        "caller": ticket.caller,
        **{name: moment_json(getattr(ticket, name), calendar) for name in names},
        "promise": ticket.promise,
        "assignee": ticket.assignee.username if ticket.assignee else None,
        "filed_by": ticket.filed_by.username,
        "patient": str(ticket.patient_id),
        "answers": ticket.answers,
        "note": ticket.note,
        "acknowledged": ticket.acknowledged,
        "policy_version": ticket.policy_version.number,
        "cycle": ticket.cycle,
        "version": ticket.version,
        "steps": [step.act for step in steps_of(ticket, user)],
    }


def ledger_json(lines: Iterable[LedgerLine]) -> list[dict[str, str]]:
    """The ledger, a line a date (K19)."""
    return [{"date": line.date.isoformat(), "counted": line.counted, "why": line.why} for line in lines]


def preview_json(
    due: Due, promise: str, lines: Iterable[LedgerLine], calendar: BusinessCalendar
) -> dict[str, Any]:
    """A due window with its sentence and its ledger."""
    return {
        "expected_from": moment_json(due.expected_from, calendar),
        "due_at": moment_json(due.due_at, calendar),
        "promise": promise,
        "ledger": ledger_json(lines),
    }


def type_json(ticket_type: TicketType, version: int) -> dict[str, Any]:
    """One escalation type: everything a program needs to file it."""
    needed = ticket_type.needed()
    return {
        "key": ticket_type.key,
        "name": ticket_type.name,
        "urgency": ticket_type.urgency,
        "turnarounds": turnaround_rows(ticket_type),
        "questions": [
            {
                "key": question.key,
                "label": question.label,
                "kind": question.kind,
                "required": question.key in needed,
                "choices": [{"key": key, "label": label} for key, label in question.choices],
            }
            for question in ticket_type.questions
        ],
        "rules": [
            {"id": rule.id, "strength": rule.strength, "message": rule.message} for rule in ticket_type.rules
        ],
        "wait_reasons": [
            {"key": reason.key, "label": reason.label, "stops_clock": reason.stops_clock}
            for reason in ticket_type.waits
        ],
        "outcomes": list(ticket_type.outcomes),
        "version": version,
    }
