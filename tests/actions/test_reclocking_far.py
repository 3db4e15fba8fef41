"""Running tickets that a change of the calendar cannot move: their rows stay, and all that is worked out of
them later goes by the calendar in force (K14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions
from escalations.actions.bulk import act_on_many
from escalations.actions.reclocking import catch_up, preview
from escalations.callbacks.board import Board
from escalations.domain.calendar_edit import NamedCalendar
from escalations.follow_ups import follow_ups
from escalations.models import Alert, CalendarVersion, Ticket
from escalations.policies import calendar_in_force, calendar_of
from escalations.ticket_page.companions import due_after, running_beside
from escalations.ticket_page.reading import detail_of
from patients.models import Patient
from tests.actions.reclocking_case import MONDAY, calendar_now, due, not_yet_in_force, put, with_exceptions
from tests.domain.turnaround_cases import at as chicago
from tests.domain.turnaround_cases import local
from tests.tickets import filed

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(acme: Company) -> NamedCalendar:
    return calendar_now(acme)


def utc(text: str) -> datetime:
    return chicago(text).astimezone(UTC)


def waiting(ana: User, patient: Patient) -> Ticket:
    """Seven business days, due on Wednesday 20 May; waits since Tuesday 12 May."""
    ticket = filed("itemized-bill", ana, patient, MONDAY)
    reason = next(one.key for one in actions.type_of(ticket).waits if one.stops_clock)
    return actions.act(ticket, "wait", by=ana, at=utc("05-12 10:00"), facts={"reason": reason})


def stored() -> list[Any]:
    return list(Ticket.objects.order_by("pk").values())


def history_rows() -> int:
    return Ticket.pgh_event_model.objects.count()  # type: ignore[attr-defined]


class TestWhatCannotMove:
    def test_no_row_of_it_is_written_and_it_is_counted(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        filed("supervisor", ana, patient, MONDAY)
        filed("patient-callback", ana, patient, MONDAY)
        undated = Ticket.objects.filter(due_at=None).count()
        rows, history = stored(), history_rows()
        seen = preview(acme, with_exceptions(now, may_27=()), at=MONDAY)
        assert not seen.outlook.touched and not seen.outlook.same
        done = put(acme, with_exceptions(now, may_27=()), adam)
        assert (done.looked_at, done.moved, undated) == (2, 0, 0)
        assert (stored(), history_rows()) == (rows, history)

    def test_one_that_was_rolled_back_from_a_closed_date_is_looked_at_when_that_opens_k6(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        received = utc("05-16 10:00")
        put(acme, with_exceptions(now, may_22=()), adam, at=received)
        ticket = filed("wo-code-error", ana, patient, received)
        assert due(ticket) == "Thu 05-21 18:00"
        put(acme, now, adam, at=received)
        assert due(ticket) == "Fri 05-22 18:00"

    def test_another_zone_stamps_every_ticket_also_one_without_a_date(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        assert due(filed("do-not-contact", ana, patient, MONDAY)) == "none"
        put(acme, NamedCalendar(replace(now.rules, zone="America/New_York"), now.names), adam)
        version = calendar_in_force(acme, at=MONDAY)
        assert set(Ticket.objects.values_list("calendar_version", flat=True)) == {version.pk}
        assert due(ticket) == "Wed 05-13 18:00"


class TestWhatIsWorkedOutLater:
    """Closing Wednesday 27 May cannot move a ticket that is due on 20 May, until something moves it there."""

    def test_a_wait_that_ends_beyond_the_change(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = waiting(ana, patient)
        put(acme, with_exceptions(now, may_27=()), adam)
        ticket.refresh_from_db()
        assert ticket.calendar_version.number == 1
        ticket = actions.act(ticket, "resume", by=ana, at=utc("05-21 15:00"))
        assert due(ticket) == "Tue 06-02 18:00", "one date later than without the closure"
        assert ticket.calendar_version == calendar_in_force(acme, at=MONDAY)
        assert ticket.cycles.get().due_at == ticket.due_at

    def test_many_waits_that_end_at_one_time(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = waiting(ana, patient)
        put(acme, with_exceptions(now, may_27=()), adam)
        done = act_on_many([ticket.pk], "resume", by=ana, at=utc("05-21 15:00"), facts={})
        assert done.done == 1
        assert due(ticket) == "Tue 06-02 18:00"
        assert ticket.calendar_version == calendar_in_force(acme, at=MONDAY)

    def test_its_page_says_so_before(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = waiting(ana, patient)
        put(acme, with_exceptions(now, may_27=()), adam)
        ticket.refresh_from_db()
        detail = detail_of(ticket, now=utc("05-21 15:00"))
        assert detail.if_resumed is not None
        assert local(detail.if_resumed.due_at) == "Tue 06-02 18:00"
        assert detail.ledger[-1].date.isoformat() == "2026-06-02"
        assert any(line.why == "Closed by a dated exception" for line in detail.ledger)

    def test_another_type_with_more_time(
        self, acme: Company, ana: User, sue: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        put(acme, with_exceptions(now, may_19=()), adam)
        ticket.refresh_from_db()
        assert ticket.calendar_version.number == 1
        facts = {"type": "itemized-bill", "answers": {"recipient": "patient", "account_status": "paid"}}
        ticket = actions.act(ticket, "retype", by=sue, at=MONDAY, facts=facts)
        assert due(ticket) == "Thu 05-21 18:00"
        assert ticket.calendar_version == calendar_in_force(acme, at=MONDAY)

    def test_what_a_merge_would_make_of_it(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        put(acme, with_exceptions(now, may_19=()), adam)
        (survivor,) = running_beside(ticket, ana)
        assert local(due_after(utc("05-15 10:00"), survivor)) == "Wed 05-20 18:00"

    def test_one_that_ends_is_measured_by_the_calendar_of_its_end(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        alone, among = (filed("supervisor", ana, patient, MONDAY) for _ in range(2))
        put(acme, with_exceptions(now, may_19=()), adam)
        late = utc("05-20 10:00")
        actions.act(Ticket.objects.get(pk=alone.pk), "resolve", by=ana, at=late, facts={"outcome": "Done"})
        act_on_many([among.pk], "resolve", by=ana, at=late, facts={"outcome": "Done"})
        versions = Ticket.objects.values_list("calendar_version__number", flat=True)
        assert list(versions) == [2, 2]

    def test_its_ladder_counts_the_hours_that_are_open_now_k16(
        self, acme: Company, ana: User, sue: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        actions.act(ticket, "take", by=ana, at=MONDAY)
        put(acme, with_exceptions(now, may_15=()), adam)
        assert Ticket.objects.get(pk=ticket.pk).calendar_version.number == 1
        actions.watch_clocks(at=utc("05-14 17:55"))
        climbs_at = Alert.objects.get(ticket=ticket, kind="breach").climbs_at
        assert climbs_at is not None and local(climbs_at)[:9] == "Mon 05-18", "Friday is closed"  # type: ignore[index]

    def test_what_rules_propose_after_so_many_business_days_counts_those_of_now_r_ins_3(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        """Sent on 2 March: its 46th business day is Tuesday 5 May, and with that closed Wednesday."""
        sent = utc("03-02 10:00")
        update = filed("insurance-update", ana, patient, sent, answers={"sent_on": "2026-03-02"})
        assert due(update) == "Mon 05-04 18:00"
        put(acme, with_exceptions(now, may_5=()), adam, at=sent)
        tuesday, wednesday = utc("05-05 12:00"), utc("05-06 12:00")
        update = Ticket.objects.get(pk=update.pk)
        assert update.calendar_version.number == 1
        assert [one.rule for one in follow_ups(update, ana, now=tuesday)] == []
        assert [one.rule for one in follow_ups(update, ana, now=wednesday)] == ["R-INS-3"]
        assert [actions.watch_clocks(at=at)["proposals"] for at in (tuesday, wednesday)] == [0, 1]

    def test_the_board_of_calls_says_who_is_there_next_by_it(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        filed("patient-callback", ana, patient, MONDAY)
        put(acme, with_exceptions(now, may_13=()), adam)
        assert Ticket.objects.get().calendar_version.number == 1
        board = Board(ana, {}, now=utc("05-12 19:00"))
        assert len(board.rows) == 1 and board.next_shift.startswith("Thu"), board.next_shift


class TestWhoComesAtTheSameTime:
    def test_a_step_that_worked_out_dates_under_the_calendar_before_is_refused(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar, monkeypatch: Any
    ) -> None:
        from escalations import step_work

        ticket = waiting(ana, patient)
        old = calendar_in_force(acme, at=MONDAY)
        put(acme, with_exceptions(now, may_27=()), adam)
        ticket.refresh_from_db()
        monkeypatch.setattr(step_work, "calendar_for", lambda ticket: old)
        with pytest.raises(Refused) as refused:
            actions.act(ticket, "resume", by=ana, at=utc("05-21 15:00"))
        assert refused.value.code == "stale"
        monkeypatch.undo()
        actions.act(Ticket.objects.get(pk=ticket.pk), "resume", by=ana, at=utc("05-21 15:00"))
        assert due(ticket) == "Tue 06-02 18:00"

    def test_a_step_under_way_that_moves_it_past_the_change_is_caught_up(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar, monkeypatch: Any
    ) -> None:
        """It reads and lands while the change is written and not committed: past what that looked at."""
        from escalations.actions import reclock_writing

        ticket = waiting(ana, patient)
        far = filed("supervisor", ana, patient, MONDAY)
        write = reclock_writing.Under.write

        def step_lands_after(self: Any, *found: Any) -> Any:
            moved = write(self, *found)
            with not_yet_in_force(acme):
                actions.act(Ticket.objects.get(pk=ticket.pk), "resume", by=ana, at=utc("05-21 15:00"))
            return moved

        monkeypatch.setattr(reclock_writing.Under, "write", step_lands_after)
        put(acme, with_exceptions(now, may_27=()), adam)
        monkeypatch.undo()
        assert due(ticket) == "Mon 06-01 18:00"
        assert catch_up(acme, at=MONDAY) == 1
        assert due(ticket) == "Tue 06-02 18:00"
        assert Ticket.objects.get(pk=far.pk).calendar_version.number == 1
        assert catch_up(acme, at=MONDAY) == 0

    def test_two_changes_in_a_row(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        near, between, beyond = (
            filed("supervisor", ana, patient, utc(day)) for day in ("05-11 10:00", "05-14 10:00", "05-22 10:00")
        )  # fmt: skip
        first = put(acme, with_exceptions(now, may_27=()), adam, at=utc("05-22 10:00"))
        assert [due(one) for one in (near, between, beyond)] == [
            "Wed 05-13 18:00", "Mon 05-18 18:00", "Thu 05-28 18:00",
        ]  # fmt: skip
        second = put(acme, with_exceptions(now, may_27=(), may_18=()), adam, at=utc("05-22 10:00"))
        assert [due(one) for one in (near, between, beyond)] == [
            "Wed 05-13 18:00", "Tue 05-19 18:00", "Thu 05-28 18:00",
        ]  # fmt: skip
        assert (first.moved, second.moved) == (1, 1)
        numbers = [Ticket.objects.get(pk=one.pk).calendar_version.number for one in (near, between, beyond)]
        assert numbers == [1, 3, 3]
        versions = CalendarVersion.objects.filter(company=acme).order_by("number")
        assert [calendar_of(one).is_business(chicago("05-18 10:00").date()) for one in versions] == [
            True, True, False,
        ]  # fmt: skip
        # A filing under way since before the first of the two lands after the second.
        late = filed("supervisor", ana, patient, utc("05-14 10:00"))
        was = utc("05-18 18:00")
        Ticket.objects.filter(pk=late.pk).update(
            calendar_version=versions[0], due_at=was, late_from=was, due_order=was
        )
        assert catch_up(acme, at=utc("05-22 10:00") + timedelta(minutes=20)) == 1
        assert due(late) == "Tue 05-19 18:00"
