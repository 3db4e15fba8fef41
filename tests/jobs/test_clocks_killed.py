"""A sweep that dies on any line, and clocks that run over both changes of the hour and a leap day: one breach,
one warning, one notice each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Company, Team, User
from escalations import actions
from escalations.models import Alert, Breach, Notification, Ticket, TicketEvent
from patients.models import Patient
from tests.factories import PatientFactory
from tests.tickets import filed, taken
from work.models import OutboxMessage

FRIDAY = datetime(2026, 5, 15, 15, 0, tzinfo=UTC)
LATE = datetime(2026, 5, 20, 14, 1, tzinfo=UTC)
"""A Supervisor Escalation of that Friday was due the evening before; one of Monday has been warned of since
nine."""
pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The worker is gone."""


class Reset(Exception):
    """Put everything back as it was before."""


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)


@pytest.fixture
def desk(ana: User, sue: User, acme: Company, patient: Patient) -> list[Ticket]:
    """Two that are late, one whose warning is due, one that nobody took; ana's team has a lead."""
    lead = User.objects.create(username="lea", company=acme, role="agent", email="lea@acme.example")
    User.objects.filter(pk=ana.pk).update(
        team=Team.objects.create(company=acme, name="Days", lead=lead), email="ana@acme.example"
    )
    ana.refresh_from_db()
    late = [taken(ana, patient, FRIDAY), taken(ana, patient, FRIDAY)]
    return [*late, taken(ana, patient, FRIDAY + timedelta(days=3)), filed("supervisor", ana, patient, FRIDAY)]


def killed_at(number: int) -> Callable[..., Any]:
    """A database that is never heard of again at the statement of this number."""
    left = [number]

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if _does_something(sql):
            left[0] -= 1
            if left[0] == -1:
                raise Killed
        return execute(sql, params, many, context)

    return run


def _does_something(sql: str) -> bool:
    """Whether it is more than the border of a transaction within this test's own."""
    return not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))


def facts() -> dict[str, Any]:
    """Everything that a sweep writes down or says."""
    return {
        "breaches": sorted(Breach.objects.values_list("ticket", "cycle")),
        "alerts": sorted(Alert.objects.values_list("ticket", "kind", "rung")),
        "lines": sorted(TicketEvent.objects.filter(act="breach").values_list("ticket")),
        "notices": sorted(Notification.objects.values_list("recipient", "kind", "ticket")),
        "mails": OutboxMessage.objects.count(),
    }


def test_a_sweep_that_dies_on_any_statement_is_finished_by_the_next(desk: list[Ticket]) -> None:
    whole, statements = _whole()
    assert len(whole["breaches"]) == 3
    assert {kind for _, kind, _ in whole["alerts"]} == {"breach", "warning"}, whole
    assert len(whole["notices"]) >= 4
    assert statements > 15
    for number in range(statements):
        try:
            with transaction.atomic():
                with pytest.raises(Killed), connection.execute_wrapper(killed_at(number)):
                    actions.watch_clocks(at=LATE)
                # What died within no batch was a transaction of its own, not this test's.
                transaction.set_rollback(False)
                actions.watch_clocks(at=LATE + timedelta(seconds=30))
                assert facts() == whole, f"after it died on statement {number}"
                raise Reset
        except Reset:
            continue


def _whole() -> tuple[dict[str, Any], int]:
    """What a sweep that nobody disturbs leaves, and how many statements it takes; undone again."""
    asked = [0]

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked[0] += _does_something(sql)
        return execute(sql, params, many, context)

    try:
        with transaction.atomic():
            with connection.execute_wrapper(count):
                actions.watch_clocks(at=LATE)
            found = facts()
            raise Reset
    except Reset:
        return found, asked[0]


@pytest.mark.parametrize(
    ("since", "due"),
    [
        pytest.param(
            datetime(2026, 3, 6, 16, 0, tzinfo=UTC),
            datetime(2026, 3, 10, 23, 0, tzinfo=UTC),
            id="the hour that is left out in March",
        ),
        pytest.param(
            datetime(2026, 10, 30, 15, 0, tzinfo=UTC),
            datetime(2026, 11, 4, 0, 0, tzinfo=UTC),
            id="the hour that comes twice in November",
        ),
        pytest.param(
            datetime(2028, 2, 25, 16, 0, tzinfo=UTC),
            datetime(2028, 3, 1, 0, 0, tzinfo=UTC),
            id="the 29th of February",
        ),
    ],
)
def test_the_clock_may_change_and_the_year_leap_k3_k15(
    ana: User, patient: Patient, since: datetime, due: datetime
) -> None:
    """Two business days from a Friday at ten to Tuesday at six, by the clock on the wall in Chicago."""
    ticket = taken(ana, patient, since)
    assert ticket.due_at == due
    before = [since + timedelta(hours=hours) for hours in range(0, 96, 6)]
    around = [due + timedelta(minutes=minutes) for minutes in range(-90, 120, 30)]
    moments = sorted({moment for moment in before if moment < due} | set(around))
    breached = [moment for moment in moments if actions.watch_clocks(at=moment)["breaches"]]
    assert breached == [due + timedelta(minutes=30)]
    assert Breach.objects.get().due_at == due
    assert Alert.objects.filter(kind=Alert.Kind.WARNING).count() == 1
    assert Notification.objects.filter(recipient=ana, kind="warning").count() == 1
    assert Notification.objects.filter(recipient=ana, kind="breach").count() == 1
