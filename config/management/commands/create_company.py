"""``manage.py create_company KEY NAME``: a new company, its first admin, and what else is known of it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accounts import letters
from accounts.models import Company, User
from accounts.steps import Unfit
from config.setup import answers
from config.setup.opening import open_whole

NAMED = {
    "key": "key",
    "name": "name",
    "zone": "zone",
    "admin": "admin.username",
    "first_name": "admin.first_name",
    "last_name": "admin.last_name",
    "email": "admin.email",
}
"""Options that have a name of their own, and the answer each gives."""


class Command(BaseCommand):
    """Prints the first admin's link on stdout, alone, so that a script can hand it over."""

    help = (
        "Add a company with its first admin; prints the link with which they choose a password. What the "
        "set-up asks in the browser can be given in a file (deploy/company.example.toml) or answer by answer."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        about = "short name of letters, digits and dashes, used in commands and folders"
        parser.add_argument("key", nargs="?", help=about)
        parser.add_argument("name", nargs="?", help="what people call the company")
        parser.add_argument("--admin", metavar="USERNAME", help="what the first admin signs in with")
        parser.add_argument("--first-name", metavar="NAME")
        parser.add_argument("--last-name", metavar="NAME")
        parser.add_argument("--email", metavar="ADDRESS")
        parser.add_argument("--zone", help="time zone, as in America/Chicago, which is the default")
        parser.add_argument("--answers", type=Path, metavar="FILE", help="a file of answers, in TOML")
        parser.add_argument(
            "--set", action="append", default=[], metavar="PLACE=ANSWER", dest="more",
            help="one answer, as in hours.sat=09:00-13:00 or holidays.list=IL; wins over the file",
        )  # fmt: skip
        parser.add_argument(
            "--check", action="store_true", help="say what is wrong, if anything, and make nothing"
        )

    def handle(self, *args: Any, **said: Any) -> None:
        try:
            opening = answers.read(self._answers(said), timezone.now().date())
            if Company.objects.filter(key=opening.key).exists():
                raise Unfit({"key": f"There is a company {opening.key} already."})
            if said["check"]:
                self.stderr.write(
                    f"Every answer is good. {opening.name} was not opened: --check makes nothing."
                )
                return
            admin = open_whole(opening, at=timezone.now())
        except Unfit as unfit:
            rows = [f"  {place}: {sentence}" for place, sentence in unfit.wrong.items()]
            raise CommandError("\n".join(["Nothing was made.", *rows])) from unfit
        self._tell(admin)

    def _answers(self, said: dict[str, Any]) -> dict[str, Any]:
        """The answers of the file, and over them those of the command line."""
        found = answers.load(said["answers"]) if said["answers"] else {}
        for name, place in NAMED.items():
            if said[name] is not None:
                answers.put(found, place, said[name])
        for one in said["more"]:
            place, sign, answer = one.partition("=")
            if not sign:
                raise Unfit({one[:40]: "Say it as in provider.npi=1234567893."})
            answers.put(found, place, answer)
        found.setdefault("zone", "America/Chicago")
        return found

    def _tell(self, admin: User) -> None:
        """Who gets in by which link, and what the set-up still asks."""
        for person in User.objects.filter(company=admin.company).exclude(pk=admin.pk).order_by("username"):
            how = "a link is on its way by mail" if person.email else letters.link_for(person)
            self.stderr.write(f"{person.username} ({person.role}): {how}")
        self.stderr.write("What the set-up still asks stands on the admin's first page.")
        self.stderr.write(f"{admin.username} chooses a password here, within {letters.good_for()}, once:")
        self.stdout.write(letters.link_for(admin))
