"""``backup FILE``: the whole database in one file, with a small one beside it that says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.backups import Trouble, back_up


class Command(BaseCommand):
    help = "Backs the database up into a new file. Keep SECRETS_KEY apart from it, and as long."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, help="a new file, as /backups/holdline-2026-11-30.dump")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            about = back_up(options["file"], at=timezone.now())
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"{options['file']}: {about.bytes:,} bytes, sha256 {about.sha256[:16]}…")
        self.stdout.write("Keep the .json beside it, and SECRETS_KEY in another place.")
