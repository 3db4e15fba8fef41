"""Write every line of the outcome ledger anew, after payments were written past the acts that keep it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Company
from deductibles.actions import outcomes


class Command(BaseCommand):
    help = "Writes what became of every held claim anew, company by company; nobody waits."

    def handle(self, *args: Any, **options: Any) -> None:
        """Recount every company."""
        changed = sum(
            outcomes.catch_up(company, everything=True) for company in Company.objects.order_by("pk")
        )
        self.stdout.write(f"The outcome ledger is written anew; {changed} lines changed.")
