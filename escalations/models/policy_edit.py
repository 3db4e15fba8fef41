"""Changing the policy: the draft, why a version was published, and which tickets it was put over (K13)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.audit import track, track_as
from accounts.models import CompanyOwned, User
from escalations.models.versions import PolicyVersion
from escalations.models.watch import Reclocking


@track_as(without=("data",))
class PolicyDraft(CompanyOwned):
    """The one draft a company has of its next policy.

    ``data`` is the whole policy as a version keeps it, ``base`` the version it was begun from or that it was
    brought up to. ``revision`` rises with every change, so that what was looked at is what is thrown away.
    """

    base = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    data: Any = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    began_at = models.DateTimeField()
    began_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="policy_draft_company_id"),
            models.UniqueConstraint(fields=["company"], name="policy_draft_one"),
        ]

    def __str__(self) -> str:
        return f"draft from {self.base_id}"


@track
class Publication(CompanyOwned):
    """Why a version of the policy was published: the note without which none is."""

    version = models.OneToOneField(
        PolicyVersion, on_delete=models.PROTECT, related_name="publication", db_constraint=False
    )
    note = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="publication_company_id")]

    def __str__(self) -> str:
        return self.note


class PolicyMove(CompanyOwned):
    """The tickets that a policy was put over and the version they had before, so that they get it back.

    A row for each version of before; written once, when the policy is applied to open tickets (K13).
    """

    change = models.ForeignKey(
        Reclocking, on_delete=models.PROTECT, related_name="policy_moves", db_constraint=False
    )
    version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    tickets = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="policy_move_company_id"),
            models.UniqueConstraint(fields=["change", "version"], name="policy_move_once"),
        ]

    def __str__(self) -> str:
        return f"{len(self.tickets)} tickets of change {self.change_id}"


class PolicyRun(CompanyOwned):
    """A change of the policy that reaches open tickets part by part, because they are many (K13).

    What it reaches stands in the ``PolicyMove`` rows of its change, of an undoing in those of the change it
    undoes. ``done`` of ``planned`` tickets, in their order, are behind it: a part commits with it, so that
    whoever comes next goes on where somebody died. ``moved``, ``breaches`` and ``unbreaches`` are counted on
    the way, ``people`` whom the moved tickets belong to or who watches them; all are told at the end, once.
    ``attempts`` counts how often work began since the last part that was finished.
    """

    class State(models.TextChoices):
        WORKING = "working", "Under way"
        DONE = "done", "Finished"
        STOPPED = "stopped", "Stopped"

    change = models.OneToOneField(
        Reclocking, on_delete=models.PROTECT, related_name="run", db_constraint=False
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WORKING)
    planned = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    breaches = models.PositiveIntegerField(default=0)
    unbreaches = models.PositiveIntegerField(default=0)
    people: Any = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField()
    part_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="policy_run_company_id"),
            models.UniqueConstraint(
                fields=["company"], condition=models.Q(state="working"), name="policy_run_one_at_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.done} of {self.planned} tickets of change {self.change_id}"
