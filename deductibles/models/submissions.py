"""Submissions: 837P files, what was in them, and the numbers they carry."""

from __future__ import annotations

import pgtrigger
from django.db import models

from accounts.audit import track
from accounts.models import CompanyOwned
from deductibles.models.claims import Claim
from work.models import Run


class ControlNumbers(CompanyOwned):
    """The last number given out of each series of a company; the row's lock makes them once only."""

    claim = models.PositiveBigIntegerField(default=1000)
    interchange = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "control numbers"
        constraints = [
            models.UniqueConstraint(fields=["company"], name="control_numbers_once"),
            models.UniqueConstraint(fields=["company", "id"], name="control_numbers_company_id"),
        ]

    def __str__(self) -> str:
        return f"control numbers of company {self.company_id}"


@track
class Submission(CompanyOwned):
    """One 837P file. Its bytes are committed before they are handed over, and never change after.

    ``tried_at`` is committed before the first attempt: from then on the file may have arrived, whatever a
    later attempt is told, so its claims stay in it (I2). ``accepted`` and ``rejected`` count the claims that
    were answered so; the rest of ``claims_count`` waits. ``reference`` is what the receiver calls the file;
    until it is answered, what tells the way on which it was tried from any other. One that is unclear and
    untried goes again: a person says that it never arrived.
    """

    class State(models.TextChoices):
        WRITTEN = "written", "written"
        HANDED_OVER = "handed_over", "handed over"
        AMBIGUOUS = "ambiguous", "hand-over unclear"
        REFUSED = "refused", "refused"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="submissions")
    control_number = models.PositiveIntegerField()
    filename = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WRITTEN)
    claims_count = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField(default=0, db_default=0)
    rejected = models.PositiveIntegerField(default=0, db_default=0)
    detail = models.CharField(max_length=300, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="submission_company_id"),
            models.UniqueConstraint(fields=["company", "control_number"], name="submission_number_once"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="submission_numbers_kept",
                operation=pgtrigger.UpdateOf("filename", "control_number"),
            )
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_unclear(self) -> bool:
        """Whether nobody can say if it arrived, and it does not go again."""
        return self.state == self.State.AMBIGUOUS and self.tried_at is not None

    @property
    def goes_again(self) -> bool:
        """Whether a person lets the same file go again, with the next submission."""
        return self.state == self.State.AMBIGUOUS and self.tried_at is None


class SubmissionFile(CompanyOwned):
    """The bytes of a submission's 837P, the same at every hand-over; kept apart from what changes."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="file")
    content = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "id"], name="sfile_company_id")]
        triggers = [pgtrigger.Protect(name="bytes_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"file of submission {self.submission_id}"


@track
class SubmissionItem(CompanyOwned):
    """A claim inside a file. While ``open``, the claim and sequence can be in no other file (I2).

    ``answer`` is what the receiver said about it: ``accepted``, ``rejected``, or nothing yet.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="items")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="items")
    sequence = models.PositiveSmallIntegerField()
    open = models.BooleanField(default=True)
    answer = models.CharField(max_length=8, blank=True, db_default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="item_company_id"),
            models.UniqueConstraint(
                fields=["claim", "sequence"], condition=models.Q(open=True), name="item_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"claim {self.claim_id} in submission {self.submission_id}"
