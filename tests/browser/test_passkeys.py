"""A passkey in Chromium, held by its virtual authenticator: added, signed out, signed in with it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from accounts.demo import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_signs_in_without_the_password(page, live_server, sign_in, cast, settings):
    settings.SITE_URL = site = live_server.url
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    sign_in(cast["ana"])
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("What do you call it?").fill("Desk")
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{site}/accounts/2fa/webauthn/")
    expect(page.get_by_text("Desk").first).to_be_visible()
    assert Axe().run(page).violations_count == 0
    page.context.clear_cookies()
    page.goto(f"{site}/accounts/login/?next=/patients/")
    page.get_by_role("button", name="Use a passkey").press("Enter")
    page.wait_for_url(f"{site}/patients/")
    assert page.locator("html").get_attribute("data-person") == str(cast["ana"].pk)
