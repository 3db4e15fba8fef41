"""The work on an import: dying on any statement, two workers, files too large for a request, rows that grow old."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from config.sweeping import sweep
from patients.imports import actions, comparing, running
from patients.models import Import, ImportPart, Patient
from tests.factories import PatientFactory
from tests.imports import many, people

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=20)
"""When the lease of somebody dead has run out."""


class Killed(BaseException):
    """The worker is gone."""


class Reset(Exception):
    """Put everything back as it was before."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PART", 2)


def looked_at(by: User, data: bytes, *, kind: str = "patients", at: datetime = AT) -> Import:
    """A file that was brought and looked at."""
    row, _ = actions.bring(kind, data, "people.csv", by=by, at=at)
    running.work_on(row.pk, at=at)
    row.refresh_from_db()
    return row


def killed_at(number: int) -> Callable[..., Any]:
    """A database that hears nothing any more from the statement of this number on."""
    left = [number]

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
        return execute(sql, params, many, context)

    return run


@pytest.mark.parametrize("whole", [False, True])
def test_an_import_that_dies_on_any_statement_is_finished_once_by_the_next(ben: User, whole: bool) -> None:
    row, _ = actions.bring("patients", many(3), "people.csv", by=ben, at=AT)
    died = 0
    for number in range(300):
        try:
            with transaction.atomic():
                ended = _dies_and_is_taken_up(row.pk, whole, number, ben)
                raise Reset
        except Reset:
            if ended:
                break
            died += 1
    assert died > 20


def _dies_and_is_taken_up(key: int, whole: bool, number: int, by: User) -> bool:
    """Look and import, dying at the statement of this number; whether it came to its end before that."""
    row = Import.objects.get(pk=key)
    try:
        with connection.execute_wrapper(killed_at(number)), transaction.atomic():
            running.work_on(key, at=AT)
            actions.start(row, whole=whole, by=by, at=AT)
            running.work_on(key, at=AT)
        ended = True
    except Killed:
        ended = False
    running.work_on(key, at=LATER)
    row.refresh_from_db()
    if row.state == Import.State.CHECKED:
        actions.start(row, whole=whole, by=by, at=LATER)
        running.work_on(key, at=LATER + timedelta(minutes=20))
    row.refresh_from_db()
    accounts = sorted(Patient.objects.values_list("account_number", flat=True))
    assert (row.state, row.added) == ("done", 3), f"statement {number}"
    assert accounts == [f"A-{one}" for one in range(3)], f"statement {number}"
    return ended


