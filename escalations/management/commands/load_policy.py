"""``manage.py load_policy``: put the shipped escalation policy in force for every company."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Company
from escalations import policies
from escalations.domain.policy import PolicyError


class Command(BaseCommand):
    help = (
        "Put the shipped escalation policy in force, for every company or one; companies without a business "
        "calendar get one. Running it again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", metavar="KEY", help="Only this company.")

    def handle(self, *args: Any, **options: Any) -> None:
        companies = Company.objects.order_by("key")
        if options["company"]:
            companies = companies.filter(key=options["company"])
            if not companies:
                raise CommandError(f"There is no company with the key {options['company']}.")
        for company in companies:
            self._load(company)

    def _load(self, company: Company) -> None:
        at = timezone.now()
        try:
            version = policies.load_policy(company, by=None, at=at)
        except (PolicyError, ValueError) as wrong:
            raise CommandError(f"The policy file cannot be used. {wrong}") from wrong
        calendar = policies.load_calendar(company, by=None, at=at)
        self.stdout.write(
            f"{company.key}: policy version {version.number}, calendar version {calendar.number}."
        )
