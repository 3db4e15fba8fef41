"""What a company decided about holding, and as whom it bills. Rows are superseded, never edited."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned

_DAYS = [MinValueValidator(1), MaxValueValidator(365)]


@track
class DeductibleSettings(CompanyOwned):
    """Deductible Monitoring settings; the highest ``version`` of a company is in force (D-CONF-2…8).

    Amounts are dollars, days are calendar days. Days may be null only while their switch is off.
    """

    version = models.PositiveIntegerField()
    automatic = models.BooleanField(default=False)
    max_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=_DAYS)
    dollar_threshold = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    monitor_above = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    manual = models.BooleanField(default=False)
    manual_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=_DAYS)
    guard_days = models.PositiveSmallIntegerField(default=14)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="dsettings_company_id"),
            models.UniqueConstraint(fields=["company", "version"], name="dsettings_version_once"),
        ]

    def __str__(self) -> str:
        return f"Deductible settings, version {self.version}"


@track
class BillingProvider(CompanyOwned):
    """As whom the company bills, and with whom it exchanges files (D-SUB-0); the newest row is in force."""

    version = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    npi = models.CharField(max_length=10)
    tax_id = models.CharField(max_length=10)
    taxonomy = models.CharField(max_length=10)
    line1 = models.CharField(max_length=55)
    line2 = models.CharField(max_length=55, blank=True)
    city = models.CharField(max_length=30)
    state = models.CharField(max_length=2)
    zip = models.CharField(max_length=10)
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=20)
    submitter_id = models.CharField(max_length=15)
    submitter_name = models.CharField(max_length=60)
    receiver_id = models.CharField(max_length=15)
    receiver_name = models.CharField(max_length=60)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="bprovider_company_id"),
            models.UniqueConstraint(fields=["company", "version"], name="bprovider_version_once"),
        ]

    def __str__(self) -> str:
        return self.name


def settings_in_force(company_id: int) -> DeductibleSettings:
    """The company's newest settings; unsaved defaults (version 0, everything off) before the first Save."""
    newest: Any = DeductibleSettings.objects.filter(company_id=company_id).order_by("-version").first()
    return newest or DeductibleSettings(company_id=company_id, version=0)


def provider_in_force(company_id: int) -> BillingProvider | None:
    """The company's newest billing provider, or None before one was entered."""
    return BillingProvider.objects.filter(company_id=company_id).order_by("-version").first()
