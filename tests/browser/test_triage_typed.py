"""What is typed on the board is there again, whatever becomes of the step: refused, unsent, or late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from accounts.models import Company, User
from escalations import actions
from escalations.models import Ticket
from tests.browser.conftest import FEW_LOOKS, look_at, sent_on, settle
from tests.browser.test_triage import late_ones, row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def board(page: Page, sign_in: Any, live_server: Any, acme: Company, ana: User, sue: User) -> list[Ticket]:
    """Three late tickets on sue's open board."""
    tickets = late_ones(acme, ana, 3)
    sign_in(sue)
    page.goto(f"{live_server.url}/triage/")
    settle(page)
    return tickets


def type_wait(page: Page, note: str, meanwhile: Callable[[], Any] = lambda: None) -> None:
    """Let the ticket under the cursor wait, with a note; ``meanwhile`` happens before it is sent."""
    page.keyboard.press("w")
    page.locator("#board-ask textarea").fill(note)
    meanwhile()
    page.keyboard.press("Control+Enter")


def shown(page: Page) -> Any:
    """Ask for what was typed, by key; gives the field of the note."""
    expect(page.get_by_role("button", name="Show what you typed")).to_be_visible()
    page.keyboard.press("y")
    return page.locator("#board-ask textarea")


def forgive(noise: list[str], *statuses: str) -> None:
    """The browser notes every refusal and every request that came to nothing."""
    noise[:] = [line for line in noise if not any(status in line for status in statuses)]


def test_who_comes_second_has_what_they_typed_and_sends_it_after_all(
    page: Page, board: list[Ticket], noise: list[str], ana: User
) -> None:
    started = partial(actions.act, board[0], "start", by=ana, at=datetime.now(UTC))
    type_wait(page, "The payer rings back", meanwhile=started)
    expect(page.locator(".toast")).to_contain_text(f"was changed meanwhile: Started, by {ana}")
    expect(row(page, board[1]).locator("[data-row-link]")).to_be_focused()
    note = shown(page)
    expect(note).to_have_value("The payer rings back")
    expect(page.locator("#board-ask")).to_contain_text(f"Started, by {ana}")
    page.keyboard.press("Escape")
    note = shown(page)
    note.fill("The payer rings back at noon")
    page.keyboard.press("Control+Enter")
    expect(row(page, board[0])).to_contain_text("Waiting for")
    expect(page.get_by_role("button", name="Show what you typed")).to_have_count(0)
    board[0].refresh_from_db()
    assert board[0].status == "waiting" and board[0].events.filter(text__contains="at noon").count() == 1
    forgive(noise, "409")


def test_what_was_typed_outlives_the_network(page: Page, board: list[Ticket], noise: list[str]) -> None:
    page.keyboard.press("w")
    page.locator("#board-ask textarea").fill("The payer rings back")
    page.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text(f"{board[0].number}: no answer came")
    expect(page.locator("[data-pane]"), "it was about another ticket").to_have_count(0)
    expect(shown(page)).to_have_value("The payer rings back")
    page.context.set_offline(False)
    page.keyboard.press("Control+Enter")
    expect(row(page, board[0])).to_contain_text("Waiting for")
    forgive(noise, "ERR_INTERNET_DISCONNECTED")


@pytest.mark.parametrize("status", [401, 413, 502])
def test_what_was_typed_outlives_an_answer_that_is_none(
    page: Page, board: list[Ticket], noise: list[str], status: int
) -> None:
    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=status, content_type="text/html", body="<h1>No</h1>")
        else:
            route.continue_()

    page.route("**/wait/", refuse)
    type_wait(page, "The payer rings back")
    expect(page.locator(".toast[data-kept]")).to_contain_text(board[0].number)
    page.unroute("**/wait/")
    if status == 401:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the same person is back
        expect(page.locator("#cover")).to_be_hidden()
    expect(shown(page)).to_have_value("The payer rings back")
    page.keyboard.press("Control+Enter")
    expect(row(page, board[0])).to_contain_text("Waiting for")
    forgive(noise, str(status))


def test_a_form_that_comes_back_late_leaves_alone_what_is_being_typed(
    page: Page, board: list[Ticket], noise: list[str]
) -> None:
    late: list[Route] = []
    page.route("**/resolve/", lambda route: late.append(route))
    page.keyboard.press("r")
    page.get_by_label("Outcome").fill("")
    page.locator("#board-ask textarea").fill("About the first")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("w")
    page.locator("#board-ask textarea").fill("About the second")
    sent_on(page, late)
    expect(page.locator(".toast[data-kept]")).to_contain_text(board[0].number)
    expect(page.locator("#board-ask textarea")).to_have_value("About the second")
    page.keyboard.press("Control+Enter")
    expect(row(page, board[1])).to_contain_text("Waiting for")
    page.unroute("**/resolve/")
    expect(shown(page)).to_have_value("About the first")
    page.get_by_label("Outcome").fill("Settled")
    page.keyboard.press("Control+Enter")
    expect(row(page, board[0])).to_contain_text("Resolved by you")
    forgive(noise, "400")


def test_the_page_asks_before_what_was_typed_is_left_behind(
    page: Page, board: list[Ticket], noise: list[str], ana: User
) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    started = partial(actions.act, board[0], "start", by=ana, at=datetime.now(UTC))
    type_wait(page, "The payer rings back", meanwhile=started)
    expect(page.locator(".toast[data-kept]")).to_be_visible()
    assert not look_at(page, "", FEW_LOOKS)
    page.evaluate("location.assign('/')")
    expect(page.locator(".toast[data-kept]")).to_be_visible()
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Dismiss").click()
    expect(row(page, board[1]).locator("[data-row-link]")).to_be_focused()
    page.evaluate("location.assign('/')")
    page.wait_for_url(lambda url: "/triage/" not in url)
    assert asked == ["beforeunload"]
    forgive(noise, "409")
