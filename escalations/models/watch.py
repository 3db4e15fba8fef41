"""What the clock and colleagues make of a ticket: breaches, alerts, proposals, watchers, callbacks."""

from __future__ import annotations

import pgtrigger
from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned, User
from escalations.domain.callbacks import OUTCOMES
from escalations.models.tickets import Ticket
from escalations.models.versions import CalendarVersion, PolicyVersion

_KEPT = pgtrigger.Update | pgtrigger.Delete


@track
class Breach(CompanyOwned):
    """A cycle of a ticket that ran past its due moment: recorded once, by whoever sees it, never erased.

    ``assignee`` is who had the ticket then. ``reason`` is asked once, a key of the list ``breach_reasons``;
    empty until somebody says it. ``moved_to`` is where an edit of calendar or policy put the due moment
    afterwards (K13, K14): the breach stays and says so.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="breaches")
    cycle = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    moved_to = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="breach_company_id"),
            models.UniqueConstraint(fields=["ticket", "cycle"], name="breach_once_a_cycle"),
        ]
        indexes = [models.Index(fields=["company", "-due_at"], name="breach_newest")]

    def __str__(self) -> str:
        return f"cycle {self.cycle} of {self.ticket_id}, due {self.due_at:%Y-%m-%d %H:%M}"


class Alert(CompanyOwned):
    """One fact that somebody must act on, climbing the ladder until somebody says that they see to it (K15).

    One row for a ticket's cycle, kind and due moment, whatever sweeps it. ``rung`` is the next rung to be
    told and ``climbs_at`` when; ``None`` when nobody else is told: acknowledged, at the top, or over.
    """

    class Kind(models.TextChoices):
        WARNING = "warning", "Due soon"
        BREACH = "breach", "Breached"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="alerts")
    cycle = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    rung = models.PositiveSmallIntegerField(default=0)
    climbs_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="alert_company_id"),
            models.UniqueConstraint(fields=["ticket", "cycle", "kind", "due_at"], name="alert_once_a_fact"),
        ]
        indexes = [
            models.Index(
                fields=["climbs_at"], condition=models.Q(climbs_at__isnull=False), name="alert_climbing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}, cycle {self.cycle}"


@track
class Proposal(CompanyOwned):
    """A further ticket that a rule proposes beside one that runs (R-INS-3, R-SUP-4, R-X-2): made once.

    ``decision`` is empty while nobody has filed it or set it aside.
    """

    class Decision(models.TextChoices):
        FILED = "filed", "Filed"
        DISMISSED = "dismissed", "Set aside"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="proposals")
    rule = models.CharField(max_length=24)
    type = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    decision = models.CharField(max_length=9, choices=Decision.choices, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="proposal_company_id"),
            models.UniqueConstraint(fields=["ticket", "rule"], name="proposal_once"),
            models.CheckConstraint(
                condition=~models.Q(decision="dismissed") | ~models.Q(reason=""),
                name="proposal_dismissed_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["company"], condition=models.Q(decision=""), name="proposal_open")]

    def __str__(self) -> str:
        return f"{self.rule} on {self.ticket_id}"


class Watcher(CompanyOwned):
    """Somebody who wants to be told what happens to a ticket that is not theirs."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="watchers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="watcher_company_id"),
            models.UniqueConstraint(fields=["ticket", "user"], name="watcher_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.ticket_id}"


class CallAttempt(CompanyOwned):
    """One try to call a patient back: when, by whom, how it ended. Added once and never changed.

    ``guard`` names what was warned of and gone past with ``reason``: outside calling hours, or a refused
    channel (R-DNC-2).
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="call_attempts")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=16, choices=OUTCOMES)
    note = models.CharField(max_length=500, blank=True)
    guard = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="call_attempt_company_id"),
            models.CheckConstraint(
                condition=models.Q(guard="") | ~models.Q(reason=""), name="call_attempt_guard_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["ticket", "-at"], name="call_attempt_newest")]
        triggers = [pgtrigger.Protect(name="call_attempt_kept", operation=_KEPT)]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at:%Y-%m-%d %H:%M}"


@track
class Reclocking(CompanyOwned):
    """The running clocks were computed anew under other rules: who moved them, how many, and the undoing.

    ``calendar`` or ``policy`` is the version they were put under (K13, K14). An undoing is a reclocking of
    its own that names the one it ``undoes``. ``unfinished`` is true from the commit of the first half of a
    large change until the second is known to be there: the sweep makes up for one that stays so.
    """

    calendar = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT, null=True, related_name="+")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    looked_at = models.PositiveIntegerField()
    moved = models.PositiveIntegerField()
    breaches = models.PositiveIntegerField()
    unbreaches = models.PositiveIntegerField()
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by_this")
    unfinished = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="reclocking_company_id")]
        indexes = [
            models.Index(fields=["company", "-at"], name="reclocking_newest"),
            models.Index(
                fields=["company", "-at", "-id"],
                condition=models.Q(policy__isnull=False),
                name="reclocking_of_policy",
            ),
            models.Index(
                fields=["company", "-at", "-id"],
                condition=models.Q(calendar__isnull=False),
                name="reclocking_of_calendar",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.moved} of {self.looked_at} clocks moved at {self.at:%Y-%m-%d %H:%M}"
