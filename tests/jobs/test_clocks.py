"""The sweep's look at the clocks: each breach, warning, rung and proposal once, whoever sweeps and however late."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from accounts.models import Company, Team, User
from accounts.steps import Refused
from escalations import actions
from escalations.models import Alert, Breach, NoticeChoice, Notification, Proposal, Ticket, TicketEvent
from patients.models import Patient
from tests.factories import PatientFactory
from tests.notices import told
from tests.tickets import filed, taken
from work import outbox

FRIDAY = datetime(2026, 5, 15, 15, 0, tzinfo=UTC)
"""Friday at ten in Chicago; a Supervisor Escalation of then is due on Tuesday at six."""
TUESDAY_SIX = datetime(2026, 5, 19, 23, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)


@pytest.fixture
def lead(acme: Company, ana: User) -> User:
    """Lea leads ana's team and is an agent herself."""
    lea = User.objects.create(username="lea", company=acme, role="agent", email="lea@acme.example")
    team = Team.objects.create(company=acme, name="Days", lead=lea)
    User.objects.filter(pk=ana.pk).update(team=team, email="ana@acme.example")
    ana.refresh_from_db()
    return lea


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return taken(ana, patient, FRIDAY)


class TestBreaches:
    def test_a_ticket_past_its_due_moment_is_recorded_once_k3(self, ticket: Ticket) -> None:
        assert ticket.due_at == TUESDAY_SIX
        assert actions.watch_clocks(at=TUESDAY_SIX)["breaches"] == 0, "the moment itself is in time"
        late = TUESDAY_SIX + timedelta(minutes=1)
        assert actions.watch_clocks(at=late)["breaches"] == 1
        assert actions.watch_clocks(at=late + timedelta(minutes=1))["breaches"] == 0
        breach = Breach.objects.get()
        assert (breach.cycle, breach.due_at, breach.assignee_id) == (1, TUESDAY_SIX, ticket.assignee_id)
        assert TicketEvent.objects.filter(ticket=ticket, act="breach").count() == 1

    def test_three_days_off_are_caught_up(self, ticket: Ticket, ana: User) -> None:
        actions.watch_clocks(at=TUESDAY_SIX + timedelta(days=3))
        assert Breach.objects.count() == 1
        kinds = [kind for kind, _ in told(ana)]
        assert kinds == ["breach"], "a warning that came too late says nothing that the breach does not"

    def test_one_resolved_late_between_two_sweeps_is_recorded_too(self, ticket: Ticket, ana: User) -> None:
        late = TUESDAY_SIX + timedelta(seconds=10)
        actions.act(ticket, "resolve", by=ana, at=late, facts={"outcome": "Settled"})
        assert Breach.objects.get().due_at == TUESDAY_SIX
        assert actions.watch_clocks(at=late)["breaches"] == 0

    def test_a_paused_ticket_does_not_breach_k9(self, ticket: Ticket, ana: User) -> None:
        reason = next(one.key for one in actions.type_of(ticket).waits if one.stops_clock)
        actions.act(ticket, "wait", by=ana, at=FRIDAY + timedelta(hours=1), facts={"reason": reason})
        assert actions.watch_clocks(at=TUESDAY_SIX + timedelta(days=9))["breaches"] == 0

    def test_a_second_cycle_breaches_on_its_own_account_k11(
        self, ticket: Ticket, ana: User, sue: User
    ) -> None:
        late = TUESDAY_SIX + timedelta(hours=1)
        actions.watch_clocks(at=late)
        actions.act(ticket, "resolve", by=ana, at=late, facts={"outcome": "Settled"})
        ticket.refresh_from_db()
        actions.act(ticket, "reopen", by=sue, at=late + timedelta(days=1), facts={"reason": "Not settled"})
        actions.watch_clocks(at=late + timedelta(days=30))
        assert list(Breach.objects.order_by("cycle").values_list("cycle", flat=True)) == [1, 2]


