"""A line of the outcome ledger that is missing is written while a payment of its claim comes in."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from threading import Thread

import pytest
from django.db import connection, connections, transaction

from accounts.models import Company
from deductibles.actions import outcomes, posting
from deductibles.models import Claim, Hold, HoldOutcome, Payment
from tests import factories
from tests.api.test_holds import NOW, hold_many

LATE = [{"group": "CO", "reason": "29", "amount": "850.00"}]


def _denied(company: Company) -> Hold:
    """A claim that was held, released, and denied for time, before there was a ledger."""
    (row,) = hold_many(
        company, 1, active=False, queued_at=NOW, ended_at=NOW, reason_code="Too Much Time Elapsed"
    )
    with transaction.atomic():
        for status in ("queued", "submitted", "accepted"):
            Claim.objects.filter(pk=row.claim_id).update(status=status)
    Payment.objects.create(
        company=company, claim_id=row.claim_id, number=row.claim.number, paid=0, charged="850.00", at=NOW,
        filed_too_late=True, adjustments=LATE, paid_on=date(2026, 5, 30),
    )  # fmt: skip
    return row


def _waits() -> bool:
    """Whether another session waits for a lock of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_is_kept_meanwhile_is_not_written_over_by_what_was_read_before_it() -> None:
    ben = factories.make_cast()["ben"]
    row = _denied(ben.company)

    def caught_up() -> None:
        try:
            outcomes.catch_up(ben.company)
        finally:
            connections.close_all()

    beside = Thread(target=caught_up)
    with transaction.atomic():
        said = {"paid": "200.00", "deductible": "50.00", "allowed": "300.00"}
        posting.post_by_hand(Claim.objects.get(pk=row.claim_id), said, by=ben, at=NOW)
        beside.start()
        for _ in range(100):
            if _waits():
                break
            time.sleep(0.05)
        else:
            raise AssertionError("it has to wait for whoever posts a payment")
    beside.join(20)
    line = HoldOutcome.objects.get(claim=row.claim_id)
    assert (line.paid, line.lost, line.deductible) == (Decimal(200), 0, Decimal(50))
