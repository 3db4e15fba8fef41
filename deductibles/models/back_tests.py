"""Whether holding pays: settings that were tried on what is stored of past claims."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import CompanyOwned, User
from patients.models import Payer


class BackTest(CompanyOwned):
    """Other settings, tried on the claims that were decided from ``from_on`` to ``until_on``.

    Everything it rests on is written down when it is asked for, so that it comes out the same whoever goes
    on with it: ``terms`` has the proposed numbers, those in force, what each payer had of its own and the
    rates, as ``worth.back_terms`` writes them; ``seed`` draws the range; ``seen_until`` is the last day that
    is looked at. ``payer`` alone is looked at, every payer when null; ``own_payer`` is tried with numbers of
    its own. ``by`` is null for one that a command started. ``claims`` is about how many there are to look
    at, ``done`` how many were; ``attempts`` counts how often work on it began, so that one which ends its
    worker does not do so for ever. ``result`` is what came out, null until then. It changes no claim and has
    no history of its own: who asked for it and who cancelled it stand in it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Given up"

    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    from_on = models.DateField()
    until_on = models.DateField()
    seen_until = models.DateField()
    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    own_payer = models.ForeignKey(
        Payer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    terms: Any = models.JSONField(encoder=DjangoJSONEncoder)
    seed = models.PositiveBigIntegerField()
    claims = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    result: Any = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="back_test_company_id")]
        indexes = [
            models.Index(fields=["company", "-id"], name="back_test_newest"),
            models.Index(fields=["company", "-created_at", "-id"], name="back_test_listed"),
            models.Index(
                fields=["company", "state", "-created_at", "-id"],
                condition=models.Q(state__in=["failed", "cancelled"]),
                name="back_test_not_done",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="back_test_under_way",
            ),
            models.Index(
                fields=["finished_at"], condition=models.Q(emptied_at=None), name="back_test_to_be_emptied"
            ),
        ]

    def __str__(self) -> str:
        return f"Back-test {self.pk}"


class BackTestPart(CompanyOwned):
    """Some thousand claims of a back-test that were looked at, up to the claim with the id ``last``.

    Written in one transaction, so that whoever goes on after a death begins behind it. ``sums`` adds up to
    the result; ``lines`` is what became of each claim, packed, and goes after a while.
    """

    of = models.ForeignKey(BackTest, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    last = models.BigIntegerField()
    sums: Any = models.JSONField()
    lines = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="back_test_part_company_id"),
            models.UniqueConstraint(fields=["of", "number"], name="back_test_part_once"),
        ]

    def __str__(self) -> str:
        return f"Part {self.number} of back-test {self.of_id}"
