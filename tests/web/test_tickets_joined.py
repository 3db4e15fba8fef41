"""Two tickets that belong together, on their pages: merged into one, or linked (K16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Company, User
from escalations.models import Ticket, TicketLink
from patients.models import Patient
from tests.factories import PatientFactory
from tests.tickets import filed
from tests.web.ticket_page import PageAs, due_words, page, part, send, text_of, url
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return file_ticket(ana, patient=patient.pk, at=datetime.now(UTC) - timedelta(days=1))


class TestMerging:
    @pytest.fixture
    def newer(self, ana: User, patient: Patient) -> Ticket:
        return filed("refund", ana, patient, datetime.now(UTC) - timedelta(hours=3))

    def test_what_is_said_beforehand_is_what_comes_of_it(
        self, page_as: PageAs, sue: User, ticket: Ticket, newer: Ticket
    ) -> None:
        dialog = part(page(page_as(sue), ticket), 'id="do-merge"', "</dialog>")
        offered = part(dialog, f"{newer.number}, Refund Request", "</label>")
        assert "It takes over this filing" in offered, "the earlier of the two filings counts"
        send(page_as(sue), ticket, "merge", into=newer.number)
        newer.refresh_from_db()
        assert newer.received_at == ticket.received_at
        assert f"due {due_words(newer)}" in offered

    def test_into_the_earlier_one_nothing_moves(
        self, page_as: PageAs, sue: User, ticket: Ticket, newer: Ticket
    ) -> None:
        dialog = part(page(page_as(sue), newer), 'id="do-merge"', "</dialog>")
        assert f"so it stays due {due_words(ticket)}" in dialog
        due_at = ticket.due_at
        send(page_as(sue), newer, "merge", into=ticket.number)
        ticket.refresh_from_db()
        assert ticket.due_at == due_at

    def test_each_leads_to_the_other_afterwards(
        self, page_as: PageAs, sue: User, ticket: Ticket, newer: Ticket
    ) -> None:
        send(page_as(sue), newer, "merge", into=ticket.number)
        assert f"Go to {ticket.number}" in page(page_as(sue), newer)
        assert f"{newer.number} was merged into this." in page(page_as(sue), ticket)

    def test_a_number_that_is_typed_wins_and_a_wrong_one_stays_in_its_field(
        self, page_as: PageAs, sue: User, ticket: Ticket, newer: Ticket, ana: User, acme: Company
    ) -> None:
        strange = file_ticket(ana, patient=PatientFactory(company=acme).pk, at=datetime.now(UTC))
        dialog = part(page(page_as(sue), ticket), 'id="do-merge"', "</dialog>")
        assert strange.number not in dialog, "only tickets of the same patient are offered"
        answer = send(
            page_as(sue), ticket, "merge", into=newer.number, into_number=strange.number, note="Same bill."
        )
        again = part(text_of(answer), 'id="step-merge"', "</form>")
        assert answer.status_code == 400 and "is of another patient" in again
        assert f'value="{strange.number}"' in again and "Same bill." in again
        assert 'href="#merge-into"' in text_of(answer) and 'id="merge-into"' in text_of(answer)

    def test_it_is_not_offered_to_an_agent(self, page_as: PageAs, ana: User, ticket: Ticket) -> None:
        assert "do-merge" not in page(page_as(ana), ticket)
        assert send(page_as(ana), ticket, "merge", into="E-1").status_code == 403


class TestLinks:
    @pytest.fixture
    def other(self, ana: User, acme: Company) -> Ticket:
        return file_ticket(ana, patient=PatientFactory(company=acme).pk, at=datetime.now(UTC))

    def link(self, client: Client, ticket: Ticket, other: Any, kind: str = "caused_by") -> Any:
        return client.post(url(ticket, "links/"), {"kind": kind, "ticket": getattr(other, "number", other)})

    def test_a_link_stands_on_both_with_a_line_on_each_timeline(
        self, page_as: PageAs, ana: User, ticket: Ticket, other: Ticket
    ) -> None:
        client = page_as(ana)
        assert self.link(client, ticket, other).status_code == 302
        here, there = page(client, ticket), page(client, other)
        assert "caused by" in part(here, 'id="linked"', "</ul>")
        assert '<small class="muted">caused</small>' in part(there, 'id="linked"', "</ul>")
        assert f"Caused by {other.number}" in here and f"Caused {ticket.number}" in there

    def test_who_made_it_ends_it_and_a_supervisor_but_nobody_else(
        self, page_as: PageAs, ana: User, sue: User, ticket: Ticket, other: Ticket
    ) -> None:
        self.link(page_as(sue), ticket, other)
        row = TicketLink.objects.get()
        end = url(ticket, f"links/{row.pk}/end/")
        assert f"links/{row.pk}/end/" not in page(page_as(ana), ticket)
        assert page_as(ana).post(end).status_code == 403 and TicketLink.objects.exists()
        assert f"links/{row.pk}/end/" in page(page_as(sue), other), "it is ended from either side"
        page_as(sue).post(end)
        assert not TicketLink.objects.exists()
        assert f"No longer: Caused by {other.number}" in page(page_as(ana), ticket)
        assert page_as(sue).post(end).status_code == 409, "a second press is told that it is gone"

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ("", "Name the other ticket"),
            ("E-9999", "There is no ticket of that number"),
            ("self", "not linked to itself"),
            ("\x00", "Name the other ticket"),
            ("<b>", "There is no ticket of that number"),
        ],
    )
    def test_what_cannot_be_linked_is_said_beside_the_number_that_was_typed(
        self, page_as: PageAs, ana: User, ticket: Ticket, said: str, why: str
    ) -> None:
        answer = self.link(page_as(ana), ticket, ticket.number if said == "self" else said)
        assert answer.status_code == 400
        form = part(text_of(answer), 'class="link-form"', "</form>")
        assert why in form and "selected>Caused by" in form
        assert not TicketLink.objects.exists()

    def test_not_twice_and_not_from_both_sides(
        self, page_as: PageAs, ana: User, ticket: Ticket, other: Ticket
    ) -> None:
        client = page_as(ana)
        self.link(client, ticket, other)
        again, back = self.link(client, ticket, other), self.link(client, other, ticket)
        assert (again.status_code, back.status_code) == (409, 409)
        assert "linked like this already" in text_of(again) and "Both cannot be" in text_of(back)
        assert TicketLink.objects.count() == 1
        assert self.link(client, ticket, other, "follows").status_code == 302, "another kind says more"

    def test_another_companys_ticket_is_not_there(
        self, page_as: PageAs, ana: User, otto: User, ticket: Ticket, other: Ticket
    ) -> None:
        assert self.link(page_as(otto), ticket, other).status_code == 404
        foreign = file_ticket(otto, patient=PatientFactory(company=otto.company).pk, at=datetime.now(UTC))
        Ticket.objects.filter(pk=foreign.pk).update(number="E-7777")
        answer = self.link(page_as(ana), ticket, "E-7777")
        assert answer.status_code == 400 and not TicketLink.objects.exists()

    def test_a_biller_reads_links_and_makes_none(
        self, page_as: PageAs, ana: User, ben: User, ticket: Ticket, other: Ticket
    ) -> None:
        self.link(page_as(ana), ticket, other)
        html = page(page_as(ben), ticket)
        assert other.number in part(html, 'id="linked"', "</section>") and "link-form" not in html
        assert self.link(page_as(ben), other, ticket, "follows").status_code == 403
