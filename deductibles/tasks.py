"""The doorbell: Celery tasks that ask whether there is a night to run. What is due is in the database."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from deductibles import nightly


@shared_task(name="deductibles.poke_check")
def poke_check() -> None:
    """03:00 UTC: run the newest night of every company that is not done (D-CHK-1)."""
    nightly.catch_up(at=timezone.now())


@shared_task(name="deductibles.poke_submission")
def poke_submission() -> None:
    """After the check: submissions follow a check that is done; a late one is followed by the sweep."""
    nightly.catch_up(at=timezone.now())
