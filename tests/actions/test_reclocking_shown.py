"""A change of the calendar does what was shown, is taken back exactly, and moves nothing twice (K14)."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions
from escalations.actions.reclocking import Previewed, catch_up, change_calendar, preview, reclock, undo_change
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.calendar_edit import NamedCalendar
from escalations.models import CalendarVersion, PolicyVersion, Reclocking, Ticket, TicketEvent
from escalations.policies import (
    calendar_in_force,
    calendar_of,
    named_calendar_of,
    policy_in_force,
    put_in_force,
)
from escalations.running import what_if
from patients.models import Patient
from tests.actions.reclocking_case import (
    MONDAY,
    calendar_now,
    due,
    every_type,
    not_yet_in_force,
    put,
    snapshot,
    with_exceptions,
)
from tests.domain.turnaround_cases import calendars
from tests.tickets import filed

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(acme: Company) -> NamedCalendar:
    return calendar_now(acme)


class TestWhatWasShownIsWhatIsDone:
    def test_two_admins_the_second_is_told(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        filed("supervisor", ana, patient, MONDAY)
        eve = User.objects.create(username="eve", company=acme, role="admin")
        hers, his = with_exceptions(now, may_12=()), with_exceptions(now, may_13=())
        seen_by_eve, seen_by_adam = (preview(acme, one, at=MONDAY) for one in (hers, his))
        change_calendar(acme, hers, token=seen_by_eve.token, by=eve, at=MONDAY)
        with pytest.raises(Refused) as refused:
            change_calendar(acme, his, token=seen_by_adam.token, by=adam, at=MONDAY)
        assert refused.value.code == "stale"
        assert named_calendar_of(calendar_in_force(acme, at=MONDAY)) == hers
        assert Reclocking.objects.count() == 1

    def test_another_calendar_than_the_one_shown_is_refused(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        seen = preview(acme, with_exceptions(now, may_12=()), at=MONDAY)
        with pytest.raises(Refused, match="another calendar"):
            change_calendar(acme, with_exceptions(now, may_13=()), token=seen.token, by=adam, at=MONDAY)
        assert due(ticket) == "Wed 05-13 18:00"
        assert CalendarVersion.objects.filter(company=acme).count() == 1, "nothing of it stays"

    def test_a_ticket_that_moved_since_is_told_and_one_filed_since_moves_along(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        calendar = with_exceptions(now, may_12=())
        seen = preview(acme, calendar, at=MONDAY)
        late_comer = filed("supervisor", ana, patient, MONDAY)
        done = change_calendar(acme, calendar, token=seen.token, by=adam, at=MONDAY)
        assert done.moved == 2 and due(late_comer) == "Thu 05-14 18:00"
        seen = preview(acme, now, at=MONDAY)
        ticket.refresh_from_db()
        actions.act(ticket, "resolve", by=ana, at=MONDAY, facts={"outcome": "Done"})
        with pytest.raises(Refused) as refused:
            change_calendar(acme, now, token=seen.token, by=adam, at=MONDAY)
        assert refused.value.code == "stale"

    @pytest.mark.parametrize(
        "token", ["", "1.2", "x.y.z", "1.9999999999999999999999.ab", "1..", "\x00.\x00.\x00"]
    )
    def test_a_made_up_token_changes_nothing(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar, token: str
    ) -> None:
        filed("supervisor", ana, patient, MONDAY)
        token = token.replace("1.", f"{calendar_in_force(acme, at=MONDAY).pk}.", 1)
        with pytest.raises(Refused):
            change_calendar(acme, with_exceptions(now, may_12=()), token=token, by=adam, at=MONDAY)
        assert Reclocking.objects.count() == 0

    def test_a_ticket_moved_between_reading_and_writing_is_worked_out_again(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar, monkeypatch: Any
    ) -> None:
        from escalations.actions import reclock_writing

        ticket, other = (filed("itemized-bill", ana, patient, MONDAY) for _ in range(2))
        calendar = with_exceptions(now, may_13=())
        seen = preview(acme, calendar, at=MONDAY)
        reason = next(one.key for one in actions.type_of(ticket).waits if one.stops_clock)
        touch, pauses = reclock_writing.Under._touch, iter([True])

        def step_comes_first(self: Any, changes: Any) -> set[int]:
            if next(pauses, False):
                with not_yet_in_force(acme):
                    done = actions.act(ticket, "wait", by=ana, at=MONDAY, facts={"reason": reason})
                    actions.act(done, "resume", by=ana, at=MONDAY + timedelta(days=2))
            return touch(self, changes)

        monkeypatch.setattr(reclock_writing.Under, "_touch", step_comes_first)
        done = change_calendar(acme, calendar, token=seen.token, by=adam, at=MONDAY)
        assert done.moved == 2
        assert due(other) == "Thu 05-21 18:00"
        assert due(ticket) == "Fri 05-22 18:00", "its pause of Monday and Tuesday is in it"

    def test_a_step_whose_dates_were_worked_out_before_is_refused(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        filed("supervisor", ana, patient, MONDAY)
        unmoved = filed("patient-callback", ana, patient, MONDAY)
        put(acme, with_exceptions(now, may_12=()), adam)
        with pytest.raises(Refused) as refused:
            actions.act(unmoved, "resolve", by=ana, at=MONDAY, facts={"outcome": "Done"})
        assert refused.value.code == "stale"

    def test_a_filing_that_was_under_way_is_caught_up(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        late = filed("supervisor", ana, patient, MONDAY)
        old = calendar_in_force(acme, at=MONDAY)
        was = Ticket.objects.get(pk=late.pk).due_at
        put(acme, with_exceptions(now, may_12=()), adam)
        Ticket.objects.filter(pk=late.pk).update(
            calendar_version=old, due_at=was, late_from=was, due_order=was
        )
        assert catch_up(acme, at=MONDAY) == 1
        assert due(late) == "Thu 05-14 18:00"
        assert catch_up(acme, at=MONDAY) == 0


class TestUndo:
    def test_it_restores_every_date_exactly(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        every_type(ana)
        at = MONDAY + timedelta(days=3)
        before = snapshot()
        week = (((time(8), time(12)), (time(13), time(17))), (), *[((time(9), time(0)),)] * 4, ())
        other = NamedCalendar(BusinessCalendar("America/New_York", week, frozenset({date(2026, 6, 1)})))
        done = put(acme, other, adam, at=at)
        assert done.moved >= 10 and snapshot() != before
        back = preview(acme, now, at=at)
        undone = undo_change(done, token=back.token, by=adam, at=at)
        assert snapshot() == before
        assert undone.undoes == done
        assert named_calendar_of(calendar_in_force(acme, at=at)) == now
        titles = TicketEvent.objects.filter(act="reclock").values_list("title", flat=True)
        assert sum("as a change of the calendar was undone" in title for title in titles) == done.moved

    def test_what_was_undone_or_overtaken_is_refused(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        filed("supervisor", ana, patient, MONDAY)
        first = put(acme, with_exceptions(now, may_12=()), adam)
        second = put(acme, with_exceptions(now, may_12=(), may_14=()), adam)
        token = preview(acme, now, at=MONDAY).token
        with pytest.raises(Refused) as refused:
            undo_change(first, token=token, by=adam, at=MONDAY)
        assert refused.value.code == "older"
        back = preview(acme, with_exceptions(now, may_12=()), at=MONDAY)
        undo_change(second, token=back.token, by=adam, at=MONDAY)
        with pytest.raises(Refused) as refused:
            undo_change(second, token=back.token, by=adam, at=MONDAY)
        assert refused.value.code == "undone"


class TestSteady:
    def test_the_calendar_in_force_moves_nothing(self, acme: Company, ana: User, patient: Patient) -> None:
        """What filing, pausing, resuming and reopening stored is what the recompute says, for every type."""
        every_type(ana)
        found = what_if(acme, calendar=calendar_of(calendar_in_force(acme, at=MONDAY)), at=MONDAY)
        assert [one.clock.type for one in found.touched] == []
        running = Ticket.objects.filter(status__in=("open", "started", "waiting")).count()
        assert len(found.same) == found.looked_at == running

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(calendar=calendars(), shift=st.integers(0, 60 * 24 * 40))
    def test_what_is_shown_is_what_is_stored_afterwards(
        self, acme: Company, ana: User, adam: User, patient: Patient, calendar: BusinessCalendar, shift: int
    ) -> None:
        if not Ticket.objects.filter(company=acme).exists():
            every_type(ana)
        at = MONDAY + timedelta(minutes=shift)
        seen: Previewed = preview(acme, NamedCalendar(calendar), at=at)
        if seen.calendar.to_json() == seen.base.data:
            return
        change_calendar(acme, seen.calendar, token=seen.token, by=adam, at=at)
        for change in seen.outlook.touched:
            ticket = Ticket.objects.get(pk=change.clock.ticket)
            assert change.moments == tuple(getattr(ticket, name) for name in change.moments._fields)
            assert ticket.cycles.get(ended_at=None).due_at == ticket.due_at
        assert not what_if(acme, calendar=calendar, at=at).touched


class TestPolicy:
    def test_open_tickets_can_be_put_under_another_policy_k13(
        self, acme: Company, ana: User, adam: User, patient: Patient
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        data = policy_in_force(acme, at=MONDAY).data
        for one in data["types"]:
            if one["key"] == "supervisor":
                one["turnarounds"][0]["max"] = 4
        version = put_in_force(PolicyVersion, acme, data, by=adam, at=MONDAY)
        done = reclock(acme, policy=version, by=adam, at=MONDAY)
        assert done.moved == 1 and due(ticket) == "Fri 05-15 18:00"
        assert (ticket.policy_version, ticket.cycles.get().max) == (version, 4)
        assert TicketEvent.objects.get(ticket=ticket, act="reclock").title.startswith(
            "Due date moved by a change of the policy: Wed 13 May"
        )
