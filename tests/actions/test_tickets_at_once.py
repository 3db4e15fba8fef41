"""Many people at once, each on a database connection of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from accounts.steps import Refused
from escalations import actions
from escalations.filing import read_filing
from escalations.models import PolicyVersion, Ticket, TicketEvent
from escalations.queries import tickets_of
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)


def at_once(work: Callable[[Any], Any], given: list[Any]) -> list[Any]:
    def alone(value: Any) -> Any:
        try:
            return work(value)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as threads:
        return list(threads.map(alone, given))


def file_one(user: User, patient: int) -> str:
    said = {"type": "itemized-bill", "channel": "phone", "caller": "patient", "patient": patient}
    answers = {"recipient": "patient", "account_status": "paid"}
    filing = read_filing(user, {**said, "answers": answers}, at=AT)
    return actions.file_ticket(filing, by=user, at=AT).number


def test_no_number_is_given_twice_or_left_out(cast: dict[str, User]) -> None:
    """Also the first policy of a company is made once, whoever comes first."""
    ana = cast["ana"]
    patient = PatientFactory(company=ana.company).pk
    numbers = at_once(lambda _: file_one(ana, patient), list(range(24)))
    assert sorted(numbers) == [f"E-{number}" for number in range(1001, 1025)]
    assert PolicyVersion.objects.count() == 1


def test_of_many_who_take_a_ticket_at_once_one_has_it(cast: dict[str, User]) -> None:
    ana = cast["ana"]
    file_one(ana, PatientFactory(company=ana.company).pk)
    people = [User.objects.create(username=f"agent{n}", role="agent", company=ana.company) for n in range(8)]
    seen = [(person, tickets_of(person).get()) for person in people]

    def take(pair: tuple[User, Ticket]) -> str:
        try:
            actions.act(pair[1], "take", by=pair[0], at=AT)
        except Refused as refused:
            return refused.code
        return "taken"

    assert sorted(at_once(take, seen)) == ["stale"] * 7 + ["taken"]
    assert TicketEvent.objects.filter(act="take").count() == 1
