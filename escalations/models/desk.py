"""What happens at the desk beside tickets: drafts, calls turned away, transfers, what in the guide is
unclear."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned, User
from escalations.models.tickets import CALLERS, CHANNELS, Ticket
from escalations.models.versions import PolicyVersion
from patients.models import Patient


class FilingDraft(CompanyOwned):
    """What somebody has typed into a filing form and not filed yet; kept while it is typed.

    ``key`` is made by the form, so that two tabs are two drafts. ``said`` holds the form's fields as they
    were typed, ``{name: [values]}``. ``ticket`` is the ticket in status draft that it was kept as, if it was.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=32)
    said: Any = models.JSONField(default=dict)
    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, null=True, related_name="draft")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="filing_draft_company_id"),
            models.UniqueConstraint(fields=["user", "key"], name="filing_draft_once"),
        ]
        indexes = [models.Index(fields=["user", "-updated_at"], name="filing_draft_newest")]

    def __str__(self) -> str:
        return f"draft of {self.user_id} at {self.updated_at:%Y-%m-%d %H:%M}"


@track
class Deflection(CompanyOwned):
    """A call that ended in no ticket: what the caller was told instead (R-ITEM-3, R-X-9).

    ``type`` is empty when "Which ticket?" led to none.
    """

    rule = models.CharField(max_length=24)
    type = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=8, choices=CHANNELS, blank=True)
    caller = models.CharField(max_length=24, choices=CALLERS, blank=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="+")
    told = models.CharField(max_length=400)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="deflection_company_id")]
        indexes = [models.Index(fields=["company", "-at"], name="deflection_newest")]

    def __str__(self) -> str:
        return f"{self.rule} at {self.at:%Y-%m-%d %H:%M}"


@track
class LiveTransfer(CompanyOwned):
    """One attempt to hand a caller over while they are on the line: to which queue, when, and if somebody
    took it.

    ``answered`` is ``None`` while it rings. How long it rang is ``ended_at - started_at`` (R-PTP-1,
    R-EXEC-2).
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="transfers")
    queue = models.CharField(max_length=40)
    queue_name = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answered = models.BooleanField(null=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="live_transfer_company_id"),
            models.UniqueConstraint(
                fields=["by"], condition=models.Q(ended_at=None), name="live_transfer_one_rings"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, answered=None)
                | models.Q(ended_at__gte=models.F("started_at"), answered__isnull=False),
                name="live_transfer_ends_with_an_answer",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-started_at"], name="live_transfer_of_patient")]

    def __str__(self) -> str:
        return f"{self.queue} at {self.started_at:%Y-%m-%d %H:%M}"


class GuideCount(CompanyOwned):
    """How often the guide was opened (R-DOC-1)."""

    views = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company"], name="guide_count_company"),
            models.UniqueConstraint(fields=["company", "id"], name="guide_count_company_id"),
        ]

    def __str__(self) -> str:
        return f"{self.views} views"


@track
class UnclearReport(CompanyOwned):
    """Somebody found a place of the guide unclear; admins see it until it is settled.

    ``place`` is the anchor in the guide: a rule's id, or a type's key.
    """

    place = models.CharField(max_length=60)
    words = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="unclear_report_company_id")]
        indexes = [
            models.Index(
                fields=["company", "-at"], condition=models.Q(settled_at=None), name="unclear_report_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} at {self.at:%Y-%m-%d %H:%M}"
