"""Escalation tickets and what the clock did to them."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models

from accounts.audit import track, track_as
from accounts.models import Company, CompanyOwned, User
from accounts.steps import illegal_move_sql, moves
from escalations.domain.states import FIRST, RUNNING, STATUSES, TICKET
from escalations.domain.units import UNITS
from escalations.models.versions import CalendarVersion, PolicyVersion
from patients.models import Patient

CHANNELS = [("phone", "Phone"), ("email", "Email")]
CALLERS = [
    ("patient", "Patient"),
    ("provider", "Provider"),
    ("insurance_representative", "Insurance representative"),
    ("other", "Other"),
]
_TOLD_BY = [
    "due_at", "warn_at", "expected_from", "late_from", "paused_at", "taken_at", "unit", "status", "assignee",
    "urgency",
]  # fmt: skip
"""What a running ticket's standing is told by, and who has it: an index that carries these is read alone."""
UNIT_CHOICES = [(unit, unit.replace("_", " ")) for unit in UNITS]


class TicketCounter(CompanyOwned):
    """The last ticket number a company allotted; its row lock puts concurrent filings in line."""

    last = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company"], name="ticket_counter_company"),
            models.UniqueConstraint(fields=["company", "id"], name="ticket_counter_company_id"),
        ]

    def __str__(self) -> str:
        return f"E-{self.last}"


@track_as("TicketHistory")
class Ticket(CompanyOwned):
    """One escalation for one patient.

    ``unit`` and the moments from ``expected_from`` to ``due_order`` are a cache of what the turnaround
    engine says for the current cycle (K19): ``late_from`` is ``due_at`` with the grace of an immediate
    ticket (K7), ``due_order`` the ticket's place in a list by due date (K8). ``calendar_version`` is the one
    they were last worked out under: while the ticket runs they are the same under the one in force, and
    anything new goes by that (K14); one that ended keeps that of its end. ``paused_at`` is set while a
    wait stops the clock. ``promise`` is the sentence given at filing and stays. ``version`` rises with
    every step, so that of two people acting at once one is told. ``marks`` are what the ticket makes
    visible on its patient while it runs (``do_not_say``, ``compassionate_care``) or to supervisors
    (``alarm``). ``keywords`` are the words heard in it, each ``{word, found, negated, decision, reason}``
    (R-EXEC-1).
    ``merged_into`` is the ticket that goes on for one that was merged (K16).
    ``form_key`` names the form it was filed from: however often that is sent, it files one ticket.
    """

    number = models.CharField(max_length=24)
    type = models.CharField(max_length=40)
    type_name = models.CharField(max_length=80)
    urgency = models.CharField(max_length=8, choices=[("normal", "normal"), ("urgent", "urgent")])
    channel = models.CharField(max_length=8, choices=CHANNELS, blank=True)
    caller = models.CharField(max_length=24, choices=CALLERS, blank=True)
    patient = models.ForeignKey(
        Patient,
        on_delete=models.PROTECT,
        null=True,
        related_name="tickets",
        db_index=False,
        db_constraint=False,
    )
    answers: Any = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    acknowledged: Any = models.JSONField(default=list)
    marks: Any = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    keywords: Any = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    status = models.CharField(max_length=10, choices=[(s, s) for s in STATUSES], default=FIRST)
    filed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    assignee = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    received_at = models.DateTimeField()
    created_at = models.DateTimeField()
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    calendar_version = models.ForeignKey(
        CalendarVersion, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    unit = models.CharField(max_length=16, choices=UNIT_CHOICES)
    expected_from = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    late_from = models.DateTimeField(null=True)
    due_order = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    promise = models.CharField(max_length=400)
    taken_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    cycle = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="merged",
        db_index=False,
        db_constraint=False,
    )
    form_key = models.CharField(max_length=32, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="ticket_company_id"),
            models.UniqueConstraint(
                fields=["filed_by", "form_key"],
                condition=models.Q(form_key__isnull=False),
                name="ticket_form_filed_once",
            ),
            models.UniqueConstraint(fields=["company", "number"], name="ticket_number_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "cancelled"])
                | (models.Q(patient__isnull=False) & ~models.Q(channel="") & ~models.Q(caller="")),
                name="ticket_filed_is_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "due_order", "id"], name="ticket_by_due"),
            models.Index(
                fields=["company", "due_order", "id"],
                include=_TOLD_BY,
                condition=models.Q(status__in=RUNNING),
                name="ticket_running_by_due",
            ),
            models.Index(
                fields=["company", "id"],
                include=["due_order", "received_at", *_TOLD_BY],
                condition=models.Q(status__in=RUNNING),
                name="ticket_running",
            ),
            models.Index(fields=["company", "received_at", "id"], name="ticket_by_received"),
            models.Index(fields=["company", "patient", "-id"], name="ticket_by_patient"),
            models.Index(fields=["company", "assignee", "status"], name="ticket_by_assignee"),
            models.Index(
                fields=["patient"],
                condition=~models.Q(marks=models.Value([], models.JSONField())),
                name="ticket_marked_by_patient",
            ),
            models.Index(
                fields=["merged_into"],
                condition=models.Q(merged_into__isnull=False),
                name="ticket_merged_into",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="ticket_legal_moves",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),
                func=illegal_move_sql(moves(TICKET), "ticket"),
            )
        ]

    def __str__(self) -> str:
        return self.number

    def belongs_to(self, user: User) -> bool:
        """Whether the ticket was filed by or is assigned to this person."""
        return user.pk in (self.filed_by_id, self.assignee_id)


