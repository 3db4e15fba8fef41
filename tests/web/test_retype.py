"""Changing a ticket's type or channel on its page: what is asked, which dates result, what is kept (K12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from escalations import actions
from escalations.models import Attachment, Breach, Ticket
from escalations.policies import calendar_of
from escalations.queries import tickets_of
from escalations.screens import moment_words
from patients.models import Patient
from tests.files import GOOD, sent
from tests.hostile import HOSTILE_TEXT
from tests.tickets import filed, good_form

pytestmark = pytest.mark.django_db
PageAs = Callable[[User], Client]
SENT = [text for text in HOSTILE_TEXT if "\ud800" not in text]


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return filed("itemized-bill", ana, patient, datetime.now(UTC) - timedelta(days=2))


@pytest.fixture
def desk(page_as: PageAs, sue: User) -> Client:
    return page_as(sue)


def url(ticket: Ticket) -> str:
    return f"/escalations/{ticket.number}/type/"


def text_of(answer: Any) -> str:
    return answer.content.decode()


def form_for(key: str, patient: Patient, **changes: Any) -> dict[str, Any]:
    """A good ticket of this type as the page of the type sends it."""
    plain = {
        name: value for name, value in good_form(key, patient).items() if name not in ("patient", "caller")
    }
    return {**plain, "do": "save", **changes}


def due_words(ticket: Ticket) -> str:
    fresh = Ticket.objects.get(pk=ticket.pk)
    assert fresh.due_at is not None
    return moment_words(fresh.due_at, calendar_of(fresh.calendar_version), datetime.now(UTC))


def dates_on(html: str) -> str:
    return html.split('id="retype-dates"')[1].split("</table>")[0]


def test_the_new_window_stands_against_the_old_before_anything_is_saved_k12(
    desk: Client, ticket: Ticket
) -> None:
    html = text_of(desk.get(url(ticket), {"type": "refund"}))
    before = due_words(ticket)
    assert before in dates_on(html) and "Up to 60 business days by phone" in dates_on(html)
    assert "5–7 business days by phone" in dates_on(html)
    assert "Tell the patient, once it is changed" in html
    desk.post(url(ticket), form_for("refund", ticket.patient))
    assert Ticket.objects.get(pk=ticket.pk).type == "refund"
    assert due_words(ticket) in dates_on(html), "the date that was shown is the date it has"


def test_another_channel_alone_moves_the_dates_and_asks_nothing_again_k12(
    desk: Client, ticket: Ticket
) -> None:
    html = text_of(desk.get(url(ticket), {"channel": "email"}))
    assert 'value="patient"' in html and "checked" in html, "the answers are those that were given"
    desk.post(url(ticket), form_for("itemized-bill", ticket.patient, channel="email"))
    ticket.refresh_from_db()
    assert (ticket.type, ticket.channel) == ("itemized-bill", "email")
    assert due_words(ticket) in dates_on(html)


def test_a_wait_that_is_open_counts_as_if_it_ended_now_in_both_windows_k9(
    desk: Client, ana: User, patient: Patient
) -> None:
    ticket = filed("missing-payment", ana, patient, datetime.now(UTC) - timedelta(days=20))
    began = ticket.received_at + timedelta(hours=1)
    actions.act(ticket, "wait", by=ana, at=began, facts={"reason": "patient"})
    html = text_of(desk.get(url(ticket), {"type": "refund"}))
    assert "as if it were resumed at this moment" in html
    desk.post(url(ticket), form_for("refund", patient))
    fresh = tickets_of(ana).get(pk=ticket.pk)
    resumed = actions.act(fresh, "resume", by=ana, at=datetime.now(UTC))
    assert due_words(resumed) in dates_on(html)


def test_what_is_known_is_carried_over_and_survives_a_change_of_mind(
    desk: Client, ana: User, patient: Patient
) -> None:
    ticket = filed("medical-records", ana, patient, datetime.now(UTC))
    start = text_of(desk.get(url(ticket)))
    email = ticket.answers["destination_email"]
    assert email in start
    looked = desk.post(url(ticket), {**form_for("medical-records", patient), "type": "refund", "do": "look"})
    html = text_of(looked)
    assert looked.status_code == 200 and "What Refund Request asks" in html
    assert email in html, "an answer to a question that is not asked now is carried along"
    assert "has no answer yet" not in html, "nobody is scolded before pressing Change"


def test_a_refusal_names_the_rules_and_keeps_everything_typed(desk: Client, ticket: Ticket) -> None:
    wrong = {"answer_amount": "12.50", "answer_payment_visible": "no", "answer_reason": ""}
    answer = desk.post(url(ticket), form_for("refund", ticket.patient, note="He paid twice.", **wrong))
    html = text_of(answer)
    assert answer.status_code == 400 and "This was not changed. What you typed is kept." in html
    assert "12.50" in html and "He paid twice." in html
    assert "R-REF-1" in html and "R-REF-2" in html
    links = re.findall(r'href="#([\w-]+)"', html.split('class="error-summary"')[1].split("</div>")[0])
    assert links and [link for link in links if f'id="{link}"' not in html] == []
    assert Ticket.objects.get(pk=ticket.pk).type == "itemized-bill"


def test_a_block_is_not_dodged_by_the_page_r_stop_2(desk: Client, ticket: Ticket) -> None:
    form = form_for("stop-claim", ticket.patient, answer_compassionate_care_applied="yes")
    answer = desk.post(url(ticket), form)
    assert answer.status_code == 400 and "R-STOP-2" in text_of(answer)
    assert Ticket.objects.get(pk=ticket.pk).type == "itemized-bill"


def test_what_must_be_ticked_is_asked_and_then_stays_ticked(desk: Client, ticket: Ticket) -> None:
    form = form_for("appeal", ticket.patient)
    ticks = form.pop("acknowledged")
    answer = desk.post(url(ticket), form)
    html = text_of(answer)
    assert answer.status_code == 400 and 'name="acknowledged" value="R-APPEAL-2"' in html
    one = text_of(desk.post(url(ticket), {**form, "acknowledged": ["R-APPEAL-2"]}))
    assert 'type="hidden" name="acknowledged" value="R-APPEAL-2"' in one
    assert desk.post(url(ticket), {**form, "acknowledged": ticks}).status_code == 302
    assert Ticket.objects.get(pk=ticket.pk).type == "appeal"


def test_a_change_that_changes_nothing_is_told_so(desk: Client, ticket: Ticket) -> None:
    answer = desk.post(url(ticket), form_for("itemized-bill", ticket.patient))
    assert answer.status_code == 409 and "already, with the same answers" in text_of(answer)


def test_the_second_of_two_is_told_who_changed_what_and_keeps_the_form(
    desk: Client, ana: User, ticket: Ticket
) -> None:
    actions.act(ticket, "take", by=ana, at=datetime.now(UTC))
    form = form_for("refund", ticket.patient, version="1", note="He paid twice.")
    answer = desk.post(url(ticket), form)
    html = text_of(answer)
    assert answer.status_code == 409
    assert f"Ana Example changed {ticket.number} while you looked at it." in html and "Taken" in html
    assert "He paid twice." in html and '<option value="refund" selected' in html
    version = re.search(r'name="version" value="(\d+)"', html)
    assert version is not None
    assert desk.post(url(ticket), {**form, "version": version[1]}).status_code == 302


def test_an_earlier_breach_stays_on_record_and_the_page_says_so_k12(
    desk: Client, ana: User, patient: Patient
) -> None:
    late = filed("itemized-bill", ana, patient, datetime.now(UTC) - timedelta(days=40))
    actions.watch_clocks(at=datetime.now(UTC))
    assert "The breach on record stays." in text_of(desk.get(url(late), {"type": "refund"}))
    desk.post(url(late), form_for("refund", patient))
    assert Breach.objects.get(ticket=late).cycle == 1


def test_a_change_that_would_make_it_late_says_so_beforehand(
    desk: Client, ana: User, patient: Patient
) -> None:
    old = filed("refund", ana, patient, datetime.now(UTC) - timedelta(days=30))
    assert "Late at once." in text_of(desk.get(url(old), {"type": "itemized-bill"}))
    assert "Late at once." not in text_of(desk.get(url(old)))


def test_a_file_is_kept_while_the_rest_is_refused_and_goes_with_the_ticket_r_miss_2(
    desk: Client, sue: User, ticket: Ticket
) -> None:
    name, data = GOOD["image/png"]
    form = {**form_for("missing-payment", ticket.patient), "key": "form-of-the-change"}
    form.pop("answer_transaction_id")
    gone = desk.post(url(ticket), {**form, "answer_proof": "a-file-that-is-gone"})
    assert gone.status_code == 400 and 'href="#id_upload_proof"' in text_of(gone)
    refused = desk.post(url(ticket), {**form, "answer_looked": ["amd"], "upload_proof": sent(name, data)})
    assert refused.status_code == 400 and "R-MISS-1" in text_of(refused)
    file = Attachment.objects.get()
    assert file.name in text_of(refused) and file.ticket is None
    done = desk.post(url(ticket), {**form, "answer_proof": file.name})
    assert done.status_code == 302
    file.refresh_from_db()
    assert file.ticket == Ticket.objects.get(pk=ticket.pk)


def test_a_suggestion_is_taken_by_its_button(desk: Client, ticket: Ticket) -> None:
    form = form_for("refund", ticket.patient, do="use:R-X-3:missing-payment")
    html = text_of(desk.post(url(ticket), form))
    assert '<option value="missing-payment" selected' in html


@pytest.mark.parametrize("who", ["ana", "ben", "adam"])
def test_it_is_for_supervisors(page_as: PageAs, cast: dict[str, User], ticket: Ticket, who: str) -> None:
    client = page_as(cast[who])
    assert client.get(url(ticket)).status_code == 403
    assert client.post(url(ticket), form_for("refund", ticket.patient)).status_code == 403


def test_a_ticket_that_is_over_keeps_its_type_and_says_so(desk: Client, ana: User, ticket: Ticket) -> None:
    fresh = tickets_of(ana).get(pk=ticket.pk)
    actions.act(fresh, "resolve", by=ana, at=datetime.now(UTC), facts={"outcome": "Itemized bill sent"})
    answer = desk.get(url(ticket), follow=True)
    assert answer.redirect_chain and "This ticket is resolved" in text_of(answer)


@pytest.mark.parametrize("do", ["save", "look", "use:R-X-3:missing-payment"])
def test_what_was_typed_is_kept_when_the_ticket_ended_meanwhile(
    desk: Client, ana: User, ticket: Ticket, do: str
) -> None:
    seen = str(ticket.version)
    fresh = tickets_of(ana).get(pk=ticket.pk)
    actions.act(fresh, "resolve", by=ana, at=datetime.now(UTC), facts={"outcome": "Itemized bill sent"})
    form = form_for("refund", ticket.patient, do=do, note="He paid twice.", version=seen)
    answer = desk.post(url(ticket), form)
    html = text_of(answer)
    assert answer.status_code == 409 and "This ticket is resolved" in html
    assert "He paid twice." in html and form["answer_amount"] in html
    if do == "save":
        assert f"Ana Example changed {ticket.number} while you looked at it." in html
    again = desk.post(url(ticket), {**form, "do": "save", "version": ""})
    assert again.status_code == 409 and "What you typed is kept below." in text_of(again)
    assert Ticket.objects.get(pk=ticket.pk).type == "itemized-bill"


def test_neither_title_nor_address_names_the_patient(desk: Client, ticket: Ticket) -> None:
    html = text_of(desk.get(url(ticket)))
    assert "Nowak" not in html.split("<title>")[1].split("</title>")[0]
    assert not any("nowak" in part.split('"')[0].lower() for part in html.split('href="')[1:])


@pytest.mark.parametrize("field", ["type", "channel", "answer_recipient", "note", "do", "version", "key"])
@pytest.mark.parametrize("value", SENT)
def test_no_hostile_value_makes_the_page_fail(desk: Client, ticket: Ticket, field: str, value: str) -> None:
    form = form_for("itemized-bill", ticket.patient, channel="email")
    assert desk.post(url(ticket), {**form, field: value}).status_code in (200, 302, 400, 409)
    assert desk.get(url(ticket), {field: value[:500]}).status_code in (200, 302)


def test_the_page_takes_few_queries(desk: Client, ticket: Ticket, django_assert_max_num_queries: Any) -> None:
    desk.get(url(ticket))
    with django_assert_max_num_queries(12):
        desk.get(url(ticket), {"type": "supervisor"})
