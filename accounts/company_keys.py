"""The second wall between companies: composite foreign keys, written by migrations.

``company_key("escalations_ticket", "patient_id", "patients_patient")`` makes the database refuse a
ticket of one company that points at a patient of another.
"""

from __future__ import annotations

from django.db import migrations

Key = tuple[str, str, str]
"""Table, column and the table that the column refers to."""


def company_key(table: str, column: str, target: str) -> migrations.RunSQL:
    """Make ``(company_id, column)`` of ``table`` reference ``(company_id, id)`` of ``target``.

    A null reference is allowed (MATCH SIMPLE). ``target`` must have a unique ``(company_id, id)``.
    """
    return company_keys((table, column, target))


def company_keys(*keys: Key) -> migrations.RunSQL:
    """The same for many at once, in one step of a migration."""
    return migrations.RunSQL(
        [
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{_name(table, column)}" '
            f'FOREIGN KEY (company_id, "{column}") REFERENCES "{target}" (company_id, id) '
            "DEFERRABLE INITIALLY DEFERRED"
            for table, column, target in keys
        ],
        [f'ALTER TABLE "{table}" DROP CONSTRAINT "{_name(table, column)}"' for table, column, _ in keys],
    )


def _name(table: str, column: str) -> str:
    return f"{table}_{column}_company"[:63]
