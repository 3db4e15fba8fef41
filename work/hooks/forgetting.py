"""What is done is kept for a while and then forgotten, a batch at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from work.hooks.models import HookAttempt, HookDelivery

KEPT = timedelta(days=30)
"""How long a delivery that is done stays in the log, and can be sent again."""
_BATCH = 1000


def forget_deliveries(*, at: datetime) -> int:
    """Drop the oldest deliveries that were done with for long enough; give how many."""
    old = HookDelivery.objects.filter(done_at__lt=at - KEPT).order_by("done_at")
    keys = list(old.values_list("pk", flat=True)[:_BATCH])
    if keys:
        with transaction.atomic():
            HookAttempt.objects.filter(delivery__in=keys).delete()
            HookDelivery.objects.filter(pk__in=keys, done_at__lt=at - KEPT).delete()
    return len(keys)
