"""What the commands `nightly_check` and `nightly_submission` share."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Company
from accounts.steps import Refused
from deductibles import nightly
from work.models import Run


def day(text: str) -> date:
    """A date of the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("a date looks like 2026-05-20") from None


def companies_named(key: str | None) -> list[Company]:
    """The company of this key, or all; CommandError when there is none."""
    rows = Company.objects.order_by("key")
    companies = list(rows.filter(key=key) if key else rows)
    if not companies:
        raise CommandError("There is no such company.")
    return companies


class NightlyCommand(BaseCommand):
    """Runs one kind of night for one company or all, and prints one line for each."""

    kind: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", metavar="K", help="key of one company; default all")
        parser.add_argument("--target-date", type=day, metavar="D", help="default: the company's today")

    def handle(self, *args: Any, **options: Any) -> None:
        companies = companies_named(options["company"])
        try:
            runs = [self._run(company, options["target_date"]) for company in companies]
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        if any(run.state == Run.State.FAILED for run in runs):
            raise CommandError("A run failed; see above.")

    def _run(self, company: Company, target: date | None) -> Run:
        run = nightly.start_night(company, self.kind, target, by=None, at=timezone.now())
        facts = f"due {run.due}, asked {run.asked}, answered {run.answered}, released {run.released}, "
        facts += f"timed out {run.timed_out}, submitted {run.submitted}"
        self.stdout.write(f"{company.key} {run.kind} {run.target_date}: {run.state}; {facts}")
        for failure in run.failures:
            self.stdout.write(f"  {failure['claim'] or ''} {failure['why']}".rstrip())
        return run
