"""Webhooks: where they go, how each place does, what went there, and every attempt."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models

from accounts.audit import track_as
from accounts.models import CompanyOwned, User
from accounts.steps import illegal_move_sql, moves
from work.hooks.domain import states

SECRETS = ("secret", "earlier_secret")


@track_as(without=SECRETS)
class HookEndpoint(CompanyOwned):
    """A place that is told of the events it is ``subscribed`` to; its history keeps no secret.

    ``secret`` signs what is sent; after a rotation ``earlier_secret`` signs as well, until
    ``earlier_until``. Both are sealed, and told to nobody but who had them made. ``off_why`` says why an
    endpoint is not ``enabled``; ``off_by`` is empty when it switched itself off. One that was removed keeps
    its row for the log, without its secrets.
    """

    address = models.CharField(max_length=500)
    description = models.CharField(max_length=120, blank=True)
    subscribed: Any = models.JSONField(default=list)
    secret = models.TextField(blank=True)
    secret_made_at = models.DateTimeField(null=True)
    earlier_secret = models.TextField(blank=True)
    earlier_until = models.DateTimeField(null=True)
    enabled = models.BooleanField(default=True)
    off_why = models.CharField(max_length=200, blank=True)
    off_at = models.DateTimeField(null=True)
    off_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="hookendpoint_company_id"),
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(enabled=False),
                name="hookendpoint_removed_is_off",
            ),
        ]
        indexes = [
            models.Index(fields=["company"], condition=models.Q(enabled=True), name="hookendpoint_enabled")
        ]

    def __str__(self) -> str:
        return self.description or self.address


class HookHealth(CompanyOwned):
    """How an endpoint does, noted with every answer, and what the last test found.

    ``failures`` counts attempts that failed in a row; until ``resting_until`` nothing is sent there.
    """

    endpoint = models.OneToOneField(HookEndpoint, on_delete=models.PROTECT, related_name="health")
    answered_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(default=0)
    resting_until = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    tested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    test: Any = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="hookhealth_company_id")]

    def __str__(self) -> str:
        return f"How endpoint {self.endpoint_id} does"


class HookDelivery(CompanyOwned):
    """One event on its way to one endpoint. The database writes it with the change that it tells of.

    ``event_id`` is what receivers know the event by (``webhook-id``), the same at every attempt and for every
    endpoint. ``attempts`` rises when one begins and fences it: whoever began an older one records nothing
    here. ``tries`` counts those since the delivery was last asked for, by the event or by a person.
    ``data`` are ids and codes, nothing of a patient.
    """

    endpoint = models.ForeignKey(
        HookEndpoint,
        on_delete=models.PROTECT,
        related_name="deliveries",
        db_index=False,
        db_constraint=False,
    )
    event_id = models.CharField(max_length=80)
    event_type = models.CharField(max_length=40)
    data: Any = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=list(states.LABELS.items()), default=states.FIRST)
    attempts = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    asked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="hookdelivery_company_id"),
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="hookdelivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_at", "id"],
                condition=models.Q(status=states.WAITING),
                name="hookdelivery_waiting",
            ),
            models.Index(fields=["endpoint", "-id"], name="hookdelivery_newest"),
            models.Index(
                fields=["endpoint", "-id"],
                condition=models.Q(status=states.FAILED),
                name="hookdelivery_given_up",
            ),
            models.Index(
                fields=["done_at"], condition=models.Q(done_at__isnull=False), name="hookdelivery_done"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="hookdelivery_moves",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),
                condition=pgtrigger.Condition("OLD.status IS DISTINCT FROM NEW.status"),
                func=illegal_move_sql(moves(states.DELIVERY), "delivery"),
            )
        ]

    def __str__(self) -> str:
        return self.event_id


class HookAttempt(CompanyOwned):
    """One attempt: begun before anything is sent, and ended when its outcome is known.

    While ``ended_at`` is empty it is under way, or its worker died: then nobody knows whether the receiver
    got it. ``status`` is the answer's, if there was one; ``step`` the part that failed, ``said`` why;
    ``answer`` the first 500 bytes that came back.
    """

    delivery = models.ForeignKey(
        HookDelivery, on_delete=models.CASCADE, related_name="log", db_index=False, db_constraint=False
    )
    number = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    step = models.CharField(max_length=12, blank=True)
    said = models.CharField(max_length=300, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="hookattempt_company_id"),
            models.UniqueConstraint(fields=["delivery", "number"], name="hookattempt_once"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number} of delivery {self.delivery_id}"
