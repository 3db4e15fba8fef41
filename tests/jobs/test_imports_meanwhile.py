"""What somebody does to a brought file just while Holdline works on it, or while the sweep tidies up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from accounts.steps import Refused
from patients.domain.intake import Wrong
from patients.imports import actions, running
from patients.models import Import, ImportPart, Patient
from tests.claim_tables import table
from tests.imports import many, people
from tests.jobs.test_claims_import import new
from tests.jobs.test_imports import AT, looked_at

pytestmark = pytest.mark.django_db
OLD = AT + actions.KEPT_FOR + timedelta(seconds=1)


def just_before_the_lock(act: Callable[[], Any]) -> Any:
    """Have this done by somebody else before the file is locked, once."""
    done: list[bool] = []

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not done and "FOR UPDATE" in sql and '"patients_import"' in sql:
            done.append(True)
            act()
        return execute(sql, params, many, context)

    return connection.execute_wrapper(run)


class TestForgetting:
    def test_what_is_under_way_is_kept_however_old(self, ben: User) -> None:
        row = looked_at(ben, many(3))
        actions.start(row, whole=False, by=ben, at=AT)
        assert actions.forget_old(at=OLD) == 0
        running.work_on(row.pk, at=OLD)
        row.refresh_from_db()
        assert (row.state, row.added) == ("done", 3)

    def test_what_is_begun_at_that_moment_is_kept(self, ben: User) -> None:
        row = looked_at(ben, many(3))
        with just_before_the_lock(lambda: Import.objects.update(state="importing")):
            assert actions.forget_old(at=OLD) == 0
        assert ImportPart.objects.exists() and Import.objects.get().sealed == row.sealed

    def test_a_hundred_under_way_keep_no_other_from_being_forgotten(self, ben: User) -> None:
        Import.objects.bulk_create(
            Import(
                company=ben.company, kind="patients", digest=f"{number:064}", filename="x.csv", size=1,
                state="importing", brought_at=AT - timedelta(days=1), brought_by=ben,
            )
            for number in range(100)
        )  # fmt: skip
        row = looked_at(ben, many(3))
        assert actions.forget_old(at=OLD) == 1
        assert not Import.objects.filter(pk=row.pk).exists() and Import.objects.count() == 100


class TestThrowingAway:
    @pytest.mark.parametrize("state", ["importing", "done"])
    def test_what_has_begun_or_is_in_cannot_be_thrown_away(self, ben: User, state: str) -> None:
        row = looked_at(ben, many(3))
        Import.objects.filter(pk=row.pk).update(state=state)
        with pytest.raises(Refused, match="has begun"):
            actions.throw_away(row, by=ben)
        assert Import.objects.exists() and ImportPart.objects.exists()


class TestNamingAnew:
    """What was looked at by other columns, or with other things ticked, is not written down."""

    def test_columns_named_while_rows_are_looked_at_are_looked_at_themselves(self, ben: User) -> None:
        data = people("Sample,Robin,1971-03-14,F,A-1,312-555-0147,60601")
        row, _ = actions.bring("patients", data, "p.csv", by=ben, at=AT)
        swapped = {
            **row.columns,
            "first_name": row.columns["last_name"],
            "last_name": row.columns["first_name"],
        }
        with just_before_the_lock(lambda: Import.objects.update(columns=swapped)):
            running.work_on(row.pk, at=AT)
        row.refresh_from_db()
        assert row.state == "checking" and not row.parts.exists()
        running.work_on(row.pk, at=AT)
        row.refresh_from_db()
        actions.start(row, whole=True, by=ben, at=AT)
        running.work_on(row.pk, at=AT)
        assert Patient.objects.get().first_name == "Sample"

    def test_and_so_is_what_was_ticked(self, ben: User) -> None:
        row, _ = actions.bring("claims", table(new(0)), "c.csv", by=ben, at=AT)
        ticked = ["add_patients", "add_payers"]
        with just_before_the_lock(lambda: Import.objects.update(options=ticked)):
            running.work_on(row.pk, at=AT)
        row.refresh_from_db()
        assert row.state == "checking" and not row.parts.exists()
        running.work_on(row.pk, at=AT)
        row.refresh_from_db()
        assert (row.state, row.new, row.wrong) == ("checked", 1, 0)


def test_files_of_another_company_are_none_of_those_that_wait(
    ben: User, bo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_WAITING", 1)
    looked_at(bo, many(3))
    looked_at(ben, many(3))
    with pytest.raises(Wrong, match="files wait"):
        looked_at(ben, many(4))
