"""``doctor [--json]``: look at everything a running Holdline needs; exit code 1 when something is wrong."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.watching.doctor import WRONG, Doctor, Finding, as_rows


class Command(BaseCommand):
    help = "Looks at settings, database, broker, processes, nights and vendors, and says the mend of each."
    requires_system_checks: list[str] = []  # the checks are part of what is looked at

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in Doctor(timezone.now()).find():
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(_line(finding))
        if options["json"]:
            self.stdout.write(json.dumps(as_rows(findings), indent=1))
        if any(finding.level == WRONG for finding in findings):
            sys.exit(1)


def _line(finding: Finding) -> str:
    line = f"{finding.level} {finding.check}: {finding.said}"
    return f"{line}\n    {finding.mend}" if finding.mend else line
