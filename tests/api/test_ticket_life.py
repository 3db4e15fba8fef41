"""A ticket's life by API: who was first, what happened, what belongs to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Company, User
from escalations import actions
from escalations.models import Breach, Ticket, TicketLink, Watcher
from tests.api.ticket_bodies import URL, Api
from tests.factories import PatientFactory
from tests.tickets import filed
from tests.world_rows import file_ticket

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=40)


@pytest.fixture
def ticket(ana: User, acme: Company) -> Ticket:
    return file_ticket(ana, patient=PatientFactory(company=acme).pk, at=datetime.now(UTC))


@pytest.fixture
def late(ana: User, acme: Company) -> Ticket:
    made = file_ticket(ana, patient=PatientFactory(company=acme).pk, at=datetime.now(UTC) - LONG_AGO)
    actions.act(made, "take", by=ana, at=made.received_at)
    actions.watch_clocks(at=datetime.now(UTC))
    return made


def at(ticket: Ticket, more: str = "") -> str:
    return f"{URL}{ticket.number}/{more}"


def step(client: Any, ticket: Ticket, act: str, **facts: Any) -> Any:
    return client.post(at(ticket, "steps/"), {"act": act, **facts})


class TestTheSecondOfTwo:
    def test_is_told_every_event_since_the_version_they_saw(
        self, api: Api, ana: User, sue: User, ticket: Ticket
    ) -> None:
        step(api(ana), ticket, "take", version=1)
        step(api(ana), ticket, "comment", note="Bill is printed.")
        step(api(ana), ticket, "start", version=2)
        answer = step(api(sue), ticket, "resolve", version=1, outcome="Already had it")
        said = answer.json()
        assert (answer.status_code, said["code"]) == (409, "stale")
        assert [(one["act"], one["by"], one["version"]) for one in said["events"]] == [
            ("take", "ana", 2),
            ("comment", "ana", 2),
            ("start", "ana", 3),
        ]
        assert said["events"][1]["text"] == "Bill is printed."
        assert "Started, by Ana Example" in said["message"]
        assert said["fields"] == {} and said["problems"] == []

    def test_is_told_so_also_where_the_step_cannot_be_taken_any_more(
        self, api: Api, ana: User, sue: User, ticket: Ticket
    ) -> None:
        step(api(ana), ticket, "resolve", outcome="Itemized bill sent")
        said = step(api(sue), ticket, "start", version=1).json()
        assert said["code"] == "stale" and [one["act"] for one in said["events"]] == ["resolve"]
        assert step(api(sue), ticket, "start").json()["code"] == "state", "who says no version saw none"

    def test_hears_of_the_role_first(self, api: Api, ana: User, ticket: Ticket) -> None:
        step(api(ana), ticket, "take", version=1)
        assert step(api(ana), ticket, "assign", version=1, user="sue").status_code == 403

    def test_a_refusal_that_is_no_conflict_has_no_events(self, api: Api, ana: User, ticket: Ticket) -> None:
        said = step(api(ana), ticket, "resume").json()
        assert said["code"] == "state" and "events" not in said


def test_the_timeline_comes_in_pages_newest_first(api: Api, ana: User, ticket: Ticket) -> None:
    for number in range(5):
        step(api(ana), ticket, "comment", note=f"Note {number}")
    client = api(ana)
    first = client.get(at(ticket, "events/"), {"page_size": "4"}).json()
    assert [one["text"] for one in first["results"]] == ["Note 4", "Note 3", "Note 2", "Note 1"]
    second = client.get(first["next"]).json()
    assert [one["act"] for one in second["results"]] == ["comment", "file"]
    assert second["next"] is None
    keys = {"id", "act", "at", "by", "title", "text", "version"}
    assert set(first["results"][0]) == keys
    assert client.get(at(ticket, "events/"), {"cursor": "forged"}).status_code == 404
    assert client.get(at(ticket, "events/"), {"sort": "x"}).status_code == 400


@pytest.mark.parametrize(("who", "status"), [("ben", 200), ("adam", 403), ("otto", 404)])
def test_who_reads_the_timeline(
    api: Api, cast: dict[str, User], ticket: Ticket, who: str, status: int
) -> None:
    assert api(cast[who]).get(at(ticket, "events/")).status_code == status


class TestWhatATicketTells:
    def test_its_breaches_and_why(self, api: Api, ana: User, late: Ticket) -> None:
        told = api(ana).get(at(late)).json()
        assert [(one["cycle"], one["reason"]) for one in told["breaches"]] == [(1, "")]
        assert told["breaches"][0]["due_at"] == told["due_at"]
        assert {"acknowledge", "explain"} <= set(told["steps"])
        assert step(api(ana), late, "explain", reason="insurer").status_code == 200
        answer = step(api(ana), late, "acknowledge").json()
        assert answer["breaches"][0]["reason"] == "insurer"
        assert not {"acknowledge", "explain"} & set(answer["steps"]), "there is nothing left to answer"

    def test_into_which_it_was_merged(self, api: Api, ana: User, sue: User, ticket: Ticket) -> None:
        other = filed("refund", ana, ticket.patient, datetime.now(UTC))
        told = step(api(sue), other, "merge", into=ticket.number).json()
        assert (told["status"], told["merged_into"]) == ("merged", ticket.number)
        assert api(sue).get(at(ticket)).json()["merged_into"] is None

    def test_how_many_watch_it(self, api: Api, ana: User, sue: User, ticket: Ticket) -> None:
        Watcher.objects.create(company=ticket.company, ticket=ticket, user=sue, since=datetime.now(UTC))
        assert api(ana).get(at(ticket)).json()["watchers"] == 1

    def test_a_proposal_is_set_aside(self, api: Api, ana: User, acme: Company) -> None:
        sent = (datetime.now(UTC) - timedelta(days=100)).date().isoformat()
        patient = PatientFactory(company=acme)
        update = filed("insurance-update", ana, patient, datetime.now(UTC), answers={"sent_on": sent})
        actions.watch_clocks(at=datetime.now(UTC))
        assert "decline" in api(ana).get(at(update)).json()["steps"]
        bare = step(api(ana), update, "decline", rule="R-INS-3")
        assert bare.status_code == 400 and "reason" in bare.json()["fields"]
        done = step(api(ana), update, "decline", rule="R-INS-3", reason="The payer answered.")
        assert done.status_code == 200 and "decline" not in done.json()["steps"]

    def test_a_list_costs_the_same_with_it(
        self, api: Api, ana: User, late: Ticket, django_assert_max_num_queries: Any
    ) -> None:
        client = api(ana)
        client.get(URL)
        with django_assert_max_num_queries(8):
            assert client.get(URL).json()["results"][0]["breaches"]
        assert Breach.objects.count() == 1


class TestLinks:
    @pytest.fixture
    def other(self, ana: User, acme: Company) -> Ticket:
        return file_ticket(ana, patient=PatientFactory(company=acme).pk, at=datetime.now(UTC))

    def test_are_made_read_and_ended(self, api: Api, ana: User, ticket: Ticket, other: Ticket) -> None:
        client = api(ana)
        made = client.post(at(ticket, "links/"), {"kind": "caused_by", "ticket": other.number})
        assert made.status_code == 201
        link = made.json()
        assert (link["ticket"], link["kind"], link["other"], link["by"]) == (
            ticket.number,
            "caused_by",
            other.number,
            "ana",
        )
        assert client.get(at(other, "links/")).json() == {"links": [link]}
        assert client.get(at(ticket)).json()["links"] == [{"kind": "caused_by", "number": other.number}]
        assert client.delete(at(other, f"links/{link['id']}/")).status_code == 204
        assert client.delete(at(other, f"links/{link['id']}/")).status_code == 409
        assert not TicketLink.objects.exists()

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "kind"),
            ({"kind": "names", "ticket": "E-1"}, "kind"),
            ({"kind": "follows"}, "ticket"),
            ({"kind": "follows", "ticket": 7}, "ticket"),
            ({"kind": "follows", "ticket": "E-9999"}, "ticket"),
            ({"kind": {"a": 1}, "ticket": ["E-1"]}, "kind"),
            ({"kind": "follows", "ticket": "E-1", "why": "x"}, "why"),
        ],
    )
    def test_a_bad_body_is_told_by_field(
        self, api: Api, ana: User, ticket: Ticket, body: dict[str, Any], field: str
    ) -> None:
        answer = api(ana).post(at(ticket, "links/"), body)
        assert answer.status_code == 400 and field in answer.json()["fields"]
        assert not TicketLink.objects.exists()

    def test_the_same_key_links_once(self, api: Api, ana: User, ticket: Ticket, other: Ticket) -> None:
        body, key = {"kind": "follows", "ticket": other.number}, {"HTTP_IDEMPOTENCY_KEY": "one-link"}
        answers = [api(ana).post(at(ticket, "links/"), body, **key) for _ in range(2)]
        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].json() == answers[1].json() and TicketLink.objects.count() == 1
        assert api(ana).post(at(ticket, "links/"), body).status_code == 409

    def test_who_may(
        self, api: Api, ana: User, sue: User, ben: User, otto: User, ticket: Ticket, other: Ticket
    ) -> None:
        body = {"kind": "follows", "ticket": other.number}
        assert api(ben).post(at(ticket, "links/"), body).status_code == 403
        assert api(otto).post(at(ticket, "links/"), body).status_code == 404
        made = api(sue).post(at(ticket, "links/"), body).json()
        assert api(ana).delete(at(ticket, f"links/{made['id']}/")).status_code == 403
        assert api(otto).delete(at(ticket, f"links/{made['id']}/")).status_code == 404
        assert api(sue).delete(at(ticket, f"links/{made['id']}/")).status_code == 204
