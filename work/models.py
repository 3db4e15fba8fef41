"""Work that outlives a request: the outbox, leases, the nightly runs, and the ways to the outside world."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.audit import track, track_as
from accounts.models import CompanyOwned, User
from work.background.models import Job, Routine
from work.company_files import CompanyFile, CompanyFilePart
from work.hooks.models import HookAttempt, HookDelivery, HookEndpoint, HookHealth

__all__ = [
    "CompanyFile",
    "CompanyFilePart",
    "Connection",
    "ConnectionHealth",
    "ConnectionKind",
    "Heartbeat",
    "HookAttempt",
    "HookDelivery",
    "HookEndpoint",
    "HookHealth",
    "Job",
    "Lease",
    "OutboxMessage",
    "Routine",
    "Run",
]


class OutboxMessage(CompanyOwned):
    """Something to tell the outside world, written in the transaction that made it true.

    ``payload`` carries ids and codes only, never patient data (I8). A worker claims a message by a
    lease; a message whose worker died is claimed again when the lease runs out.
    """

    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="outbox_company_id")]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(done_at=None), name="outbox_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Lease(models.Model):
    """One holder at a time for a named piece of work; ``fence`` rises with each new holder.

    A holder that slept past its lease is recognised by its older fence. ``holder`` is the database session of
    one whose death frees the lease at once.
    """

    name = models.CharField(max_length=120, unique=True)
    fence = models.PositiveBigIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    holder = models.IntegerField(null=True)

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When a process was last seen alive: one row per kind and process, no history, no patient data."""

    class Kind(models.TextChoices):
        BEAT = "beat", "the scheduler lives"
        WORKER = "worker", "a worker listens"
        SWEEP = "sweep", "a worker finished the minute's sweep"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=120)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="heartbeat_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@track
class Run(CompanyOwned):
    """One nightly run of a company: one row per kind and night, however often it is poked (D-CHK-6)."""

    class Kind(models.TextChoices):
        CHECK = "check", "Deductible check"
        SUBMISSION = "submission", "Submission"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    target_date = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    due = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    released = models.PositiveIntegerField(default=0)
    timed_out = models.PositiveIntegerField(default=0)
    submitted = models.PositiveIntegerField(default=0)
    failures: Any = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="run_company_id"),
            models.UniqueConstraint(fields=["company", "kind", "target_date"], name="run_once_a_night"),
        ]
        indexes = [
            models.Index(fields=["company", "kind", "-created_at", "-id"], name="run_listed"),
            models.Index(
                fields=["company", "kind", "-created_at", "-id"],
                condition=~models.Q(failures=[])
                | models.Q(state="failed")
                | models.Q(kind="check", state="done", answered__lt=models.F("due")),
                name="run_troubled",
            ),
            models.Index(
                fields=["company", "kind"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="run_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.target_date}"


class ConnectionKind(models.TextChoices):
    """With whom a company may be connected."""

    ARBOOST = "arboost", "AR Boost"
    CLEARINGHOUSE = "clearinghouse", "Clearinghouse"


@track_as(without=("secret",))
class Connection(CompanyOwned):
    """A company's way to one vendor: one row for each kind, changed in place, its history without the secret.

    ``secret`` is sealed (``deductibles.connections.rows``) and never leaves the server. While
    ``from_environment`` stands nobody has decided anything here: what the server is started with counts, and
    the row keeps a copy of it. An empty address means that the company is not connected. An address of SFTP
    has the server's pinned ``host_key`` and the folders for claims and acknowledgements beside it.
    """

    kind = models.CharField(max_length=16, choices=ConnectionKind.choices)
    address = models.CharField(max_length=500, blank=True)
    secret = models.TextField(blank=True)
    secret_set_at = models.DateTimeField(null=True)
    secret_set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    host_key = models.TextField(blank=True, default="", db_default="")
    outbox = models.CharField(max_length=200, blank=True, default="", db_default="")
    inbox = models.CharField(max_length=200, blank=True, default="", db_default="")
    account = models.CharField(max_length=80, blank=True)
    notes = models.CharField(max_length=300, blank=True)
    from_environment = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="connection_company_id"),
            models.UniqueConstraint(fields=["company", "kind"], name="connection_once"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ConnectionHealth(CompanyOwned):
    """How a company's connection does: since when it works or fails, and what the last test found.

    Noted from the calls that are made anyway, once a minute at most while nothing changes. ``step`` is the
    part of a call that failed (``gateways.wire.Unavailable``), ``failure`` its sentence, ``test`` the steps
    of the last test; none of them names a patient.
    """

    kind = models.CharField(max_length=16, choices=ConnectionKind.choices)
    works_since = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)
    step = models.CharField(max_length=12, blank=True)
    tested_at = models.DateTimeField(null=True)
    tested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    test: Any = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="chealth_company_id"),
            models.UniqueConstraint(fields=["company", "kind"], name="chealth_once"),
        ]

    def __str__(self) -> str:
        return f"How {self.get_kind_display()} does"
