"""The ticket page's steps as a browser without script takes them: offered, taken, refused, told wrongly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company, User
from escalations import actions
from escalations.models import Ticket
from escalations.queries import tickets_of
from tests.factories import PatientFactory
from tests.hostile import HOSTILE_TEXT
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db
PageAs = Callable[[User], Client]
SENT = [text for text in HOSTILE_TEXT if "\ud800" not in text]


@pytest.fixture
def ticket(ana: User, acme: Company) -> Ticket:
    return file_ticket(ana, patient=PatientFactory(company=acme).pk, at=datetime.now(UTC))


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_the_ticket_page_offers_the_steps_a_person_may_take(
    page_as: PageAs, ana: User, sue: User, ben: User, ticket: Ticket
) -> None:
    url = f"/escalations/{ticket.number}/"
    for user, may, may_not in [
        (ana, ["Take", "Start", "do-wait", "do-resolve", "do-cancel"], ["do-assign", "do-reopen"]),
        (sue, ["Take", "Start", "do-assign"], ["do-reopen"]),
        (ben, [], ["Take", "do-wait", "Add note"]),
    ]:
        page = text_of(page_as(user).get(url))
        assert all(word in page for word in may), user
        assert not any(f">{word}<" in page or f'"#{word}"' in page for word in may_not), user


def test_steps_are_taken_by_plain_forms(page_as: PageAs, ana: User, ticket: Ticket) -> None:
    client, url = page_as(ana), f"/escalations/{ticket.number}/steps/"
    for step, status in [
        ({"act": "take", "version": "1"}, "open"),
        ({"act": "start", "version": "2"}, "started"),
        ({"act": "wait", "version": "3", "reason": "patient", "note": "He sends proof."}, "waiting"),
        ({"act": "resume", "version": "4", "note": ""}, "started"),
        ({"act": "comment", "note": "Rang back."}, "started"),
        ({"act": "resolve", "version": "5", "outcome": "Itemized bill sent", "note": ""}, "resolved"),
    ]:
        answer = client.post(url, step, follow=True)
        assert answer.redirect_chain, step
        ticket.refresh_from_db()
        assert ticket.status == status
    page = text_of(answer)
    assert "He sends proof." in page and "Rang back." in page and "Itemized bill sent, in time" in page


def test_a_paused_ticket_says_if_resumed_now_k9(page_as: PageAs, ana: User, ticket: Ticket) -> None:
    fresh = tickets_of(ana).get()
    actions.act(fresh, "wait", by=ana, at=datetime.now(UTC), facts={"reason": "patient"})
    page = text_of(page_as(ana).get(f"/escalations/{ticket.number}/"))
    assert "if resumed now" in page and "Paused" in page


def test_of_two_people_acting_at_once_the_second_sees_what_happened(
    page_as: PageAs, ana: User, sue: User, ticket: Ticket
) -> None:
    url = f"/escalations/{ticket.number}/steps/"
    page_as(ana).post(url, {"act": "take", "version": "1"})
    answer = page_as(sue).post(url, {"act": "cancel", "version": "1", "reason": "Filed twice."})
    assert answer.status_code == 409
    html = text_of(answer)
    assert f"Ana Example changed {ticket.number} while you looked at it." in html
    assert '<span class="strong">Taken</span>' in html and "Filed twice." in html, "what and what was typed"
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_a_step_told_wrongly_keeps_what_was_typed(page_as: PageAs, ana: User, ticket: Ticket) -> None:
    url = f"/escalations/{ticket.number}/steps/"
    answer = page_as(ana).post(
        url, {"act": "resolve", "outcome": "", "note": "Sent on Monday.", "version": "1"}
    )
    assert answer.status_code == 400
    assert "The outcome is missing" in text_of(answer) and "Sent on Monday." in text_of(answer)


@pytest.mark.parametrize(
    ("act", "field"),
    [("wait", "reason"), ("resolve", "outcome"), ("comment", "note"), ("take", "version"), ("take", "act")],
)
@pytest.mark.parametrize("value", SENT)
def test_no_hostile_step_makes_the_page_fail(
    page_as: PageAs, ana: User, ticket: Ticket, act: str, field: str, value: str
) -> None:
    answer = page_as(ana).post(f"/escalations/{ticket.number}/steps/", {"act": act, field: value})
    assert answer.status_code in (302, 400, 409)
