"""Whether a company's files may leave: armed in the database they were written in, disarmed in its copy."""

from __future__ import annotations

from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned


@track
class Sending(CompanyOwned):
    """One row a company. ``place`` tells the database from any other, also from one restored out of it.

    While it is not ``armed`` no file is written or handed over; ``why`` is the sentence, ``changed_at`` since
    when. Who changed it is in its history.
    """

    armed = models.BooleanField(default=True)
    place = models.CharField(max_length=64)
    why = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company"], name="sending_once"),
            models.UniqueConstraint(fields=["company", "id"], name="sending_company_id"),
        ]

    def __str__(self) -> str:
        return f"sending of company {self.company_id}"
