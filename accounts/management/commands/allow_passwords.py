"""``manage.py allow_passwords KEY``: for who runs the server, when a company's provider lets nobody in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import provider_actions
from accounts.models import Company


class Command(BaseCommand):
    help = "Let the passwords and passkeys of a company sign in again beside its own provider."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("key", help="the company's short name")

    def handle(self, *args: Any, **options: Any) -> None:
        company = Company.objects.filter(key=options["key"]).first()
        if company is None:
            raise CommandError(f"There is no company {options['key']}.")
        if not provider_actions.allow_passwords(company, at=timezone.now()):
            raise CommandError(f"Passwords of {company} sign in already.")
        self.stdout.write(f"Passwords and passkeys of {company} sign in again.")
