"""The bell rings without taking the focus; a colleague is named by keyboard; all of it as a reader hears it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from escalations import actions
from escalations.actions.notices import Fact, notify
from escalations.models import Ticket
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db(transaction=True)

AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""Somebody looks at the page again: the bell asks at once and not only after its half minute."""


@pytest.fixture
def ticket(ana: User, acme: Company) -> Ticket:
    now = datetime.now(UTC)
    return actions.act(filed("supervisor", ana, PatientFactory(company=acme), now), "take", by=ana, at=now)


def test_an_alarm_is_announced_once_and_the_focus_stays(
    page: Page, sign_in: Callable[..., None], look: Any, ana: User, sue: User, acme: Company
) -> None:
    """R-SOS-3: politely, in the page's status region, on whatever page a supervisor is."""
    sign_in(sue)
    bell = page.get_by_role("link", name=re.compile("^Notifications"))
    expect(bell).to_have_attribute("aria-label", "Notifications")
    page.goto(page.url + "patients/")
    box = page.get_by_role("main").get_by_role("searchbox").or_(page.locator("main input[name=q]")).first
    box.focus()
    sos = filed("patient-sos", ana, PatientFactory(company=acme), datetime.now(UTC))
    with page.expect_request("**/notifications/count/") as asked:
        page.evaluate(AGAIN)
    assert asked.value.headers["holdline-background"] == "1", "the bell keeps nobody signed in"
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text(f"{sos.number} is immediate")
    expect(page.locator("#toasts")).to_have_attribute("role", "status")
    expect(box).to_be_focused()
    expect(bell).to_have_attribute("aria-label", "Notifications, 1 unread")
    expect(bell).to_have_text("1")
    assert look("") == []
    page.reload()
    expect(bell).to_have_text("1")
    expect(toast).to_have_count(0)
    page.evaluate(AGAIN)
    bell.click()
    page.get_by_role("link", name=re.compile(sos.number)).click()
    expect(page).to_have_url(re.compile(sos.number))
    expect(bell).to_have_attribute("aria-label", "Notifications")


def test_notifications_are_marked_as_read_by_keyboard(
    page: Page, sign_in: Callable[..., None], ana: User, ticket: Ticket
) -> None:
    facts = [Fact(ana, "breach", ticket, f"k:{n}", f"{ticket.number} is late ({n}).") for n in range(2)]
    notify(facts, at=datetime.now(UTC))
    sign_in(ana)
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="Notifications", level=1)).to_be_visible()
    mark = page.get_by_role("button", name=f"Mark as read: {ticket.number} is late (1).")
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 unread.")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").press("Enter")
    expect(page.get_by_text("Everything is read.")).to_be_visible()


def test_a_colleague_is_named_by_keyboard_and_nothing_typed_is_sent_before_the_note(
    page: Page, sign_in: Callable[..., None], look: Any, ana: User, sue: User, ticket: Ticket
) -> None:
    sign_in(ana)
    page.goto(f"{page.url}escalations/{ticket.number}/")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    note = page.locator("#comment-note")
    note.focus()
    page.keyboard.type("Please look, @s")
    names = page.get_by_role("listbox", name="People you can name")
    expect(names.get_by_role("option")).to_have_text(re.compile("Sue Example"))
    option = names.get_by_role("option").first
    expect(note).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    assert look("") == []
    note.focus()
    page.keyboard.press("Escape")
    expect(names).to_be_hidden()
    page.keyboard.type("u")
    expect(names).to_be_visible()
    page.keyboard.press("Enter")
    expect(note).to_have_value("Please look, @sue ")
    assert not [one for one in asked if "sue" in one or "?" in one]
    page.keyboard.press("Control+Enter")
    expect(page.locator(".mention")).to_have_text("@sue")
