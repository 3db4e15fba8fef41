"""Work that leaves no row of its own otherwise, and when what is done by the clock was last done."""

from __future__ import annotations

from django.db import models

from accounts.models import CompanyOwned


class Job(CompanyOwned):
    """One piece of a company's work that follows from its data: a forecast with its replays, a recount.

    ``target_on`` is the night it belongs to, null where it belongs to none; there is one for each night.
    ``done`` of ``whole`` tell how far it is, ``seen_at`` when somebody last worked on it. ``said`` is what
    came of it and ``note`` what went wrong, each a sentence without a name. It changes nothing that is not
    kept elsewhere, so it has no history.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=18)
    target_on = models.DateField(null=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.RUNNING)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    whole = models.PositiveIntegerField(default=0)
    said = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "id"], name="job_company_id"),
            models.UniqueConstraint(fields=["company", "kind", "target_on"], name="job_once_a_night"),
        ]
        indexes = [
            models.Index(fields=["company", "kind", "-began_at", "-id"], name="job_listed"),
            models.Index(
                fields=["company", "kind", "-began_at", "-id"],
                condition=models.Q(state="failed"),
                name="job_troubled",
            ),
            models.Index(fields=["company"], condition=models.Q(state="running"), name="job_under_way"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Routine(models.Model):
    """Something that is done by the clock, for all companies: one row for each, no history, nobody's data.

    ``ended_at`` is when it was last brought to its end, ``took`` how many thousandths of a second that took
    and ``did`` how many things it did, null where that is not counted. While ``began_at`` is the later one
    it is being done, or whoever did it died. ``failing_since`` and ``failure`` (a kind of error) tell that
    it failed every time since.
    """

    name = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    took = models.PositiveIntegerField(default=0)
    did = models.PositiveBigIntegerField(null=True)
    failing_since = models.DateTimeField(null=True)
    failure = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.name
