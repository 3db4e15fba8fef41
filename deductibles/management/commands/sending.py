"""Arm or disarm what leaves for the clearinghouse, as a restore does it from a script."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Company
from accounts.steps import Refused
from deductibles.actions import sending
from deductibles.actions.moves import Invalid
from deductibles.nightly_command import companies_named


class Command(BaseCommand):
    """Prints one line for each company: armed, or disarmed and why."""

    help = "Says of each company whether its claim files may leave; arms or disarms that."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", metavar="K", help="key of one company; default all")
        wanted = parser.add_mutually_exclusive_group()
        wanted.add_argument("--arm", action="store_true", help="let files leave from this database")
        wanted.add_argument(
            "--disarm", metavar="WHY", help="let nothing leave; the reason stands on the pages"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for company in companies_named(options["company"]):
            self._one(company, options["arm"], options["disarm"])

    def _one(self, company: Company, arm: bool, why: str | None) -> None:
        at = timezone.now()
        try:
            if arm:
                sending.arm(company, by=None, at=at)
            elif why is not None:
                sending.disarm(company, why, by=None, at=at)
        except Refused as refused:
            self.stdout.write(f"{company.key}: {refused.sentence}")
        except Invalid as invalid:
            raise CommandError(str(invalid)) from invalid
        row = sending.state_of(company, at=at)
        self.stdout.write(f"{company.key}: {'armed' if row.armed else f'disarmed. {row.why}'}")
