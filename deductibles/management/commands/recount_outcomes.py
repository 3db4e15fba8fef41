"""Write every line of the outcome ledger anew, after payments were written past the acts that keep it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Company
from deductibles.actions import outcomes
from deductibles.background.jobs import OUTCOMES
from work.background import jobs

AGAIN = "What was written until then stays. Run recount_outcomes again."


class Command(BaseCommand):
    help = "Writes what became of every held claim anew, company by company; nobody waits."

    def handle(self, *args: Any, **options: Any) -> None:
        """Recount every company."""
        changed = sum(self._recount(company) for company in Company.objects.order_by("pk"))
        self.stdout.write(f"The outcome ledger is written anew; {changed} lines changed.")

    def _recount(self, company: Company) -> int:
        with jobs.noted(company.pk, OUTCOMES, otherwise=AGAIN) as said:
            changed = outcomes.catch_up(company, everything=True)
            said.append(f"{changed:,} lines were written anew.")
        return changed
