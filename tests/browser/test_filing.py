"""Filing during a call: by keys alone, from anywhere, on a phone, through a killed browser; axe silent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from escalations.domain import turnaround as engine
from escalations.models import FilingDraft, Ticket, TicketEvent
from escalations.policies import calendar_in_force, calendar_of
from patients.models import Patient
from tests.browser.conftest import FEW_LOOKS, look_at, settle
from tests.factories import PatientFactory
from tests.tickets import TYPES, filed, good

pytestmark = pytest.mark.django_db(transaction=True)
SPREAD = True
NEW = "/escalations/new/"

TURNAROUNDS: dict[str, tuple[int | None, int | None, str]] = {
    "appeal": (45, 60, "business_day"),
    "callback-ptp-pte": (None, 48, "business_hour"),
    "do-not-contact": (None, None, "none"),
    "executive-keywords": (None, None, "none"),
    "itemized-bill-ptp": (5, 7, "business_day"),
    "itemized-bill": (5, 7, "business_day"),
    "insurance-update": (30, 45, "business_day"),
    "medical-records": (45, 60, "business_day"),
    "missing-payment": (5, 7, "business_day"),
    "onc-callback": (None, 48, "business_hour"),
    "patient-callback": (None, 24, "clock_hour"),
    "patient-sos": (None, None, "immediate"),
    "refund": (None, 60, "business_day"),
    "requisition-form": (7, 10, "business_day"),
    "synergen": (None, 3, "business_day"),
    "supervisor": (None, 2, "business_day"),
    "spay-error": (None, 3, "business_day"),
    "stop-claim": (30, 45, "business_day"),
    "wo-code-error": (None, 1, "week"),
    "zbal": (7, 10, "business_day"),
}
"""What the guide promises by phone, written down a second time."""


@pytest.fixture
def patient(acme: Any) -> Patient:
    return PatientFactory(
        company=acme,
        first_name="Casimir",
        last_name="Nowak",
        phone="3125550147",
        email="c.nowak@mail.example",
    )


class Keys:
    """A pair of hands: counts every key that is no content (Return, Tab, arrows, letters with Ctrl, N)."""

    def __init__(self, page: Page) -> None:
        self.page, self.control = page, 0

    def press(self, key: str) -> None:
        self.control += 1
        self.page.keyboard.press(key)

    def type(self, content: str) -> None:
        self.page.keyboard.type(content, delay=12)


def begin(keys: Keys, letters: str) -> None:
    """N, who is asking, by which channel, three letters of the type, the patient."""
    keys.press("n")
    expect(keys.page.locator("#filing")).to_be_visible()
    keys.type("11")
    expect(keys.page.locator(".type-box")).to_be_focused()
    keys.type(letters)
    keys.press("Enter")
    keys.type("nowak")
    keys.press("Enter")
    expect(keys.page.locator(".patient-chosen")).to_contain_text("Casimir Nowak")


def the_ticket(page: Page) -> Ticket:
    """The ticket that the message about filing names."""
    filed_line = page.locator("[data-filed]")
    expect(filed_line).to_be_visible()
    return Ticket.objects.get(number=filed_line.get_attribute("data-filed"))


BY_KEYS = {
    "itemized-bill": ("ite", lambda keys: keys.type("11")),
    "refund": ("ref", lambda keys: (keys.type("1"), keys.type("84.00"), keys.press("Enter"), keys.type("1"))),
    "appeal": ("app", lambda keys: keys.type("1111")),
    "requisition-form": ("req", lambda keys: keys.type("1")),
    "patient-callback": ("patient c", lambda keys: (keys.type("1"), keys.type("Tomorrow at ten"))),
}
"""Five types: the letters that find each, and the answers given."""


@pytest.mark.parametrize("key", BY_KEYS)
def test_a_type_is_filed_with_at_most_six_control_keys_and_no_mouse(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient, key: str
) -> None:
    letters, answer = BY_KEYS[key]
    sign_in(ana)
    keys = Keys(page)
    begin(keys, letters)
    expect(page.locator("#filing-questions input, #filing-questions textarea").last).to_be_attached()
    answer(keys)
    settle(page)
    keys.press("Control+Enter")
    assert the_ticket(page).type == key
    assert keys.control <= 6, f"{keys.control} control keys"


@pytest.mark.parametrize("key", TYPES)
def test_every_type_is_filed_in_a_browser_with_the_window_the_guide_states(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient, key: str
) -> None:
    sign_in(ana)
    page.goto(f"{live_server.url}{NEW}?type={key}&channel=phone&caller=patient&patient={patient.pk}")
    said = good(key)
    for name, value in said["answers"].items():
        give(page, name, value)
    for rule in said["acknowledged"]:
        tick(page, rule)
    settle(page)
    promised = page.locator("#filing-promise .promise-said").inner_text()
    page.get_by_role("button", name="File ticket").click()
    ticket = the_ticket(page)
    assert ticket.type == key
    calendar = calendar_of(calendar_in_force(ana.company, at=datetime.now(UTC)))
    expected = engine.compute(engine.Turnaround(*TURNAROUNDS[key]), ticket.received_at, calendar)
    assert (ticket.expected_from, ticket.due_at) == expected
    if TURNAROUNDS[key][2] in ("business_day", "week"):
        assert " ".join(promised.split()) == ticket.promise, (
            "what stood on screen before is what was promised"
        )
    assert " ".join(page.locator("[data-filed]").inner_text().split()).count(ticket.promise) == 1


def give(page: Page, name: str, value: Any) -> None:
    """Answer a question as a person with a mouse would."""
    page.locator(f"[name='answer_{name}']").first.wait_for(state="attached")
    field = page.locator(f"[name='answer_{name}']").first
    kind = field.get_attribute("type")
    if kind in ("radio", "checkbox"):
        for one in value if isinstance(value, list) else [value]:
            said = {True: "yes", False: "no"}.get(one, one) if isinstance(one, bool) else one
            page.locator(f"[name='answer_{name}'][value='{said}']").check()
    elif kind == "datetime-local":
        field.fill(str(value)[:16])
    else:
        field.fill(str(value))
    field.dispatch_event("change")
    settle(page)


def tick(page: Page, rule: str) -> None:
    box = page.locator(f"[id='ack-{rule}']")
    box.check(force=True)
    settle(page)


def test_a_killed_browser_loses_nothing(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient, context: Any
) -> None:
    sign_in(ana)
    page.goto(f"{live_server.url}{NEW}?type=refund&channel=phone&caller=patient&patient={patient.pk}")
    with page.expect_response(re.compile("/new/advice/")):
        page.get_by_label("Note what was said").fill("Paid twice in May.")
    expect(page.locator("#filing-kept")).to_contain_text("Draft kept")
    assert "resume=" in page.url, "a reload finds it"
    with page.expect_response(re.compile("/new/advice/")):  # a form that is opened asks; then it is quiet
        page.reload()
    expect(page.get_by_label("Note what was said")).to_have_value("Paid twice in May.")
    settle(page)
    sign_in(ana)  # as in another browser: cookies are gone, nothing is left of the page
    page.goto(f"{live_server.url}{NEW}")
    page.locator("#unfinished").get_by_role("link", name="Refund Request").click()
    expect(page.get_by_label("Note what was said")).to_have_value("Paid twice in May.")
    expect(page.locator(".patient-chosen")).to_contain_text("Casimir Nowak")


def test_the_dialog_opens_for_the_patient_in_view_and_gives_the_cursor_back(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient
) -> None:
    sign_in(ana)
    page.goto(f"{live_server.url}/patients/{patient.pk}/")
    link = page.get_by_role("link", name="Escalations").first
    link.focus()
    page.keyboard.press("n")
    expect(page.locator(".patient-chosen")).to_contain_text("Casimir Nowak")
    keys = Keys(page)
    keys.type("11")
    expect(page.locator(".type-box")).to_be_focused()
    keys.type("ite")
    keys.press("Enter")
    expect(page.locator("[name=answer_recipient]").first).to_be_focused()
    keys.type("11")
    expect(page.locator("#id_note")).to_be_focused()
    keys.press("Control+Enter")
    first = the_ticket(page)
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    page.keyboard.press("Shift+N")
    expect(page.locator(".patient-chosen")).to_contain_text("Casimir Nowak")
    expect(page.locator(".type-box")).to_be_focused()
    assert first.patient == patient


def test_closing_the_dialog_keeps_what_is_typed(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient
) -> None:
    sign_in(ana)
    page.keyboard.press("n")
    expect(page.locator("#filing")).to_be_visible()
    page.get_by_label("Note what was said").fill("Half a sentence")
    settle(page)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_label("Note what was said")).to_have_value("Half a sentence")


def test_one_key_makes_it_an_executive_escalation_r_exec_1(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient
) -> None:
    sign_in(ana)
    page.goto(f"{live_server.url}{NEW}?type=refund&channel=phone&caller=patient&patient={patient.pk}")
    page.get_by_label("Note what was said").click()
    page.keyboard.type("Her attorney will call.", delay=10)
    expect(page.locator("#filing-flag")).to_contain_text("“Attorney” was said.")
    page.keyboard.press("Alt+x")
    expect(page.locator("[name=answer_words]")).to_have_value("Attorney")
    expect(page.locator(".type-box")).to_have_value("Executive Escalation Keywords")
    expect(page.get_by_label("Note what was said")).to_have_value("Her attorney will call.")


def test_what_is_typed_while_the_answer_is_under_way_is_not_taken_away(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient
) -> None:
    sign_in(ana)
    page.goto(f"{live_server.url}{NEW}?type=refund&channel=phone&caller=patient&patient={patient.pk}")
    settle(page)
    page.route("**/new/advice/", lambda route: (page.wait_for_timeout(400), route.continue_()))
    page.locator("#id_answer_amount").click()
    page.keyboard.type("123.45", delay=90)
    page.locator("#id_note").click()
    page.keyboard.type("A note of some length, typed on and on.", delay=40)
    page.wait_for_timeout(900)
    settle(page)
    expect(page.locator("#id_answer_amount")).to_have_value("123.45")
    expect(page.locator("#id_note")).to_have_value("A note of some length, typed on and on.")


def test_types_are_found_by_the_words_callers_use(
    page: Page, sign_in: Any, live_server: Any, ana: User
) -> None:
    sign_in(ana)
    page.goto(f"{live_server.url}{NEW}")
    box = page.locator(".type-box")
    for typed, name in {
        "lawyer": "Executive Escalation Keywords",
        "BBB": "Executive Escalation Keywords",
        "no link": "SPAY Error Issue",
        "zero balance": "ZBAL",
        "money back": "Refund Request",
        "dnc": "Do Not Contact Me",
    }.items():
        box.fill(typed)
        expect(page.locator(".type-option[aria-selected=true] .type-name")).to_have_text(name)
    box.fill("xylophone")
    expect(page.locator(".type-list")).to_contain_text("No type sounds like that")
    expect(page.locator(".type-list")).to_contain_text("Not sure?")


def test_a_second_call_is_noted_on_the_ticket_that_runs(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient
) -> None:
    running = filed("refund", ana, patient, datetime.now(UTC))
    sign_in(ana)
    page.goto(f"{live_server.url}/patients/{patient.pk}/")
    page.keyboard.press("n")
    page.get_by_label("Note what was said").fill("Asks once more.")
    page.get_by_role("button", name="Add this call to it").click()
    expect(page.locator("[data-filed]")).to_contain_text(f"The call is noted on {running.number}")
    assert TicketEvent.objects.get(act="contact").text == "Asks once more."
    assert not FilingDraft.objects.exists()


def test_on_a_phone_it_is_done_with_one_thumb(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient
) -> None:
    sign_in(ana)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}{NEW}?patient={patient.pk}")
    page.get_by_text("Patient", exact=True).first.click()
    page.get_by_text("Phone", exact=True).first.click()
    page.locator(".type-box").fill("ite")
    page.locator(".type-option").first.click()
    page.get_by_text("The patient", exact=True).click()
    page.get_by_text("Fully paid, with the payment or a zero balance showing").click()
    settle(page)
    said = page.locator("#filing-said")
    expect(said).to_be_in_viewport()
    expect(said).to_contain_text("between")
    button = page.get_by_role("button", name="File ticket")
    box = button.bounding_box()
    assert box is not None and box["y"] > 844 * 0.6, "within reach of the thumb"
    assert box["height"] >= 40 and box["width"] >= 200
    small = page.evaluate(
        """() => [...document.querySelectorAll("main .option, main .button, main summary, main .type-help a")]
            .filter((one) => one.getClientRects().length)
            .filter((one) => Math.min(one.getBoundingClientRect().height, one.getBoundingClientRect().width) < 24)
            .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert small == []
    button.click()
    assert the_ticket(page).type == "itemized-bill"


