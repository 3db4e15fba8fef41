"""What a patient has been in touch about: the tickets that run, those that ended lately, who shares the
phone.

Known by the patient's own id, by the account, and by the phone number; never by a name alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from escalations.domain.states import OVER, RUNNING
from escalations.models import Ticket, TicketEvent
from escalations.queries import tickets_of
from patients.models import Patient, PatientMark
from patients.queries import sharing_phone

COMPASSIONATE_CARE = "compassionate_care"
CALLED_AGAIN = "contact"
"""The act of a ticket's timeline that says the patient was in touch again about the same thing."""
MOST = 20
RECENT = timedelta(days=30)


@dataclass(frozen=True)
class Contacts:
    """The tickets of one patient that run, nearest due first, each with ``calls``: how often they called
    again."""

    running: list[Ticket]

    @property
    def unresolved(self) -> int:
        """How many contacts are still without an answer: each running ticket, and each call about it
        since."""
        return sum(1 + getattr(ticket, "calls", 0) for ticket in self.running)

    @property
    def types(self) -> list[str]:
        """The types of what runs."""
        return sorted({ticket.type for ticket in self.running})

    @property
    def marked(self) -> bool:
        """Whether a running ticket says that an application for Compassionate Care is under way
        (R-STOP-2)."""
        return any(COMPASSIONATE_CARE in ticket.marks for ticket in self.running)


NOBODY = Contacts([])


def contacts_of(patient: Patient | None, user: Any) -> Contacts:
    """What runs for a patient, in one query."""
    if patient is None:
        return NOBODY
    rows = with_calls(tickets_of(user)).filter(patient=patient, status__in=RUNNING)
    return Contacts(list(rows.order_by("due_order", "id")[:MOST]))


def with_calls(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Tickets with ``calls``: how often the patient was in touch again about each."""
    again = TicketEvent.objects.filter(ticket=OuterRef("pk"), act=CALLED_AGAIN).order_by().values("ticket")
    counted = Subquery(again.annotate(times=Count("pk")).values("times"), output_field=IntegerField())
    return rows.annotate(calls=Coalesce(counted, 0))


def with_marks(rows: QuerySet[Patient]) -> QuerySet[Patient]:
    """Patients with ``in_care``: whether an application for Compassionate Care is marked on them."""
    marked = PatientMark.objects.filter(
        patient=OuterRef("pk"), kind=PatientMark.Kind.COMPASSIONATE_CARE, lifted_at=None
    )
    return rows.annotate(in_care=Exists(marked))


def facts_of(patient: Patient | None, contacts: Contacts) -> dict[str, Any]:
    """What the rules may ask of a patient (``escalations.domain.policy.FACTS``)."""
    if patient is None:
        return {}
    return {
        "refused": patient.do_not_contact,
        "compassionate_care": bool(getattr(patient, "in_care", False)) or contacts.marked,
        "unresolved": contacts.unresolved,
        "open_types": contacts.types,
    }


@dataclass(frozen=True)
class Repeat:
    """One earlier contact: its ticket, and by what it was found: ``patient`` or ``phone``."""

    ticket: Ticket
    by: str

    @property
    def over(self) -> bool:
        """Whether it came to an end."""
        return self.ticket.status in OVER


def repeats_of(patient: Patient, user: Any, *, now: datetime) -> list[Repeat]:
    """Open and recent tickets of the patient, and of whoever shares the phone number: those that run
    first."""
    theirs = sharing_phone(user, patient)
    recent = Q(status__in=RUNNING) | Q(status__in=OVER, resolved_at__gte=now - RECENT)
    rows = with_calls(tickets_of(user)).filter(recent, patient_id__in=[patient.pk, *theirs])
    found = sorted(rows.order_by("-id")[: 2 * MOST], key=_running_first)
    return [Repeat(one, "patient" if one.patient_id == patient.pk else "phone") for one in found[:MOST]]


def _running_first(ticket: Ticket) -> tuple[bool, datetime]:
    return ticket.status in OVER, ticket.due_order


def same_type(repeats: Iterable[Repeat], type_key: str) -> list[Repeat]:
    """Those that run and are of this type: probably the same request once more."""
    return [one for one in repeats if not one.over and one.ticket.type == type_key and one.by == "patient"]
