"""Tables with the keyboard alone: columns moved, hidden and found again after signing in anew."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from tests.api.test_holds import hold_many

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/claims/hold-for-deductible/"


def _heads(page: Page) -> list[str]:
    return [text.strip() for text in page.get_by_role("columnheader").all_inner_texts()]


def test_columns_are_customized_by_keyboard_and_found_again_after_signing_in_anew(
    page: Page, live_server: Any, sign_in: Callable[[User], None], ben: User, acme: Company
) -> None:
    hold_many(acme, 3)
    sign_in(ben)
    page.goto(live_server.url + URL)
    before = _heads(page)
    page.get_by_role("link", name="Customize columns").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move Payer up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog [data-columns-said]")).to_have_text("Payer is column 3 of 16 now.")
    expect(page.get_by_role("button", name="Move Payer up")).to_be_focused()
    page.get_by_role("checkbox", name="Annual").focus()
    page.keyboard.press("Space")
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")  # sends the form by its first button, which is Save
    page.context.clear_cookies()
    sign_in(ben)
    page.goto(live_server.url + URL)
    after = _heads(page)
    assert before.index("Patient") < before.index("Payer") and "Annual" in before
    assert after.index("Payer") < after.index("Patient") and "Annual" not in after


def test_cancel_leaves_the_columns_as_they_were(
    page: Page, live_server: Any, sign_in: Callable[[User], None], ben: User, acme: Company
) -> None:
    hold_many(acme, 1)
    sign_in(ben)
    page.goto(live_server.url + URL)
    page.get_by_role("link", name="Customize columns").click()
    page.get_by_role("checkbox", name="Payer").uncheck()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Customize columns").click()
    expect(page.get_by_role("checkbox", name="Payer")).to_be_checked()


def test_a_stretch_of_lines_is_ticked_with_shift_highlighted_and_counted_D_PAGE_3(
    page: Page, live_server: Any, sign_in: Callable[[User], None], ben: User, acme: Company
) -> None:
    rows = hold_many(acme, 5)
    sign_in(ben)
    page.goto(live_server.url + URL)
    page.get_by_role("checkbox", name=f"Queue {rows[0].claim.number} for submission").click()
    page.get_by_role("checkbox", name=f"Queue {rows[3].claim.number} for submission").click(
        modifiers=["Shift"]
    )
    lines = page.locator("form.holds tbody tr")
    colours = [
        lines.nth(i).evaluate("row => getComputedStyle(row.cells[2]).backgroundColor") for i in range(5)
    ]
    assert len(set(colours[:4])) == 1 and colours[4] != colours[0]
    total = sum(Decimal(row.claim.total) for row in rows[:4])
    expect(page.locator("[data-selection-count]")).to_have_text(f"4 claims selected · ${total:,.2f}")


def test_the_lists_are_worth_looking_at(
    page: Page,
    live_server: Any,
    sign_in: Callable[[User], None],
    picture: Callable[[str], None],
    ben: User,
    acme: Company,
) -> None:
    hold_many(acme, 30)
    sign_in(ben)
    for name, url in (("holds", URL), ("claims", "/claims/"), ("columns", "/tables/holds/columns/")):
        page.goto(live_server.url + url)
        picture(name)
