"""Another calendar over the clocks that run: who moves and is told, and what stays (K14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions
from escalations.actions.reclocking import preview, undo_change
from escalations.clock import clock_of, dates
from escalations.domain.calendar_edit import NamedCalendar
from escalations.models import Breach, CalendarVersion, Notification, Ticket, TicketCycle, TicketEvent
from escalations.policies import calendar_of, policy_of
from patients.models import Patient
from tests.actions.reclocking_case import HALF, MONDAY, calendar_now, due, put, with_exceptions
from tests.domain.turnaround_cases import at as chicago
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(acme: Company) -> NamedCalendar:
    return calendar_now(acme)


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

    def test_the_tickets_history_keeps_a_move_and_the_cycles_the_end(
        self, acme: Company, ana: User, adam: User, patient: Patient, now: NamedCalendar
    ) -> None:
        ticket = filed("supervisor", ana, patient, MONDAY)
        put(acme, with_exceptions(now, may_13=HALF), adam)
        ticket.refresh_from_db()
        moves = ticket.history.filter(pgh_label="update", due_at=ticket.due_at).count()
        kept: Any = TicketCycle.pgh_event_model.objects  # type: ignore[attr-defined]
        assert (moves, list(kept.values_list("pgh_label", flat=True))) == (1, ["insert"])
        actions.act(ticket, "cancel", by=ana, at=MONDAY, facts={"reason": "Filed twice"})
        assert list(kept.order_by("pgh_id").values_list("pgh_label", "due_at"))[1:] == [
            ("update", ticket.due_at)
        ]

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
        numbers = Ticket.objects.order_by("pk").values_list("calendar_version__number", flat=True)
        assert list(numbers) == [1, 2, 2, 2], "the first was due before anything differs"
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
