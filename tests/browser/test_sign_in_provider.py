"""Signing in by a company's provider in Chromium, whose form-action lets no form lead to another site."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import caches
from playwright.sync_api import expect

from tests.provided import set_up
from tests.sandboxes import oidc

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_way_to_the_provider_and_back(page, live_server, noise, cast, settings):
    settings.SITE_URL = site = live_server.url
    settings.SIGN_IN_PRIVATE = settings.DEMO = True
    caches["local"].clear()
    sue = cast["sue"]
    sue.email = "sue@acme.example"
    sue.save()
    with oidc() as vendor:
        set_up(sue.company, vendor)
        page.goto(f"{site}/accounts/login/?next=/patients/")
        page.get_by_role("button", name="Sign in with your company").press("Enter")
        page.get_by_label("Your work mail address").fill("sue@nobody.example")
        page.keyboard.press("Enter")
        expect(page.get_by_text("No company signs in").first).to_be_visible()
        noise.clear()  # the browser's own word about the answer 404
        assert Axe().run(page).violations_count == 0
        page.get_by_label("Your work mail address").fill("sue@acme.example")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Stand-in provider")).to_be_visible()
        page.get_by_label("Mail address").fill("sue@acme.example")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{site}/patients/")
        assert page.locator("html").get_attribute("data-person") == str(sue.pk)
        page.wait_for_load_state("networkidle")
