"""Celery's door to the sweep, every minute."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from config.sweeping import sweep as sweep_now


@shared_task(name="config.sweep")
def sweep() -> None:
    """All due work once."""
    sweep_now(at=timezone.now())
