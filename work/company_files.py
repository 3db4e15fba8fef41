"""Files that hold everything of a company: those taken out here, and the one a company came from."""

from __future__ import annotations

from django.db import models

from accounts.audit import track_as
from accounts.models import CompanyOwned, User


@track_as(told_elsewhere=("attempts", "rows", "tables"))
class CompanyFile(CompanyOwned):
    """One such file: who asked for it and why, how far it is, how large it became, its SHA-256.

    ``by`` is empty for whoever runs the server. While it is made, ``rows`` and the tables that are done of
    ``of_tables`` tell how far it is; its bytes stand in :class:`CompanyFilePart` until ``kept_until``.
    """

    class Way(models.TextChoices):
        OUT = "out", "Taken out"
        IN = "in", "Brought in"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        MAKING = "making", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Not made"
        OVER = "over", "Not kept any more"

    way = models.CharField(max_length=3, choices=Way.choices)
    state = models.CharField(max_length=7, choices=State.choices)
    reason = models.CharField(max_length=180)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    kept_until = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    tables = models.PositiveSmallIntegerField(default=0)
    of_tables = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="company_file_company_id"),
            models.UniqueConstraint(
                fields=["company"],
                condition=models.Q(state__in=["waiting", "making"]),
                name="company_file_one_under_way",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="company_file_has_reason"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["waiting", "making"]),
                name="company_file_under_way",
            ),
            models.Index(fields=["kept_until"], condition=models.Q(state="ready"), name="company_file_ready"),
            models.Index(fields=["company", "-asked_at", "-id"], name="company_file_listed"),
            models.Index(
                fields=["company", "-asked_at", "-id"],
                condition=models.Q(state="failed"),
                name="company_file_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"file {self.pk} of company {self.company_id}"


class CompanyFilePart(CompanyOwned):
    """A piece of such a file, in the order of ``number``; they go when the file is kept no longer."""

    of = models.ForeignKey(CompanyFile, on_delete=models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="company_file_part_company_id"),
            models.UniqueConstraint(fields=["of", "number"], name="company_file_part_once"),
        ]

    def __str__(self) -> str:
        return f"part {self.number} of file {self.of_id}"