def test_axe_finds_nothing_in_the_dialog_nor_beside_guard_rails(
    page: Page, sign_in: Any, live_server: Any, ana: User, patient: Patient, noise: list[str]
) -> None:
    patient.do_not_call = True
    patient.save()
    filed("refund", ana, patient, datetime.now(UTC))
    sign_in(ana)
    page.goto(
        f"{live_server.url}{NEW}?type=patient-callback&channel=phone&caller=patient&patient={patient.pk}"
    )
    page.get_by_label("Note what was said").fill("No lawyer. Applied for Compassionate Care. Invalid Case.")
    settle(page)
    page.wait_for_timeout(600)
    settle(page)
    wrong = look_at(page, "new-ticket-rails")
    page.get_by_role("button", name="File ticket").click()
    settle(page)
    wrong += look_at(page, "new-ticket-refused")
    noise.clear()  # the refusal itself, a 400, which the console tells of
    page.locator(".type-box").fill("bill")
    wrong += look_at(page, "", FEW_LOOKS)
    page.goto(f"{live_server.url}/patients/{patient.pk}/")
    page.keyboard.press("n")
    expect(page.locator(".patient-chosen")).to_be_visible()
    settle(page)
    wrong += look_at(page, "new-ticket-dialog")
    assert wrong == []
