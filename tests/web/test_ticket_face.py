"""What the escalation pages say and keep: problems that lead to their fields, holidays by name, typed words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from accounts.models import User
from escalations import actions
from escalations.filing import read_filing
from escalations.models import Ticket
from escalations.policies import holiday_name, policy_of
from escalations.screens import row_of
from patients.models import Patient

pytestmark = pytest.mark.django_db
PageAs = Callable[[User], Client]
NEW = "/escalations/new/"


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    """Filed on the Friday before Thanksgiving."""
    at = datetime(2026, 11, 20, 16, tzinfo=UTC)
    said = {"type": "itemized-bill", "channel": "phone", "caller": "patient", "patient": patient.pk}
    answers = {"recipient": "patient", "account_status": "paid"}
    return actions.file_ticket(read_filing(ana, {**said, "answers": answers}, at=at), by=ana, at=at)


def summary_of(html: str) -> str:
    return html.split('class="error-summary"')[1].split("</div>")[0]


@pytest.mark.parametrize("left_out", ["channel", "caller", "answer_recipient", "answer_account_status"])
def test_every_problem_above_the_form_leads_to_a_field_of_the_page(page_as: PageAs, ana: User, left_out: str):
    """WCAG 3.3.1: what is wrong is named and linked."""
    typed = {
        "do": "file",
        "type": "itemized-bill",
        "channel": "phone",
        "caller": "patient",
        "note": "by post",
    }
    typed |= {"answer_recipient": "patient", "answer_account_status": "paid"}
    typed.pop(left_out)
    answer = page_as(ana).post(NEW, typed)
    html = answer.content.decode()
    assert answer.status_code == 400
    links = re.findall(r'href="#([\w-]+)"', summary_of(html))
    assert any(left_out in link for link in links)
    assert [link for link in links if f'id="{link}"' not in html] == []
    assert "by post" in html


def test_a_holiday_on_the_way_is_named_in_the_ledger(page_as: PageAs, ana: User, ticket: Ticket):
    """K19: why a date does not count, in the words people use for it."""
    html = page_as(ana).get(f"/escalations/{ticket.number}/").content.decode()
    assert "Holiday: Thanksgiving Day" in html


def test_only_a_federal_holiday_has_a_name():
    """A closed day the company chose itself stays a holiday without a name."""
    assert holiday_name(date(2026, 11, 26)) == "Thanksgiving Day"
    assert holiday_name(date(2026, 11, 27)) == ""


def test_a_step_with_a_wrong_fact_keeps_the_note_and_leads_to_the_field(
    page_as: PageAs, ana: User, ticket: Ticket
):
    """What was typed is kept, the sentence links to where it is mended."""
    typed = {"act": "wait", "reason": "nonsense", "note": "He rings back at noon", "version": ticket.version}
    answer = page_as(ana).post(f"/escalations/{ticket.number}/steps/", typed)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert 'href="#wait-reason"' in summary_of(html)
    assert 'id="wait-reason"' in html
    assert "He rings back at noon" in html


def test_a_step_that_came_second_keeps_its_note(page_as: PageAs, ana: User, ticket: Ticket):
    """409: somebody was first; the words are still there to be sent again."""
    reason = policy_of(ticket.policy_version).type(ticket.type).waits[0].key
    typed = {"act": "wait", "reason": reason, "note": "He rings back at noon", "version": "99"}
    answer = page_as(ana).post(f"/escalations/{ticket.number}/steps/", typed)
    assert answer.status_code == 409
    assert "He rings back at noon" in answer.content.decode()


def test_a_row_proposes_the_step_that_brings_the_ticket_forward(ticket: Ticket, ana: User, sue: User) -> None:
    """Interface: each row shows its next action; nobody is asked to take a colleague's ticket in passing."""
    at = datetime(2026, 11, 20, 17, tzinfo=UTC)

    def proposed(to: User) -> str:
        return row_of(Ticket.objects.get(pk=ticket.pk), to, at).next_act

    assert proposed(ana) == proposed(sue) == "Take"
    actions.act(ticket, "take", by=ana, at=at)
    assert (proposed(ana), proposed(sue)) == ("Start", "Start")
    actions.act(Ticket.objects.get(pk=ticket.pk), "start", by=ana, at=at)
    assert (proposed(ana), proposed(sue)) == ("Resolve", "Resolve")
    actions.act(Ticket.objects.get(pk=ticket.pk), "wait", by=ana, at=at, facts={"reason": "patient"})
    assert proposed(ana) == "Resume"
