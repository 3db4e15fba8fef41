"""``manage.py create_company KEY NAME``: a new company and its first admin, who gets a link."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management import BaseCommand, CommandError, call_command
from django.utils import timezone
from django.utils.text import slugify

from accounts import letters
from accounts.people_actions import Said, open_company
from accounts.roles import Role
from accounts.steps import Unfit

PREPARES = ("load_policy", "seed_connections")
"""What gives a company its rules and its ways out; each leaves alone who has them."""


class Command(BaseCommand):
    """Prints the link on stdout, alone, so that a script can hand it over."""

    help = "Add a company with its first admin; prints the link with which the admin chooses a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "key", help="short name of letters, digits and dashes, used in commands and folders"
        )
        parser.add_argument("name", help="what people call the company")
        parser.add_argument(
            "--admin", required=True, metavar="USERNAME", help="what the first admin signs in with"
        )
        parser.add_argument("--first-name", default="", metavar="NAME")
        parser.add_argument("--last-name", default="", metavar="NAME")
        parser.add_argument("--email", default="", metavar="ADDRESS")
        parser.add_argument("--zone", default="America/Chicago", help="time zone, as in America/Chicago")

    def handle(self, *args: Any, **said: Any) -> None:
        key = said["key"]
        if key != slugify(key) or not 1 < len(key) <= 50:
            raise CommandError("The key has small letters, digits and dashes only: acme-billing.")
        try:
            ZoneInfo(said["zone"])
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(f"There is no time zone {said['zone']!r}; America/Chicago is one.") from error
        try:
            admin = open_company(
                key=key,
                name=said["name"].strip()[:120],
                zone=said["zone"],
                admin=said["admin"].lower(),
                said=Said(said["first_name"], said["last_name"], said["email"], Role.ADMIN),
                at=timezone.now(),
            )
        except Unfit as unfit:
            raise CommandError(" ".join(unfit.wrong.values())) from unfit
        for name in PREPARES:
            call_command(name, stdout=self.stderr)
        self.stderr.write(f"{admin.username} chooses a password here, within {letters.good_for()}, once:")
        self.stdout.write(letters.link_for(admin))
