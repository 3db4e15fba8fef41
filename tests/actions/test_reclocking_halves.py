"""A large change of the calendar is written by two connections: as whole as by one, whatever dies when (K14)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions
from escalations.actions import reclock_beside, reclock_writing
from escalations.actions.reclocking import catch_up_all, change_calendar, preview, undo_change
from escalations.domain.calendar_edit import NamedCalendar
from escalations.models import Notification, Reclocking, Ticket, TicketCycle, TicketEvent
from escalations.policies import calendar_in_force
from patients.models import Patient
from tests.actions.reclocking_case import MONDAY, calendar_now, due, put, snapshot, with_exceptions
from tests.tickets import filed

pytestmark = pytest.mark.django_db(transaction=True)

WEDNESDAY, THURSDAY, FRIDAY = "Wed 05-13 18:00", "Thu 05-14 18:00", "Fri 05-15 18:00"


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def now(acme: Company) -> NamedCalendar:
    return calendar_now(acme)


@pytest.fixture(autouse=True)
def for_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if four tickets were many."""
    monkeypatch.setattr(reclock_beside, "FROM", 4)


@pytest.fixture
def desk(ana: User, patient: Patient, acme: Company, now: NamedCalendar) -> list[Ticket]:
    """Six that are due on Wednesday, all of them ana's."""
    tickets = [filed("supervisor", ana, patient, MONDAY) for _ in range(6)]
    done = [actions.act(ticket, "take", by=ana, at=MONDAY) for ticket in tickets]
    Notification.objects.all().delete()
    return done


def dues(tickets: list[Ticket]) -> list[str]:
    return [due(one) for one in tickets]


def lines() -> list[tuple[int, str, str]]:
    rows = TicketEvent.objects.filter(act="reclock").order_by("ticket", "pk")
    return list(rows.values_list("ticket", "by__username", "title"))


def told() -> list[tuple[str, str]]:
    return list(Notification.objects.values_list("recipient__username", "words"))


def histories() -> dict[int, list[Any]]:
    """Of each ticket, who moved its due date and how often, by the audit."""
    rows = Ticket.pgh_event_model.objects.filter(pgh_label="update", pgh_context__metadata__act="reclock")  # type: ignore[attr-defined]
    found: dict[int, list[Any]] = {}
    for key, who in rows.order_by("pgh_id").values_list("pgh_obj_id", "pgh_context__metadata__who"):
        found.setdefault(key, []).append(who)
    return found


@pytest.fixture
def after_first_commit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Let something happen once, when the first half is committed and the second is not."""
    write = reclock_writing.Under.write

    def arrange(happens: Callable[[], None]) -> None:
        def writes(self: Any, *found: Any) -> Any:
            moved = write(self, *found)
            transaction.on_commit(happens)
            monkeypatch.setattr(reclock_writing.Under, "write", write)
            return moved

        monkeypatch.setattr(reclock_writing.Under, "write", writes)

    return arrange  # type: ignore[return-value]


def dies() -> None:
    raise Killed


def end_the_other() -> None:
    """The database loses the second connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
        )
        assert cursor.fetchall() == [(True,)]


