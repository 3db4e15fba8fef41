"""Entering a claim in Chromium: without a mouse, and without losing a word to a reload or the Back button."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from deductibles.models import Claim, EntryDraft
from tests.factories import PatientFactory, PayerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_the_form(page, sign_in, live_server, acme, ben):
    PatientFactory(company=acme, first_name="Casimir", last_name="Nowak", account_number="004-118")
    PayerFactory(company=acme, name="Northline Blue")
    sign_in(ben)
    page.goto(f"{live_server.url}/claims/new/")
    return page


def type_on(page, *words):
    """Type into one field after the other; Enter goes to the next and sends nothing."""
    for word in words:
        page.keyboard.type(word)
        page.keyboard.press("Enter")


def test_a_claim_is_entered_by_keys_alone_and_enter_never_sends_it(at_the_form):
    page = at_the_form
    page.keyboard.type("004-118")
    page.keyboard.press("Enter")
    expect(page.locator("#found-first")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#find-insurance")).to_be_focused()
    page.locator("#coverages-primary-payer").focus()
    served = date.today() - timedelta(days=3)
    type_on(page, "North", "TST000100", "G-77", "Self", served.isoformat(), "41", "r55, i10")
    type_on(page, "A0429", "RH", "1", "$1,000.50", "1 2", "A0425", "RH", "12", "222")
    expect(page.locator("#charges-1-diagnosis_pointers")).to_be_focused()
    expect(page.locator("#entry-total")).to_have_text("$1,222.50")
    expect(page.locator("#diagnosis-echo")).to_contain_text("2 I10")
    expect(page.locator("#ambulance")).to_be_visible()
    assert not Claim.objects.exists()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/claims/C-\d+/review/"))
    assert Claim.objects.get().charges.count() == 2


def test_what_was_typed_is_there_after_a_reload_and_a_page_that_was_left(at_the_form):
    page = at_the_form
    page.locator("#date_of_service").fill("2026-02-30")
    expect(page.locator("#entry-kept")).to_contain_text("Draft kept")
    expect(page).to_have_url(re.compile("resume="))
    page.locator("#charges-0-amount").fill("1.000,50")
    page.reload()
    expect(page.locator("#date_of_service")).to_have_value("2026-02-30")
    expect(page.locator("#charges-0-amount")).to_have_value("1.000,50")
    assert EntryDraft.objects.count() == 1


def test_the_back_button_brings_the_claim_and_no_second_one(at_the_form):
    page = at_the_form
    page.keyboard.type("004-118")
    page.keyboard.press("Enter")
    page.locator("#found-first").press("Enter")
    page.locator("#date_of_service").fill((date.today() - timedelta(days=3)).isoformat())
    expect(page.locator("#entry-kept")).to_contain_text("Draft kept")
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url(re.compile(r"/claims/C-\d+/$"))
    page.go_back()
    page.wait_for_url(re.compile("/claims/"))
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_load_state()
    assert Claim.objects.count() == 1
