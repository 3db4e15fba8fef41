"""At the turn of the year: a date of another year than today's is said with its year, everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from accounts.models import Company, User
from accounts.team_actions import save_team
from escalations import actions
from escalations.actions.reclock_telling import MovedWords
from escalations.callbacks.attempts import day_words
from escalations.domain.promise import short_day
from escalations.models import Notification, Ticket
from escalations.policies import calendar_in_force, calendar_of
from escalations.screens import moment_words, short_words
from patients.models import Patient
from tests.tickets import filed

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
BEFORE = datetime(2026, 12, 28, 10, 0, tzinfo=CHICAGO).astimezone(UTC)
"""A Monday; seven business days later it is 7 January."""
AFTER = datetime(2027, 1, 4, 9, 0, tzinfo=CHICAGO).astimezone(UTC)
PageAs = Callable[[User], Client]


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def bill(ana: User, patient: Patient) -> Ticket:
    with time_machine.travel(BEFORE, tick=False):
        ticket = filed("itemized-bill", ana, patient, BEFORE)
    assert ticket.due_at is not None and ticket.due_at.year == 2027
    return ticket


def test_the_year_is_that_of_the_calendars_zone(acme: Company) -> None:
    calendar = calendar_of(calendar_in_force(acme, at=BEFORE))
    eve = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)  # nine in the evening of 31 December in Chicago
    assert moment_words(eve, calendar, BEFORE) == "Thursday 31 December, 21:00"
    assert short_words(eve, calendar, eve) == "Thu 31 Dec, 21:00"
    assert short_words(eve, calendar, AFTER) == "Thu 31 Dec 2026, 21:00"
    assert moment_words(AFTER, calendar, eve) == "Monday 4 January 2027, 09:00"
    assert moment_words(AFTER, calendar, AFTER) == "Monday 4 January, 09:00"
    assert short_day(date(2027, 1, 4), 2026) == "Mon 4 Jan 2027"


def test_ticket_list_and_board_name_the_year_of_what_is_due_after_it(
    page_as: PageAs, sue: User, bill: Ticket
) -> None:
    with time_machine.travel(BEFORE, tick=False):
        client = page_as(sue)
        page = words(client.get(f"/escalations/{bill.number}/"))
        assert re.search(r"due \w+day \d January 2027, 18:00", page)
        assert re.search(r"\w{3} \d Jan 2027", page.split("Because")[-1]), "the ledger"
        assert "28 December 2026" not in page and "28 Dec 2026" not in page
        assert re.search(r"\w{3} \d Jan 2027, 18:00", words(client.get("/escalations/?standing=on_track")))
        assert re.search(r"due \w{3} \d Jan 2027, 18:00", words(client.get("/triage/")))
        pane = client.get(f"/triage/tickets/{bill.number}/", headers={"HX-Request": "true"})
        assert re.search(r"Due \w+day \d January 2027, 18:00", words(pane))


def test_afterwards_what_was_before_is_named(page_as: PageAs, sue: User, bill: Ticket) -> None:
    with time_machine.travel(AFTER, tick=False):
        page = words(page_as(sue).get(f"/escalations/{bill.number}/"))
    assert re.search(r"due \w+day \d January, 18:00", page)
    assert "by phone, Mon 28 Dec 2026, 10:00" in page and "Mon 28 Dec, 10:00" not in page


def test_callbacks_and_a_change_of_type_name_it_too(page_as: PageAs, sue: User, bill: Ticket) -> None:
    late = datetime(2026, 12, 31, 12, 0, tzinfo=CHICAGO).astimezone(UTC)
    with time_machine.travel(late, tick=False):
        client = page_as(sue)
        assert re.search(
            r"\w+day \d+ January 2027, 18:00", words(client.get(f"/escalations/{bill.number}/type/"))
        )
    tomorrow = datetime(2027, 1, 1, 9, 0, tzinfo=CHICAGO)
    assert day_words(tomorrow, CHICAGO, late) == "tomorrow 09:00"
    assert day_words(AFTER, CHICAGO, late) == "Mon 4 Jan 2027, 09:00"


def test_notices_name_it(ana: User, sue: User, bill: Ticket) -> None:
    save_team(None, name="Days", lead=sue, members=[ana], by=sue, at=BEFORE)
    actions.act(bill, "take", by=ana, at=BEFORE)
    Ticket.objects.filter(pk=bill.pk).update(warn_at=BEFORE)
    at = datetime(2026, 12, 31, 12, 0, tzinfo=CHICAGO).astimezone(UTC)
    actions.watch_clocks(at=at)
    told = Notification.objects.filter(kind="warning", recipient=ana).get()
    assert re.search(r"is due \w{3} \d Jan 2027, 18:00\.", told.words)


def test_a_moved_date_is_told_with_its_year() -> None:
    told = MovedWords(CHICAGO, "calendar", False, BEFORE)
    assert told._said(BEFORE) == "Mon 28 Dec, 10:00" and told._said(AFTER) == "Mon 4 Jan 2027, 09:00"
