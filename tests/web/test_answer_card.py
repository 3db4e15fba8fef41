"""A caller rings back: the sentence to say stands above what the search found, and on the patient's panel."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations import actions
from escalations.answering import answer_for, answer_of, answerable
from escalations.filing import read_filing
from escalations.models import Ticket, TicketEvent, TicketLink
from escalations.patient_panel import panel_of
from escalations.queries import tickets_of
from patients import actions as patient_actions
from patients.models import PatientReading
from tests.factories import PatientFactory
from tests.world_rows import file_ticket

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime.now(UTC)


def at(month, day, hour=10, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=CHICAGO)


FILED = at(5, 20)


@pytest.fixture
def casimir(acme):
    return PatientFactory(
        company=acme,
        first_name="Casimir",
        last_name="Nowak",
        account_number="004-118",
        phone="3125550147",
    )


def filed(user, patient, when=FILED, **said):
    plain = {"type": "itemized-bill", "channel": "phone", "caller": "patient", "patient": patient.pk}
    answers = {"recipient": "patient", "account_status": "paid"}
    filing = read_filing(user, {**plain, "answers": answers, **said}, at=when)
    assert filing.may_be_filed, (filing.all_wrong, filing.intake.refusals)
    return actions.file_ticket(filing, by=user, at=when)


def step(ticket, act, by, when, **facts):
    return actions.act(tickets_of(by).get(pk=ticket.pk), act, by=by, at=when, facts=facts)


def sentence(ticket, now):
    return answer_for(Ticket.objects.get(pk=ticket.pk), now).sentence


def search(client, sought):
    answer = client.post("/search/", {"q": sought})
    return unescape(answer.content.decode())


def palette(client, sought):
    headers = {"HX-Request": "true", "HX-Target": "palette-found"}
    return unescape(client.post("/search/", {"q": sought}, headers=headers).content.decode())


def card(page):
    """The words of the card alone, or nothing."""
    found = re.search(r'<section class="answer".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


class TestFromTheTicket:
    """What the rows say becomes the sentence: filed, worked on, waiting, late, over."""

    def test_a_bill_through_its_life(self, ana, casimir):
        ticket = filed(ana, casimir)
        assert sentence(ticket, at(5, 21)) == (
            "We have your request for an itemized bill on record; "
            "expect the bill between Thursday 28 May and Monday 1 June."
        )
        step(ticket, "start", ana, at(5, 21))
        assert sentence(ticket, at(5, 29)).endswith("any day now, by Monday 1 June at the latest.")
        assert sentence(ticket, at(6, 1, 9)).endswith("expect the bill today, Monday 1 June.")
        assert sentence(ticket, at(6, 2)) == (
            "We are sorry: the bill was due by Monday 1 June and is late; a supervisor sees it."
        )
        step(ticket, "resolve", ana, at(6, 2, 11), outcome="Itemized bill sent")
        assert sentence(ticket, at(6, 3)) == (
            "Your request for an itemized bill was settled on Tuesday 2 June, "
            "with this result: Itemized bill sent."
        )

    def test_a_wait_that_stops_the_clock_gives_no_date_until_it_goes_on(self, ana, casimir):
        ticket = filed(ana, casimir)
        step(ticket, "wait", ana, at(5, 21), reason="patient")
        assert sentence(ticket, at(5, 26)) == (
            "We are waiting for what we asked you to send, so please send it; "
            "until then your request for an itemized bill rests, and its date moves on."
        )
        step(ticket, "resume", ana, at(5, 26, 11))
        moved = Ticket.objects.get(pk=ticket.pk)
        assert f"{moved.due_at.astimezone(CHICAGO):%A} {moved.due_at.astimezone(CHICAGO).day}" in sentence(
            ticket, at(5, 26, 12)
        )

    def test_a_wait_for_the_insurer_keeps_the_date(self, ana, casimir):
        ticket = filed(ana, casimir)
        step(ticket, "wait", ana, at(5, 21), reason="insurer")
        assert sentence(ticket, at(5, 26)) == (
            "We are waiting for your insurer's answer; expect the bill between Thursday 28 May and Monday 1 June."
        )

    def test_a_call_back_names_hour_and_zone(self, ana, casimir):
        said = {"type": "patient-callback", "answers": _good("patient-callback")}
        ticket = filed(ana, casimir, **said)
        assert sentence(ticket, at(5, 20, 11)).endswith(
            "expect our call by Thursday 21 May, 10:00 Central time (Chicago)."
        )

    def test_called_off_and_taken_up_again(self, ana, sue, casimir):
        ticket = filed(ana, casimir)
        step(ticket, "resolve", ana, at(5, 21), outcome="No longer wanted")
        step(ticket, "reopen", sue, at(5, 22), reason="Wanted after all")
        assert sentence(ticket, at(5, 22, 11)).startswith(
            "We have taken up your request for an itemized bill again; expect the bill"
        )
        step(ticket, "cancel", sue, at(5, 26), reason="Paid by somebody else")
        off = sentence(ticket, at(5, 27))
        assert off.startswith("Your request for an itemized bill was called off on Tuesday 26 May;")
        assert "somebody else" not in off, "why it was called off is ours"

    def test_a_merged_one_names_the_other(self, ana, casimir):
        first, second = filed(ana, casimir), filed(ana, casimir)
        second.status = "merged"
        TicketLink.objects.create(
            company=ana.company, ticket=second, other=first, kind="duplicate_of", at=FILED, by=ana
        )
        said = answer_for(second, at(5, 21)).sentence
        assert f"joined with another one, {first.number}, and both" in said

    def test_reading_for_the_card_costs_one_query_however_many_there_are(
        self, ana, casimir, django_assert_num_queries
    ):
        for _ in range(6):
            step(filed(ana, casimir), "wait", ana, at(5, 21), reason="patient")
        with django_assert_num_queries(1):
            answer_of(list(answerable(tickets_of(ana))), at(5, 22))
        with django_assert_num_queries(2):
            answer_for(tickets_of(ana).first(), at(5, 22))


class TestWhichTicket:
    def test_the_most_pressing_is_spoken_of_and_the_others_are_counted(self, ana, casimir):
        filed(ana, casimir, at(6, 1))
        late = filed(ana, casimir, at(5, 4))
        filed(ana, casimir, at(6, 1))
        answer = panel_of(casimir, ana, at(6, 2)).answer
        assert (answer.ticket, answer.more, answer.standing) == (late, 2, "breached")

    def test_without_any_running_the_last_that_ended_is_spoken_of(self, ana, casimir):
        first, second = filed(ana, casimir), filed(ana, casimir)
        step(second, "resolve", ana, at(5, 21), outcome="Itemized bill sent")
        step(first, "resolve", ana, at(5, 22), outcome="Already had it")
        answer = panel_of(casimir, ana, at(6, 2)).answer
        assert (answer.ticket, answer.more) == (first, 0)
        assert "with this result: Already had it" in answer.sentence

    def test_no_outcome_is_told_while_the_balance_must_not_be_spoken_of(self, ana, casimir):
        """R-WO-3: "Balance cleared" would say what must not be said."""
        over, running = filed(ana, casimir), filed(ana, casimir)
        step(over, "resolve", ana, at(5, 21), outcome="Balance cleared")
        tickets = list(answerable(tickets_of(ana)))
        spoken = next(one for one in tickets if one.pk == over.pk)
        assert "Balance cleared" in answer_of(tickets, at(5, 22), chosen=spoken).sentence
        next(one for one in tickets if one.pk == running.pk).marks = ["do_not_say"]
        hushed = answer_of(tickets, at(5, 22), chosen=spoken).sentence
        assert hushed == "Your request for an itemized bill was settled on Thursday 21 May."


class TestTheCard:
    def test_one_patient_found_gets_the_sentence_with_its_facts(self, page_as, ana, casimir):
        ticket = file_ticket(ana, patient=casimir.pk, at=NOW)
        actions.act(ticket, "take", by=ana, at=NOW)
        for sought in ("nowak", "004-118", "(312) 555-0147", "casimir nowak"):
            said = card(search(page_as(ana), sought))
            assert said.startswith("Casimir Nowak born"), sought
            assert "Tell the patient now We have your request for an itemized bill on record; expect" in said
            assert f"Ticket {ticket.number} Itemized Bill" in said and "Who has it Ana Example" in said
            assert "Central time (Chicago)" in said, "the zone of the due moment is named"

    def test_a_tickets_number_gets_the_sentence_about_that_ticket(self, page_as, ana, casimir):
        first = file_ticket(ana, patient=casimir.pk, at=NOW - timedelta(days=60))
        second = file_ticket(ana, patient=casimir.pk, at=NOW)
        rows = palette(page_as(ana), second.number)
        said = rows.partition('id="palette-answer"')[2].partition('<div class="palette-group"')[0]
        assert f"{second.number} Itemized Bill" in said and first.number not in said
        assert "and 1 more under way" in said
        assert page_as(ana).post("/search/", {"q": second.number}).status_code == 302

    def test_an_old_tickets_number_is_found_behind_many_that_run(self, page_as, ana, casimir):
        old = file_ticket(ana, patient=casimir.pk, at=NOW)
        actions.act(old, "resolve", by=ana, at=NOW, facts={"outcome": "Itemized bill sent"})
        for _ in range(22):
            file_ticket(ana, patient=casimir.pk, at=NOW)
        rows = palette(page_as(ana), old.number.lower())
        assert "with this result: Itemized bill sent" in rows
        assert "or more under way" in rows

    def test_several_patients_get_rows_and_no_sentence(self, page_as, ana, acme, casimir):
        file_ticket(ana, patient=casimir.pk, at=NOW)
        PatientFactory(company=acme, first_name="Anna", last_name="Nowak", phone="3125550147")
        for sought in ("nowak", "3125550147"):
            page = search(page_as(ana), sought)
            assert card(page) == "" and "Tell the patient" not in page
        assert card(search(page_as(ana), "004-118")).startswith("Casimir Nowak")

    def test_a_name_that_is_only_nearly_right_gets_no_sentence(self, page_as, ana, casimir):
        """A sentence about the wrong person is worse than none."""
        file_ticket(ana, patient=casimir.pk, at=NOW)
        page = search(page_as(ana), "novak")
        assert "Nowak" in page and card(page) == ""

    def test_others_with_a_similar_name_never_crowd_out_the_patients_own(self, page_as, ana, acme, casimir):
        own = file_ticket(ana, patient=casimir.pk, at=NOW)
        for name in ("Nowack", "Novak"):
            similar = PatientFactory(company=acme, first_name="A", last_name=name)
            for _ in range(12):
                file_ticket(ana, patient=similar.pk, at=NOW - timedelta(days=2))
        said = card(search(page_as(ana), "nowak"))
        assert f"Ticket {own.number}" in said

    def test_a_patient_without_any_ticket_is_asked_what_it_is_about(self, page_as, ana, casimir):
        said = card(search(page_as(ana), "nowak"))
        assert "There is nothing of yours on record yet; tell me what it is about." in said
        assert "New ticket for Casimir" in said and "Called again" not in said

    def test_what_must_not_be_said_stands_before_the_sentence(self, page_as, ana, casimir):
        """R-WO-3, R-DNC-2: the warning is read first."""
        ticket = file_ticket(ana, patient=casimir.pk, at=NOW)
        Ticket.objects.filter(pk=ticket.pk).update(marks=["do_not_say"])
        patient_actions.refuse_contact(casimir, ["calls"], reason="Asked us", by=ana, at=NOW)
        said = card(search(page_as(ana), "nowak"))
        for warning in ("Do not tell the patient that the balance is $0.", "Do not contact by calls."):
            assert 0 < said.index(warning) < said.index("Tell the patient now")
        rows = palette(page_as(ana), "nowak")
        assert rows.index("do not say $0") < rows.index("We have your request")

    def test_called_again_is_counted_on_the_ticket_and_told(self, page_as, ana, casimir):
        """R-X-7: no second ticket."""
        ticket, client = file_ticket(ana, patient=casimir.pk, at=NOW), page_as(ana)
        page = search(client, "nowak")
        assert f'action="/escalations/{ticket.number}/steps/"' in page
        assert '<input type="hidden" name="act" value="contact">' in page
        for _ in range(2):
            sent = {"act": "contact", "note": "Still no bill"}
            assert client.post(f"/escalations/{ticket.number}/steps/", sent).status_code == 302
        assert "In touch Called 3 times" in card(search(client, "nowak"))
        assert TicketEvent.objects.filter(act="contact", by=ana).count() == 2
        assert Ticket.objects.count() == 1

    def test_the_palette_offers_both_acts_as_rows(self, page_as, ana, casimir):
        ticket = file_ticket(ana, patient=casimir.pk, at=NOW)
        rows = palette(page_as(ana), "nowak")
        assert f'href="/escalations/{ticket.number}/#comment-note"' in rows
        assert f'href="/escalations/new/?patient={casimir.pk}"' in rows

    def test_the_palettes_answer_goes_with_the_next_search(self, page_as, ana, casimir):
        rows = palette(page_as(ana), "zzzz")
        assert '<div id="palette-answer" hx-swap-oob="innerHTML"></div>' in rows

    def test_who_only_reads_gets_the_sentence_and_no_acts(self, page_as, ana, ben, adam, casimir):
        file_ticket(ana, patient=casimir.pk, at=NOW)
        said = card(search(page_as(ben), "nowak"))
        assert "Tell the patient now" in said
        assert "Called again" not in said and "New ticket" not in said
        assert card(search(page_as(adam), "nowak")) == ""

    def test_another_company_gets_no_answer(self, page_as, ana, otto, bo, casimir):
        ticket = file_ticket(ana, patient=casimir.pk, at=NOW)
        for person in (otto, bo):
            for sought in ("nowak", "004-118", ticket.number):
                page = search(page_as(person), sought)
                assert "Tell the patient" not in page and "Casimir" not in page

    def test_an_answer_read_is_the_patient_read(self, page_as, ana, casimir):
        search(page_as(ana), "nowak")
        reading = PatientReading.objects.get()
        assert (reading.user, reading.patient, reading.door) == (ana, casimir, "tickets")

    def test_names_and_notes_are_text(self, page_as, ana, acme):
        wicked = PatientFactory(company=acme, first_name="<b>Eve</b>", last_name="Wicked")
        ticket = file_ticket(ana, patient=wicked.pk, at=NOW)
        actions.act(ticket, "resolve", by=ana, at=NOW, facts={"outcome": "<script>alert(1)</script>"})
        page = page_as(ana).post("/search/", {"q": "wicked"}).content.decode()
        assert "<script>alert" not in page and "<b>Eve" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_the_card_costs_no_more_for_more_tickets(self, page_as, ana, casimir):
        """Two more than rows alone: the banners, and the record of who read the answer."""
        client, costs = page_as(ana), []
        for _ in range(2):
            for _ in range(9):
                file_ticket(ana, patient=casimir.pk, at=NOW)
            search(client, "nowak")
            with CaptureQueriesContext(connection) as asked:
                search(client, "nowak")
            costs.append(sum("SAVEPOINT" not in query["sql"] for query in asked.captured_queries))
        assert costs[0] == costs[1] <= 12, costs


class TestThePanel:
    def test_the_same_sentence_stands_above_the_patients_tickets(self, page_as, ana, ben, casimir):
        file_ticket(ana, patient=casimir.pk, at=NOW)
        for person in (ana, ben):
            part = page_as(person).get(
                f"/escalations/of-patient/{casimir.pk}/", headers={"HX-Request": "true"}
            )
            text = unescape(part.content.decode())
            assert text.index("We have your request for an itemized bill on record") < text.index("<table")

    def test_a_panel_without_tickets_says_only_that(self, page_as, ana, casimir):
        part = page_as(ana).get(f"/escalations/of-patient/{casimir.pk}/").content.decode()
        assert "No escalation so far." in part and "Tell the patient" not in part


def _good(key):
    from tests.domain.desk import good

    return good(key)["answers"]