@track_as(told_elsewhere=("expected_from", "due_at"))
class TicketCycle(CompanyOwned):
    """One run of the clock: from filing, or from a reopening, to its end (K11).

    While it runs its dates are those of its ticket, whose history keeps each move of them. ``clock_from``
    is what the turnaround is counted from. ``met`` is frozen when the cycle ends: ``None`` while it runs,
    and for types that state no time (K8).
    """

    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="cycles", db_index=False, db_constraint=False
    )
    number = models.PositiveSmallIntegerField()
    clock_from = models.DateTimeField()
    opened_at = models.DateTimeField()
    min = models.PositiveIntegerField(null=True)
    max = models.PositiveIntegerField(null=True)
    unit = models.CharField(max_length=16, choices=UNIT_CHOICES)
    expected_from = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    met = models.BooleanField(null=True)
    outcome = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="ticket_cycle_company_id"),
            models.UniqueConstraint(fields=["ticket", "number"], name="ticket_cycle_once"),
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(ended_at=None), name="ticket_one_cycle_running"
            ),
        ]

    def __str__(self) -> str:
        return f"cycle {self.number} of {self.ticket_id}"


@track
class Pause(CompanyOwned):
    """A stretch ``[started_at, ended_at)`` in which a ticket waited or was closed (K9, K11).

    ``stops_clock`` says whether the ticket's type lets this reason stop the clock (K10).
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=40)
    words = models.CharField(max_length=200, blank=True)
    stops_clock = models.BooleanField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="pause_company_id"),
            models.UniqueConstraint(
                fields=["ticket"], condition=models.Q(ended_at=None), name="pause_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("started_at")),
                name="pause_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} from {self.started_at:%Y-%m-%d %H:%M}"


class TicketEvent(CompanyOwned):
    """One line of a ticket's timeline: what was done, by whom, in words (K19).

    ``version`` is the version the ticket had when the line was written, set by the database whoever writes
    it (a trigger of migration ``0002_lean_indexes``): so somebody who saw an older version is told all that
    happened since. Lines of before have none.
    """

    # Of a line the reference to its ticket says that the company exists: many are written at once.
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    ticket = models.ForeignKey(
        Ticket, on_delete=models.PROTECT, related_name="events", db_index=False, db_constraint=False
    )
    act = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="ticket_event_company_id")]
        indexes = [models.Index(fields=["ticket", "-id"], name="ticket_event_newest")]

    def __str__(self) -> str:
        return f"{self.act} at {self.at:%Y-%m-%d %H:%M}"


class LinkKind(models.TextChoices):
    """Why two tickets belong together, said from the first to the second."""

    CAUSED_BY = "caused_by", "Caused by"
    DUPLICATE_OF = "duplicate_of", "Duplicate of"
    FOLLOWS = "follows", "Follows"
    NAMES = "names", "Names"


@track
class TicketLink(CompanyOwned):
    """Two tickets that belong together: ``ticket`` is caused by, a duplicate of, or follows ``other``.

    ``names`` is a ticket that an answer names, such as the update a Supervisor Escalation is about (R-SUP-4).
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="linked_from")
    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="ticket_link_company_id"),
            models.UniqueConstraint(fields=["ticket", "other", "kind"], name="ticket_link_once"),
            models.CheckConstraint(condition=~models.Q(ticket=models.F("other")), name="ticket_link_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.ticket_id}, {self.other_id}"


@track
class Waiver(CompanyOwned):
    """A guard rail that did not hold a ticket up, and why: an override, or a suggestion set aside.

    ``subject`` is the keyword that was dismissed (R-EXEC-1); empty for a rule as a whole.
    """

    class Kind(models.TextChoices):
        OVERRIDE = "override", "Overridden"
        DISMISSAL = "dismissal", "Dismissed"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="waivers")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    rule = models.CharField(max_length=24)
    subject = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="waiver_company_id"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="waiver_has_a_reason"),
        ]
        indexes = [models.Index(fields=["company", "-at"], name="waiver_newest")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.rule} on {self.ticket_id}"