def test_a_worker_that_dies_between_two_parts_leaves_the_first_and_the_sweep_adds_the_rest(
    ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = looked_at(ben, many(5))
    actions.start(row, whole=False, by=ben, at=AT)
    add, done = running.Work._add_part, []

    def dies(work: running.Work, key: int) -> None:
        if done:
            raise Killed
        done.append(key)
        add(work, key)

    monkeypatch.setattr(running.Work, "_add_part", dies)
    with pytest.raises(Killed):
        running.work_on(row.pk, at=AT)
    assert Patient.objects.count() == 2
    monkeypatch.setattr(running.Work, "_add_part", add)
    assert sweep(at=LATER)["imports"] == 1
    row.refresh_from_db()
    assert (row.state, row.added, Patient.objects.count()) == ("done", 5, 5)
    assert sweep(at=LATER + timedelta(minutes=1))["imports"] == 0


def test_a_file_that_ends_every_worker_is_given_up_and_says_so(
    ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, _ = actions.bring("patients", many(3), "people.csv", by=ben, at=AT)

    def fails(*_: Any) -> None:
        raise RuntimeError("Robin Sample")

    monkeypatch.setattr(comparing, "compare", fails)
    for minute in range(running.MOST_ATTEMPTS + 1):
        running.work_on(row.pk, at=AT + timedelta(minutes=minute))
    row.refresh_from_db()
    assert (row.state, row.note, row.sealed) == ("refused", running.GIVEN_UP, None)
    assert running.catch_up(at=LATER) == 0


def test_all_or_nothing_is_nothing_when_somebody_was_faster_with_one_row(ben: User) -> None:
    row = looked_at(ben, many(5))
    actions.start(row, whole=True, by=ben, at=AT)
    PatientFactory(company=ben.company, account_number="A-4", first_name="Robin", last_name="Sample")
    running.work_on(row.pk, at=AT)
    row.refresh_from_db()
    assert (row.state, row.note) == ("checking", running.LOOKED_AGAIN)
    assert Patient.objects.count() == 1
    running.work_on(row.pk, at=AT)
    row.refresh_from_db()
    assert (row.state, row.new, row.different) == ("checked", 4, 1)


def test_the_good_ones_go_on_without_the_row_somebody_else_added(ben: User) -> None:
    row = looked_at(ben, many(5))
    actions.start(row, whole=False, by=ben, at=AT)
    PatientFactory(company=ben.company, account_number="A-4")
    running.work_on(row.pk, at=AT)
    row.refresh_from_db()
    assert (row.state, row.added, Patient.objects.count()) == ("done", 4, 5)


def test_a_sweep_stops_after_a_while_and_the_next_goes_on(ben: User) -> None:
    row = looked_at(ben, many(5))
    actions.start(row, whole=False, by=ben, at=AT)
    for expected in (2, 4, 5):
        running.work_on(row.pk, at=AT, seconds=0.0)
        assert Patient.objects.count() == expected
    running.work_on(row.pk, at=AT, seconds=0.0)
    row.refresh_from_db()
    assert (row.state, row.added) == ("done", 5)


def test_rows_are_gone_after_a_week_and_what_was_imported_is_still_known(ben: User) -> None:
    done, waiting = looked_at(ben, many(3)), looked_at(ben, many(3, first=10))
    actions.start(done, whole=True, by=ben, at=AT)
    running.work_on(done.pk, at=AT)
    week = AT + actions.KEPT_FOR
    assert actions.forget_old(at=week) == 0
    assert actions.forget_old(at=week + timedelta(seconds=1)) == 2
    assert not ImportPart.objects.exists()
    assert not Import.objects.filter(pk=waiting.pk).exists()
    done.refresh_from_db()
    assert (done.sealed, done.heads, done.filename, done.added) == (None, None, "", 3)
    again, is_new = actions.bring("patients", many(3), "people.csv", by=ben, at=week)
    assert (again.pk, is_new) == (done.pk, False)


def test_what_is_kept_of_a_file_cannot_be_read_in_the_database(ben: User) -> None:
    row = looked_at(ben, people("Nowak,Casimir,1971-03-14,M,ZQ-77,12,2134"))
    kept = [row.sealed, row.heads, *ImportPart.objects.values_list("sealed", flat=True)]
    told = repr([bytes(one) for one in kept] + [row.found, row.columns])
    for word in ("Nowak", "Casimir", "1971", "ZQ-77"):
        assert word not in told
    assert row.wrong == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_add_every_row_once(ben: User) -> None:
    row = looked_at(ben, many(40))
    actions.start(row, whole=False, by=ben, at=AT)

    def work(_: int) -> bool:
        try:
            return running.work_on(row.pk, at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as threads:
        worked = list(threads.map(work, range(4)))
    assert any(worked)
    row.refresh_from_db()
    assert (row.state, row.added, Patient.objects.count()) == ("done", 40, 40)


@pytest.mark.django_db(transaction=True)
def test_without_any_lease_a_part_is_still_added_once(ben: User) -> None:
    row = looked_at(ben, many(12))
    actions.start(row, whole=False, by=ben, at=AT)
    row.refresh_from_db()
    keys = list(row.parts.order_by("number").values_list("pk", flat=True))

    def add(_: int) -> None:
        try:
            work = running.Work(Import.objects.get(pk=row.pk), AT, "none", 1, None)
            for key in keys:
                work._add_part(key)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=3) as threads:
        list(threads.map(add, range(3)))
    assert sorted(Patient.objects.values_list("account_number", flat=True)) == sorted(
        f"A-{number}" for number in range(12)
    )
    assert [part.added for part in row.parts.order_by("number")] == [2] * 6
