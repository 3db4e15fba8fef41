"""The main job of both halves, on real input, in a browser, with pictures."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from deductibles.actions.settings import save_provider
from deductibles.models import Hold
from deductibles.x12.claim import parse_claim_numbers as claim_numbers
from tests import sandboxes
from tests.claim_line import PROVIDER
from tests.factories import PatientFactory, PayerFactory
from tests.x12_validation import pyx12_errors

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def casimir(acme):
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak", account_number="004-118")


def test_ana_files_an_itemized_bill_by_phone_and_reads_the_promise(
    page, sign_in, picture, live_server, ana, casimir
):
    """R-ALL-1…3, R-ITEM-4: the dates stand on screen before anything is saved, and are kept."""
    sign_in(ana)
    page.goto(f"{live_server.url}/escalations/new/")
    page.get_by_role("group", name="Who is asking?").get_by_role("radio", name="Patient").check()
    page.get_by_role("radio", name="Phone").check()
    page.locator(".type-box").fill("itemized bill")
    page.keyboard.press("Enter")
    page.get_by_label("Patient name, number").fill("nowak")
    page.get_by_role("radio", name="Casimir Nowak").check()
    page.get_by_label("The patient", exact=True).check()
    page.get_by_label("Fully paid, with the payment or a zero balance showing").check()
    promise = page.locator("#filing-promise")
    expect(promise).to_contain_text("between")
    before = promise.locator(".said, .promise-said, p").first.inner_text()
    picture("new-ticket")
    page.keyboard.press("Control+Enter")
    page.locator("[data-filed] h2 a").click()
    page.wait_for_url(re.compile(r"/escalations/E-\d+/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Casimir Nowak")
    ticket = casimir.tickets.get()
    assert ticket.promise.startswith("between")
    expect(page.locator("aside, .aside").first).to_contain_text(ticket.promise.split(" and ")[1].rstrip("."))
    expect(page.get_by_text("Why this date").first).to_be_visible()
    assert before
    picture("ticket")


@pytest.fixture
def outside(tmp_path, settings):
    """AR Boost's stand-in as a process of its own, and a folder for the clearinghouse."""
    with sandboxes.arboost(token="only-for-tests") as vendor:
        settings.ARBOOST_URL, settings.ARBOOST_TOKEN = vendor.url, "only-for-tests"
        settings.CLEARINGHOUSE_URL = f"file://{tmp_path / 'clearinghouse'}"
        yield tmp_path / "clearinghouse"


def _monitor(page, live_server):
    """As adam: switch automated monitoring on, 30 days, 100 dollars, 250 or more."""
    page.goto(f"{live_server.url}/settings/deductible-monitoring/")
    page.get_by_label("Automated deductible monitoring").check()
    page.get_by_label("Maximum number of days that a claim will be held").fill("30")
    page.get_by_label("Dollar threshold").fill("100")
    page.get_by_label("Monitor claims for annual deductible amounts greater than").fill("250")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Dollar threshold")).to_have_value("100.00")


def _enter(page, live_server, payer):
    """As ben: an ambulance claim whose AR Boost answer is ytd_no_remaining.edi."""
    page.goto(f"{live_server.url}/claims/new/")
    page.get_by_label("Patient name, account number").fill("004-118")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Nowak, Casimir").click()
    page.get_by_label("Primary payer").select_option(label=payer.name)
    page.get_by_label("Member id").first.fill("W2000YTD01")
    page.get_by_label("Date of service").fill((date.today() - timedelta(days=3)).isoformat())
    page.get_by_label("Place of service").select_option("41")
    page.get_by_label("Diagnoses ICD-10-CM").fill("R55")
    for name, typed in (("Code", "A0427"), ("Modifiers", "RH"), ("Units", "1"), ("Amount", "$1,850.00")):
        page.get_by_label(f"{name}, line 1").fill(typed)
    page.get_by_label("Diagnoses, line 1").fill("1")
    page.get_by_label("Why an ambulance was needed").fill("A")
    page.get_by_label("Loaded miles").fill("12")
    for end in ("Picked up", "Dropped off"):
        place = page.get_by_role("group", name=end)
        for part, typed in (
            ("Address line 1", "1 Test Street"),
            ("City", "Chicago"),
            ("State", "IL"),
            ("ZIP", "60601"),
        ):
            place.get_by_label(part).fill(typed)
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url(re.compile(r"/claims/C-\d+/"))


def _night(page, live_server, kind, target):
    """As adam: start one night and read what it did."""
    page.goto(f"{live_server.url}/settings/runs/")
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("textbox", name="Target date").fill(target.isoformat())
    page.get_by_role("button", name="Start night").click()
    page.wait_for_load_state()


def test_ben_enters_a_claim_that_is_held_released_by_date_and_submitted_once(
    page, sign_in, picture, live_server, outside, acme, ben, adam, casimir
):
    """D-HOLD-2, D-CHK-2, D-CHK-4, D-CHK-6, D-SUB-1, D-SUB-2, D-X12-8 on ytd_no_remaining.edi."""
    payer = PayerFactory(company=acme, name="Northline Blue", filing_limit_days=180)
    save_provider(acme, PROVIDER, by=adam, at=timezone.now())
    sign_in(adam)
    _monitor(page, live_server)
    picture("settings-deductible")
    sign_in(ben)
    _enter(page, live_server, payer)
    claim_url = page.url
    picture("claim-review")
    page.get_by_role("button", name="Complete claim").click()
    expect(page.get_by_text("Suspended - Hold for Deductible").first).to_be_visible()
    expect(page.get_by_text("149.75").first).to_be_visible()
    expect(page.get_by_text("EB*C*IND*30***24*1850.25*****Y", exact=True)).to_be_visible()
    picture("claim-held")
    page.goto(f"{live_server.url}/claims/hold-for-deductible/")
    expect(page.get_by_role("row", name=re.compile("Casimir Nowak"))).to_contain_text("149.75")
    picture("holds")
    hold = Hold.objects.get()
    assert (hold.remaining, hold.annual) == (Decimal("149.75"), Decimal("2000.00"))
    assert hold.release_on == hold.anchor_on + timedelta(days=30)

    sign_in(adam)
    _night(page, live_server, "Deductible check", hold.anchor_on + timedelta(days=7))
    hold.refresh_from_db()
    assert hold.active and hold.nightly_answers == 1
    for kind in ("Deductible check", "Submission", "Submission"):
        _night(page, live_server, kind, hold.release_on)
    picture("runs")

    claim = hold.claim
    claim.refresh_from_db()
    hold.refresh_from_db()
    assert (claim.status, hold.reason) == ("submitted", "Time elapsed")
    sent = [path for path in outside.rglob("*") if path.is_file() and "outbox" in path.parts]
    assert len(sent) == 1, "submitted once, though the night was started twice"
    assert pyx12_errors(sent[0].read_text()) == []
    assert claim_numbers(sent[0].read_text()) == (claim.number,)

    sign_in(ben)
    page.goto(claim_url)
    expect(page.get_by_text("Submitted").first).to_be_visible()
    page.goto(f"{live_server.url}/claims/submissions/")
    page.get_by_role("main").get_by_role("rowheader").get_by_role("link").first.click()
    expect(page.get_by_text("005010X222A1").first).to_be_visible()
    picture("submission")