class TestTwoConnections:
    def test_they_do_what_one_would_and_undo_it(
        self, adam: User, acme: Company, desk: list[Ticket], now: NamedCalendar, monkeypatch: Any
    ) -> None:
        workers: set[str] = set()
        touch = reclock_writing.Under._touch

        def seen(self: Any, changes: Any) -> set[int]:
            workers.add(threading.current_thread().name)
            return touch(self, changes)

        monkeypatch.setattr(reclock_writing.Under, "_touch", seen)
        before = snapshot()
        done = put(acme, with_exceptions(now, may_12=()), adam)
        assert len(workers) == 2
        assert (done.looked_at, done.moved, done.unfinished) == (6, 6, False)
        assert dues(desk) == [THURSDAY] * 6
        cycles = TicketCycle.objects.filter(ended_at=None).values_list("due_at", flat=True)
        assert set(cycles) == {Ticket.objects.values_list("due_at", flat=True)[0]}
        title = "Due date moved by a change of the calendar: Wed 13 May, 18:00 → Thu 14 May, 18:00"
        assert lines() == [(one.pk, "adam", title) for one in desk]
        assert histories() == {one.pk: ["adam"] for one in desk}
        assert told() == [("ana", "6 of your tickets have other due dates since the calendar changed.")]
        undone = undo_change(done, token=preview(acme, now, at=MONDAY).token, by=adam, at=MONDAY)
        assert (undone.moved, undone.unfinished, snapshot()) == (6, False, before)
        Reclocking.objects.update(unfinished=True)  # as if it had died once both were committed
        assert catch_up_all(at=MONDAY) == 0 and snapshot() == before
        assert not Reclocking.objects.filter(unfinished=True).exists()

    def test_of_two_admins_at_once_one_is_told(
        self, adam: User, acme: Company, desk: list[Ticket], now: NamedCalendar
    ) -> None:
        seen = preview(acme, with_exceptions(now, may_12=()), at=MONDAY)

        def apply(_: int) -> str:
            try:
                change_calendar(acme, seen.calendar, token=seen.token, by=adam, at=MONDAY)
                return "done"
            except Refused as refused:
                return refused.code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(apply, range(2))) == ["done", "stale"]
        assert dues(desk) == [THURSDAY] * 6 and len(lines()) == 6 and len(told()) == 1

    def test_a_ticket_that_somebody_holds_makes_it_busy_and_changes_nothing(
        self, adam: User, acme: Company, desk: list[Ticket], now: NamedCalendar, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(reclock_beside, "WAITS", "100ms")
        held, enough = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                Ticket.objects.select_for_update().get(pk=desk[5].pk)
                held.set()
                enough.wait(30)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        assert held.wait(30)
        with pytest.raises(Refused) as refused:
            put(acme, with_exceptions(now, may_12=()), adam)
        enough.set()
        holder.join()
        assert refused.value.code == "busy"
        assert dues(desk) == [WEDNESDAY] * 6 and not lines() and not Reclocking.objects.exists()
        put(acme, with_exceptions(now, may_12=()), adam)
        assert dues(desk) == [THURSDAY] * 6


class TestWhatIsLost:
    def test_the_second_connection_ends_while_it_writes_and_the_first_does_all(
        self, adam: User, acme: Company, desk: list[Ticket], now: NamedCalendar, monkeypatch: Any
    ) -> None:
        follow, main = reclock_writing.Under._follow, threading.current_thread()

        def ends(self: Any, changes: Any) -> None:
            follow(self, changes)
            if threading.current_thread() is not main:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        monkeypatch.setattr(reclock_writing.Under, "_follow", ends)
        done = put(acme, with_exceptions(now, may_12=()), adam)
        assert (done.moved, done.unfinished) == (6, None)
        assert dues(desk) == [THURSDAY] * 6 and len(lines()) == 6
        assert histories() == {one.pk: ["adam"] for one in desk}

    def test_it_ends_between_the_commits_and_its_half_is_made_up_for_at_once(
        self, adam: User, acme: Company, desk: list[Ticket], now: NamedCalendar, after_first_commit: Any
    ) -> None:
        after_first_commit(end_the_other)
        done = put(acme, with_exceptions(now, may_12=()), adam)
        assert (done.moved, done.unfinished) == (6, False)
        assert dues(desk) == [THURSDAY] * 6
        assert [line[:2] for line in lines()] == [(one.pk, "adam") for one in desk]
        assert len(told()) == 1

    def test_the_process_dies_between_the_commits_and_a_sweep_a_day_later_finishes(
        self, adam: User, acme: Company, desk: list[Ticket], now: NamedCalendar, after_first_commit: Any
    ) -> None:
        after_first_commit(dies)
        with pytest.raises(Killed):
            put(acme, with_exceptions(now, may_12=()), adam)
        done = Reclocking.objects.get()
        assert (done.moved, done.unfinished) == (6, True)
        assert sorted(dues(desk)) == [THURSDAY] * 3 + [WEDNESDAY] * 3, "half of it is there"
        later = MONDAY + timedelta(days=1, hours=2)
        assert (catch_up_all(at=later), catch_up_all(at=later)) == (3, 0)
        assert dues(desk) == [THURSDAY] * 6
        assert [line[:2] for line in lines()] == [(one.pk, "adam") for one in desk]
        assert histories() == {one.pk: ["adam"] for one in desk}
        assert told() == [("ana", "6 of your tickets have other due dates since the calendar changed.")]
        done.refresh_from_db()
        assert done.unfinished is False

    def test_before_the_sweep_it_can_be_undone_or_changed_again(
        self, adam: User, acme: Company, desk: list[Ticket], now: NamedCalendar, after_first_commit: Any,
        monkeypatch: Any,
    ) -> None:  # fmt: skip
        before = snapshot()
        after_first_commit(dies)
        with pytest.raises(Killed):
            put(acme, with_exceptions(now, may_12=()), adam)
        # A closure of the 20th alone would move none of them: what was not reached is seen all the same.
        further = with_exceptions(now, may_12=(), may_20=())
        seen = preview(acme, further, at=MONDAY)
        assert len(seen.outlook.moved) == 3
        monkeypatch.setattr(reclock_beside, "FROM", 5000)
        done = change_calendar(acme, further, token=seen.token, by=adam, at=MONDAY)
        monkeypatch.setattr(reclock_beside, "FROM", 4)
        assert (done.moved, dues(desk)) == (3, [THURSDAY] * 6)
        assert not Reclocking.objects.filter(unfinished=True).exists()
        assert catch_up_all(at=MONDAY) == 0
        first = preview(acme, with_exceptions(now, may_12=()), at=MONDAY)
        undo_change(done, token=first.token, by=adam, at=MONDAY)
        assert dues(desk) == [THURSDAY] * 6
        after_first_commit(dies)
        with pytest.raises(Killed):
            put(acme, now, adam)
        assert sorted(dues(desk)) == [THURSDAY] * 3 + [WEDNESDAY] * 3
        back = Reclocking.objects.latest("pk")
        put_back = preview(acme, with_exceptions(now, may_12=()), at=MONDAY)
        assert undo_change(back, token=put_back.token, by=adam, at=MONDAY).moved == 3
        assert dues(desk) == [THURSDAY] * 6
        put(acme, now, adam)
        assert snapshot() == before
        assert {one.calendar_version for one in Ticket.objects.all()} == {calendar_in_force(acme, at=MONDAY)}
