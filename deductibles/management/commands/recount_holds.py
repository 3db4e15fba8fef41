"""Count the sums above the Hold for Deductible page anew, after rows were written with triggers off."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Company
from deductibles.actions import hold_totals
from deductibles.background.jobs import HOLDS
from work.background import jobs

AGAIN = "Run recount_holds again."


class Command(BaseCommand):
    help = "Counts claims and dollars of the Hold for Deductible page anew, company by company; nobody waits."

    def handle(self, *args: Any, **options: Any) -> None:
        """Recount every company."""
        for company in Company.objects.order_by("pk"):
            with jobs.noted(company.pk, HOLDS, otherwise=AGAIN) as said:
                before = hold_totals.lines_of(company)
                hold_totals.recount(company)
                said.append(f"{hold_totals.lines_of(company):,} lines; before it {before:,} were counted.")
        self.stdout.write("The sums of held claims are counted anew.")
