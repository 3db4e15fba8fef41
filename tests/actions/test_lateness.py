"""What becomes of lateness when a ticket is changed: breaches stay on record, alerts are neither lost nor doubled."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Company, Team, User
from accounts.steps import Refused
from escalations import actions
from escalations.actions.moving import apply
from escalations.domain.notices import BY_KEY
from escalations.models import Alert, Breach, NoticeChoice, Notification, Ticket
from patients.models import Patient
from tests.factories import PatientFactory
from tests.tickets import filed, good
from work.models import OutboxMessage

FRIDAY = datetime(2026, 5, 15, 15, 0, tzinfo=UTC)
TUESDAY_SIX = datetime(2026, 5, 19, 23, 0, tzinfo=UTC)
LATE = TUESDAY_SIX + timedelta(minutes=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)  # type: ignore[return-value]


@pytest.fixture
def lead(acme: Company, ana: User) -> User:
    lea = User.objects.create(username="lea", company=acme, role="agent")
    User.objects.filter(pk=ana.pk).update(team=Team.objects.create(company=acme, name="Days", lead=lea))
    ana.refresh_from_db()
    return lea


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    """A Supervisor Escalation of ana's, due on Tuesday at six."""
    return actions.act(filed("supervisor", ana, patient, FRIDAY), "take", by=ana, at=FRIDAY)


def retyped(ticket: Ticket, by: User, at: datetime, key: str = "zbal") -> Ticket:
    ticket.refresh_from_db()
    said = good(key)
    facts = {"type": key, "answers": said["answers"], "acknowledged": said["acknowledged"]}
    return actions.act(ticket, "retype", by=by, at=at, facts=facts)


class TestBreaches:
    def test_one_that_no_sweep_saw_is_on_record_after_a_change_of_type_k12(
        self, ticket: Ticket, sue: User
    ) -> None:
        retyped(ticket, sue, LATE)
        assert Breach.objects.get().due_at == TUESDAY_SIX

    def test_one_that_no_sweep_saw_is_on_record_after_a_cancellation(self, ticket: Ticket, ana: User) -> None:
        actions.act(ticket, "cancel", by=ana, at=LATE, facts={"reason": "Filed twice"})
        assert Breach.objects.get().due_at == TUESDAY_SIX

    def test_a_ticket_in_time_gets_none_by_a_change_of_type(self, ticket: Ticket, sue: User) -> None:
        retyped(ticket, sue, TUESDAY_SIX)
        assert not Breach.objects.exists()

    def test_an_illegal_move_is_refused_with_a_sentence(self, ticket: Ticket) -> None:
        with pytest.raises(Refused, match="cannot go from open to draft"), transaction.atomic():
            apply(ticket, "draft", {})


class TestReopened:
    def test_another_answer_leaves_the_reopen_target_alone_k11(
        self, ticket: Ticket, ana: User, sue: User
    ) -> None:
        actions.act(ticket, "resolve", by=ana, at=LATE, facts={"outcome": "Settled"})
        again = LATE + timedelta(days=1)
        ticket = actions.act(ticket, "reopen", by=sue, at=again, facts={"reason": "It was not"})
        due = ticket.due_at
        answers = {**ticket.answers, "scenario": "hold_status"}
        ticket = actions.act(ticket, "retype", by=sue, at=again, facts={"answers": answers})
        assert (ticket.due_at, ticket.cycles.get(number=2).max) == (due, 2)
        assert retyped(ticket, sue, again).due_at == due, "and so does another type"

    def test_a_cycle_that_counts_from_filing_takes_the_new_types_turnaround(
        self, ticket: Ticket, ana: User, sue: User
    ) -> None:
        soon = FRIDAY + timedelta(hours=1)
        actions.act(ticket, "resolve", by=ana, at=soon, facts={"outcome": "Settled"})
        ticket = actions.act(ticket, "reopen", by=sue, at=soon, facts={"reason": "It was not"})
        assert retyped(ticket, sue, soon).cycles.get(number=2).max == 10


