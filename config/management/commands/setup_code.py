"""``manage.py setup_code``: the code with which the first company is opened by the browser."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from accounts.models import Company
from accounts.steps import Refused
from config.setup import codes


class Command(BaseCommand):
    """Prints the code on stdout, alone, so that a script can hand it over; what it is for goes to stderr."""

    help = (
        f"Makes the set-up code, good for {codes.HOURS} hours and for one company; it ends the one before. "
        "It opens the first company of this server by the browser; where there is a company, there is none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-needed", action="store_true", help="say nothing, and make none, where there is a company"
        )

    def handle(self, *args: Any, **said: Any) -> None:
        if settings.DEMO:
            raise CommandError("The demo has its companies. Start without DEMO to set one up.")
        if said["if_needed"] and Company.objects.exists():
            return
        tried = codes.wrong_tries()
        try:
            code = codes.make(at=timezone.now())
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        if tried:
            self.stderr.write(f"Something else was typed {tried} times instead of the code before.")
        where = f"{settings.SITE_URL.rstrip('/')}{reverse('opening:code')}"
        self.stderr.write(f"No company yet. Open {where} and type this within {codes.HOURS} hours, once:")
        self.stdout.write(code)
