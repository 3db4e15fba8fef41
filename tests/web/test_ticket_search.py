"""Finding tickets in the list: by number, by patient, by what is written in them; nobody else's, not in addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Company, User
from escalations import ticket_search
from escalations.models import Ticket, TicketEvent, TicketWords
from escalations.queries import filtered, tickets_of
from escalations.ticket_search import TicketSearch
from patients.models import Patient
from tables.models import SavedView
from tests.desk_tickets import LIST, PageAs
from tests.factories import PatientFactory
from tests.tickets import ago, filed, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def nowak(acme: Company) -> Patient:
    return PatientFactory(
        company=acme,
        first_name="Casimir",
        last_name="Nowak",
        account_number="A-770001",
        phone="3125550147",
        date_of_birth="1971-03-14",
    )


@pytest.fixture
def other_patient(acme: Company) -> Patient:
    return PatientFactory(company=acme, first_name="Ludwika", last_name="Brandt", phone="3125550188")


@pytest.fixture
def theirs(ana: User, nowak: Patient) -> Ticket:
    return filed("refund", ana, nowak, ago(days=3), note="Paid twice in May; her attorney wrote a letter.")


@pytest.fixture
def another(ana: User, other_patient: Patient) -> Ticket:
    return filed("refund", ana, other_patient, ago(days=2), note="Wants the money on her card.")


def told(ticket: Ticket, by: User, note: str) -> None:
    step(ticket, "comment", by, note=note)


def found(user: User, text: str) -> set[str]:
    wanted = {"q": TicketSearch(user, text)}
    rows = filtered(tickets_of(user), wanted, now=datetime.now(UTC))
    return set(rows.values_list("number", flat=True))


def page_of(client: Client, text: str) -> str:
    return client.post(LIST, {"q": text}, follow=True).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "nowak", "NOWAK", "now", "casimir nowak", "Nowak, Casimir", "nowack", "a-770001", "A-77",
        "312-555-0147", "(312) 555 0147", "1971-03-14", "3/14/1971",
    ],
)  # fmt: skip
def test_a_patient_is_found_by_any_writing(ana: User, theirs: Ticket, another: Ticket, typed: str) -> None:
    assert found(ana, typed) == {theirs.number}


def test_a_ticket_is_found_by_its_number_with_its_letter_and_without(ana: User, theirs: Ticket) -> None:
    assert found(ana, theirs.number) == {theirs.number}
    assert found(ana, theirs.number.lower()) == {theirs.number}
    assert theirs.number in found(ana, theirs.number.removeprefix("E-"))


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("attorney", True),
        ("attorneys", True),
        ("letters attorney", True),
        ('"attorney wrote"', True),
        ('"wrote attorney"', False),
        ("attorney -letter", False),
        ("attorney -card", True),
        ("attorney or bankruptcy", True),
        ("attorney bankruptcy", False),
    ],
)
def test_words_of_the_note_are_found_stemmed_side_by_side_or_left_out(
    ana: User, theirs: Ticket, another: Ticket, typed: str, is_found: bool
) -> None:
    assert found(ana, typed) == ({theirs.number} if is_found else set())


def test_words_of_later_notes_and_of_steps_are_found_with_those_of_the_first(
    ana: User, theirs: Ticket, another: Ticket
) -> None:
    told(another, ana, "The portal says Invalid Case.")
    assert found(ana, "portal") == {another.number}
    assert found(ana, "card portal") == {another.number}, "one word in the note, the other in a later one"
    assert found(ana, '"card the portal"') == set(), "no phrase reaches from one text into the next"
    step(theirs, "resolve", ana, outcome="Refund sent", note="Cheque 4471 went out.")
    assert found(ana, "4471") == {theirs.number}


def test_what_was_written_into_an_answer_is_found_and_what_was_only_chosen_is_not(
    ana: User, nowak: Patient
) -> None:
    ticket = filed(
        "missing-payment", ana, nowak, ago(hours=2), answers={"transaction_id": "TX-99812"}, note=""
    )
    assert found(ana, "TX-99812") == {ticket.number}
    chosen = filed("refund", ana, nowak, ago(hours=1), note="")
    assert chosen.answers["reason"], "this question was answered by choosing"
    assert chosen.number not in found(ana, f'"{chosen.answers["reason"]}"')


def test_a_change_of_note_or_answers_is_found_and_what_stood_there_before_is_not(
    ana: User, theirs: Ticket
) -> None:
    told(theirs, ana, "Spoke to the bank.")
    Ticket.objects.filter(pk=theirs.pk).update(note="It was a mistake.")
    assert found(ana, "mistake") == {theirs.number} and found(ana, "attorney") == set()
    assert found(ana, "bank") == {theirs.number}, "the timeline is still there"


def test_many_tickets_and_events_written_at_once_are_found_too(ana: User, theirs: Ticket) -> None:
    row = TicketEvent.objects.filter(ticket=theirs).first()
    assert row is not None
    lines = [
        TicketEvent(company=row.company, ticket=theirs, act="comment", at=row.at, title="Note", text=text)
        for text in ("overpaid by cheque", "sent to Springfield")
    ]
    TicketEvent.objects.bulk_create(lines)
    assert found(ana, "springfield cheque") == {theirs.number}


def test_a_text_longer_than_an_index_can_hold_is_kept_all_the_same(ana: User, theirs: Ticket) -> None:
    words = " ".join(f"word{number:06d}" for number in range(60_000))
    event = TicketEvent.objects.filter(ticket=theirs).latest("pk")
    for _ in range(3):
        event.pk = None
        event.act, event.text, event._state.adding = "comment", words, True
        event.save()
    assert "word000001" in TicketWords.objects.get(ticket=theirs).words


@pytest.mark.parametrize("typed", ["attorney", "nowak", "nowack", "A-770001", "312-555-0147", "card"])
def test_another_companys_tickets_are_never_found(
    otto: User, theirs: Ticket, another: Ticket, typed: str
) -> None:
    assert found(otto, typed) == set()
    assert found(otto, theirs.number) == set()


def test_a_way_that_is_full_leaves_out_nothing(
    ana: User, theirs: Ticket, another: Ticket, nowak: Patient, monkeypatch: Any
) -> None:
    monkeypatch.setattr(ticket_search, "MOST", 2)
    monkeypatch.setattr(ticket_search, "MOST_PEOPLE", 2)
    more = {filed("refund", ana, nowak, ago(hours=n), note="Her attorney again.").number for n in range(1, 5)}
    assert found(ana, "attorney") == more | {theirs.number}
    assert found(ana, "nowak") == more | {theirs.number}
    for number in range(3):
        patient = PatientFactory(company=ana.company, last_name=f"Nowakowski{number}")
        more.add(filed("refund", ana, patient, ago(hours=5), note="").number)
    assert found(ana, "nowak") == more | {theirs.number}


def test_the_page_says_where_the_words_stand_and_marks_them(
    page_as: PageAs, ana: User, theirs: Ticket, another: Ticket
) -> None:
    page = page_of(page_as(ana), "attorneys")
    assert f">{theirs.number}<" in page and f">{another.number}<" not in page
    assert "<mark>attorney</mark>" in page and 'class="snippet-where">Note<' in page
    told(another, ana, "Her <i>portal</i> & the card")
    page = page_of(page_as(ana), "portal")
    assert "<mark>portal</mark>" in page and "&amp; the card" in page and "<i>portal" not in page
    assert "Later note, " in page
    ticket = filed(
        "missing-payment", ana, theirs.patient, ago(hours=1), answers={"transaction_id": "TX-99812"}
    )
    page = page_of(page_as(ana), "TX-99812")
    assert f">{ticket.number}<" in page and 'class="snippet-where">Transaction id<' in page


def test_a_ticket_found_by_its_patient_has_no_line_below(page_as: PageAs, ana: User, another: Ticket) -> None:
    page = page_of(page_as(ana), "brandt")
    assert f">{another.number}<" in page and 'class="snippet"' not in page


def test_a_biller_finds_what_an_agent_finds(page_as: PageAs, ben: User, theirs: Ticket) -> None:
    assert f">{theirs.number}<" in page_of(page_as(ben), "attorney")


def test_a_search_that_only_leaves_out_is_said_to_name_nothing(
    page_as: PageAs, ana: User, theirs: Ticket
) -> None:
    answer = page_as(ana).post(LIST, {"q": "-attorney"}, follow=True)
    assert answer.status_code == 400 and "Name something to look for" in answer.content.decode()


@pytest.mark.parametrize(
    "typed", ['"', "-", "''", "%", "_", "\\", "a:*&|!()", "the and of", "'; drop", "😀", "x" * 100]
)
def test_odd_signs_are_looked_for_and_break_nothing(
    page_as: PageAs, ana: User, theirs: Ticket, typed: str
) -> None:
    answer = page_as(ana).post(LIST, {"q": typed}, follow=True)
    nothing_named = typed in ('"', "-") and b"Name something to look for" in answer.content
    assert answer.status_code == (400 if nothing_named else 200)


def test_no_search_stands_in_an_address_or_a_saved_view(page_as: PageAs, ana: User, theirs: Ticket) -> None:
    client = page_as(ana)
    answer = client.post(LIST, {"q": "attorney letter"}, follow=True)
    page = answer.content.decode()
    addresses = [answer.redirect_chain[0][0], *(part.split('"')[0] for part in page.split('href="')[1:])]
    assert not any("attorney" in address or "letter" in address for address in addresses)
    key = answer.redirect_chain[0][0].split("s=")[1]
    client.post(f"{LIST.replace('/escalations/', '/tables/tickets/views/')}", {"name": "Mine", "s": key})
    assert not SavedView.objects.filter(query__contains="attorney").exists()


def test_the_file_has_what_the_search_found_and_nothing_else(
    page_as: PageAs, ana: User, theirs: Ticket, another: Ticket
) -> None:
    client = page_as(ana)
    answer = client.post(LIST, {"q": "attorney"}, follow=True)
    key = answer.redirect_chain[0][0].split("s=")[1]
    export = next(part for part in answer.content.decode().split('action="') if "/export/" in part).split(
        '"'
    )[0]
    lines = b"".join(client.post(export, {"s": key})).decode().splitlines()
    assert len(lines) == 2 and theirs.number in lines[1]


def test_a_search_costs_no_more_queries_however_much_is_found(
    page_as: PageAs, ana: User, nowak: Patient, django_assert_max_num_queries: Any
) -> None:
    client = page_as(ana)
    counts = []
    for more in (1, 30):
        for number in range(more):
            filed("refund", ana, nowak, ago(hours=number + 1), note="Her attorney again.")
        address = client.post(LIST, {"q": "attorney"}).url
        client.get(address)
        with django_assert_max_num_queries(8) as asked:
            client.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_words_are_looked_up_in_their_index(ana: User, theirs: Ticket) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT ticket_id FROM escalations_ticketwords"
            " WHERE words @@ websearch_to_tsquery('english', 'attorney') LIMIT 501"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "ticket_words_found" in plan
