"""The palette and the keys, by keyboard alone, in a browser."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Error, expect

from tests.factories import PatientFactory
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def casimir(acme):
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak", account_number="004-118")


@pytest.fixture
def ticket(ana, casimir):
    return file_ticket(ana, patient=casimir.pk, at=datetime.now(UTC))


def _active(page):
    return page.locator("#palette [aria-selected=true]")


def test_the_palette_finds_a_patient_by_keyboard_alone_and_axe_is_silent(page, sign_in, look, sue, ticket):
    sign_in(sue)
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to, or find")
    expect(box).to_be_focused()
    expect(_active(page)).to_have_text(re.compile("New ticket"))
    assert look("palette-places") == []
    page.keyboard.type("nowak")
    expect(_active(page)).to_contain_text("Nowak, Casimir")
    expect(_active(page).locator("mark").first).to_have_text("Nowak")
    assert look("palette") == []
    page.keyboard.press("ArrowDown")
    expect(_active(page)).to_contain_text(ticket.number)
    assert box.get_attribute("aria-activedescendant") == _active(page).get_attribute("id")
    page.keyboard.press("End")
    expect(_active(page)).to_contain_text("New ticket for Casimir Nowak")
    page.keyboard.press("ArrowDown")
    expect(_active(page)).to_contain_text("Nowak, Casimir"), "the list goes round"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/patients/\d+/$"))


def test_the_palette_gives_the_focus_back_and_forgets_what_was_typed(page, sign_in, sue, ticket):
    sign_in(sue)
    link = page.get_by_role("link", name="All tickets")
    link.focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("nowak")
    expect(_active(page)).to_contain_text("Nowak")
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Go to, or find")).to_have_value("")
    expect(page.locator("#palette-found")).to_be_empty()


def test_ctrl_enter_opens_beside_and_the_page_stays(page, sign_in, sue, ticket):
    sign_in(sue)
    here = page.url
    page.keyboard.press("Control+k")
    page.keyboard.type(ticket.number)
    expect(_active(page)).to_contain_text("Nowak")
    page.keyboard.press("ArrowDown")
    expect(_active(page)).to_contain_text(ticket.number)
    with page.context.expect_page() as beside:
        page.keyboard.press("Control+Enter")
    beside.value.wait_for_url(re.compile(f"/escalations/{ticket.number}/"))
    assert page.url == here


def test_an_answer_that_comes_late_never_covers_a_newer_one(page, sign_in, sue, ticket, acme, noise):
    PatientFactory(company=acme, first_name="Bettina", last_name="Zimmer")
    sign_in(sue)
    held = []
    page.route("**/search/", lambda route: held.append(route) if len(held) == 0 else route.continue_())
    page.keyboard.press("Control+k")
    page.keyboard.type("zimm")
    page.wait_for_timeout(600)
    assert len(held) == 1
    page.get_by_role("combobox", name="Go to, or find").fill("nowak")
    expect(_active(page)).to_contain_text("Nowak, Casimir")
    with suppress(Error):  # the browser may have let go of it already
        held[0].continue_()
    page.wait_for_timeout(600)
    expect(page.locator("#palette-found")).not_to_contain_text("Zimmer")
    expect(page.locator("#palette-found")).to_contain_text("Nowak")
    noise[:] = [heard for heard in noise if "ERR_ABORTED" not in heard]


def test_what_was_typed_hostile_is_shown_as_text(page, sign_in, sue, ticket):
    sign_in(sue)
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to, or find")
    for typed in ("<img src=x onerror=alert(1)>", "\x00\x1b\u202e", "((((", "x" * 300):
        box.fill(typed)
        expect(page.locator("#palette [data-none]")).to_be_visible()
    assert len(box.input_value()) <= 300
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search/$"))
    expect(page.locator("main").get_by_text("Nothing fits", exact=True)).to_be_visible()


def test_g_and_a_letter_go_to_a_section_and_n_begins_a_ticket(page, sign_in, sue, live_server):
    sign_in(sue)
    places = {"h": "/claims/hold-for-deductible/", "c": "/claims/", "d": "/", "e": "/triage/"}
    for letter, address in places.items():
        page.keyboard.press("g")
        page.keyboard.press(letter)
        page.wait_for_url(f"{live_server.url}{address}")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").locator("form#filing")).to_be_visible()


def test_the_keys_are_listed_and_the_dialog_gives_the_focus_back(page, sign_in, look, ana, ticket):
    sign_in(ana)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys.get_by_text("Go to, or find anything")).to_be_visible()
    expect(keys.get_by_text("All escalations")).to_be_visible()
    expect(keys.get_by_text("Hold for Deductible")).to_have_count(0)
    assert look("keys") == []
    page.keyboard.press("n")
    expect(keys).to_be_visible(), "a key of the page does nothing behind a dialog"
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.get_by_label("Ana Example: your menu").click()
    page.get_by_role("link", name="Keys").click()
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Ana Example: your menu")).to_be_focused()


def test_no_key_acts_while_somebody_types_or_composes(page, sign_in, ana, live_server):
    sign_in(ana)
    page.goto(f"{live_server.url}/patients/")
    field = page.get_by_role("main").get_by_role("searchbox").first
    field.focus()
    page.keyboard.type("n?/ghp")
    expect(field).to_have_value("n?/ghp")
    assert page.url.endswith("/patients/")
    page.evaluate("document.activeElement.blur()")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'n', isComposing: true, bubbles: true}))"
    )
    page.wait_for_timeout(200)
    assert page.url.endswith("/patients/") and page.locator("dialog[open]").count() == 0


def test_single_keys_that_are_off_do_nothing_and_ctrl_k_still_works(page, sign_in, ana):
    ana.single_keys = False
    ana.save()
    sign_in(ana)
    for key in ("n", "?", "/", "g", "e"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert page.url.endswith("/") and page.locator("dialog[open]").count() == 0
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Go to, or find")).to_be_focused()


def test_the_search_is_one_tap_away_on_a_phone(page, sign_in, look, ana, ticket):
    sign_in(ana)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="Search").click()
    page.keyboard.type("nowak")
    page.locator("#palette").get_by_role("option", name=re.compile("Nowak, Casimir")).click()
    page.wait_for_url(re.compile(r"/patients/\d+/$"))


@pytest.mark.parametrize("name", ["ana", "sue", "ben", "adam"])
def test_every_home_is_whole_in_both_sizes_and_themes(page, sign_in, look, cast, ticket, name):
    sign_in(cast[name])
    assert look(f"home-{cast[name].role}") == []
    page.locator("details.menu summary").click()
    assert look("") == []
