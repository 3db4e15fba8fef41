"""``restore FILE``: a backup into an empty database; nothing is sent from there until an admin arms it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backups import Trouble, restore


class Command(BaseCommand):
    help = "Restores a backup into the empty database of DATABASE_URL, with sending disarmed."
    requires_migrations_checks = False

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, help="a file that backup made, with its .json beside it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = restore(options["file"], at=timezone.now())
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write("\n".join(lines))
