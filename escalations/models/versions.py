"""The versions of a company's rules and of its calendar: superseded, never edited."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned, User


class Version(CompanyOwned):
    """A numbered version of a company's rules: superseded by the next one, never edited.

    ``digest`` is the SHA-256 of ``data`` in canonical JSON: what was parsed once is found by it.
    """

    number = models.PositiveIntegerField()
    data: Any = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"version {self.number}"


@track
class PolicyVersion(Version):
    """The escalation types with their turnarounds, questions and rules (R-ALL-3, K13)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="policy_company_id"),
            models.UniqueConstraint(fields=["company", "number"], name="policy_number_once"),
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(superseded_at=None), name="policy_one_in_force"
            ),
        ]


@track
class CalendarVersion(Version):
    """The business calendar: zone, hours, holidays, exceptions (K1, K14)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="calendar_company_id"),
            models.UniqueConstraint(fields=["company", "number"], name="calendar_number_once"),
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(superseded_at=None), name="calendar_one_in_force"
            ),
        ]
