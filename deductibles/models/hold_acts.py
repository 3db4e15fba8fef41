"""What the Hold for Deductible page adds up to, and what people did there to many lines at once."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import CompanyOwned, User
from patients.models import Payer


class HoldTotal(CompanyOwned):
    """How many lines of the page are alike, and what their claims bill: the sum of its rows is the truth.

    Triggers of the database add a row for every statement that changes holds (migration 0013), in the same
    transaction, so that a sum is exact at any moment and nobody waits for anybody: rows are only added, and
    folded together at night. ``part`` is ``held`` while the claim waits, ``queued`` once released, ``ended``
    when its payment was posted meanwhile. Kept by the database alone; no code writes here but
    :mod:`deductibles.actions.hold_totals`.
    """

    PARTS = ("held", "queued", "ended")

    part = models.CharField(max_length=6)
    kind = models.CharField(max_length=9)
    reason_code = models.CharField(max_length=60, blank=True)
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    release_on = models.DateField(null=True)
    lines = models.IntegerField()
    dollars = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="hold_total_company_id")]

    def __str__(self) -> str:
        return f"{self.lines} {self.part}"


class HoldAct(CompanyOwned):
    """One act on many lines: its report, and what an Undo takes back.

    ``holds`` are the ids of the lines that were done, ``dollars`` what their claims bill, ``skipped`` those
    that were not, as ``{id, claim, why}``. ``undone_at`` is when it was taken back. Written once, in the
    transaction of the act; the history of each claim and hold is kept apart from it.
    """

    class Act(models.TextChoices):
        QUEUE = "queue", "queued for submission"
        UNQUEUE = "unqueue", "taken out of the queue"
        CLEAR = "clear", "cleared off this page"

    act = models.CharField(max_length=7, choices=Act.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    done = models.PositiveIntegerField()
    dollars = models.DecimalField(max_digits=14, decimal_places=2)
    holds: Any = models.JSONField(default=list)
    skipped: Any = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="hold_act_company_id")]
        indexes = [models.Index(fields=["by", "-id"], name="hold_act_newest")]

    def __str__(self) -> str:
        return f"{self.done} {self.get_act_display()}"
