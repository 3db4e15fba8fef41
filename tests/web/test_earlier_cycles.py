"""A cycle that ended is explained by the calendar it was judged by, whatever the calendar says since (K11, K14, K19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from escalations.models import CalendarVersion, Ticket
from escalations.policies import calendar_in_force, put_in_force
from patients.models import Patient
from tests.tickets import filed, step
from tests.web.ticket_page import page, part

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 5, 11, 10, 0, tzinfo=ZoneInfo("America/Chicago")).astimezone(UTC)


def at(days: int) -> Any:
    return time_machine.travel(MONDAY + timedelta(days=days), tick=False)


def close_on(day: str, by: User) -> CalendarVersion:
    now = datetime.now(UTC)
    data = calendar_in_force(by.company, at=now).data
    return put_in_force(
        CalendarVersion, by.company, {**data, "exceptions": [*data["exceptions"], {"date": day, "hours": []}]},
        by=by, at=now,
    )  # fmt: skip


@pytest.fixture
def twice(ana: User, sue: User, adam: User, patient: Patient) -> Ticket:
    """Resolved under the first calendar and reopened; both times a Wednesday was closed after the fact."""
    with at(0):
        ticket = filed("itemized-bill", ana, patient, MONDAY)
    with at(8):
        step(ticket, "resolve", ana, outcome="Itemized bill sent")
        close_on("2026-05-13", adam)
    with at(9):
        step(ticket, "reopen", sue, reason="Again.")
        step(ticket, "resolve", ana, outcome="Itemized bill sent")
        close_on("2026-05-14", adam)
    with at(10):
        step(ticket, "reopen", sue, reason="And again.")
    return ticket


def test_each_cycle_has_the_ledger_it_was_judged_by(
    page_as: Callable[[User], Client], ana: User, twice: Ticket
) -> None:
    with at(10):
        html = page(page_as(ana), twice)
    second, first = (part(html, f"Cycle {number}: in time, due", "</details>") for number in (2, 1))
    closed = "Closed by a dated exception"
    assert "Wed 13 May" in first and closed not in first, "neither closing was known when it was judged"
    assert second.count(closed) == 1, "the first was, the other was not"
    ledger = html.split('class="earlier-ledger"')[0]
    assert ledger.count(closed) == 2, "the clock that runs goes by the calendar of today"


def test_whoever_was_never_reopened_pays_no_query_for_it(
    page_as: Callable[[User], Client], ana: User, patient: Patient, twice: Ticket
) -> None:
    with at(10):
        once, client = filed("itemized-bill", ana, patient, MONDAY), page_as(ana)
        counts = []
        for ticket in (once, twice):
            page(client, ticket)
            with CaptureQueriesContext(
                connection,
            ) as seen:
                page(client, ticket)
            counts.append([one["sql"] for one in seen if "tickethistory" in one["sql"]])
    assert [len(one) for one in counts] == [0, 1]
    assert len(seen) <= 12
