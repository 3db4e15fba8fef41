"""The escalation pages as a browser without script sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company, User
from escalations.models import Deflection, Ticket
from patients.models import Patient
from tests.factories import PatientFactory
from tests.hostile import HOSTILE_TEXT
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db
PageAs = Callable[[User], Client]
NEW, LIST = "/escalations/new/", "/escalations/"
SENT = [text for text in HOSTILE_TEXT if "\ud800" not in text]


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme, first_name="Casimir", last_name="Nowak", account_number="A-77")


@pytest.fixture
def typed(patient: Patient) -> dict[str, Any]:
    """The filing form with everything said."""
    return {
        "do": "file",
        "type": "itemized-bill",
        "channel": "phone",
        "caller": "patient",
        "patient": str(patient.pk),
        "patient_q": "nowak",
        "answer_recipient": "patient",
        "answer_account_status": "paid",
        "note": "Wants it by post.",
        "received_at": "",
    }


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return make_ticket(ana, patient)


def make_ticket(user: User, patient: Patient, *, days: int = 0) -> Ticket:
    return file_ticket(user, patient=patient.pk, at=datetime.now(UTC) - timedelta(days=days))


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_filing_leads_to_the_next_form_which_says_number_and_sentence(
    page_as: PageAs, ana: User, typed: dict[str, Any]
) -> None:
    client = page_as(ana)
    answer = client.post(NEW, typed, follow=True)
    ticket = Ticket.objects.get()
    assert answer.redirect_chain == [(f"/escalations/new/?filed={ticket.number}", 302)]
    page = text_of(answer)
    assert f"{ticket.number}</a> is filed." in page
    for said in ticket.promise.split(" and "):
        assert said.removeprefix("between ") in page, "the sentence to say stands there"
    assert "Wants it by post." not in page, "the next form is empty"
    page = text_of(client.get(f"/escalations/{ticket.number}/"))
    assert "Why this date" in page and "day 0" in page
    assert "Fully paid, with the payment or a zero balance showing" in page


def test_the_promise_stands_on_the_page_before_anything_is_saved_r_all_2(
    page_as: PageAs, ana: User, typed: dict[str, Any]
) -> None:
    answer = page_as(ana).post(NEW, {**typed, "do": "promise", "answer_recipient": ""})
    page = text_of(answer)
    assert answer.status_code == 200
    assert "between" in page and "5–7 business days by phone" in page and "R-ALL-2" in page
    assert "has no answer yet" not in page, "nobody is scolded before pressing File ticket"
    assert not Ticket.objects.exists()


def test_the_live_advice_says_the_same_as_the_page(page_as: PageAs, ana: User, typed: dict[str, Any]) -> None:
    answer = page_as(ana).post(NEW + "advice/", {**typed, "answer_recipient": "insurer"})
    page = text_of(answer)
    assert answer.status_code == 200
    assert 'hx-swap-oob="true"' in page and "between" in page
    assert "R-ITEM-2" in page and "<html" not in page
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("R-ALL-1", {"channel": ""}),
        ("R-ALL-1", {"caller": ""}),
        ("R-ALL-1", {"patient": ""}),
        ("R-ITEM-2", {"answer_recipient": "insurer"}),
        ("R-ITEM-3", {"caller": "insurance_representative"}),
        ("R-ITEM-4", {"answer_account_status": "neither"}),
        ("R-ITEM-4", {"answer_account_status": ""}),
    ],
)
def test_each_rule_refuses_in_the_form_and_keeps_what_was_typed(
    page_as: PageAs, ana: User, typed: dict[str, Any], rule: str, changes: dict[str, Any]
) -> None:
    answer = page_as(ana).post(NEW, {**typed, **changes})
    page = text_of(answer)
    assert answer.status_code == 400
    assert page.count(rule) >= 1
    assert "Wants it by post." in page
    assert not Ticket.objects.exists()


def test_an_insurance_representative_is_told_where_to_write_and_logged_r_item_3(
    page_as: PageAs, ana: User, typed: dict[str, Any]
) -> None:
    answer = page_as(ana).post(NEW, {**typed, "caller": "insurance_representative", "patient": ""})
    assert "itemized@acme.example" in text_of(answer)
    assert Deflection.objects.get().rule == "R-ITEM-3"


def test_looking_is_not_logged_as_turning_a_caller_away_r_item_3(
    page_as: PageAs, ana: User, typed: dict[str, Any]
) -> None:
    turned = {**typed, "caller": "insurance_representative"}
    page_as(ana).post(NEW + "advice/", turned)
    page_as(ana).post(NEW, {**turned, "do": "promise"})
    assert not Deflection.objects.exists()


def test_a_patient_is_found_without_script_and_chosen(
    page_as: PageAs, ana: User, patient: Patient, typed: dict[str, Any]
) -> None:
    page = text_of(page_as(ana).post(NEW, {**typed, "do": "find", "patient": ""}))
    assert "Casimir Nowak" in page and f'value="{patient.pk}"' in page
    assert "New patient" in page
    chosen = text_of(page_as(ana).get(f"{NEW}?type=itemized-bill&patient={patient.pk}"))
    assert f'<input type="hidden" name="patient" value="{patient.pk}">' in chosen
    let_go = text_of(page_as(ana).post(NEW, {**typed, "do": "other_patient"}))
    assert '<input type="hidden" name="patient"' not in let_go


def test_no_address_holds_what_was_typed_of_a_patient(
    page_as: PageAs, ana: User, typed: dict[str, Any]
) -> None:
    page = text_of(page_as(ana).post(NEW, {**typed, "do": "find", "patient": "", "note": "secret"}))
    addresses = [part.split('"')[0] for part in page.split('href="')[1:]]
    assert not any("nowak" in address.lower() or "secret" in address for address in addresses)


@pytest.mark.parametrize(
    "field",
    [
        "type",
        "channel",
        "caller",
        "patient",
        "patient_q",
        "answer_recipient",
        "answer_account_status",
        "note",
        "received_at",
        "acknowledged",
        "do",
    ],
)
@pytest.mark.parametrize("value", SENT)
def test_a_hostile_value_in_the_form_is_kept_or_refused_with_a_sentence(
    page_as: PageAs, ana: User, typed: dict[str, Any], field: str, value: str
) -> None:
    client = page_as(ana)
    answer = client.post(NEW, {**typed, field: value})
    closed = field not in ("note", "patient_q", "do")
    if closed and value.strip() and value.strip() not in ("", "\u200b\ufeff"):
        assert answer.status_code == 400, (field, value[:40])
        assert "This was not filed" in text_of(answer)
        assert not Ticket.objects.exists()
    assert answer.status_code in (200, 302, 400)
    assert client.post(NEW + "advice/", {**typed, field: value}).status_code == 200
    assert client.get(NEW, {field: value[:2000]}).status_code == 200


def test_what_was_typed_never_becomes_markup(page_as: PageAs, ana: User, typed: dict[str, Any]) -> None:
    bad = "<script>alert(1)</script>"
    page = text_of(page_as(ana).post(NEW, {**typed, "note": bad, "patient_q": bad, "channel": ""}))
    assert bad not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_companys_ticket_is_not_there(
    page_as: PageAs, otto: User, ticket: Ticket, method: str
) -> None:
    path = "steps/" if method == "post" else ""
    url = f"/escalations/{ticket.number}/{path}"
    assert getattr(page_as(otto), method)(url, {"act": "comment", "note": "x"}).status_code == 404


def test_another_companys_patient_cannot_be_chosen(
    page_as: PageAs, otto: User, patient: Patient, typed: dict[str, Any]
) -> None:
    page = page_as(otto).post(NEW, typed)
    assert page.status_code == 400 and "Casimir" not in text_of(page)
    assert "There is no such patient" in text_of(page)


@pytest.mark.parametrize("number", ["E-9999", "1", "e-1001", "E-1001 ", "%00", "٣", "x" * 300])
def test_a_number_that_is_nobodys_is_not_found(
    page_as: PageAs, ana: User, ticket: Ticket, number: str
) -> None:
    assert page_as(ana).get(f"/escalations/{number}/").status_code == 404


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("adam", LIST, 403),
        ("adam", NEW, 403),
        ("ben", NEW, 403),
        ("ben", LIST, 200),
        ("sue", NEW, 200),
    ],
)
def test_pages_are_for_those_who_may(
    page_as: PageAs, cast: dict[str, User], who: str, path: str, status: int
) -> None:
    assert page_as(cast[who]).get(path).status_code == status


def test_the_list_shows_the_filters_of_its_address(
    page_as: PageAs, ana: User, ticket: Ticket, acme: Company
) -> None:
    late = make_ticket(ana, PatientFactory(company=acme, last_name="Kirchner"), days=25)
    client = page_as(ana)
    page = text_of(client.get(LIST))
    assert ticket.number in page and late.number in page
    breached = text_of(client.get(LIST + "?standing=breached"))
    assert late.number in breached and f">{ticket.number}<" not in breached
    assert "remove standing breached" in breached.lower()
    assert f">{late.number}<" in text_of(client.post(LIST, {"q": "kirch"}, follow=True))
    assert "Nothing fits these filters" in text_of(client.post(LIST, {"q": "nobody-at-all"}, follow=True))


@pytest.mark.parametrize(
    "name",
    ["type", "status", "standing", "assignee", "patient", "q", "received_after", "due_before", "cursor"],
)
@pytest.mark.parametrize("value", SENT)
def test_a_hostile_filter_is_left_out_and_said(page_as: PageAs, ana: User, name: str, value: str) -> None:
    answer = page_as(ana).get(LIST, {name: value[:2000]})
    assert answer.status_code in (200, 302, 400, 404)  # nothing chosen leads to the address without it
    if answer.status_code == 400:
        assert "This filter was left out." in text_of(answer)


def test_an_empty_list_says_what_to_do_next(page_as: PageAs, ana: User) -> None:
    page = text_of(page_as(ana).get(LIST))
    assert "Nothing has been filed yet." in page and "New ticket" in page


def test_pages_take_few_queries_however_many_tickets(
    page_as: PageAs, ana: User, acme: Company, django_assert_max_num_queries: Any
) -> None:
    for index in range(25):
        make_ticket(ana, PatientFactory(company=acme), days=index)
    client = page_as(ana)
    client.get(LIST)
    with django_assert_max_num_queries(8) as few:
        client.get(LIST)
    for index in range(75):
        make_ticket(ana, PatientFactory(company=acme), days=index % 25)
    with django_assert_max_num_queries(8) as many:
        page = text_of(client.get(LIST))
    assert len(few) == len(many) and page.count('class="sticky') == 100
    number = Ticket.objects.order_by("id").first()
    assert number is not None
    with django_assert_max_num_queries(12):
        client.get(f"/escalations/{number.number}/")


def test_filing_in_the_form_takes_at_most_twelve_queries(
    page_as: PageAs, ana: User, typed: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    client = page_as(ana)
    client.post(NEW, typed)
    with django_assert_max_num_queries(12):
        assert client.post(NEW, typed).status_code == 302


def test_no_page_needs_what_the_content_policy_refuses(
    page_as: PageAs, ana: User, ticket: Ticket, typed: dict[str, Any]
) -> None:
    client = page_as(ana)
    pages = [client.get(LIST), client.get(NEW), client.get(f"/escalations/{ticket.number}/")]
    for page in map(text_of, [*pages, client.post(NEW, {**typed, "channel": ""})]):
        assert " style=" not in page and " onclick=" not in page and "<script>" not in page


class TestLookingForAPatient:
    def test_the_chosen_one_stays_in_the_list_so_that_arrow_keys_go_on(
        self, page_as: PageAs, ana: User, patient: Patient
    ) -> None:
        PatientFactory(company=patient.company, first_name="Anna", last_name="Nowak")
        sent = {"patient_q": "nowak", "patient": str(patient.pk)}
        answer = page_as(ana).post(NEW + "advice/", sent).content.decode()
        assert f'value="{patient.pk}" id="patient-{patient.pk}" checked' in answer
        assert "Anna Nowak" in answer

    def test_one_who_was_chosen_before_another_search_stays_chosen_above_it(
        self, page_as: PageAs, ana: User, patient: Patient
    ) -> None:
        PatientFactory(company=patient.company, first_name="Ludwig", last_name="Brandt")
        sent = {"patient_q": "brandt", "patient": str(patient.pk)}
        answer = page_as(ana).post(NEW + "advice/", sent).content.decode()
        assert f'<input type="hidden" name="patient" value="{patient.pk}">' in answer
        assert "Ludwig Brandt" in answer

    @pytest.mark.parametrize("button", ["find", "other_patient"])
    def test_without_script_find_and_change_come_back_to_the_field(
        self, page_as: PageAs, ana: User, typed: dict[str, Any], button: str
    ) -> None:
        page = page_as(ana).post(NEW, {**typed, "do": button}).content.decode()
        begun = [tag for tag in page.split("<") if " autofocus" in tag]
        assert len(begun) == 1
        assert 'name="patient_q"' in begun[0]
