"""What is typed and not saved is asked about before a page is left, also after the server drew it anew."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_calendar_that_was_drawn_anew_is_not_left_without_asking(
    page: Page, live_server: Any, sign_in: Any, adam: User
) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    sign_in(adam)
    here = f"{live_server.url}/settings/calendar/"
    page.goto(here)
    page.on("dialog", stay)
    page.get_by_label("or all of").select_option(label="Illinois")
    page.get_by_role("button", name="Add the list").click()
    expect(page.locator("input[value='Casimir Pulaski Day']")).to_be_visible()
    assert not asked, "sending the form is not leaving it"
    with page.expect_event("dialog"):
        page.get_by_role("navigation").get_by_role("link").first.click(no_wait_after=True)
    assert asked == ["beforeunload"] and page.url.split("?")[0] == here
    expect(page.locator("input[value='Casimir Pulaski Day']")).to_be_visible()
