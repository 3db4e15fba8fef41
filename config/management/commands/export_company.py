"""``export_company KEY --to FILE``: everything of a company in one open file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.moving.manifest import Unfit
from config.moving.to_disk import write_to


class Command(BaseCommand):
    help = "Writes everything a company stored into a new zip file, without any secret. It names patients."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("key", help="the company")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE", help="a new file, as acme.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            packed = write_to(options["to"], options["key"], at=timezone.now())
        except Unfit as unfit:
            raise CommandError(str(unfit)) from unfit
        self.stdout.write(f"{options['to']}: {packed.manifest.rows:,} rows, {packed.bytes:,} bytes")
        self.stdout.write(f"sha256 {packed.sha256}")
        self.stdout.write("Not in it, to be entered again where it goes:")
        for what in packed.manifest.enter_again:
            self.stdout.write(f"  {what}")
