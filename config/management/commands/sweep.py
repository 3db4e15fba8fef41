"""All due work once, without Celery."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.sweeping import sweep


class Command(BaseCommand):
    help = "Catches up missed nights and delivers what waits in the outbox."

    def handle(self, *args: Any, **options: Any) -> None:
        found = sweep(at=timezone.now())
        self.stdout.write(f"{found['nights']} nights looked at, {found['delivered']} messages delivered.")
