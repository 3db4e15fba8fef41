"""The supervisors' board: tickets that stand where a test wants them, and what the board shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.test import Client

from accounts.models import Company, User
from escalations.models import Ticket
from patients.models import Patient
from tests.tickets import filed

BOARD = "/triage/"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MakeTicket = Callable[..., Ticket]


def ticket_maker(ana: User, patient: Patient) -> MakeTicket:
    """Makes a running ticket with the columns told; calm, and ana's, unless told."""

    def make(**columns: Any) -> Ticket:
        now = datetime.now(UTC)
        made = filed("supervisor", ana, patient, now - HOUR)
        due = columns.get("due_at", now + 9 * DAY)
        calm = {"expected_from": None, "warn_at": None, "due_at": due, "late_from": due, "assignee": ana}
        moments = {**calm, "due_order": due or columns.get("received_at", now), **columns}
        Ticket.objects.filter(pk=made.pk).update(**moments)
        made.refresh_from_db()
        return made

    return make


def tonight(company: Company) -> datetime:
    """A moment of today that is still to come, on the company's clock."""
    now = datetime.now(UTC)
    midnight = datetime.combine(now.astimezone(company.zone).date() + DAY, time(0), company.zone)
    return now + (midnight - now) / 2


def shown(client: Client, query: str = "") -> dict[str, list[str]]:
    """The numbers of each band, as the board shows them."""
    screen = client.get(f"{BOARD}{query}").context["screen"]
    return {band.band.key: [row.ticket.number for row in band.rows] for band in screen.bands}
