"""The doorbell of webhooks: a Celery task that asks whether something is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from work.hooks.sending import send_due


@shared_task(name="work.send_webhooks", time_limit=120)
def send_webhooks() -> None:
    """Every five seconds: send what is due; nothing to do while somebody else does it."""
    send_due(at=timezone.now())
