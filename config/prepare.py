"""What the database and the static files need before anything can be served; each step says what it did.

``python -m config.prepare static`` and ``… database`` are run side by side by ``make run``, the latter once
the engines answer, with their addresses in the environment.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from io import StringIO

import django
from django.core.management import CommandError, call_command


def main() -> int:
    """Bring the parts named on the command line up to date; answer 1 after one sentence when that fails."""
    gc.disable()  # migrations make and drop a thousand model classes: a fifth of their time
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.db import Error

    parts: dict[str, list[tuple[str, Callable[[], str]]]] = {
        "static": [("static files", collect_static)],
        "database": [("database tables", migrate), ("policy", load_policy)],
    }
    if settings.DEMO:
        parts["database"].append(("demo data", seed_demo))
    parts["database"].append(("connections", seed_connections))
    if not settings.DEMO:
        parts["database"].append(("first company", offer_set_up))
    for name, step in (step for part in sys.argv[1:] for step in parts[part]):
        began = time.monotonic()
        try:
            done = step()
        except (CommandError, Error, OSError) as error:
            print(f"The {name} could not be prepared: {str(error).strip().splitlines()[0]}", file=sys.stderr)
            return 1
        print(f"{name}: {done} ({time.monotonic() - began:.1f} s)", flush=True)
    return 0


def migrate() -> str:
    """Apply waiting migrations."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from config import folded

    if said := folded.halfway():
        raise CommandError(f"{said} {folded.MEND}")
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        _call("migrate", interactive=False)
    executor.check_replacements()  # a database from before the folding has the tables under other names
    return f"{len(waiting)} migrations applied" if waiting else "up to date"


def collect_static() -> str:
    """Gather style sheets, scripts and icons under names that change with their content."""
    _call("collectstatic", interactive=False)
    return "gathered"


def load_policy() -> str:
    """Load the escalation types and their rules; a version that is already there is left alone."""
    return _last_line(_call("load_policy"))


def seed_demo() -> str:
    """Fill an empty database with the demo's companies and people; never touch one that has a company."""
    from accounts.models import Company

    if Company.objects.exists():
        return "already there"
    return _last_line(_call("seed_demo"))


def seed_connections() -> str:
    """Take the environment's connections over for companies that have none of their own."""
    return _last_line(_call("seed_connections"))


def offer_set_up() -> str:
    """Where there is no company yet, print the code with which the first one is opened by the browser."""
    from django.conf import settings
    from django.urls import reverse

    from accounts.models import Company
    from config.setup import codes

    if Company.objects.exists():
        return "already there"
    code = _last_line(_call("setup_code", stderr=StringIO()))
    where = f"{settings.SITE_URL.rstrip('/')}{reverse('opening:code')}"
    return f"none yet. Open {where} and type  {code}  within {codes.HOURS} hours"


def _call(command: str, **options: object) -> str:
    said = StringIO()
    call_command(command, stdout=said, verbosity=1, **options)
    return said.getvalue()


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "done"


if __name__ == "__main__":
    sys.exit(main())
