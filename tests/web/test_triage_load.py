"""The board's due load: what falls due on which business day, beside the pace at which tickets are closed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Company, User
from escalations.domain.turnaround import BusinessCalendar
from escalations.models import Ticket
from escalations.policies import first_calendar
from escalations.triage.load import load_of
from patients.models import Patient
from tests.web.board import BOARD, DAY, HOUR, MakeTicket, ticket_maker

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(ana: User, patient: Patient) -> MakeTicket:
    return ticket_maker(ana, patient)


class TestLoad:
    """A Wednesday at ten in Chicago; Friday's and Saturday's due moments count until Friday's close."""

    NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)

    @pytest.fixture
    def calendar(self, acme: Company) -> BusinessCalendar:
        return BusinessCalendar.from_json(first_calendar(acme, self.NOW.date()))

    def test_what_falls_due_is_counted_by_business_day(
        self, sue: User, ticket: MakeTicket, calendar: BusinessCalendar
    ) -> None:
        for days in (0.1, 2, 3, 60):
            ticket(due_at=self.NOW + days * DAY)
        ticket(due_at=self.NOW - HOUR)
        ticket(due_at=self.NOW + DAY, paused_at=self.NOW - HOUR)
        load = load_of(sue, {}, calendar, self.NOW)
        assert len(load.bars) == 10
        assert [(bar.on.day, bar.count) for bar in load.bars[:3]] == [(20, 1), (21, 0), (22, 2)]
        assert [bar.on.day for bar in load.bars[3:5]] == [26, 27], "Monday 25 May is a holiday"

    def test_what_is_above_the_pace_of_the_last_ten_business_days_is_told(
        self, sue: User, ana: User, ticket: MakeTicket, calendar: BusinessCalendar
    ) -> None:
        for days in (1, 2, 6, 7, 9, 12, 13, 13, 13, 13, 16):
            one = ticket()
            Ticket.objects.filter(pk=one.pk).update(status="resolved", resolved_at=self.NOW - days * DAY)
        for _ in range(3):
            ticket(due_at=self.NOW + HOUR)
        load = load_of(sue, {}, calendar, self.NOW)
        assert load.pace == 1.0, "the sixteenth day before is outside, and so is today"
        assert load.bars[0].over > 0 and load.short_today == 2
        assert "On 1 of them more falls due than is closed a day (1)." in load.said
        assert load_of(sue, {"assignee": sue.pk}, calendar, self.NOW).bars[0].count == 0
        assert load_of(sue, {"assignee": ana.pk}, calendar, self.NOW).bars[0].count == 3

    def test_the_chart_has_a_title_a_description_and_a_table(self, page_as: Any, sue: User) -> None:
        page = page_as(sue).get(BOARD).content.decode()
        assert 'aria-labelledby="load-svg-title load-desc"' in page
        assert "Due load as a table" in page and json.dumps(0) in page
