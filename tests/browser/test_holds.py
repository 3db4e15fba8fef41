"""Hold for Deductible as a biller works it: by keys, by mouse, on a phone, and without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from deductibles.models import Claim, Hold, HoldAct
from tests.api.test_holds import hold_many
from tests.browser.conftest import sent_on

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/claims/hold-for-deductible/"
LONG = 60_000
"""Milliseconds. Five thousand claims take a second, on a busy machine several."""


def _queued():
    return Claim.objects.filter(status="queued").count()


def test_5000_holds_are_queued_by_three_keys_and_taken_back_by_one_click(
    page, sign_in, live_server, acme, ben
):
    """Count shown = done + skipped = audited."""
    hold_many(acme, 5000)
    sign_in(ben)
    page.goto(f"{live_server.url}{URL}")
    page.keyboard.press("a")
    expect(page.locator("[data-selection-count]")).to_have_text("All 5,000 selected · $4,250,000.00")
    page.keyboard.press("q")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Queue 5,000 claims for submission?")
    expect(question).to_contain_text("$4,250,000.00")
    page.keyboard.press("Enter")
    expect(page.get_by_text("5,000 claims queued for submission.").first).to_be_visible(timeout=LONG)
    act = HoldAct.objects.get()
    history = Hold.pgh_event_models["update"].objects.filter(pgh_context__metadata__act="queue")
    assert _queued() == act.done + len(act.skipped) == history.count() == 5000
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("5,000 claims are on hold again.")).to_be_visible(timeout=LONG)
    assert _queued() == 0


def test_and_by_three_clicks(page, sign_in, live_server, acme, ben):
    hold_many(acme, 5001)
    sign_in(ben)
    page.goto(f"{live_server.url}{URL}")
    page.get_by_role("button", name=re.compile("Select all 5,001: the first 5,000")).click()
    page.get_by_role("group", name="With the selected claims").get_by_role(
        "button", name="Queue for submission"
    ).click()
    expect(page.get_by_role("dialog")).to_contain_text("These are the first 5,000 that match")
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(page.get_by_text("5,000 claims queued for submission.").first).to_be_visible(timeout=LONG)
    assert _queued() == 5000


def test_lines_are_ticked_by_keys_opened_and_cleared_only_on_yes(page, sign_in, live_server, acme, ben):
    hold_many(acme, 6)
    sign_in(ben)
    page.goto(f"{live_server.url}{URL}")
    for key in ("j", "j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    ticked = page.locator("input.pick[name=queue]:checked")
    assert [box.get_attribute("aria-label") for box in ticked.all()] == [
        f"Queue C-{number} for submission" for number in (2, 3, 4)
    ]
    page.keyboard.press("e")
    expect(page.get_by_text("Nobody was asked yet.")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_text("Nobody was asked yet.")).to_have_count(0)
    asked: list[Route] = []
    page.route(f"**{URL}queue/", lambda route: asked.append(route))
    page.keyboard.press("q")
    expect(page.get_by_role("dialog")).to_contain_text("Adding up")
    page.keyboard.press("Enter")  # before the question can be read it means nothing, and least of all Yes
    sent_on(page, asked)
    page.unroute(f"**{URL}queue/")
    expect(page.get_by_role("dialog")).to_contain_text("Queue 3 claims for submission?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 claims queued for submission.").first).to_be_visible()
    page.goto(f"{live_server.url}{URL}?queued=yes")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("c")
    expect(page.get_by_role("dialog")).to_contain_text("Clear 1 claim from the queue?")
    page.get_by_role("dialog").get_by_role("button", name="No").click()
    assert not Hold.objects.exclude(cleared_at=None).exists()
    page.keyboard.press("c")
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(page.get_by_text("1 claim cleared off this page.")).to_be_visible()


def test_unticking_one_line_ends_all_that_match(page, sign_in, live_server, acme, ben):
    hold_many(acme, 120)
    sign_in(ben)
    page.goto(f"{live_server.url}{URL}")
    page.keyboard.press("a")
    page.locator("input.pick[name=queue]").first.uncheck()
    expect(page.locator("[data-selection-count]")).to_have_text("99 claims selected · $84,150.00")
    page.keyboard.press("q")
    expect(page.get_by_role("dialog")).to_contain_text("Queue 99 claims for submission?")


def test_without_a_script_the_same_is_asked_on_pages(browser, page, sign_in, live_server, acme, ben):
    hold_many(acme, 3)
    sign_in(ben)
    plain = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    ).new_page()
    plain.goto(f"{live_server.url}{URL}")
    plain.get_by_role("link", name="Checks of C-1").click()
    expect(plain.get_by_role("heading", name="Checks of C-1")).to_be_visible()
    plain.goto(f"{live_server.url}{URL}")
    plain.get_by_role("button", name="Select all 3").click()
    expect(plain.get_by_role("heading", name="Queue 3 claims for submission?")).to_be_visible()
    plain.get_by_role("button", name="Yes").click()
    assert _queued() == 3
    plain.get_by_role("button", name="Undo").click()
    assert _queued() == 0
    plain.context.close()


def test_on_a_phone_a_tick_stays_where_it_was_pressed(browser, page, sign_in, live_server, acme, ben):
    hold_many(acme, 3)
    sign_in(ben)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{URL}")
    for index in (0, 1):
        page.locator("input.pick[name=queue]").nth(index).check()
    expect(page.locator("[data-selection-count]")).to_have_text("2 claims selected · $1,700.00")
    page.get_by_role("group", name="With the selected claims").get_by_role(
        "button", name="Queue for submission"
    ).click()
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(page.get_by_text("2 claims queued for submission.").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
