"""The end of a session in Chromium: the page is covered, what was typed survives, Back shows nothing."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from accounts.demo import PASSWORD
from patients.models import Patient

pytestmark = pytest.mark.django_db(transaction=True)
BRIEF = {"SESSION_IDLE_SECONDS": 6, "SESSION_ABSOLUTE_SECONDS": 43_200}


@pytest.fixture
def brief(settings):
    """A session of six seconds, so that a test need not wait for fifteen minutes; it asks after three."""
    for name, value in BRIEF.items():
        setattr(settings, name, value)


def _again(tab, name):
    tab.get_by_label("Username").fill(name)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()


def _fill(page, live_server):
    page.goto(f"{live_server.url}/patients/new/")
    page.get_by_label("First name").fill("Quinlan")


def test_before_the_end_a_dialog_asks_and_staying_goes_on(brief, page, live_server, sign_in, cast):
    sign_in(cast["ana"])
    _fill(page, live_server)
    asking = page.get_by_role("alertdialog", name="Still there?")
    expect(asking).to_be_visible(timeout=6000)
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("Enter")
    expect(asking).to_be_hidden()
    expect(page.get_by_label("First name")).to_have_value("Quinlan")


def test_at_the_end_the_page_is_covered_and_lifts_with_everything_typed_for_the_same_person(
    brief, page, live_server, sign_in, cast
):
    sign_in(cast["ana"])
    _fill(page, live_server)
    cover = page.get_by_role("alertdialog", name="Signed out")
    expect(cover).to_be_visible(timeout=12_000)
    expect(page.get_by_label("First name")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(cover).to_be_visible()
    assert Axe().run(page).violations_count == 0
    expect(page).to_have_title(re.compile("Signed out"))
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    tab = opened.value
    _again(tab, "ana")
    expect(tab.get_by_role("heading", name="You are signed in again")).to_be_visible()
    page.bring_to_front()
    expect(cover).to_be_hidden()
    expect(page.get_by_label("First name")).to_have_value("Quinlan")


def test_another_person_at_the_covered_page_starts_at_home(brief, page, live_server, sign_in, cast):
    cast["sue"].set_password(PASSWORD)
    cast["sue"].save()
    sign_in(cast["ana"])
    _fill(page, live_server)
    expect(page.get_by_role("alertdialog", name="Signed out")).to_be_visible(timeout=12_000)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    _again(opened.value, "sue")
    page.bring_to_front()
    page.wait_for_url(f"{live_server.url}/")
    assert "Quinlan" not in page.content()


def test_a_form_from_a_second_tab_is_taken_after_signing_in_again_in_the_first(
    page, live_server, sign_in, cast
):
    sign_in(cast["ana"])
    _fill(page, live_server)
    page.get_by_label("Last name").fill("Marchbanks")
    page.get_by_label("Date of birth").fill("1971-03-04")
    tab = page.context.new_page()
    tab.goto(f"{live_server.url}/accounts/logout/")
    tab.get_by_role("button", name="Sign out").last.click()
    tab.wait_for_url("**/accounts/login/**")
    _again(tab, "ana")
    tab.wait_for_url(lambda url: "login" not in url)
    page.bring_to_front()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/patients/[0-9]+/"))
    assert Patient.objects.filter(last_name="Marchbanks").exists()


def test_without_script_a_form_that_comes_too_late_is_sent_with_one_press(browser, live_server, cast):
    ana = cast["ana"]
    ana.set_password(PASSWORD)
    ana.save()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/accounts/login/?next=/patients/new/")
    _again(page, "ana")
    page.get_by_label("First name").fill("Quinlan")
    page.get_by_label("Last name").fill("Marchbanks")
    page.get_by_label("Date of birth").fill("1971-03-04")
    Session.objects.all().delete()
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_role("heading", name="What you typed is kept")).to_be_visible()
    assert "Marchbanks" not in page.content()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url(re.compile(r"/patients/[0-9]+/"))
    assert Patient.objects.filter(last_name="Marchbanks").exists()
    context.close()


def test_back_after_signing_out_shows_nothing(page, live_server, sign_in, cast):
    sign_in(cast["ana"])
    page.goto(f"{live_server.url}/patients/")
    page.goto(f"{live_server.url}/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    page.go_back()
    page.go_back()
    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
