"""While a file is taken in whole or not at all, in one long transaction, everybody else of the company works on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from accounts.models import User
from deductibles.actions import claims
from deductibles.models import Claim
from escalations.models import Ticket
from patients.imports import actions, running
from patients.models import Import, ImportPart, Patient
from tests import factories
from tests.api.claim_bodies import claim_body
from tests.claim_tables import row as claim_row
from tests.claim_tables import table as claim_table
from tests.web.test_tickets_import import BILL, ago
from tests.web.test_tickets_import import table as ticket_table
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def _enter_claim(by: User, patient: Patient, at: datetime) -> Claim:
    return claims.create_claim(claim_body(by.company, patient=patient), by=by, at=at)


def _file_ticket(by: User, patient: Patient, at: datetime) -> Ticket:
    return file_ticket(by, patient=patient.pk, at=at)


def _tickets() -> bytes:
    return ticket_table(
        *({"Their number": f"INC-{one}", "Received at": ago(days=2), **BILL} for one in range(3))
    )


def _claims() -> bytes:
    return claim_table(*(claim_row(str(number)) for number in range(3)))


def _waits() -> bool:
    """Whether another session waits for a lock of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("kind", "who", "file", "add"),
    [("tickets", "sue", _tickets, _file_ticket), ("claims", "ben", _claims, _enter_claim)],
)
def test_nobody_who_adds_one_waits_for_the_end_of_an_import(
    monkeypatch: pytest.MonkeyPatch, kind: str, who: str, file: Callable[[], bytes], add: Callable[..., Any]
) -> None:
    monkeypatch.setattr(running, "PART", 1)
    by, at = factories.make_cast()[who], datetime.now(UTC)
    factories.PayerFactory(company=by.company, name="Sample Health Plan", payer_id="SHP01")
    robin = factories.PatientFactory(
        company=by.company, last_name="Sample", first_name="Robin", date_of_birth="1971-03-14",
        account_number="A-1",
    )  # fmt: skip
    row, _ = actions.bring(kind, file(), "rows.csv", by=by, at=at)
    running.work_on(row.pk, at=at)
    row.refresh_from_db()
    assert (row.new, row.wrong) == (3, 0), row.found
    actions.start(row, whole=True, by=by, at=at)

    def imported() -> None:
        try:
            running.work_on(row.pk, at=at)
        finally:
            connections.close_all()

    beside = Thread(target=imported)
    with transaction.atomic():
        ImportPart.objects.select_for_update().get(of=row, number=2)
        beside.start()
        for _ in range(100):
            if _waits():
                break
            time.sleep(0.05)
        else:
            raise AssertionError("it has to wait at its last part")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
        mine = add(by, robin, at)
    beside.join(20)
    row.refresh_from_db()
    assert (row.state, row.added) == (Import.State.DONE, 3)
    numbers = [one.number for one in (Ticket if kind == "tickets" else Claim).objects.all()]
    assert len(set(numbers)) == 4 and mine.number in numbers