class TestWarnings:
    def test_a_warning_comes_a_business_day_before_and_once_k15(self, ticket: Ticket, ana: User) -> None:
        before = ticket.warn_at - timedelta(minutes=1)
        assert actions.watch_clocks(at=before)["warnings"] == 0
        assert actions.watch_clocks(at=ticket.warn_at)["warnings"] == 1
        assert actions.watch_clocks(at=ticket.warn_at + timedelta(minutes=1))["warnings"] == 0
        assert told(ana) == [("warning", f"{ticket.number} is due Tue 19 May, 18:00.")]

    def test_a_due_moment_that_moved_is_warned_of_again(self, ticket: Ticket, ana: User) -> None:
        actions.watch_clocks(at=ticket.warn_at)
        reason = next(one.key for one in actions.type_of(ticket).waits if one.stops_clock)
        actions.act(ticket, "wait", by=ana, at=ticket.warn_at, facts={"reason": reason})
        ticket.refresh_from_db()
        actions.act(ticket, "resume", by=ana, at=FRIDAY + timedelta(days=10))
        ticket.refresh_from_db()
        actions.watch_clocks(at=ticket.warn_at)
        assert [kind for kind, _ in told(ana)] == ["warning", "warning"]
        assert Alert.objects.count() == 2


class TestLadder:
    def test_the_lead_and_then_the_supervisors_are_told_when_nobody_sees_to_it(
        self, ticket: Ticket, ana: User, lead: User, sue: User
    ) -> None:
        """K15: assignee at once, lead one staffed hour later, supervisors another."""
        late = TUESDAY_SIX + timedelta(minutes=1)  # a minute after closing
        actions.watch_clocks(at=late)
        assert [len(told(one)) for one in (ana, lead, sue)] == [1, 0, 0]
        wednesday_nine = datetime(2026, 5, 20, 14, 0, tzinfo=UTC)
        actions.watch_clocks(at=wednesday_nine + timedelta(minutes=59))
        assert [len(told(one)) for one in (ana, lead, sue)] == [1, 0, 0], "the night does not count"
        actions.watch_clocks(at=wednesday_nine + timedelta(minutes=60))
        assert [len(told(one)) for one in (ana, lead, sue)] == [1, 1, 0]
        actions.watch_clocks(at=wednesday_nine + timedelta(minutes=120))
        actions.watch_clocks(at=wednesday_nine + timedelta(minutes=600))
        assert [len(told(one)) for one in (ana, lead, sue)] == [1, 1, 1]

    def test_acknowledging_stops_it(self, ticket: Ticket, ana: User, lead: User, sue: User) -> None:
        late = TUESDAY_SIX + timedelta(minutes=1)
        actions.watch_clocks(at=late)
        actions.act(ticket, "acknowledge", by=ana, at=late)
        actions.watch_clocks(at=late + timedelta(days=5))
        assert (told(lead), told(sue)) == ([], [])
        assert Alert.objects.get(kind="breach").acknowledged_by == ana

    def test_nobody_on_a_rung_passes_it_at_once(self, ana: User, sue: User, patient: Patient) -> None:
        filed("supervisor", ana, patient, FRIDAY)
        actions.watch_clocks(at=TUESDAY_SIX + timedelta(minutes=1))
        assert [kind for kind, _ in told(sue)] == ["breach"]

    def test_a_ticket_that_is_over_climbs_no_further(
        self, ticket: Ticket, ana: User, lead: User, sue: User
    ) -> None:
        late = TUESDAY_SIX + timedelta(minutes=1)
        actions.watch_clocks(at=late)
        actions.act(ticket, "resolve", by=ana, at=late, facts={"outcome": "Settled"})
        actions.watch_clocks(at=late + timedelta(days=5))
        assert (told(lead), told(sue)) == ([], [])


