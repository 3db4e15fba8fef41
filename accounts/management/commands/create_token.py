"""``create_token USER``: make an API token and print its key alone."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions import issue_token
from accounts.models import User
from accounts.roles import own_capabilities


class Command(BaseCommand):
    help = "Makes an API token for a person and prints the key, alone, on stdout. It is not shown again."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("user")
        parser.add_argument("--name", default="made on the command line")
        parser.add_argument("--days", type=int, default=365)
        parser.add_argument(
            "--may",
            action="append",
            metavar="WHAT",
            help="limit it to this, as “read claims”; again for more",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person called {options['user']}.")
        if not 1 <= options["days"] <= 3650:
            raise CommandError("--days is a number from 1 to 3650.")
        own = {one.value: one for one in own_capabilities(user.role)}
        if unknown := [word for word in options["may"] or () if word not in own]:
            listed = ", ".join(own)
            raise CommandError(f"{user.username} may not {unknown[0]!r}. What there is: {listed}.")
        now = timezone.now()
        key = issue_token(
            user,
            name=options["name"],
            by=None,
            at=now,
            lifetime=timedelta(days=options["days"]),
            may_do=[own[word] for word in options["may"] or ()],
        )
        self.stdout.write(key)
