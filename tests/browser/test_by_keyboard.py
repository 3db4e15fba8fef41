"""An agent's work without a mouse: what has the focus keeps it, and Ctrl+Enter sends where one is."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from escalations import actions
from tests.factories import PatientFactory
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_arrow_keys_reach_every_patient_that_was_found(page, sign_in, live_server, acme, ana):
    """Choosing the first does not take the others away, nor the focus from the list."""
    for name in ("Anna", "Bert", "Casimir"):
        PatientFactory(company=acme, first_name=name, last_name="Nowak")
    sign_in(ana)
    page.goto(f"{live_server.url}/escalations/new/")
    page.get_by_label("Patient name, number").fill("nowak")
    found = page.locator("#filing-matches").get_by_role("radio")
    expect(found).to_have_count(3)
    found.first.focus()
    for place in (1, 2):
        with page.expect_response(re.compile("/advice/")):
            page.keyboard.press("ArrowDown")
        expect(found.nth(place)).to_be_checked()
        expect(found.nth(place)).to_be_focused()


def test_a_step_that_asks_is_taken_by_keys_alone(page, sign_in, live_server, acme, ana):
    """W opens the question, the space bar takes the reason it begins with, Ctrl+Enter answers."""
    at = datetime.now(UTC)
    ticket = file_ticket(ana, patient=PatientFactory(company=acme).pk, at=at)
    actions.act(ticket, "start", by=ana, at=at, version=None, facts={})
    sign_in(ana)
    page.goto(f"{live_server.url}/escalations/{ticket.number}/")
    page.keyboard.press("w")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Asked for the remittance.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(page.get_by_text("Asked for the remittance.")).to_be_visible()
