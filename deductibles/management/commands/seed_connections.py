"""Take the environment's connections over into rows."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from deductibles.actions.connections import seed_connections


class Command(BaseCommand):
    help = (
        "Gives companies without a connection of their own the one this server was started with; repeatable."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        written = seed_connections(at=timezone.now())
        self.stdout.write(f"{written} taken over" if written else "nothing to take over")
