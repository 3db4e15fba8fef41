"""One step of all that match: bound to a number the person has seen, with nothing typed lost on the way."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from escalations.models import Ticket
from patients.models import Patient
from tests.web.board import BOARD, DAY, MakeTicket, ticket_maker

pytestmark = pytest.mark.django_db
BULK = f"{BOARD}bulk/"
LATE = {"all": "yes", "standing": "breached", "back": "/escalations/"}


@pytest.fixture
def ticket(ana: User, patient: Patient) -> MakeTicket:
    return ticket_maker(ana, patient)


@pytest.fixture
def late(ticket: MakeTicket) -> list[Ticket]:
    ticket()
    return [ticket(due_at=datetime.now(UTC) - DAY, assignee=None) for _ in range(2)]


def fields_of(page: Any) -> dict[str, str]:
    """The hidden fields of the asking page, as its form sends them on."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))


class TestUncounted:
    def test_an_act_that_asks_nothing_says_how_many_before_it_is_done(
        self, page_as: Any, sue: User, late: list[Ticket]
    ) -> None:
        client = page_as(sue)
        asked = client.post(BULK, {**LATE, "act": "take", "expected": ""})
        assert asked.status_code == 200 and "Take 2 tickets" in asked.content.decode()
        assert not Ticket.objects.filter(assignee=sue).exists(), "asking does nothing yet"
        assert client.post(BULK, fields_of(asked)).url == "/escalations/"
        assert set(Ticket.objects.filter(assignee=sue)) == set(late)

    @pytest.mark.parametrize("act", ["take", "comment"])
    def test_what_matches_besides_after_the_number_was_said_is_not_done(
        self, page_as: Any, sue: User, late: list[Ticket], ticket: MakeTicket, act: str
    ) -> None:
        client = page_as(sue)
        asked = client.post(BULK, {**LATE, "act": act})
        ticket(due_at=datetime.now(UTC) - DAY, assignee=None)
        answer = client.post(BULK, {**fields_of(asked), "note": "Rang the payer twice"})
        page = answer.content.decode()
        assert answer.status_code == 409 and "3 tickets match now, not 2" in page
        assert ("Rang the payer twice" in page) == (act == "comment"), "what was typed is still there"
        assert not Ticket.objects.filter(assignee=sue).exists()
        assert client.post(BULK, {**fields_of(answer), "note": "Rang"}).status_code == 302, "now it is three"

    def test_nobody_sends_the_answer_without_the_number(
        self, page_as: Any, sue: User, late: list[Ticket]
    ) -> None:
        answer = page_as(sue).post(BULK, {**LATE, "act": "comment", "asked": "yes", "note": "Rang twice"})
        assert answer.status_code == 200 and "Rang twice" in answer.content.decode()
        assert fields_of(answer)["expected"] == "2"

    def test_a_number_that_was_counted_needs_no_second_page(
        self, page_as: Any, sue: User, late: list[Ticket]
    ) -> None:
        assert page_as(sue).post(BULK, {**LATE, "act": "take", "expected": "2"}).status_code == 302


class TestRefused:
    def test_more_than_are_done_at_one_time_are_refused_before_anything_is_asked(
        self, page_as: Any, sue: User, late: list[Ticket], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("escalations.triage.bulk_views.AT_MOST", 1)
        answer = page_as(sue).post(BULK, {**LATE, "act": "resolve"})
        assert answer.status_code == 409 and "More than 5,000 tickets" in answer.content.decode()
        assert "<textarea" not in answer.content.decode()

    def test_what_was_typed_stands_there_when_the_search_is_gone(
        self, page_as: Any, sue: User, late: list[Ticket]
    ) -> None:
        sent = {**LATE, "act": "comment", "asked": "yes", "expected": "2", "s": "gone", "note": "Rang twice"}
        answer = page_as(sue).post(BULK, sent)
        assert answer.status_code == 409
        assert "is not understood" in answer.content.decode() and "Rang twice" in answer.content.decode()

    def test_nothing_that_matches_any_more_is_said(self, page_as: Any, sue: User) -> None:
        answer = page_as(sue).post(BULK, {**LATE, "act": "take", "expected": "2"})
        assert answer.status_code == 409 and "No ticket matches any more" in answer.content.decode()


class TestOdd:
    @pytest.mark.parametrize("act", ["take", "start", "resume", "acknowledge"])
    def test_an_act_that_asks_nothing_and_is_told_something_says_what_is_wrong(
        self, page_as: Any, sue: User, ticket: MakeTicket, act: str
    ) -> None:
        made = ticket(status="waiting") if act == "resume" else ticket(assignee=None)
        sent = {"act": act, "pick": f"{made.pk}:{made.version}", "outcome": "Settled"}
        answer = page_as(sue).post(BULK, sent)
        assert answer.status_code == 400 and "does not take this" in answer.content.decode()
        one = page_as(sue).post(f"{BOARD}tickets/{made.number}/{act}/", {"outcome": "Settled"})
        assert one.status_code == 400 and "does not take this" in one.content.decode()

    def test_a_form_is_told_of_what_none_of_its_fields_asks(
        self, page_as: Any, sue: User, ticket: MakeTicket
    ) -> None:
        made = ticket()
        told = {"outcome": "Settled", "colour": "blue", "note": "Rang twice"}
        answer = page_as(sue).post(f"{BOARD}tickets/{made.number}/resolve/", told)
        page = answer.content.decode()
        assert answer.status_code == 400 and "does not take this" in page and "Rang twice" in page
