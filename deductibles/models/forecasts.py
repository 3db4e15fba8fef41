"""What is worked out of a company's own history: the forecasts it was given, and the curves they stand on."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts.models import CompanyOwned
from patients.models import Payer


class Forecast(CompanyOwned):
    """What was forecast at the end of one night for the thirty days after it; of one payer, or of all
    (null).

    ``made_on`` is the last day it knows anything of; ``replayed`` that it was made afterwards, of what had
    been known that day. ``held`` claims were held, which bill ``bills`` dollars. ``days`` are the quantiles
    of each day (``worth.kept`` reads them), null where the history did not suffice. ``basis`` says what it
    rests on, ``error`` how earlier ones fared, null until that is measured. Without a history of its own:
    it follows from rows that have one, and is never changed but for its error.
    """

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    made_on = models.DateField()
    made_at = models.DateTimeField()
    replayed = models.BooleanField(default=False)
    held = models.PositiveIntegerField()
    bills = models.DecimalField(max_digits=14, decimal_places=2)
    days: Any = models.JSONField(null=True)
    basis: Any = models.JSONField(default=dict)
    error: Any = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="forecast_company_id"),
            models.UniqueConstraint(
                fields=["company", "made_on", "payer"], name="forecast_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"forecast of {self.made_on}"


class SurvivalCurve(CompanyOwned):
    """How long claims were held until their deductible was met, as of the newest forecast.

    Of one payer, of one ``band`` of what remained (``domain.survival.BANDS``, empty: any), held in one
    ``month`` (1 to 12, 0: any); only those that rest on enough. After each of ``days`` the share ``unmet``
    was left of those watched, of which ``watched`` were watched still on that day. All of a company are
    replaced together.
    """

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    band = models.CharField(max_length=5, blank=True)
    month = models.PositiveSmallIntegerField(default=0)
    made_on = models.DateField()
    claims = models.PositiveIntegerField()
    met = models.PositiveIntegerField()
    days: Any = models.JSONField()
    watched: Any = models.JSONField()
    unmet: Any = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="curve_company_id"),
            models.UniqueConstraint(
                fields=["company", "payer", "band", "month"], name="curve_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"curve of {self.claims} claims"
