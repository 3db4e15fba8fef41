"""The doorbell of imports: what is to be done is in the database."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from patients.imports import running


@shared_task(name=running.TASK)
def work_on_import(key: int) -> None:
    """Go on with one import, unless somebody does already."""
    running.work_on(key, at=timezone.now())
