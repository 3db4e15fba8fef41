"""Another calendar over the clocks that run: who moves, what stays, and the way back (K14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions
from escalations.actions.reclocking import (
    Previewed,
    catch_up,
    change_calendar,
    preview,
    reclock,
    undo_change,
)
from escalations.clock import clock_of, dates
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.calendar_edit import NamedCalendar
from escalations.models import (
    Breach,
    CalendarVersion,
    Notification,
    PolicyVersion,
    Reclocking,
    Ticket,
    TicketCycle,
    TicketEvent,
)
from escalations.policies import (
    calendar_in_force,
    calendar_of,
    named_calendar_of,
    policy_in_force,
    policy_of,
    put_in_force,
)
from patients.models import Patient
from tests.domain.turnaround_cases import at as chicago
from tests.domain.turnaround_cases import calendars
from tests.factories import PatientFactory
from tests.tickets import TYPES, filed

pytestmark = pytest.mark.django_db
MONDAY = chicago("2026-05-11 10:00").astimezone(UTC)
HALF = ((time(9), time(13)),)


@pytest.fixture
def patient(acme: Company) -> Patient:
    return PatientFactory(company=acme)


@pytest.fixture
def now(acme: Company) -> NamedCalendar:
    """The calendar in force: Monday to Friday, nine to six in Chicago, federal holidays."""
    return named_calendar_of(calendar_in_force(acme, at=MONDAY))


def with_exceptions(calendar: NamedCalendar, **days: Any) -> NamedCalendar:
    """The calendar with exceptions: ``may_13=()`` is closed on 13 May 2026."""
    months = {"may": 5, "jun": 6, "nov": 11}
    found = {
        date(2026, months[name.split("_")[0]], int(name.split("_")[1])): hours for name, hours in days.items()
    }
    rules = replace(calendar.rules, exceptions={**calendar.rules.exceptions, **found})
    return NamedCalendar(rules, calendar.names)


def put(company: Company, calendar: NamedCalendar, by: User, at: datetime = MONDAY) -> Reclocking:
    """Preview and apply at once."""
    seen = preview(company, calendar, at=at)
    return change_calendar(company, calendar, token=seen.token, by=by, at=at)


def due(ticket: Ticket) -> str:
    ticket.refresh_from_db()
    zone = calendar_of(ticket.calendar_version).tz
    return f"{ticket.due_at.astimezone(zone):%a %m-%d %H:%M}" if ticket.due_at else "none"


def snapshot() -> dict[str, list[Any]]:
    """Every date that a ticket or a cycle keeps."""
    names = (
        "pk",
        "unit",
        "expected_from",
        "due_at",
        "warn_at",
        "late_from",
        "due_order",
        "promise",
        "paused_at",
    )
    cycles = ("pk", "min", "max", "unit", "expected_from", "due_at", "ended_at", "met")
    return {
        "tickets": list(Ticket.objects.order_by("pk").values_list(*names)),
        "cycles": list(TicketCycle.objects.order_by("pk").values_list(*cycles)),
    }


def every_type(ana: User) -> list[Ticket]:
    """A ticket of every type, some of them resumed, waiting, resolved, reopened."""
    tickets = [
        filed(key, ana, PatientFactory(company=ana.company), MONDAY - timedelta(hours=index))
        for index, key in enumerate(TYPES)
    ]
    for index, ticket in enumerate(tickets):
        stops = [one.key for one in actions.type_of(ticket).waits if one.stops_clock]
        if stops and index % 2:
            actions.act(ticket, "wait", by=ana, at=MONDAY + timedelta(hours=1), facts={"reason": stops[0]})
        if stops and index % 4 == 3:
            actions.act(ticket, "resume", by=ana, at=MONDAY + timedelta(days=2))
        if index % 5 == 0:
            actions.act(ticket, "resolve", by=ana, at=MONDAY + timedelta(hours=2), facts={"outcome": "Done"})
    return tickets


class TestMoving:
    def test_a_half_day_on_the_due_date_moves_to_its_own_close_k2(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        assert due(ticket) == "Wed 05-13 18:00"
        done = put(acme, with_exceptions(now, may_13=HALF), adam)
        assert due(ticket) == "Wed 05-13 13:00"
        assert (done.looked_at, done.moved, done.breaches, done.by) == (1, 1, 0, adam)
        assert ticket.cycles.get().due_at == ticket.due_at == ticket.late_from == ticket.due_order

    def test_a_closure_moves_exactly_the_affected(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        before = filed("supervisor", ana, patient, MONDAY - timedelta(days=7))
        across = filed("supervisor", ana, patient, MONDAY)
        after = filed("supervisor", ana, patient, MONDAY + timedelta(days=2))
        around_the_clock = filed("patient-callback", ana, patient, MONDAY)
        seen = preview(acme, with_exceptions(now, may_12=()), at=MONDAY)
        assert [one.clock.ticket for one in seen.outlook.moved] == [across.pk]
        assert (seen.outlook.earliest, seen.outlook.latest) == (timedelta(0), timedelta(days=1))
        put(acme, seen.calendar, adam)
        assert due(across) == "Thu 05-14 18:00"
        assert [due(one) for one in (before, after, around_the_clock)] == [
            "Wed 05-06 18:00", "Fri 05-15 18:00", "Tue 05-12 10:00",
        ]  # fmt: skip
        version = calendar_in_force(acme, at=MONDAY)
        assert set(Ticket.objects.values_list("calendar_version", flat=True)) == {version.pk}
        assert Ticket.objects.get(pk=after.pk).version == after.version, "nothing that people see changed"
        assert across.version == 2

    @pytest.mark.parametrize(
        ("key", "received", "exceptions", "expected"),
        [
            # 48 business hours, Friday 17:59: the closed Monday passes, Tuesday is half a day and counts whole
            ("onc-callback", "05-15 17:59", {"may_18": ()}, "Wed 05-20 17:59"),
            ("onc-callback", "05-22 17:59", {"may_26": ()}, "Thu 05-28 17:59"),
            # an itemized bill by phone, 5–7 business days, with Memorial Day worked after all
            ("itemized-bill", "05-20 10:00", {"may_25": HALF}, "Fri 05-29 18:00"),
            # within a week: rolled back over the closed Friday
            ("wo-code-error", "05-16 10:00", {"may_22": ()}, "Thu 05-21 18:00"),
            ("spay-error", "05-11 09:30", {"may_12": (), "may_13": HALF}, "Fri 05-15 18:00"),
        ],
    )
    def test_the_worked_examples_under_an_edited_calendar(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar,
        key: str, received: str, exceptions: dict[str, Any], expected: str,
    ) -> None:  # fmt: skip
        received_at = chicago(received).astimezone(UTC)
        ticket = filed(key, ana, patient, received_at)
        put(acme, with_exceptions(now, **exceptions), adam, at=received_at)
        assert due(ticket) == expected

    def test_the_warning_moves_along_k15(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("itemized-bill", ana, patient, MONDAY)
        earlier = ticket.warn_at
        put(acme, with_exceptions(now, may_13=()), adam)
        ticket.refresh_from_db()
        clock = clock_of(ticket.cycles.get(), [])
        calendar, policy = calendar_of(ticket.calendar_version), policy_of(ticket.policy_version)
        assert ticket.warn_at == dates(clock, calendar, policy, urgent=False)["warn_at"]
        assert earlier is not None and ticket.warn_at is not None and ticket.warn_at > earlier

    def test_what_is_over_and_what_was_told_stay(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        done = filed("supervisor", ana, patient, MONDAY)
        actions.act(done, "resolve", by=ana, at=MONDAY + timedelta(hours=1), facts={"outcome": "Done"})
        told = filed("supervisor", ana, patient, MONDAY)
        put(acme, with_exceptions(now, may_12=()), adam)
        assert due(done) == "Wed 05-13 18:00" and done.calendar_version.number == 1
        assert due(told) == "Thu 05-14 18:00"
        assert "Wednesday 13 May" in told.promise

    def test_pauses_are_kept_k9(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("itemized-bill", ana, patient, MONDAY)
        reason = next(one.key for one in actions.type_of(ticket).waits if one.stops_clock)
        moment = chicago("2026-05-12 10:00").astimezone(UTC)
        ticket = actions.act(ticket, "wait", by=ana, at=moment, facts={"reason": reason})
        ticket = actions.act(ticket, "resume", by=ana, at=chicago("2026-05-14 15:00").astimezone(UTC))
        assert due(ticket) == "Fri 05-22 18:00"
        put(acme, with_exceptions(now, may_18=()), adam, at=chicago("2026-05-14 16:00").astimezone(UTC))
        assert due(ticket) == "Tue 05-26 18:00", "two dates paused, one closed, and Memorial Day"

    def test_the_ticket_says_so_and_its_ledger_explains_it_k19(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar, page_as: Callable[..., Any]
    ) -> None:  # fmt: skip
        ticket = filed("supervisor", ana, patient, MONDAY)
        put(acme, with_exceptions(now, may_12=()), adam)
        event = TicketEvent.objects.get(ticket=ticket, act="reclock")
        assert event.title == (
            "Due date moved by a change of the calendar: Wed 13 May, 18:00 → Thu 14 May, 18:00"
        )
        assert (event.by, event.version) == (adam, Ticket.objects.get(pk=ticket.pk).version)
        page = page_as(ana).get(f"/escalations/{ticket.number}/").content.decode()
        assert "Due date moved by a change of the calendar" in page
        assert "Closed by a dated exception" in page

    def test_a_new_filing_uses_the_new_calendar_at_once(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        put(acme, with_exceptions(now, may_12=()), adam)
        assert due(filed("supervisor", ana, patient, MONDAY)) == "Thu 05-14 18:00"

    def test_a_reopened_ticket_goes_by_the_calendar_of_today_k11(
        self, acme: Company, ana: User, sue: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("spay-error", ana, patient, MONDAY)
        resolved = chicago("2026-05-13 11:00").astimezone(UTC)
        ticket = actions.act(ticket, "resolve", by=ana, at=resolved, facts={"outcome": "Done"})
        put(acme, with_exceptions(now, may_20=()), adam, at=resolved)
        reopened = chicago("2026-05-19 11:00").astimezone(UTC)
        ticket = actions.act(ticket, "reopen", by=sue, at=reopened, facts={"reason": "Again"})
        assert due(ticket) == "Thu 05-21 18:00", "Wednesday 20 May is closed now"


class TestNobodyElse:
    def test_another_companys_tickets_stay(
        self, acme: Company, other: Company, otto: User, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:  # fmt: skip
        theirs = filed("supervisor", otto, PatientFactory(company=other), MONDAY)
        filed("supervisor", ana, patient, MONDAY)
        done = put(acme, with_exceptions(now, may_12=()), adam)
        assert done.looked_at == 1
        assert due(theirs) == "Wed 05-13 18:00"

    @pytest.mark.parametrize("who", ["ana", "ben", "sue"])
    def test_only_an_admin_may(
        self, acme: Company, cast: dict[str, User], now: NamedCalendar, who: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            put(acme, with_exceptions(now, may_12=()), cast[who])
        assert refused.value.code == "role"
        assert CalendarVersion.objects.filter(company=acme).count() == 1


class TestBreaches:
    def test_one_that_is_late_by_it_is_foretold(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        at = chicago("2026-05-13 15:00").astimezone(UTC)
        seen = preview(acme, with_exceptions(now, may_13=HALF), at=at)
        assert [one.clock.ticket for one in seen.outlook.breaches] == [ticket.pk]
        done = put(acme, seen.calendar, adam, at=at)
        assert done.breaches == 1
        assert actions.watch_clocks(at=at + timedelta(minutes=1))["breaches"] == 1

    def test_a_recorded_breach_is_annotated_and_never_erased(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        late = chicago("2026-05-13 18:05").astimezone(UTC)
        actions.watch_clocks(at=late)
        was = Breach.objects.get(ticket=ticket)
        done = put(acme, with_exceptions(now, may_12=()), adam, at=late)
        assert (done.moved, done.breaches, done.unbreaches) == (1, 0, 1)
        breach = Breach.objects.get(ticket=ticket)
        assert (breach.due_at, breach.seen_at) == (was.due_at, was.seen_at)
        assert breach.moved_to == chicago("2026-05-14 18:00") and breach.moved_at == late
        back = preview(acme, now, at=late)
        undo_change(done, token=back.token, by=adam, at=late)
        breach.refresh_from_db()
        assert (breach.moved_to, breach.moved_at) == (None, None), "it is due where it was when it ran past"

    def test_a_paused_one_is_not_late_by_it_k9(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("itemized-bill", ana, patient, MONDAY)
        reason = next(one.key for one in actions.type_of(ticket).waits if one.stops_clock)
        actions.act(ticket, "wait", by=ana, at=MONDAY + timedelta(hours=1), facts={"reason": reason})
        much_later = chicago("2026-05-20 17:00").astimezone(UTC)
        seen = preview(acme, with_exceptions(now, may_20=HALF), at=much_later)
        assert len(seen.outlook.moved) == 1 and not seen.outlook.breaches


class TestTelling:
    def test_one_notice_a_person_however_many_tickets(
        self, acme: Company, ana: User, sue: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        tickets = [filed("supervisor", ana, patient, MONDAY) for _ in range(3)]
        for ticket in tickets:
            actions.act(ticket, "take", by=ana, at=MONDAY)
        actions.watch(tickets[0], sue, at=MONDAY)
        actions.watch(tickets[1], ana, at=MONDAY)
        Notification.objects.all().delete()
        put(acme, with_exceptions(now, may_12=()), adam)
        told = dict(Notification.objects.values_list("recipient__username", "words"))
        assert told == {
            "ana": "3 of your tickets have other due dates since the calendar changed.",
            "sue": "1 of the tickets you watch has another due date since the calendar changed.",
        }


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
        seen = preview(acme, named_calendar_of(calendar_in_force(acme, at=MONDAY)), at=MONDAY)
        assert [one.clock.type for one in seen.outlook.touched] == []
        assert (
            seen.outlook.looked_at == Ticket.objects.filter(status__in=("open", "started", "waiting")).count()
        )

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
        again = preview(acme, NamedCalendar(calendar), at=at)
        assert not again.outlook.touched


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
