"""One step of many tickets from board or list: what was ticked or matched, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from escalations import actions
from escalations.models import Notification, Ticket
from patients.models import Patient
from tests.web.board import BOARD, DAY, MakeTicket, ticket_maker

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(ana: User, patient: Patient) -> MakeTicket:
    return ticket_maker(ana, patient)


class TestBulk:
    def test_ticked_tickets_are_acted_on_and_the_others_named(
        self, page_as: Any, sue: User, ana: User, ticket: MakeTicket
    ) -> None:
        one, two = ticket(), ticket()
        picks = [f"{made.pk}:{made.version}" for made in (one, two)]
        actions.act(two, "start", by=ana, at=datetime.now(UTC))
        sent = {"act": "start", "pick": picks, "back": BOARD}
        page = page_as(sue).post(f"{BOARD}bulk/", sent, follow=True)
        words = page.content.decode()
        assert page.redirect_chain == [(BOARD, 302)]
        assert "1 ticket started." in words
        assert f"{two.number}: It was changed meanwhile: Started, by {ana}" in words

    def test_what_they_must_be_told_is_asked_once(
        self, page_as: Any, sue: User, ana: User, ticket: MakeTicket
    ) -> None:
        picks = [f"{made.pk}:{made.version}" for made in (ticket(assignee=None), ticket(assignee=None))]
        client = page_as(sue)
        asked = client.post(f"{BOARD}bulk/", {"act": "assign", "pick": picks, "back": "/escalations/"})
        assert asked.status_code == 200 and "Assign 2 tickets" in asked.content.decode()
        assert not Ticket.objects.filter(assignee=ana).exists(), "asking does nothing yet"
        told = {"act": "assign", "asked": "yes", "pick": picks, "back": "/escalations/"}
        wrong = client.post(f"{BOARD}bulk/", {**told, "user": "nobody", "note": "Please"})
        assert wrong.status_code == 400 and "Please" in wrong.content.decode()
        done = client.post(f"{BOARD}bulk/", {**told, "user": "ana"})
        assert done.url == "/escalations/"
        assert Ticket.objects.filter(assignee=ana).count() == 2
        assert Notification.objects.get(recipient=ana).words == f"2 tickets were assigned to you by {sue}."

    def test_all_that_match_are_the_ones_that_were_counted(
        self, page_as: Any, sue: User, ticket: MakeTicket
    ) -> None:
        late = [ticket(due_at=datetime.now(UTC) - DAY) for _ in range(2)]
        calm, client = ticket(), page_as(sue)
        page = client.get("/escalations/?standing=breached").content.decode()
        assert 'name="expected" value="2"' in page
        sent = {"act": "start", "all": "yes", "standing": "breached", "back": "/escalations/"}
        stale = client.post(f"{BOARD}bulk/", {**sent, "expected": "3"})
        assert stale.status_code == 409 and "2 tickets match now, not 3" in stale.content.decode()
        client.post(f"{BOARD}bulk/", {**sent, "expected": "2"})
        started = set(Ticket.objects.filter(status="started").values_list("pk", flat=True))
        assert started == {one.pk for one in late} and calm.pk not in started

    def test_a_search_that_is_gone_or_a_filter_that_is_none_never_means_everything(
        self, page_as: Any, sue: User, ticket: MakeTicket
    ) -> None:
        made, client = ticket(), page_as(sue)
        ticket()
        for part in ({"s": "gone"}, {"q": "Nowak"}, {"standing": "blue"}, {"team": "99"}):
            answer = client.post(f"{BOARD}bulk/", {"act": "start", "all": "yes", **part})
            assert answer.status_code == 409, part
        assert not Ticket.objects.filter(status="started").exists()
        client.post(f"{BOARD}bulk/", {"act": "start", "all": "yes", "q": made.number, "expected": "1"})
        assert Ticket.objects.get(status="started") == made

    @pytest.mark.parametrize("sent", [{"act": "take", "pick": "x"}, {"act": "take", "pick": "9:9"}])
    def test_what_is_no_ticket_is_not_there(self, page_as: Any, sue: User, sent: dict[str, str]) -> None:
        assert page_as(sue).post(f"{BOARD}bulk/", sent).status_code == 404

    @pytest.mark.parametrize("sent", [{}, {"act": "merge"}, {"act": "nothing of the kind"}])
    def test_what_is_not_done_to_many_is_refused_with_what_is(
        self, page_as: Any, sue: User, sent: dict[str, str]
    ) -> None:
        answer = page_as(sue).post(f"{BOARD}bulk/", sent)
        assert answer.status_code == 400 and "take, assign" in answer.content.decode()

    def test_nothing_ticked_does_nothing_and_says_so(self, page_as: Any, sue: User) -> None:
        answer = page_as(sue).post(f"{BOARD}bulk/", {"act": "take", "back": "//evil.example"})
        assert answer.status_code == 409 and "Nothing was ticked" in answer.content.decode()
        assert "evil" not in answer.content.decode()

    def test_a_biller_reads_the_list_without_boxes(
        self, page_as: Any, ben: User, ana: User, ticket: MakeTicket
    ) -> None:
        ticket()
        assert 'name="pick"' not in page_as(ben).get("/escalations/").content.decode()
        page = page_as(ana).get("/escalations/").content.decode()
        assert 'name="pick"' in page and 'value="assign"' not in page, "only a supervisor assigns"
