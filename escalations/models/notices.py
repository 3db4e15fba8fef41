"""What people are told of tickets, and how they want to be told."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned, User
from escalations.domain.notices import KINDS
from escalations.models.tickets import Ticket


class Notification(CompanyOwned):
    """One thing one person is told, once: ``key`` names the fact, however many sweeps see it.

    ``words`` name the ticket by its number and never its patient (I8).
    """

    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=12, choices=[(one.key, one.label) for one in KINDS])
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=80)
    words = models.CharField(max_length=200)
    at = models.DateTimeField()
    shown = models.BooleanField(default=True)
    mailed = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="notification_company_id"),
            models.UniqueConstraint(fields=["recipient", "key"], name="notification_once_a_fact"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-at", "-id"], name="notification_newest"),
            models.Index(
                fields=["recipient"],
                condition=models.Q(read_at=None, shown=True),
                name="notification_unread",
            ),
            models.Index(
                fields=["read_at"], condition=models.Q(read_at__isnull=False), name="notification_read"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"


@track
class NoticeChoice(CompanyOwned):
    """How one person wants to be told: here or by mail for each kind, when not, and the day's digest.

    ``ways`` has for a kind the list of ``app`` and ``mail`` chosen; a kind that is not there is told as
    :data:`escalations.domain.notices.KINDS` says. Quiet hours are wall times of the company's zone; mails
    wait for their end.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="notice_choice")
    ways: Any = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    digest = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="notice_choice_company_id"),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | models.Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="notice_choice_quiet_from_until",
            ),
        ]

    def __str__(self) -> str:
        return f"choices of {self.user_id}"


class Digest(CompanyOwned):
    """The start of somebody's day was mailed to them: once a person and date, whoever sweeps."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="digest_company_id"),
            models.UniqueConstraint(fields=["user", "on"], name="digest_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"digest of {self.user_id} on {self.on}"


class MailRefusal(CompanyOwned):
    """The mail server refuses this person's address for good: what it answered to which address, and when.

    Nothing more is mailed to the address until the person says to try again, or has another one.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="mail_refusal")
    address = models.EmailField()
    code = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="mail_refusal_company_id")]

    def __str__(self) -> str:
        return f"{self.code} for {self.user_id}"
