"""The board by keys alone: thirty late tickets, two keys each, and nothing moves under the cursor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from escalations import actions
from escalations.models import Breach, Ticket
from tests.browser.conftest import settle
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


class Keys:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


def late_ones(acme: Company, ana: User, count: int) -> list[Ticket]:
    """Tickets of ana's that ran past their time a day ago and were recorded so."""
    now, patient = datetime.now(UTC), PatientFactory(company=acme, first_name="Casimir", last_name="Nowak")
    made = [
        _late(filed("supervisor", ana, patient, now - 6 * DAY), ana, now, place) for place in range(count)
    ]
    actions.watch_clocks(at=now)
    return made


def _late(ticket: Ticket, ana: User, now: datetime, place: int) -> Ticket:
    due = now - DAY + timedelta(minutes=place)
    moments = {"due_at": due, "late_from": due, "due_order": due, "warn_at": due - DAY, "expected_from": None}
    Ticket.objects.filter(pk=ticket.pk).update(**moments, assignee=ana)
    ticket.refresh_from_db()
    return ticket


def row(page: Page, ticket: Ticket) -> Any:
    return page.locator(f"#t-{ticket.number}")


def test_thirty_late_tickets_are_worked_with_two_keys_each(
    page: Page, sign_in: Any, live_server: Any, picture: Any, acme: Company, ana: User, sue: User
) -> None:
    """Ten are seen to by one key, ten get their reason by two, ten are resolved by two."""
    tickets = late_ones(acme, ana, 30)
    sign_in(sue)
    page.goto(f"{live_server.url}/triage/")
    expect(row(page, tickets[0])).to_have_class("board-row is-current")
    settle(page)
    picture("triage")
    keys = Keys(page)
    for place, ticket in enumerate(tickets):
        expect(row(page, ticket).locator("[data-row-link]")).to_be_focused()
        if place < 10:
            keys.press("e")
        else:
            keys.press("l" if place < 20 else "r", "Enter")
        if place < 29:
            expect(row(page, tickets[place + 1]).locator("[data-row-link]")).to_be_focused()
    assert keys.count <= 2 * len(tickets)
    expect(page.locator(".board-row.is-done")).to_have_count(10)
    expect(page.locator(".is-busy")).to_have_count(0)
    assert Breach.objects.exclude(reason="").count() == 10
    assert Ticket.objects.filter(status="resolved").count() == 10
    assert sum(one.alerts.filter(acknowledged_by=sue).exists() for one in tickets) == 10


def test_rows_are_selected_by_keys_and_acted_on_together(
    page: Page, sign_in: Any, live_server: Any, acme: Company, ana: User, sue: User
) -> None:
    tickets = late_ones(acme, ana, 4)
    sign_in(sue)
    page.goto(f"{live_server.url}/triage/")
    settle(page)
    for key in ("x", "j", "ArrowDown", "Shift+X"):
        page.keyboard.press(key)
    expect(page.get_by_text("3 tickets selected")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Assign 3 tickets")).to_be_visible()
    page.get_by_label("To", exact=True).select_option("sue")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("3 tickets assigned.")).to_be_visible()
    assert set(Ticket.objects.filter(assignee=sue)) == set(tickets[:3])


def test_what_others_do_changes_the_row_in_place_and_takes_no_focus(
    page: Page, sign_in: Any, live_server: Any, acme: Company, ana: User, sue: User
) -> None:
    first, second, third = late_ones(acme, ana, 3)
    sign_in(sue)
    page.clock.install()
    page.goto(f"{live_server.url}/triage/")
    settle(page)
    page.keyboard.press("j")
    actions.act(first, "resolve", by=ana, at=datetime.now(UTC), facts={"outcome": "Settled"})
    actions.act(third, "assign", by=sue, at=datetime.now(UTC), facts={"user": "sue"})
    (fourth,) = late_ones(acme, ana, 1)
    with page.expect_response("**/triage/live/"):
        page.clock.run_for(20_500)
    expect(row(page, first)).to_contain_text(f"Resolved by {ana}")
    expect(row(page, third)).to_contain_text(str(sue))
    expect(page.get_by_text("1 new:")).to_be_visible()
    expect(row(page, second).locator("[data-row-link]")).to_be_focused()
    expect(row(page, fourth)).to_have_count(0)
    page.get_by_role("button", name="show").click()
    expect(row(page, fourth)).to_be_visible()
    expect(row(page, first)).to_have_count(0)
    expect(row(page, second).locator("[data-row-link]")).to_be_focused()


def test_a_step_that_cannot_be_used_opens_its_question_again(
    page: Page, sign_in: Any, live_server: Any, noise: list[str], acme: Company, ana: User, sue: User
) -> None:
    (late,) = late_ones(acme, ana, 1)
    sign_in(sue)
    page.goto(f"{live_server.url}/triage/")
    settle(page)
    page.keyboard.press("r")
    page.get_by_label("Outcome").fill("")
    page.keyboard.press("Enter")
    expect(page.locator("#board-ask .errors")).to_be_visible()
    expect(page.get_by_label("Outcome")).to_be_focused()
    page.keyboard.type("Settled")
    page.keyboard.press("Enter")
    expect(row(page, late)).to_contain_text("Resolved by you")
    noise[:] = [line for line in noise if "400" not in line]  # the browser notes every refusal
