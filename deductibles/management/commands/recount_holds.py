"""Count the sums above the Hold for Deductible page anew, after rows were written with triggers off."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Company
from deductibles.actions.hold_totals import recount


class Command(BaseCommand):
    help = "Counts claims and dollars of the Hold for Deductible page anew, company by company; nobody waits."

    def handle(self, *args: Any, **options: Any) -> None:
        """Recount every company."""
        for company in Company.objects.order_by("pk"):
            recount(company)
        self.stdout.write("The sums of held claims are counted anew.")
