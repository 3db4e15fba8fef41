"""The main job of both halves, on real input, in a browser, with pictures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def casimir(acme):
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak", account_number="004-118")


def test_ana_files_an_itemized_bill_by_phone_and_reads_the_promise(page, sign_in, picture, ana, casimir):
    """R-ALL-1…3, R-ITEM-4: the dates stand on screen before anything is saved, and are kept."""
    sign_in(ana)
    expect(page).to_have_url(re.compile("/escalations/new/$"))
    page.get_by_label("Type").select_option(label="Itemized Bill")
    page.get_by_role("radio", name="Phone").check()
    page.get_by_role("group", name="Caller").get_by_role("radio", name="Patient").check()
    page.get_by_label("Patient name, number").fill("nowak")
    page.get_by_role("radio", name="Casimir Nowak").check()
    page.get_by_label("The patient", exact=True).check()
    page.get_by_label("Fully paid, with the payment or a zero balance showing").check()
    promise = page.locator("#filing-promise")
    expect(promise).to_contain_text("between")
    before = promise.locator(".said, .promise-said, p").first.inner_text()
    picture("new-ticket")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/escalations/E-\d+/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Casimir Nowak")
    ticket = casimir.tickets.get()
    assert ticket.promise.startswith("between")
    expect(page.locator("aside, .aside").first).to_contain_text(ticket.promise.split(" and ")[1].rstrip("."))
    expect(page.get_by_text("Why this date").first).to_be_visible()
    assert before
    picture("ticket")
