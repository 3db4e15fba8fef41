"""Make every forecast that is missing, without waiting for the sweep."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from deductibles.worth.nightly import catch_up

A_DAY = 86_400.0


class Command(BaseCommand):
    help = (
        "Makes the forecast of the newest night of every company, replays earlier days, measures the error."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Until nothing is missing."""
        made = catch_up(at=timezone.now(), budget=A_DAY)
        self.stdout.write(f"{made} {'day' if made == 1 else 'days'} forecast.")
