"""The open board every twenty seconds: what changed is brought up to date, and nothing else is touched."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from accounts.models import Company, User
from escalations import actions
from tests.browser.test_triage import late_ones, row

pytestmark = pytest.mark.django_db(transaction=True)


def look(page: Page) -> None:
    """Let the board look once."""
    with page.expect_response("**/triage/live/"):
        page.clock.run_for(20_500)
    settle_by_clock(page)


def settle_by_clock(page: Page) -> None:
    page.clock.run_for(200)
    page.wait_for_load_state("networkidle")
    page.clock.run_for(200)


def open_board(page: Page, url: str) -> None:
    page.clock.install()
    page.goto(f"{url}/triage/")
    settle_by_clock(page)


def test_the_pane_stays_what_it_is_until_its_ticket_changes(
    page: Page, sign_in: Any, live_server: Any, acme: Company, ana: User, sue: User
) -> None:
    first, _ = late_ones(acme, ana, 2)
    asked: list[Request] = []
    sign_in(sue)
    page.on("request", lambda one: asked.append(one) if "/triage/tickets/" in one.url else None)
    open_board(page, live_server.url)
    pane = page.locator("[data-pane]")
    expect(pane).to_have_attribute("data-pane", first.number)
    assert [one.url.split("/")[-2] for one in asked] == [first.number], "nobody looks at the row below"
    pane.get_by_role("link", name=f"Open {first.number}").focus()
    look(page)
    expect(pane.get_by_role("link", name=f"Open {first.number}")).to_be_focused()
    assert len(asked) == 1
    actions.act(first, "start", by=ana, at=datetime.now(UTC))
    look(page)
    expect(pane).to_contain_text("Started")
    expect(pane.get_by_role("link", name=f"Open {first.number}")).to_be_focused()
    assert asked[-1].headers.get("holdline-background") == "1" and len(asked) == 2


def test_a_note_of_ones_own_stands_in_the_pane(
    page: Page, sign_in: Any, live_server: Any, acme: Company, ana: User, sue: User
) -> None:
    first, second = late_ones(acme, ana, 2)
    sign_in(sue)
    page.goto(f"{live_server.url}/triage/")
    expect(page.locator("[data-pane]")).to_have_attribute("data-pane", first.number)
    page.keyboard.press("m")
    page.locator("#board-ask textarea").fill("Rang the payer")
    page.keyboard.press("Control+Enter")
    expect(row(page, second).locator("[data-row-link]")).to_be_focused()
    expect(page.locator(".is-busy")).to_have_count(0)
    page.keyboard.press("k")
    expect(page.locator("[data-pane]")).to_contain_text("Rang the payer")


def test_a_row_pushed_past_the_first_ones_stays_as_it_is(
    page: Page,
    sign_in: Any,
    live_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    acme: Company,
    ana: User,
    sue: User,
) -> None:
    monkeypatch.setattr("escalations.triage.rows.CAP", 2)
    first, second = late_ones(acme, ana, 2)
    sign_in(sue)
    open_board(page, live_server.url)
    late_ones(acme, ana, 1)
    look(page)
    expect(page.get_by_text("1 new:")).to_be_visible()
    expect(row(page, second)).not_to_have_class(re.compile("is-done"))
    expect(row(page, second).get_by_role("button")).to_be_visible()
    expect(row(page, first)).to_contain_text("late")


def test_an_empty_board_says_what_came(
    page: Page, sign_in: Any, live_server: Any, acme: Company, ana: User, sue: User
) -> None:
    sign_in(sue)
    open_board(page, live_server.url)
    expect(page.get_by_text("Nothing presses")).to_be_visible()
    late_ones(acme, ana, 2)
    look(page)
    expect(page.get_by_text("2 new:")).to_be_visible()
    page.get_by_role("button", name="show").click()
    expect(page.locator(".board-row")).to_have_count(2)
