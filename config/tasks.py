"""Celery's door to the sweep, every minute."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from config.moving import background
from config.sweeping import sweep as sweep_now


@shared_task(name="config.sweep")
def sweep() -> None:
    """All due work once."""
    sweep_now(at=timezone.now())


@shared_task(name=background.TASK)
def make_company_file(key: int) -> None:
    """Make one file of a company, unless somebody does already."""
    background.make(key, at=timezone.now())