class TestProposals:
    AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    LATER = datetime(2026, 5, 20, 16, 0, tzinfo=UTC)

    def propose(self, at: datetime) -> int:
        return actions.watch_clocks(at=at)["proposals"]

    def sent_update(self, ana: User, patient: Patient, **answers: str) -> Ticket:
        """An insurance update that was sent on the day it was filed."""
        answers |= {"sent_on": "2026-03-02"}
        return filed("insurance-update", ana, patient, self.AT, answers=answers)

    def test_a_supervisor_escalation_is_proposed_once_after_45_business_days_r_ins_3(
        self, ana: User, patient: Patient
    ) -> None:
        update = self.sent_update(ana, patient, coverage="commercial")
        assert self.propose(self.AT + timedelta(days=30)) == 0
        assert self.propose(self.LATER) == 1
        assert self.propose(self.LATER + timedelta(hours=1)) == 0
        found = Proposal.objects.get()
        assert (found.ticket, found.rule, found.type) == (update, "R-INS-3", "supervisor")

    def test_a_medicaid_update_is_proposed_by_its_own_rule_r_sup_4(self, ana: User, patient: Patient) -> None:
        self.sent_update(ana, patient, coverage="medicaid")
        assert self.propose(self.LATER) == 1
        assert Proposal.objects.get().rule == "R-SUP-4"

    def test_none_is_made_while_one_is_open(self, ana: User, patient: Patient) -> None:
        self.sent_update(ana, patient)
        filed("supervisor", ana, patient, self.AT)
        assert self.propose(self.LATER) == 0

    def test_an_unanswered_transfer_proposes_a_supervisor_r_x_2(self, ana: User, patient: Patient) -> None:
        filed("patient-sos", ana, patient, FRIDAY, answers={"transfer_answered": False})
        assert self.propose(FRIDAY + timedelta(minutes=1)) == 1

    def test_setting_it_aside_needs_a_reason_and_holds(self, ana: User, patient: Patient) -> None:
        update = self.sent_update(ana, patient, coverage="commercial")
        self.propose(self.LATER)
        with pytest.raises(actions.Invalid):
            actions.act(update, "decline", by=ana, at=self.LATER, facts={"rule": "R-INS-3"})
        facts = {"rule": "R-INS-3", "reason": "The insurer answered this morning."}
        actions.act(update, "decline", by=ana, at=self.LATER, facts=facts)
        assert Proposal.objects.get().decision == "dismissed"
        assert self.propose(self.LATER + timedelta(days=1)) == 0


class TestTelling:
    def test_quiet_hours_hold_the_mail_and_not_the_bell(self, ticket: Ticket, ana: User) -> None:
        User.objects.filter(pk=ana.pk).update(email="ana@acme.example")
        NoticeChoice.objects.create(company=ana.company, user=ana, quiet_from="17:00", quiet_until="08:30")
        late = TUESDAY_SIX + timedelta(minutes=1)
        actions.watch_clocks(at=late)
        assert Notification.objects.get(recipient=ana).shown
        assert outbox.deliver(at=late) == 0 and mail.outbox == []
        assert outbox.deliver(at=datetime(2026, 5, 20, 13, 30, tzinfo=UTC)) == 1
        assert mail.outbox[0].to == ["ana@acme.example"]

    def test_a_mail_names_the_number_and_no_patient_i8(self, ticket: Ticket, ana: User) -> None:
        User.objects.filter(pk=ana.pk).update(email="ana@acme.example")
        late = TUESDAY_SIX + timedelta(minutes=1)
        actions.watch_clocks(at=late)
        outbox.deliver(at=late)
        (sent,) = mail.outbox
        text = f"{sent.subject} {sent.body}"
        assert ticket.number in text and f"/escalations/{ticket.number}/" in text
        patient = ticket.patient
        assert patient is not None
        assert not any(name in text for name in (patient.first_name, patient.last_name))

    def test_a_dead_mail_server_loses_nothing(self, ticket: Ticket, ana: User, settings: Any) -> None:
        User.objects.filter(pk=ana.pk).update(email="ana@acme.example")
        late = TUESDAY_SIX + timedelta(minutes=1)
        actions.watch_clocks(at=late)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
        assert outbox.deliver(at=late) == 0
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert outbox.deliver(at=late + timedelta(minutes=5)) == 1
        assert len(mail.outbox) == 1

    def test_who_is_named_in_a_note_is_told_and_who_watches_too(
        self, ticket: Ticket, ana: User, sue: User, ben: User
    ) -> None:
        actions.watch(ticket, ben, at=FRIDAY)
        actions.watch(ticket, ben, at=FRIDAY)
        note = {"note": "@sue and @nobody, please look. Mail me@sue.example"}
        actions.act(ticket, "comment", by=ana, at=FRIDAY, facts=note)
        assert [kind for kind, _ in told(sue)] == ["mentioned"]
        assert [kind for kind, _ in told(ben)] == ["watched"]
        assert told(ana) == []

    def test_who_is_given_a_ticket_is_told(self, ticket: Ticket, ana: User, sue: User) -> None:
        actions.act(ticket, "assign", by=sue, at=FRIDAY, facts={"user": "ana"})
        assert told(ana) == [("assigned", f"{sue} assigned {ticket.number} to you.")]

    def test_a_way_nobody_wants_is_not_taken(self, ticket: Ticket, ana: User) -> None:
        NoticeChoice.objects.create(company=ana.company, user=ana, ways={"breach": []})
        actions.watch_clocks(at=TUESDAY_SIX + timedelta(minutes=1))
        assert told(ana) == []


