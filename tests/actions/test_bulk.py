"""One step of many tickets: judged as alone, written in a fixed number of statements, each person told once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions
from escalations.domain.bulk import ACTS
from escalations.models import (
    Alert,
    Breach,
    Notification,
    Pause,
    Ticket,
    TicketCycle,
    TicketEvent,
)
from patients.models import Patient
from tests.tickets import filed

FRIDAY = datetime(2026, 5, 15, 15, 0, tzinfo=UTC)
"""Friday at ten in Chicago; a Supervisor Escalation of then is due on Tuesday at six."""
LATE = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FACTS: dict[str, dict[str, str]] = {
    "assign": {"user": "ana"},
    "wait": {"reason": "patient"},
    "resolve": {"outcome": "Settled"},
    "cancel": {"reason": "Twice filed"},
    "comment": {"note": "Looked at all of them."},
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def four(ana: User, patient: Patient) -> list[Ticket]:
    return [filed("supervisor", ana, patient, FRIDAY + number * HOUR) for number in range(4)]


def many(tickets: Sequence[Ticket], act: str, by: User, at: datetime = LATE, **more: Any) -> Any:
    facts = more.pop("facts", FACTS.get(act, {}))
    return actions.act_on_many([one.pk for one in tickets], act, by=by, at=at, facts=facts, **more)


def state(ticket: Ticket) -> dict[str, Any]:
    """Everything of a ticket that a step may change."""
    ticket.refresh_from_db()
    columns = (
        "status", "assignee_id", "taken_at", "paused_at", "resolved_at", "expected_from", "due_at", "warn_at",
        "late_from", "due_order", "version",
    )  # fmt: skip
    cycle = ticket.cycles.get(number=ticket.cycle)
    return {
        **{name: getattr(ticket, name) for name in columns},
        "cycle": (cycle.due_at, cycle.expected_from, cycle.ended_at, cycle.met, cycle.outcome, cycle.note),
        "pauses": list(ticket.pauses.values_list("reason", "stops_clock", "started_at", "ended_at")),
        "event": ticket.events.order_by("-id").values_list("act", "title", "text", "by", "at").first(),
        "breaches": list(ticket.breaches.values_list("cycle", "due_at")),
        "open alerts": ticket.alerts.filter(acknowledged_at=None).count(),
    }


@pytest.mark.parametrize("act", ACTS)
def test_a_step_of_many_leaves_each_as_the_step_of_one_does(
    act: str, ana: User, sue: User, patient: Patient
) -> None:
    """The bulk and the single act are two ways to the same ticket, whatever it had behind it."""
    pair = [filed("supervisor", ana, patient, FRIDAY) for _ in range(2)]
    for ticket in pair:
        if act == "resume" or act in ("resolve", "cancel"):
            actions.act(ticket, "wait", by=ana, at=FRIDAY + HOUR, facts={"reason": "patient"})
    actions.watch_clocks(at=LATE)
    if act == "acknowledge":
        assert Alert.objects.filter(acknowledged_at=None).exists()
    one, other = pair
    for ticket in pair:
        ticket.refresh_from_db()
    actions.act(one, act, by=sue, at=LATE, facts=FACTS.get(act, {}))
    assert many([other], act, sue).done == 1
    assert state(other) == state(one)


def test_late_resolutions_record_their_breach_once_k3(four: list[Ticket], sue: User) -> None:
    assert many(four, "resolve", sue).done == 4
    assert Breach.objects.count() == 4
    assert set(TicketCycle.objects.values_list("met", flat=True)) == {False}
    actions.watch_clocks(at=LATE + HOUR)
    assert Breach.objects.count() == 4


def test_those_who_cannot_take_the_step_are_named_and_the_others_go_through(
    four: list[Ticket], ana: User, sue: User
) -> None:
    actions.act(four[1], "resolve", by=sue, at=LATE, facts=FACTS["resolve"])
    done = many(four, "start", ana)
    assert done.done == 3
    assert [(one.number, one.why) for one in done.skipped] == [
        (four[1].number, "This ticket is resolved; “start” needs it to be open.")
    ]


def test_an_agent_resolves_only_what_is_theirs(
    four: list[Ticket], ana: User, sue: User, acme: Company
) -> None:
    kim = User.objects.create(username="kim", company=acme, role="agent")
    actions.act(four[0], "assign", by=sue, at=LATE, facts={"user": "kim"})
    done = many(four, "resolve", kim)
    assert done.done == 1 and len(done.skipped) == 3
    assert "supervisor" in done.skipped[0].why


def test_a_ticket_that_changed_since_it_was_seen_is_left_with_who_did_what(
    four: list[Ticket], ana: User, sue: User
) -> None:
    seen = {one.pk: one.version for one in four}
    actions.act(four[0], "take", by=sue, at=LATE)
    done = many(four, "assign", sue, versions=seen)
    assert done.done == 3
    assert done.skipped[0].why == f"It was changed meanwhile: Taken, by {sue}."


def test_a_second_click_does_nothing(four: list[Ticket], ana: User, sue: User) -> None:
    for act in ("assign", "comment", "start", "wait", "resume", "resolve"):
        assert many(four, act, sue).done == 4, act
        again = many(four, act, sue, at=LATE + timedelta(seconds=1))
        assert (again.done, len(again.skipped)) == (0, 4), act
    assert TicketEvent.objects.filter(act="comment").count() == 4


def test_one_person_is_told_once_of_all_that_was_assigned(four: list[Ticket], ana: User, sue: User) -> None:
    many(four, "assign", sue)
    told = list(Notification.objects.filter(recipient=ana, kind="assigned").values_list("words", "ticket"))
    assert told == [(f"4 tickets were assigned to you by {sue}.", None)]
    many(four[:1], "comment", sue, facts={"note": "See here, @ana"})
    last = Notification.objects.filter(recipient=ana).order_by("-id").first()
    assert (last.words, last.ticket) == (f"{sue} names you on {four[0].number}.", four[0])


def test_who_acts_is_told_nothing_and_no_patient_is_named_i8(
    four: list[Ticket], sue: User, patient: Patient
) -> None:
    many(four, "assign", sue, facts={"user": "sue"})
    assert not Notification.objects.filter(recipient=sue).exists()
    many(four, "resolve", sue, facts={"outcome": f"Told {patient.last_name}"})
    assert not Notification.objects.filter(words__contains=patient.last_name).exists()


def test_facts_that_suit_nobody_are_refused_and_nothing_is_done(four: list[Ticket], sue: User) -> None:
    with pytest.raises(actions.Invalid) as refused:
        many(four, "wait", sue, facts={"reason": "the moon"})
    assert "reason" in refused.value.wrong
    assert not Pause.objects.exists()
    with pytest.raises(actions.Invalid):
        many(four, "assign", sue, facts={"user": "otto"})
    assert not Ticket.objects.exclude(assignee=None).exists()


def test_what_is_not_done_to_many_and_too_many_and_another_count_are_refused(
    four: list[Ticket], sue: User
) -> None:
    with pytest.raises(Refused, match="one of: take"):
        many(four, "merge", sue)
    with pytest.raises(Refused, match="At most 5,000"):
        actions.act_on_many(range(1, 5_002), "take", by=sue, at=LATE)
    with pytest.raises(Refused, match="4 tickets match now, not 3") as stale:
        many(four, "take", sue, expected_count=3)
    assert stale.value.code == "stale"
    assert not Ticket.objects.exclude(assignee=None).exists()


def test_another_companys_ticket_is_not_there(four: list[Ticket], olga: User) -> None:
    with pytest.raises(Ticket.DoesNotExist):
        many(four, "take", olga)


@pytest.mark.parametrize("act", ACTS)
def test_many_cost_as_many_statements_as_few(act: str, ana: User, sue: User, patient: Patient) -> None:
    costs = []
    for count in (2, 12):
        tickets = [filed("supervisor", ana, patient, FRIDAY) for _ in range(count)]
        for ticket in tickets if act == "resume" else ():
            actions.act(ticket, "wait", by=ana, at=FRIDAY + HOUR, facts={"reason": "patient"})
        actions.watch_clocks(at=LATE)
        with CaptureQueriesContext(connection) as asked:
            assert many(tickets, act, sue).done == count
        costs.append(len(asked))
    assert costs[0] == costs[1], "a fixed number of statements for each batch"


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_each_ticket_has_one_winner_and_the_other_is_told(
    ana: User, sue: User, acme: Company, patient: Patient
) -> None:
    User.objects.create(username="pat", company=acme, role="supervisor")
    tickets = [filed("supervisor", ana, patient, FRIDAY) for _ in range(8)]
    seen = {one.pk: one.version for one in tickets}
    results: dict[str, Any] = {}
    ready = threading.Barrier(2)

    def go(name: str, to: str) -> None:
        by = User.objects.get(username=name)
        ready.wait()
        results[name] = many(tickets, "assign", by, facts={"user": to}, versions=seen)
        connection.close()

    threads = [threading.Thread(target=go, args=pair) for pair in (("sue", "ana"), ("pat", "pat"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results["sue"].done + results["pat"].done == 8
    lost = results["sue"].skipped or results["pat"].skipped
    assert len(lost) == 8 and all("changed meanwhile: Assigned to" in one.why for one in lost)
    assert TicketEvent.objects.filter(act="assign").count() == 8
    assert set(Ticket.objects.values_list("version", flat=True)) == {2}
