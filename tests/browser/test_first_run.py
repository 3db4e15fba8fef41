"""The first run from an empty server to its summary, in Chromium, as the admin of a production server lives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from playwright.sync_api import Page, expect

from accounts.models import Company, SetUpMark
from config.setup import codes
from deductibles.models import BillingProvider
from tests.api.claim_bodies import PROVIDER
from tests.setting_up import COMPANY, now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A computer in Denver, whose zone the set-up offers."""
    return {**browser_context_args, "timezone_id": "America/Denver"}


@pytest.fixture
def server(settings: Any, live_server: Any) -> str:
    """A server as production has it, without a company and without vendors."""
    settings.DEMO, settings.ADMIN_SECOND_FACTOR, settings.SITE_URL = False, True, live_server.url
    settings.ARBOOST_URL = settings.CLEARINGHOUSE_URL = ""
    cache.clear()
    return str(live_server.url)


def test_the_first_run_from_the_code_to_the_summary(
    page: Page, server: str, picture: Callable[[str], None], noise: list[str]
) -> None:
    page.goto(server)
    page.wait_for_url(f"{server}/setup/")
    picture("first-run-code")
    page.get_by_label("Set-up code").fill(codes.make(at=now()).lower())
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your company, and you")
    expect(page.locator("#id_time_zone")).to_have_value("America/Denver")
    for name, value in COMPANY.items():
        page.locator(f"#id_{name}").fill(value)
    picture("first-run-company")
    page.get_by_role("button", name="Open the company").click()

    page.wait_for_url(f"{server}/accounts/2fa/")
    page.get_by_role("link", name="Switch on").click()
    secret = page.locator("code.key-text").inner_text()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    page.locator("#id_code").fill(code)
    page.locator("#id_code").press("Enter")
    page.wait_for_url("**/recovery-codes/")
    picture("")
    strip = page.get_by_role("region", name="Set-up")
    strip.get_by_role("link", name="Go on: Company").click()

    page.wait_for_url("**/settings/company/")
    page.get_by_label("Address for itemized bills").fill("bills@northvalley.example")
    strip.get_by_role("button", name="It is right as saved").click()
    expect(strip.get_by_role("status")).to_contain_text("is not saved")
    assert not SetUpMark.objects.filter(step="company").exists()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The company is saved.")).to_be_visible()
    strip.get_by_role("button", name="It is right as saved").click()

    page.wait_for_url("**/setup/hours/")
    picture("first-run-hours")
    page.get_by_label("Friday").fill("9 am to 5 pm")
    page.get_by_label("Friday").press("Enter")

    page.wait_for_url("**/setup/holidays/")
    page.get_by_label("List").select_option("IL")
    page.get_by_role("button", name="Show its days").click()
    page.get_by_label("Columbus Day").uncheck()
    page.locator("#on-0").fill("2027-11-26")
    page.locator("#name-0").fill("Day after Thanksgiving")
    picture("first-run-holidays")
    page.get_by_role("button", name="Save and go on").click()

    page.wait_for_url("**/settings/policy/")
    strip.get_by_role("button", name="These are our rules").click()
    page.wait_for_url("**/billing-provider/")
    for name, value in PROVIDER.items():
        page.locator(f"#id_{name}").fill(value)
    page.locator(".save-bar").get_by_role("button", name="Save").click()
    strip.get_by_role("button", name="Next: Clearinghouse").click()
    for place in ("clearinghouse", "ar-boost"):
        page.wait_for_url(f"**/{place}/")
        picture("")
        strip.get_by_role("button", name="Later").click()
    page.wait_for_url("**/deductible-monitoring/")
    strip.get_by_role("button", name="Leave it off").click()
    page.wait_for_url("**/import/payers/")
    strip.get_by_role("button", name="Later").click()
    page.wait_for_url("**/settings/mail/")
    strip.get_by_role("button", name="Leave", exact=True).click()

    expect(page.get_by_text("The set-up is not over")).to_be_visible()
    picture("first-run-home")
    page.get_by_role("link", name="Go on with the set-up").click()
    picture("first-run-steps")
    expect(page.get_by_text("6 of 11 steps done, 3 steps left for later.")).to_be_visible()
    page.get_by_role("link", name="See it as it stands").click()
    picture("first-run-summary")
    for said in ("Holidays are laid out to the end of", "Who the supervisors are.", "Day after Thanksgiving"):
        expect(page.get_by_text(said)).to_be_visible()
    page.get_by_role("button", name="End the set-up").click()
    page.wait_for_url(f"{server}/")
    expect(page.get_by_text("The set-up is not over")).to_have_count(0)
    assert Company.objects.get().itemized_bill_address == "bills@northvalley.example"
    assert BillingProvider.objects.count() == 1
