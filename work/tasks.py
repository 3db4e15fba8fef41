"""The doorbell of webhooks: a Celery task that asks whether something is due."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from work.background import routines
from work.hooks.sending import send_due

BELL = "webhooks_bell"
"""What the bell is called where it is written down when it was last heard."""


@shared_task(name="work.send_webhooks", time_limit=120)
def send_webhooks() -> None:
    """Every five seconds: send what is due; nothing to do while somebody else does it."""
    at = timezone.now()
    routines.done(BELL, lambda: send_due(at=at), at=at, often=True)
