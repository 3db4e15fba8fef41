"""Migrations that a running Holdline survives: the old code still works while the new schema is there.

django-migration-linter reads the SQL of every migration of ours. What it finds is either mended or stands in
``ALLOWED`` with the reason why nothing can break. (That the whole set applies from zero, every test shows.)
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState
from django_migration_linter.migration_linter import MigrationLinter
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements

from config import prepare
from config.watching import health

pytestmark = pytest.mark.django_db

ALLOWED: dict[tuple[str, str], dict[str, str]] = {
    ("work", "0001_tables"): {"DROP_TABLE": "Only the way back drops it, and it is a cache."},
    ("deductibles", "0020_answer_of_its_coverage"): {
        "ADD_UNIQUE": "Nothing can break it, since the id alone is unique; its index is made beside running work."
    },
}
"""(app, migration) -> what the linter finds there, by its code -> why it is safe."""


def _ours() -> list[tuple[str, str]]:
    configs = [one for one in apps.get_app_configs() if Path(one.path).parent == settings.BASE_DIR]
    labels = {one.label for one in configs}
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    return sorted(key for key in known if key[0] in labels)


def _found(sql: list[str], linter: MigrationLinter, migration: Any = None) -> dict[str, str]:
    """What breaks running code, by the linter's codes; locks are its warnings and not looked at here."""
    errors, _, _ = analyse_sql_statements(linter.sql_analyser_class, sql, [])
    more = linter.analyse_data_migration(migration)[0] if migration is not None else []
    return {issue.code: f"{issue.message} {issue.table or ''}" for issue in [*errors, *more]}


def _sql(key: tuple[str, str], linter: MigrationLinter, *, back: bool = False) -> list[str]:
    migration = linter.migration_loader.get_migration(*key)
    return "\n".join(linter.migration_loader.collect_sql([(migration, back)])).splitlines()


@pytest.fixture(scope="module")
def linter(django_db_setup: None, django_db_blocker: Any) -> MigrationLinter:
    with django_db_blocker.unblock():
        return MigrationLinter(no_cache=True, no_output=True)


@pytest.mark.parametrize("key", _ours(), ids="-".join)
def test_a_migration_breaks_nothing_that_runs(key: tuple[str, str], linter: MigrationLinter) -> None:
    found = _found(_sql(key, linter), linter, linter.migration_loader.get_migration(*key))
    allowed = ALLOWED.get(key, {})
    assert {code: words for code, words in found.items() if code not in allowed} == {}
    assert set(allowed) <= set(found), "this is mended; take it out of ALLOWED"


def test_no_reason_is_kept_for_a_migration_that_is_gone() -> None:
    assert ALLOWED.keys() <= set(_ours())
    assert all(reason for reasons in ALLOWED.values() for reason in reasons.values())


def test_no_model_waits_for_a_migration() -> None:
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said, interactive=False)
    assert "No changes detected" in said.getvalue()


def test_a_column_that_old_code_does_not_know_is_found(linter: MigrationLinter) -> None:
    """The negative control: a new column that must have a value breaks the old code's inserts."""
    sql = ['ALTER TABLE "work_run" ADD COLUMN "mood" varchar(9) NOT NULL;', 'DROP TABLE "work_lease";']
    assert {"NOT_NULL", "DROP_TABLE"} <= set(_found(sql, linter))


def test_the_whole_set_is_applied(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    assert set(_ours()) <= applied


@pytest.mark.parametrize("key", _ours(), ids="-".join)
def test_a_migration_has_a_way_back(key: tuple[str, str], linter: MigrationLinter) -> None:
    assert _sql(key, linter, back=True)


def test_the_tables_of_an_app_are_made_at_once(linter: MigrationLinter, monkeypatch: Any) -> None:
    """Each model is rendered a few times, not once a table: the first page waits for it (decision 17)."""
    key, rendered, render = ("escalations", "0001_tables"), [], ModelState.render
    state = linter.migration_loader.project_state(key, at_end=False)
    assert state.apps.get_model("patients", "Patient"), "rendered, as after the migrations before it"
    monkeypatch.setattr(
        ModelState, "render", lambda one, state: rendered.append(one.name) or render(one, state)
    )
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        linter.migration_loader.get_migration(*key).apply(state, editor, collect_sql=True)
    assert {"Ticket", "TicketWords"} <= set(rendered)
    assert len(rendered) <= 3 * len(set(rendered))


class TestADatabaseFromBeforeTheFolding:
    """Its migrations have other names; ``0001_tables`` stands for them all (decision 17)."""

    @pytest.fixture
    def old(self, db: None) -> Any:
        rows = MigrationRecorder(connection).migration_qs
        rows.filter(name="0001_tables").delete()
        return rows

    def test_goes_on_when_it_had_them_all(self, old: Any) -> None:
        assert "escalations.0001_tables" in health.waiting_migrations()
        assert prepare.migrate() == "up to date"
        assert health.waiting_migrations() == []

    def test_is_told_when_it_had_only_some(self, old: Any) -> None:
        old.filter(app="escalations", name="0013_reclocked_words").delete()
        for migrate in (prepare.migrate, lambda: call_command("migrate", skip_checks=False, verbosity=0)):
            with pytest.raises(CommandError, match=r"only some of the old migrations of escalations\."):
                migrate()
