"""Who watches a ticket, whom a note names, and who is told of a step without either."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from escalations import actions
from escalations.actions.notices import tell_of_step
from escalations.models import Ticket, TicketEvent, Watcher
from patients.models import Patient
from tests.notices import told, words_of
from tests.tickets import filed, taken

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return taken(ana, patient, NOW)


class TestWatching:
    def test_who_watches_is_told_and_may_end_it(
        self, page_as: Any, ana: User, ben: User, ticket: Ticket
    ) -> None:
        client, page = page_as(ben), f"/escalations/{ticket.number}/"
        answer = client.post(f"{page}watch/", {"do": "watch"})
        assert answer.status_code == 302 and answer.url == f"{page}#watching"
        client.post(f"{page}watch/", {"do": "watch"})
        assert Watcher.objects.count() == 1
        assert "Ben Example" in words_of(page_as(ana).get(page)) and "Do not watch it" in words_of(
            client.get(page)
        )
        actions.act(ticket, "start", by=ana, at=NOW)
        assert told(ben) == [("watched", f"{ana} started {ticket.number}.")]
        client.post(f"{page}watch/", {"do": "unwatch"})
        assert not Watcher.objects.exists() and "Nobody watches it." in words_of(client.get(page))

    def test_many_watchers_and_names_cost_the_ticket_no_query_each(
        self, page_as: Any, ana: User, ticket: Ticket, django_assert_max_num_queries: Any
    ) -> None:
        people = [User(username=f"p{n}", company=ana.company, role="agent") for n in range(30)]
        for person in User.objects.bulk_create(people):
            actions.watch(ticket, person, at=NOW)
        note = " ".join(f"@p{n}" for n in range(30))
        actions.act(ticket, "comment", by=ana, at=NOW, facts={"note": note})
        client = page_as(ana)
        client.get(f"/escalations/{ticket.number}/")
        with django_assert_max_num_queries(12):
            page = words_of(client.get(f"/escalations/{ticket.number}/"))
        assert page.count('class="mention"') == 30 and "and 18 more" in page

    def test_another_companys_ticket_cannot_be_watched(
        self, page_as: Any, otto: User, adam: User, ticket: Ticket
    ) -> None:
        path = f"/escalations/{ticket.number}/watch/"
        assert page_as(otto).post(path).status_code == 404 and page_as(adam).post(path).status_code == 403
        assert not Watcher.objects.exists()

    def test_who_has_the_ticket_is_told_of_everything_a_colleague_does(
        self, ana: User, sue: User, ticket: Ticket
    ) -> None:
        actions.act(ticket, "comment", by=sue, at=NOW, facts={"note": "Look at this"})
        ticket.refresh_from_db()
        actions.act(ticket, "assign", by=sue, at=NOW, facts={"user": "sue"})
        assert told(ana) == [
            ("yours", f"{sue} wrote a note on {ticket.number}."),
            ("yours", f"{sue} assigned {ticket.number} to somebody."),
        ]

    def test_who_filed_it_is_told_how_it_ends_and_who_had_it_that_it_came_back(
        self, ana: User, sue: User, patient: Patient
    ) -> None:
        found = actions.act(filed("supervisor", ana, patient, NOW), "take", by=sue, at=NOW)
        actions.act(found, "comment", by=sue, at=NOW, facts={"note": "On it"})
        found = actions.act(found, "resolve", by=sue, at=NOW, facts={"outcome": "Settled"})
        assert told(ana) == [("yours", f"{sue} resolved {found.number}.")]
        theo = User.objects.create(username="theo", company=ana.company, role="supervisor")
        actions.act(found, "reopen", by=theo, at=NOW, facts={"reason": "Not settled"})
        assert told(sue)[-1] == ("reopened", f"theo reopened {found.number}.")

    def test_nobody_who_may_not_read_tickets_any_more_is_told(
        self, ana: User, sue: User, ben: User, ticket: Ticket
    ) -> None:
        actions.watch(ticket, ben, at=NOW)
        User.objects.filter(pk=ben.pk).update(role="admin")
        actions.act(ticket, "start", by=sue, at=NOW)
        assert told(ben) == []


class TestMentions:
    def test_a_mention_is_marked_and_all_the_rest_escaped(
        self, page_as: Any, ana: User, sue: User, ticket: Ticket
    ) -> None:
        note = "@sue and @nobody: <script>alert(1)</script>\n@Sue, thanks"
        actions.act(ticket, "comment", by=ana, at=NOW, facts={"note": note})
        page = page_as(ana).get(f"/escalations/{ticket.number}/").content.decode()
        assert '<b class="mention">@sue</b> and @nobody: &lt;script&gt;' in page
        assert '<br><b class="mention">@Sue</b>, thanks' in page and "<script>alert" not in page

    def test_who_is_named_is_told_once_a_note_however_often(
        self, ana: User, sue: User, ticket: Ticket
    ) -> None:
        actions.watch(ticket, sue, at=NOW)
        actions.act(ticket, "comment", by=ana, at=NOW, facts={"note": "@sue @SUE @sue."})
        assert told(sue) == [("mentioned", f"{ana} names you on {ticket.number}.")]
        event = TicketEvent.objects.get(ticket=ticket, act="comment")
        tell_of_step(event, ticket, by=ana, at=NOW)
        assert len(told(sue)) == 1, "whoever tells it again, tells nobody"

    def test_another_company_and_who_reads_no_tickets_are_not_named(
        self, ana: User, adam: User, otto: User, ticket: Ticket
    ) -> None:
        actions.act(ticket, "comment", by=ana, at=NOW, facts={"note": "@adam @otto"})
        assert told(adam) == [] and told(otto) == []

    def test_the_names_offered_are_colleagues_who_read_tickets(
        self, page_as: Any, ana: User, ben: User
    ) -> None:
        User.objects.create(username="left", company=ana.company, role="agent", is_active=False)
        people = page_as(ana).get("/notifications/people/").json()["people"]
        assert {one["username"] for one in people} == {"ben", "sue"}
        assert people[0] == {"username": "ben", "name": "Ben Example"}
        assert page_as(ben).get("/notifications/people/").status_code == 403, "who adds no notes names nobody"
