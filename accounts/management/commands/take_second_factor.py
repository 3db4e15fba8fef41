"""``manage.py take_second_factor USERNAME``: for who runs the server, when the last admin's phone is gone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import people_actions
from accounts.models import User
from accounts.steps import Refused


class Command(BaseCommand):
    help = "Take away somebody's second factor: their sessions end, the password alone lets them in."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(username=options["username"]).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {options['username']}.")
        try:
            people_actions.take_factor_at_the_server(person, at=timezone.now())
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        self.stdout.write(f"{person} signs in with the password alone now.")
