"""Holds: why a claim waits, what was asked about it, and what was answered."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.audit import track_as
from accounts.models import Company, CompanyOwned
from deductibles.domain import cadence, hold, kept_lines
from deductibles.models.claims import Claim, Coverage
from deductibles.models.settings import DeductibleSettings
from patients.models import Payer
from work.models import Run


def reference_of(hold_id: int) -> str:
    """What AR Boost knows a monitored claim by (D-CHK-8)."""
    return f"HLD-{hold_id}"


def trace_of(hold_id: int, for_date: date) -> str:
    """The trace of the question about a hold for one date of its grid."""
    return f"H{hold_id}D{for_date.isoformat().replace('-', '')}"


class Snapshot(CompanyOwned):
    """One eligibility answer as it was read; kept for ever and never changed (D-X12-11, I7).

    ``reading`` is the reading as JSON; ``annual`` and ``remaining`` are dollars, null when unknown (never
    zero for unknown, D-X12-8). ``may_release`` says it proves the amounts for its plan year; ``says_met``
    that its reason code says met and no amounts came (D-CHK-8); ``proven_until`` is the last date it does
    either. ``asked_by`` is who asked, filed or pinned; null for a night.
    """

    class Source(models.TextChoices):
        ARBOOST = "arboost", "AR Boost, asked by a person"
        NIGHTLY = "nightly", "AR Boost, nightly check"
        FILED = "filed", "filed by a person"
        FINDER = "finder", "AR Boost, Insurance Finder"
        PINNED = "pinned", "the same answer, read again"

    # A night writes a hundred thousand: one key, of company, coverage and claim, says that all are there
    # and that the coverage is the claim's (decision 28).
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    claim = models.ForeignKey(
        Claim, on_delete=models.PROTECT, related_name="snapshots", db_index=False, db_constraint=False
    )
    coverage = models.ForeignKey(
        Coverage, on_delete=models.PROTECT, related_name="snapshots", db_index=False, db_constraint=False
    )
    source = models.CharField(max_length=8, choices=Source.choices)
    asked_by = models.CharField(max_length=150, null=True)  # noqa: DJ001
    asked_at = models.DateTimeField()
    as_of = models.DateField()
    trace = models.CharField(max_length=50, blank=True)
    outcome = models.CharField(max_length=11)
    detail = models.CharField(max_length=300, blank=True)
    x12_271 = models.TextField(blank=True)
    reading: Any = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    annual = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    remaining = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    usable = models.BooleanField(default=False)
    may_release = models.BooleanField(default=False)
    may_hold = models.BooleanField(default=False)
    says_met = models.BooleanField(default=False)
    proven_until = models.DateField(null=True)
    reason_code = models.CharField(max_length=60, blank=True)
    flags: Any = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="snapshot_company_id")]
        indexes = [
            models.Index(fields=["claim", "-id"], name="snapshot_of_claim"),
            models.Index(
                fields=["company", "claim"],
                condition=models.Q(says_met=True),
                name="snapshot_says_met",
            ),
        ]
        triggers = [pgtrigger.Protect(name="snapshot_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"answer {self.pk} for claim {self.claim_id}"

    @cached_property
    def trail(self) -> list[dict[str, Any]]:
        """Every deductible line with why it was or was not used (D-X12-11, D-CLM-4)."""
        return kept_lines.trail_of(self)


def reason_word() -> models.Case:
    """The queued reason of a released line, as one letter: what the page filters by and an index knows."""
    return models.Case(
        models.When(models.Q(kind="manual") | models.Q(reason_code=hold.BY_HAND), then=models.Value("h")),
        models.When(reason_code__in=sorted(hold.MET_CODES), then=models.Value("m")),
        models.When(reason_code=hold.ELAPSED, then=models.Value("e")),
        default=models.Value("u"),
        output_field=models.CharField(),
    )


def _page_indexes() -> list[models.Index]:
    """What the Hold for Deductible page reads its lines by: each tab in each of its orders, and its filters.

    A page of a hundred lines is then a hundred entries of one index, at a million lines as at ten thousand.
    All of them name dates that stand still while a claim is held, so that a night writes none of them.
    """
    shown = models.Q(cleared_at=None)
    tabs = {
        "hold_page": shown,
        "hold_held": shown & models.Q(queued_at=None),
        "hold_queued": shown & models.Q(active=False),
    }
    orders = {
        "": ["release_on"],
        "_by_start": ["started_on"],
        "_by_claim": ["claim"],
        "_by_payer": ["payer", "release_on"],
    }
    found = [
        models.Index(fields=["company", *columns, "id"], condition=condition, name=f"{tab}{ending}")
        for tab, condition in tabs.items()
        for ending, columns in orders.items()
    ]
    found += [
        models.Index(
            fields=["company", "release_on", "id"],
            condition=condition & models.Q(kind="manual"),
            name=f"{tab}_manual",
        )
        for tab, condition in tabs.items()
    ]
    ended = tabs["hold_queued"] & models.Q(queued_at=None)
    found.append(models.Index(fields=["company", "release_on", "id"], condition=ended, name="hold_ended"))
    reason: list[Any] = [models.F("company"), reason_word(), models.F("release_on"), models.F("id")]
    queued = shown & models.Q(queued_at__isnull=False)
    return [*found, models.Index(*reason, condition=queued, name="hold_queued_by_reason")]


@track_as(found_by="claim")
class Hold(CompanyOwned):
    """One entry of the Hold for Deductible page.

    ``active`` while the claim waits; then either ``queued_at`` (released, shown until cleared) or
    ``ended_at`` alone (payer changed, void). The grid hangs on ``anchor_on``, the date of the *first*
    hold (D-CHK-3, D-HOLD-5). ``release_on`` is null only for a manual hold without a configured number
    of days (D-MAN-5). ``next_check_on`` is for showing: what is due is computed from the anchor.
    No index may name a column that every night touches.
    """

    class Kind(models.TextChoices):
        AUTOMATIC = "automatic", "Automatic"
        MANUAL = "manual", "Manual"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="holds")
    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="+", null=True)
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    started_on = models.DateField()
    anchor_on = models.DateField()
    release_on = models.DateField(null=True)
    guard_waived = models.BooleanField(default=False)
    next_check_on = models.DateField(null=True)
    annual = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    remaining = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    # Without an index: every night would write it anew for each answer, and no answer is ever deleted.
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    last_asked_at = models.DateTimeField(null=True)
    last_answered_at = models.DateTimeField(null=True)
    nightly_answers = models.PositiveSmallIntegerField(default=0)
    flags: Any = models.JSONField(default=list)
    settings = models.ForeignKey(DeductibleSettings, on_delete=models.PROTECT, related_name="+", null=True)
    why: Any = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(null=True)
    reason_code = models.CharField(max_length=60, blank=True)
    release_why: Any = models.JSONField(default=list)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="hold_company_id"),
            models.UniqueConstraint(
                fields=["claim"], condition=models.Q(active=True), name="hold_one_active"
            ),
        ]
        indexes = [
            models.Index(
                fields=["company", "anchor_on", "id"],
                condition=models.Q(active=True, kind="automatic"),
                name="hold_cadence",
            ),
            models.Index(
                fields=["company", "release_on", "id"],
                condition=models.Q(active=True),
                name="hold_release",
            ),
            *_page_indexes(),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} of claim {self.claim_id}"

    @property
    def reference(self) -> str:
        """What AR Boost knows this monitored claim by; a new payer is a new reference (D-CHK-8)."""
        return reference_of(self.pk)

    @property
    def asked_coverage(self) -> Coverage:
        """The coverage AR Boost is asked about: every automatic hold has one."""
        assert self.coverage is not None
        return self.coverage

    @property
    def reason(self) -> str:
        """The "Queued reason" column (D-RSN-1…4)."""
        return hold.queued_reason(self.kind, self.reason_code, queued=self.queued_at is not None)

    def days_remaining(self, today: date) -> int | None:
        """Days left on hold as of ``today``, never below 0; null without a release date or once released."""
        return cadence.days_remaining(self.release_on if self.active else None, today)


class Question(CompanyOwned):
    """One date of a hold's grid on which AR Boost is asked: at most once answered (D-CHK-6).

    ``run`` is the night that asks it, null while none has taken it up. ``open`` until answered, or until
    a newer date took its place (D-CHK-5, D-CHK-7). Without a history
    of its own: the row is the night's bookkeeping, and the hold and the snapshot have the facts.
    """

    # Without a check of its own, as in an answer.
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    hold = models.ForeignKey(
        Hold, on_delete=models.PROTECT, related_name="questions", db_index=False, db_constraint=False
    )
    run = models.ForeignKey(
        Run,
        on_delete=models.PROTECT,
        related_name="questions",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    for_date = models.DateField()
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="question_company_id"),
            models.UniqueConstraint(fields=["hold", "for_date"], name="question_once"),
        ]
        indexes = [
            models.Index(
                fields=["company", "run", "id"], condition=models.Q(open=True), name="question_open"
            ),
            # In the order in which a night reads them: the planner knows nothing of a new night, and would
            # take an index without it, and sort all that is left for each page.
            models.Index(fields=["run", "id"], name="question_by_run"),
        ]

    def __str__(self) -> str:
        return f"question for {self.for_date} of hold {self.hold_id}"

    @property
    def trace(self) -> str:
        """The trace AR Boost echoes: the same for the same hold and date, whenever it is asked."""
        return trace_of(self.hold_id, self.for_date)