class TestAlerts:
    def test_a_ticket_that_runs_late_a_second_time_is_told_of_again(
        self, ticket: Ticket, ana: User, sue: User
    ) -> None:
        actions.watch_clocks(at=LATE)
        ticket = retyped(ticket, sue, LATE)
        assert ticket.due_at is not None
        actions.watch_clocks(at=ticket.due_at + timedelta(minutes=1))
        told = Notification.objects.filter(recipient=ana, kind="breach")
        assert told.count() == 2 and Breach.objects.count() == 1

    def test_one_that_stays_late_by_another_date_is_no_second_fact(
        self, ana: User, sue: User, patient: Patient
    ) -> None:
        ticket = actions.act(filed("zbal", ana, patient, FRIDAY), "take", by=ana, at=FRIDAY)
        much_later = FRIDAY + timedelta(days=60)
        actions.watch_clocks(at=much_later)
        retyped(ticket, sue, much_later, "supervisor")
        actions.watch_clocks(at=much_later + timedelta(minutes=1))
        assert Notification.objects.filter(recipient=ana, kind="breach").count() == 1
        assert Alert.objects.get(kind="breach").due_at == TUESDAY_SIX

    def test_a_wait_in_between_does_not_end_the_ladder_of_a_warning_k15(
        self, ticket: Ticket, ana: User, lead: User
    ) -> None:
        """The due date does not move by a short wait in the morning, so nobody would be warned again."""
        warned = ticket.warn_at
        assert warned is not None
        actions.watch_clocks(at=warned)
        alert = Alert.objects.get(kind="warning")
        climbs_at = alert.climbs_at
        assert climbs_at is not None
        reason = next(one.key for one in actions.type_of(ticket).waits if one.stops_clock)
        waits = climbs_at - timedelta(minutes=10)
        actions.act(ticket, "wait", by=ana, at=waits, facts={"reason": reason})
        actions.watch_clocks(at=climbs_at)
        assert not Notification.objects.filter(recipient=lead).exists()
        ticket.refresh_from_db()
        ticket = actions.act(ticket, "resume", by=ana, at=climbs_at + timedelta(minutes=20))
        assert ticket.due_at == alert.due_at
        actions.watch_clocks(at=climbs_at + timedelta(minutes=21))
        assert Notification.objects.filter(recipient=lead, kind="warning").count() == 1

    def test_the_second_of_two_who_see_to_it_is_told(self, ticket: Ticket, ana: User, sue: User) -> None:
        actions.watch_clocks(at=LATE)
        actions.act(ticket, "acknowledge", by=ana, at=LATE)
        with pytest.raises(Refused):
            actions.act(ticket, "acknowledge", by=sue, at=LATE)


class TestMarks:
    def test_what_a_merged_ticket_keeps_visible_stays_so_when_answers_change_r_wo_3(
        self, ana: User, sue: User, patient: Patient
    ) -> None:
        first = filed("wo-code-error", ana, patient, FRIDAY)
        Ticket.objects.filter(pk=first.pk).update(marks=["do_not_say"])
        first.refresh_from_db()
        second = filed("supervisor", ana, patient, FRIDAY)
        actions.act(first, "merge", by=sue, at=FRIDAY, facts={"into": second.number})
        second.refresh_from_db()
        answers = {**second.answers, "scenario": "hold_status"}
        second = actions.act(second, "retype", by=sue, at=FRIDAY, facts={"answers": answers})
        assert "do_not_say" in second.marks


def test_reading_all_takes_no_mail_back_that_nobody_saw(ticket: Ticket, ana: User) -> None:
    User.objects.filter(pk=ana.pk).update(email="ana@acme.example")
    assert "mail" in BY_KEY["breach"].ways
    NoticeChoice.objects.create(company=ana.company, user=ana, ways={"breach": ["mail"]})
    actions.watch_clocks(at=LATE)
    assert actions.mark_read(ana, at=LATE) == 0
    assert Notification.objects.get(recipient=ana).read_at is None
    assert OutboxMessage.objects.filter(kind="notice-mail").exists()


@pytest.mark.django_db(transaction=True)
def test_a_sweep_records_no_breach_of_a_ticket_that_is_just_being_resolved(ana: User, acme: Company) -> None:
    """Resolved a second before closing, committed a second after: in time, whatever the sweep saw between."""
    ticket = filed("supervisor", ana, PatientFactory(company=acme), FRIDAY)
    held, go_on = threading.Event(), threading.Event()

    def resolve() -> None:
        try:
            with transaction.atomic():
                facts = {"outcome": "Settled"}
                actions.act(ticket, "resolve", by=ana, at=TUESDAY_SIX - timedelta(seconds=1), facts=facts)
                held.set()
                go_on.wait(20)
        finally:
            connection.close()

    worker = threading.Thread(target=resolve)
    worker.start()
    assert held.wait(20)
    actions.watch_clocks(at=LATE)
    go_on.set()
    worker.join()
    actions.watch_clocks(at=LATE)
    assert not Breach.objects.exists() and not Notification.objects.exists()
    assert ticket.cycles.get().met is True


def test_the_database_error_behind_an_illegal_move_is_known_by_its_code(ticket: Ticket) -> None:
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(status="draft")
    assert getattr(error.value.__cause__, "pgcode", "") == "HL409"
