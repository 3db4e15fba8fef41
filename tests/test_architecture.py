"""The house keeps its shape: pure rooms stay pure, every reference names its company."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from accounts.models import CompanyOwned

ROOT = Path(__file__).resolve().parent.parent
ROOMS = [
    "accounts/roles.py",
    "accounts/steps.py",
    "work/places.py",
    *(
        str(path.relative_to(ROOT))
        for room in (
            "patients/domain",
            "escalations/domain",
            "deductibles/domain",
            "deductibles/x12",
            "work/hooks/domain",
            "work/oidc/domain",
        )
        for path in sorted((ROOT / room).glob("*.py"))
    ),
]
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}


@pytest.mark.parametrize("name", ROOMS)
def test_a_pure_module_reads_no_clock_and_opens_nothing(name):
    for node in ast.walk(ast.parse((ROOT / name).read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            assert (called.value.id, called.attr) not in CLOCKS, f"{name}:{node.lineno} reads a clock"
        if isinstance(called, ast.Name):
            assert called.id not in {"open", "print", "input"}, f"{name}:{node.lineno} does I/O"


def _owned():
    return [model for model in apps.get_models() if issubclass(model, CompanyOwned)]


def _references():
    for model in _owned():
        for field in model._meta.concrete_fields:
            target = field.related_model
            if target is None or field.name == "company":
                continue
            if issubclass(target, CompanyOwned) or target._meta.label == "accounts.User":
                yield model._meta.db_table, field.column, target._meta.db_table


def test_every_reference_between_companies_rows_is_a_composite_key(db):
    """Isolation's second wall: no reference without ``(company_id, …)`` beside it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, array_agg(a.attname::text ORDER BY a.attname) "
            "FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) "
            "WHERE c.contype = 'f' GROUP BY c.oid, c.conrelid "
            "HAVING count(*) > 1 AND 'company_id' = ANY(array_agg(a.attname))"
        )
        found = {(table, column) for table, columns in cursor.fetchall() for column in columns}
    missing = [ref for ref in _references() if (ref[0], ref[1]) not in found]
    assert not missing, f"add company_key(...) in a migration for {missing}"


def test_every_owned_table_is_unique_by_company_and_id():
    for model in _owned():
        pairs = [tuple(c.fields) for c in model._meta.constraints if hasattr(c, "fields")]
        assert ("company", "id") in pairs, f"{model.__name__} needs UniqueConstraint(company, id)"


def test_every_status_table_is_drawn_in_docs_states(db):
    from config.management.commands.print_states import text

    assert (ROOT / "docs/states.md").read_text() == text(), "run `manage.py print_states`"
