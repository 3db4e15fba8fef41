"""Databases from before the migrations were folded, which was before the first release (docs/decisions/0017).

One that had them all goes on: it has the tables, and only the names of its migrations are written anew. One
that had some of an app's cannot be brought to the end by this code, and hears so instead of missing tables.
"""

from __future__ import annotations

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

MEND = (
    "Begin with an empty database, or bring it to the end first with the last commit that still has "
    "escalations/migrations/0013_reclocked_words.py."
)


def halfway() -> str:
    """A sentence with the apps of which the database has some of the folded migrations, else nothing."""
    applied = MigrationRecorder(connection).applied_migrations().keys()
    folded = {key[0]: set(one.replaces) for key, one in MigrationLoader(None).replacements.items()}
    apps = sorted(app for app, old in folded.items() if old & applied and old - applied)
    return f"This database has only some of the old migrations of {', '.join(apps)}." if apps else ""
