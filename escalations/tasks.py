"""The doorbell of what is worked on in parts: what is to be done is in the database."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from escalations.actions import policy_runs


@shared_task(name=policy_runs.TASK)
def go_on_with_policy(key: int) -> None:
    """Go on with putting a version over open tickets, unless somebody does already."""
    policy_runs.work_on(key, at=timezone.now())
