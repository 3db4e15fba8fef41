"""``import_company FILE --into KEY``: a company's file into an empty company, all of it or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import letters
from accounts.models import User
from config.moving.bringing import Brought, bring_in, look
from config.moving.manifest import Unfit


class Command(BaseCommand):
    help = (
        "Brings a file that export_company made into an empty company, or into one that is made for it. "
        "Nothing is sent from there until an admin arms it."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path, help="what export_company wrote")
        parser.add_argument("--into", required=True, metavar="KEY", help="the empty or new company")
        parser.add_argument("--sha256", default="", metavar="HEX", help="refuse a file with another digest")
        parser.add_argument("--dry-run", action="store_true", help="say what is in it and what would be done")
        parser.add_argument(
            "--admin", default="", metavar="USERNAME", help="print the link for this admin of the file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, key, digest = options["file"], options["into"], options["sha256"].lower()
        try:
            if options["dry_run"] or digest:
                looked = look(path, key)
                if digest and looked.sha256 != digest:
                    raise Unfit(
                        f"{path} has the digest {looked.sha256}, not the one you gave. Copy it again."
                    )
                if options["dry_run"]:
                    self._say(looked, key, "would come in")
                    return
            brought = bring_in(path, key, at=timezone.now())
        except Unfit as unfit:
            raise CommandError(f"Nothing was written. {unfit}") from unfit
        self._say(brought, key, "came in")
        self._link(brought, options["admin"])

    def _say(self, brought: Brought, key: str, done: str) -> None:
        manifest = brought.manifest
        self.stderr.write(
            f"{manifest.company['name']} ({manifest.company['key']}), as it was at {manifest.made_at}; "
            f"sha256 {brought.sha256}"
        )
        told = sum(one.rows for one in manifest.tables if one.what.startswith("history of ") and one.comes_in)
        for table in manifest.tables:
            if table.rows and not (table.what.startswith("history of ") and table.comes_in):
                what = done if table.comes_in else f"stays in the file: {table.why}"
                self.stderr.write(f"  {table.table:36} {table.rows:>10,}  {what}")
        self.stderr.write(f"  {'histories':36} {told:>10,}  {done}")
        self.stderr.write(f"  {'files':36} {manifest.files.rows:>10,}  {done}")
        self.stderr.write(
            f"Into {key}. Nothing is sent from there until an admin arms it. To be entered again:"
        )
        for said in manifest.enter_again:
            self.stderr.write(f"  {said}")
        for before, now in brought.renamed.items():
            self.stderr.write(f"  {before} signs in as {now} here: that name is taken.")

    def _link(self, brought: Brought, wanted: str) -> None:
        """Somebody has to be the first who gets in, and invites the others."""
        if not wanted:
            names = ", ".join(brought.admins) or "nobody"
            self.stderr.write(
                f"Nobody has a password yet. Its admins: {names}. manage.py changepassword lets one in, who "
                "sends the others their links under Settings, People. Next: manage.py doctor."
            )
            return
        name = brought.renamed.get(wanted, wanted)
        admin = User.objects.filter(company=brought.company, username=name).first()
        if admin is None or name not in brought.admins:
            raise CommandError(
                f"All of it came in, but {wanted[:40]} is no admin of it. manage.py changepassword lets one "
                f"of these in: {', '.join(brought.admins) or 'it has none'}."
            )
        self.stderr.write(f"{name} chooses a password here, within {letters.good_for()}, once:")
        self.stdout.write(letters.link_for(admin))