class TestMerging:
    def test_the_survivor_keeps_the_earlier_filing_k16(self, ana: User, sue: User, patient: Patient) -> None:
        first = filed("supervisor", ana, patient, FRIDAY)
        second = filed("supervisor", ana, patient, FRIDAY + timedelta(days=3))
        actions.act(first, "merge", by=sue, at=FRIDAY + timedelta(days=4), facts={"into": second.number})
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.status, first.merged_into) == ("merged", second)
        assert (second.received_at, second.due_at) == (FRIDAY, TUESDAY_SIX)
        assert actions.watch_clocks(at=TUESDAY_SIX + timedelta(minutes=1))["breaches"] == 1
        assert Breach.objects.get().ticket == second, "the clock of the merged one stands still"

    @pytest.mark.parametrize("into", ["", "E-999999", "itself", "another patient's", "a resolved one"])
    def test_what_cannot_be_merged_is_refused_with_a_sentence(
        self, ana: User, sue: User, patient: Patient, acme: Company, into: str
    ) -> None:
        first = filed("supervisor", ana, patient, FRIDAY)
        if into == "itself":
            into = first.number
        elif into == "another patient's":
            into = filed("supervisor", ana, PatientFactory(company=acme), FRIDAY).number
        elif into == "a resolved one":
            done = filed("supervisor", ana, patient, FRIDAY)
            actions.act(done, "resolve", by=ana, at=FRIDAY, facts={"outcome": "Settled"})
            into = done.number
        with pytest.raises(actions.Invalid) as refused:
            actions.act(first, "merge", by=sue, at=FRIDAY, facts={"into": into})
        assert refused.value.wrong["into"].sentence.endswith(".")


class TestWhyLate:
    def test_the_reason_is_said_once_and_counted(self, ticket: Ticket, ana: User) -> None:
        late = TUESDAY_SIX + timedelta(minutes=1)
        actions.watch_clocks(at=late)
        actions.act(ticket, "explain", by=ana, at=late, facts={"reason": "It was overlooked"})
        assert Breach.objects.get().reason == "overlooked"
        with pytest.raises(Refused):
            actions.act(ticket, "explain", by=ana, at=late, facts={"reason": "volume"})


@pytest.mark.django_db(transaction=True)
def test_five_workers_that_sweep_at_once_tell_everybody_once(ana: User, acme: Company) -> None:
    patient = PatientFactory(company=acme)
    for _ in range(20):
        ticket = filed("supervisor", ana, patient, FRIDAY)
        actions.act(ticket, "take", by=ana, at=FRIDAY)
    gate = threading.Barrier(5)

    def sweep() -> None:
        gate.wait()
        try:
            actions.watch_clocks(at=TUESDAY_SIX + timedelta(minutes=1))
        finally:
            connection.close()

    workers = [threading.Thread(target=sweep) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert Breach.objects.count() == 20
    assert Notification.objects.filter(recipient=ana, kind="breach").count() == 20
    assert TicketEvent.objects.filter(act="breach").count() == 20
