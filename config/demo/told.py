"""What the demo's people tell each other: notes that name a colleague, tickets watched, what was read."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts import emergency
from accounts.models import Company, User
from escalations import actions
from escalations.domain.states import RUNNING
from escalations.models import Notification, Ticket
from patients import reading
from patients.models import Door, Patient

NOTES = (
    (timedelta(hours=5), "@{name} the caller rang again this morning. Could you look at it before noon?"),
    (timedelta(hours=29), "@{name} I spoke with billing: they will answer by tomorrow."),
    (timedelta(hours=53), "Thank you for the summary. @{name}, please keep me posted."),
)
"""The chief's notes, each so long before now, to the agent who has the ticket."""
READ_BEFORE = timedelta(days=1)


READ_IN_EMERGENCY = timedelta(days=4)


def read_in_emergency(admin: User, patient: Patient, *, now: datetime) -> None:
    """Let the admin read a patient's page when nobody else was there, a few days ago."""
    at = now - READ_IN_EMERGENCY
    emergency.open_reading(admin, reason="Nobody on duty; a hospital asked whom to call back", at=at)
    reading.note(admin, patient, Door.PAGE, at + timedelta(minutes=2))
    emergency.end_reading(admin, at=at + timedelta(minutes=6))


def tell_each_other(company: Company, agent: User, chief: User, *, now: datetime) -> None:
    """Let the chief write to an agent on their tickets and watch them; what is older than a day is read."""
    rows = Ticket.objects.filter(company=company, assignee=agent, status__in=RUNNING)
    tickets = list(
        rows.select_related("assignee", "filed_by", "policy_version").order_by("-id")[: len(NOTES)]
    )
    for ticket, (before, words) in zip(tickets, NOTES, strict=False):
        at = max(now - before, ticket.created_at + timedelta(minutes=5))
        note = words.format(name=agent.username)
        actions.act(ticket, "comment", by=chief, at=min(at, now), facts={"note": note})
        actions.watch(ticket, chief, at=min(at, now))
    old = Notification.objects.filter(company=company, at__lt=now - READ_BEFORE, read_at=None)
    old.update(read_at=now - READ_BEFORE)
