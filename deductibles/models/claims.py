"""Claims: a bill for one patient, its coverages and its charges."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.audit import track, track_as
from accounts.models import CompanyOwned
from accounts.steps import illegal_move_sql, moves
from deductibles.domain import states
from deductibles.models.settings import BillingProvider
from patients.models import Patient, Payer

RANKS = [("primary", "Primary"), ("secondary", "Secondary"), ("tertiary", "Tertiary")]
RELATIONSHIPS = [("self", "Self"), ("spouse", "Spouse"), ("child", "Child"), ("other", "Other")]

_LEGAL = ", ".join(f"'{source}>{target}'" for source, target in moves(states.CLAIM))
_ILLEGAL = f"OLD.status <> NEW.status AND OLD.status || '>' || NEW.status NOT IN ({_LEGAL})"
"""Tested before the trigger's function is called at all: 5,000 legal moves cost nothing."""


@track
class Claim(CompanyOwned):
    """One bill. ``sequence`` counts its originals from 1; ``version`` rises with every change (staleness).

    ``total`` is the sum of the charges in dollars. ``deductible_unknown`` marks a claim that was not held
    because no usable answer was there (D-HOLD-3). ``payer`` is that of the primary coverage in force, kept
    here so that lists by payer and by filing deadline are read from an index.
    """

    number = models.CharField(max_length=20)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="claims")
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    date_of_service = models.DateField()
    place_of_service = models.CharField(max_length=2, blank=True)
    status = models.CharField(max_length=12, choices=list(states.STATUS_LABELS.items()), default=states.FIRST)
    provider = models.ForeignKey(
        BillingProvider, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    diagnoses: Any = models.JSONField(default=list)
    ambulance: Any = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    sequence = models.PositiveSmallIntegerField(default=1)
    total = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    deductible_unknown = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="claim_company_id"),
            models.UniqueConstraint(fields=["company", "number"], name="claim_number_once"),
        ]
        indexes = [
            models.Index(fields=["company", "status", "-id"], name="claim_by_status"),
            models.Index(fields=["company", "-id"], name="claim_newest"),
            models.Index(fields=["company", "payer", "-id"], name="claim_by_payer"),
            models.Index(
                fields=["company", "payer", "date_of_service", "id"],
                condition=models.Q(status__in=states.UNSENT),
                name="claim_filing",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="claim_moves",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),
                condition=pgtrigger.Condition(_ILLEGAL),
                func=illegal_move_sql(moves(states.CLAIM), "claim"),
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def status_label(self) -> str:
        """The status as the biller knows it: "Suspended - Hold for Deductible"."""
        return states.STATUS_LABELS[self.status]

    @property
    def reference(self) -> str:
        """What AR Boost knows this claim by when a person asks."""
        return f"CLM-{self.pk}"


@track_as(found_by="claim")
class Coverage(CompanyOwned):
    """One payer's coverage of the claim's patient; a changed coverage is a new row (D-HOLD-5).

    ``subscriber`` is null when the patient is the subscriber, else ``{first_name, last_name,
    date_of_birth, sex}``. ``pin`` is the line of its answers a person wants followed (D-CLM-4), as
    ``domain.pins`` writes it; null when the rules choose.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="coverages")
    rank = models.CharField(max_length=9, choices=RANKS)
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+")
    member_id = models.CharField(max_length=40, blank=True)
    group_number = models.CharField(max_length=40, blank=True)
    relationship = models.CharField(max_length=6, choices=RELATIONSHIPS, default="self")
    subscriber: Any = models.JSONField(null=True, blank=True)
    pin: Any = models.JSONField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="coverage_company_id"),
            models.UniqueConstraint(fields=["company", "id", "claim"], name="coverage_company_id_claim"),
            models.UniqueConstraint(
                fields=["claim", "rank"], condition=models.Q(ended_at=None), name="coverage_rank_once"
            ),
        ]
        indexes = [models.Index(fields=["company", "member_id"], name="coverage_by_member")]

    def __str__(self) -> str:
        return f"{self.rank} of claim {self.claim_id}"


@track
class Charge(CompanyOwned):
    """One line of the bill: ``amount`` dollars for all ``units``; pointers count diagnoses from 1."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="charges")
    line = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=10)
    modifiers: Any = models.JSONField(default=list)
    units = models.DecimalField(max_digits=9, decimal_places=3)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    diagnosis_pointers: Any = models.JSONField(default=list)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="charge_company_id"),
            models.UniqueConstraint(fields=["claim", "line"], name="charge_line_once"),
        ]

    def __str__(self) -> str:
        return f"line {self.line} of claim {self.claim_id}"
