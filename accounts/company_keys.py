"""The second wall between companies: composite foreign keys, written by migrations.

``company_key("escalations_ticket", "patient_id", "patients_patient")`` makes the database refuse a
ticket of one company that points at a patient of another.
"""

from __future__ import annotations

from django.db import migrations


def company_key(table: str, column: str, target: str) -> migrations.RunSQL:
    """Make ``(company_id, column)`` of ``table`` reference ``(company_id, id)`` of ``target``.

    A null reference is allowed (MATCH SIMPLE). ``target`` must have a unique ``(company_id, id)``.
    """
    name = f"{table}_{column}_company"[:63]
    return migrations.RunSQL(
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (company_id, "{column}") '
        f'REFERENCES "{target}" (company_id, id) DEFERRABLE INITIALLY DEFERRED',
        f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
    )
