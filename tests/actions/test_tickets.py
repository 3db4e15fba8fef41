"""Tickets through their life: filing, the clock, waiting, resolving, reopening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Company, User
from accounts.steps import Refused
from escalations import actions, policies
from escalations.clock import standing_of
from escalations.filing import Filing, read_filing
from escalations.models import (
    CalendarVersion,
    Deflection,
    Pause,
    PolicyVersion,
    Ticket,
    TicketCycle,
    TicketEvent,
)
from escalations.queries import standing_is, steps_of, tickets_of
from escalations.ticket_page.reading import detail_of
from tests.factories import PatientFactory

pytestmark = pytest.mark.django_db
CHICAGO = ZoneInfo("America/Chicago")
WORDS = (
    "on_track", "due_soon", "in_window", "breached", "paused", "immediate", "none_stated", "closed",
)  # fmt: skip


def chicago(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


MONDAY = chicago(5, 11, 10)


def said(user: User, **changes: Any) -> dict[str, Any]:
    body = {
        "type": "itemized-bill",
        "channel": "phone",
        "caller": "patient",
        "answers": {"recipient": "patient", "account_status": "paid"},
        "note": "",
    }
    if "patient" not in changes:
        changes["patient"] = PatientFactory(company=user.company).pk
    return {**body, **changes}


def filing_of(user: User, at: datetime, **changes: Any) -> Filing:
    return read_filing(user, said(user, **changes), at=at)


def filed(user: User, at: datetime = MONDAY, **changes: Any) -> Ticket:
    return actions.file_ticket(filing_of(user, at, **changes), by=user, at=at)


def step(ticket: Ticket, act: str, by: User, at: datetime, **facts: Any) -> Ticket:
    return actions.act(tickets_of(by).get(pk=ticket.pk), act, by=by, at=at, facts=facts)


def local(moment: datetime | None) -> str:
    assert moment is not None
    return f"{moment.astimezone(CHICAGO):%a %m-%d %H:%M}"


def test_a_ticket_by_phone_keeps_the_promise_it_was_filed_with_r_all_2(ana: User) -> None:
    ticket = filed(ana, chicago(5, 20, 10))
    assert ticket.promise == "between Thursday 28 May and Monday 1 June"
    assert (local(ticket.expected_from), local(ticket.due_at)) == ("Thu 05-28 18:00", "Mon 06-01 18:00")
    assert (ticket.number, ticket.status) == ("E-1001", "open")


def test_a_ticket_by_email_has_the_shorter_turnaround(ana: User) -> None:
    ticket = filed(ana, chicago(5, 20, 10), channel="email")
    assert (local(ticket.expected_from), local(ticket.due_at)) == ("Tue 05-26 18:00", "Thu 05-28 18:00")


def test_numbers_follow_each_other_in_each_company(ana: User, otto: User) -> None:
    assert [filed(user).number for user in (ana, ana, otto, ana)] == ["E-1001", "E-1002", "E-1001", "E-1003"]


def test_a_refused_filing_uses_up_no_number(ana: User) -> None:
    refused = filing_of(ana, MONDAY, answers={"recipient": "insurer"})
    with pytest.raises(ValueError, match="findings"):
        actions.file_ticket(refused, by=ana, at=MONDAY)
    assert filed(ana).number == "E-1001"


def test_a_ticket_keeps_the_policy_version_in_force_r_all_3(ana: User, acme: Company) -> None:
    before = filed(ana)
    data = policies.shipped_policy()
    bill = next(one for one in data["types"] if one["key"] == "itemized-bill")
    bill["turnarounds"][0]["max"] = 9
    policies.put_in_force(PolicyVersion, acme, data, by=None, at=MONDAY)
    after = filed(ana)
    assert (before.policy_version.number, after.policy_version.number) == (1, 2)
    assert actions.type_of(before).turnaround("phone").max == 7
    assert after.due_at > before.due_at


def test_filing_is_told_in_the_timeline_with_its_promise(ana: User) -> None:
    event = TicketEvent.objects.get(ticket=filed(ana))
    assert (event.title, event.by) == ("Filed by phone", ana)
    assert "Promised: between" in event.text


def test_received_earlier_starts_the_clock_then_and_is_logged_k18(ana: User) -> None:
    ticket = filed(ana, chicago(5, 20, 10), received_at="2026-05-18T09:00:00-05:00")
    assert local(ticket.due_at) == "Thu 05-28 18:00"
    assert "Received earlier: Monday 18 May 2026, 09:00" in TicketEvent.objects.get(ticket=ticket).text


@pytest.mark.parametrize(
    ("who", "days", "fits"),
    [("ana", 30, True), ("ana", 31, False), ("sue", 31, True), ("sue", 366, False), ("ana", -1, False)],
)
def test_received_earlier_is_bounded_k18(cast: dict[str, User], who: str, days: int, fits: bool) -> None:
    received_at = (MONDAY - timedelta(days=days)).isoformat()
    filing = filing_of(cast[who], MONDAY, received_at=received_at)
    assert filing.may_be_filed is fits
    assert fits or filing.wrong["received_at"].sentence.endswith(".")


def test_a_pause_moves_the_dates_by_the_days_paused_at_close_k9(ana: User) -> None:
    """The worked example: paused Tuesday 10:00 to Thursday 15:00."""
    ticket = filed(ana)
    step(ticket, "wait", ana, chicago(5, 12, 10), reason="patient")
    ticket = step(ticket, "resume", ana, chicago(5, 14, 15))
    assert (local(ticket.expected_from), local(ticket.due_at)) == ("Wed 05-20 18:00", "Fri 05-22 18:00")
    assert ticket.cycles.get().due_at == ticket.due_at
    assert ticket.events.filter(title="Resumed after 2 d 5 h").exists()


def test_waiting_for_the_insurer_does_not_stop_the_clock_k10(ana: User) -> None:
    ticket = filed(ana)
    due_at = ticket.due_at
    ticket = step(ticket, "wait", ana, chicago(5, 12, 10), reason="the insurance company must answer")
    assert standing_of(ticket, chicago(5, 12, 11)) == "on_track"
    ticket = step(ticket, "resume", ana, chicago(5, 14, 15))
    assert ticket.due_at == due_at


def test_while_paused_nothing_breaches_and_the_page_says_if_resumed_now_k9(ana: User) -> None:
    ticket = step(filed(ana), "wait", ana, chicago(5, 12, 10), reason="patient")
    late = chicago(6, 30, 12)
    assert standing_of(ticket, late) == "paused"
    detail = detail_of(tickets_of(ana).get(pk=ticket.pk), now=late)
    assert detail.if_resumed is not None and detail.if_resumed.due_at > late


def test_a_reason_the_type_does_not_allow_is_refused_with_the_list_k9(ana: User) -> None:
    with pytest.raises(actions.Invalid) as invalid:
        step(filed(ana), "wait", ana, MONDAY, reason="because")
    assert "insurer (waiting for the insurer)" in invalid.value.wrong["reason"].sentence
    assert not Pause.objects.exists()


def test_resolving_in_time_freezes_the_cycle_as_met_k11(ana: User) -> None:
    ticket = step(
        filed(ana), "resolve", ana, chicago(5, 13, 11), outcome="Itemized bill sent", note="By post."
    )
    cycle = ticket.cycles.get()
    assert (cycle.met, cycle.outcome, cycle.note) == (True, "Itemized bill sent", "By post.")
    assert standing_of(ticket, chicago(6, 30, 12)) == "closed"


def test_resolving_at_the_very_close_is_in_time_and_a_moment_later_is_not(ana: User) -> None:
    ticket, second = filed(ana), filed(ana)
    assert ticket.due_at is not None
    assert step(ticket, "resolve", ana, ticket.due_at, outcome="Sent").cycles.get().met is True
    late = ticket.due_at + timedelta(microseconds=1)
    assert step(second, "resolve", ana, late, outcome="Sent").cycles.get().met is False


def test_reopening_counts_the_closed_stretch_as_a_pause_k11(ana: User, sue: User) -> None:
    ticket = filed(ana)
    step(ticket, "resolve", ana, chicago(5, 13, 11), outcome="Sent")
    ticket = step(ticket, "reopen", sue, chicago(5, 19, 11), reason="It never came.")
    assert (ticket.status, ticket.cycle, ticket.resolved_at) == ("open", 2, None)
    # Days 1 on Tuesday 12 May, then 19, 20, 21, 22, 26 (25 is a holiday) and 27 May.
    assert local(ticket.due_at) == "Wed 05-27 18:00"
    first, second = ticket.cycles.order_by("number")
    assert (first.met, second.met) == (True, None)
    assert second.due_at == ticket.due_at and first.due_at != second.due_at


def test_a_ticket_resolved_late_gets_the_reopen_target_k11(ana: User, sue: User) -> None:
    ticket = filed(ana)
    step(ticket, "resolve", ana, chicago(5, 26, 11), outcome="Sent")
    ticket = step(ticket, "reopen", sue, chicago(6, 1, 11))
    assert (ticket.expected_from, local(ticket.due_at)) == (None, "Wed 06-03 18:00")
    step(ticket, "wait", sue, chicago(6, 2, 9), reason="patient")
    ticket = step(ticket, "resume", sue, chicago(6, 3, 9))
    assert local(ticket.due_at) == "Thu 06-04 18:00", "a pause of cycle 2 counts from its own start"
    assert ticket.cycles.get(number=1).met is False


def test_resolving_while_paused_ends_the_pause(ana: User) -> None:
    ticket = step(filed(ana), "wait", ana, chicago(5, 12, 10), reason="patient")
    ticket = step(ticket, "resolve", ana, chicago(6, 5, 10), outcome="Sent")
    assert ticket.paused_at is None
    assert ticket.pauses.get().ended_at == chicago(6, 5, 10)
    assert ticket.cycles.get().met is True, "while paused nothing breaches (K9)"


def test_cancelling_meets_and_misses_nothing(ana: User) -> None:
    ticket = step(filed(ana), "cancel", ana, chicago(5, 12, 10), reason="Filed twice.")
    assert (ticket.status, ticket.cycles.get().met) == ("cancelled", None)


def test_who_starts_a_ticket_that_nobody_has_takes_it(ana: User) -> None:
    ticket = step(filed(ana), "start", ana, MONDAY)
    assert (ticket.assignee, ticket.taken_at, ticket.status) == (ana, MONDAY, "started")


def test_a_colleagues_ticket_cannot_be_taken_away_but_by_a_supervisor(
    ana: User, sue: User, acme: Company
) -> None:
    joe = User.objects.create(username="joe", role="agent", company=acme)
    ticket = step(filed(ana), "take", joe, MONDAY)
    with pytest.raises(Refused, match="supervisor"):
        step(ticket, "take", ana, MONDAY)
    assert "take" not in {one.act for one in steps_of(ticket, ana)}
    assert step(ticket, "take", sue, MONDAY).assignee == sue


def test_a_ticket_is_assigned_only_to_those_who_work_on_tickets(
    ana: User, sue: User, ben: User, otto: User
) -> None:
    ticket = filed(ana)
    assert step(ticket, "assign", sue, MONDAY, user="ana").assignee == ana
    assert step(ticket, "assign", sue, MONDAY, user=str(sue.pk)).assignee == sue
    for user in (ben.username, otto.username, str(otto.pk), "nobody", "9" * 30):
        with pytest.raises(actions.Invalid):
            step(ticket, "assign", sue, MONDAY, user=user)


def test_an_agent_neither_resolves_nor_cancels_a_colleagues_ticket(ana: User, acme: Company) -> None:
    joe = User.objects.create(username="joe", role="agent", company=acme)
    ticket = filed(joe)
    for act in ("resolve", "cancel", "assign", "reopen"):
        with pytest.raises(Refused) as refused:
            step(ticket, act, ana, MONDAY, outcome="x", user="ana")
        assert refused.value.code in ("role", "state")
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_of_two_people_acting_at_once_the_second_is_told(ana: User, sue: User) -> None:
    ticket = filed(ana)
    seen_by_ana, seen_by_sue = (tickets_of(user).get(pk=ticket.pk) for user in (ana, sue))
    actions.act(seen_by_ana, "start", by=ana, at=MONDAY)
    with pytest.raises(Refused) as refused, transaction.atomic():
        actions.act(seen_by_sue, "wait", by=sue, at=MONDAY, facts={"reason": "patient"})
    assert refused.value.code == "stale"
    assert "Ana Example" in refused.value.sentence
    assert not Pause.objects.exists(), "nothing was done"


def test_a_page_that_was_open_too_long_is_told_so(ana: User, sue: User) -> None:
    ticket = filed(ana)
    step(ticket, "assign", sue, MONDAY, user="ana")
    fresh = tickets_of(ana).get(pk=ticket.pk)
    with pytest.raises(Refused, match="changed meanwhile"):
        actions.act(fresh, "start", by=ana, at=MONDAY, version=1)


def test_the_database_refuses_an_illegal_move(ana: User) -> None:
    ticket = filed(ana)
    with pytest.raises(DatabaseError, match="illegal move"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(status="draft")


def test_the_database_refuses_another_companys_patient(ana: User, other: Company) -> None:
    ticket, stranger = filed(ana), PatientFactory(company=other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(patient=stranger)
        connection.check_constraints()


def test_a_caller_turned_away_is_logged_without_a_ticket_r_item_3(ana: User) -> None:
    filing = filing_of(ana, MONDAY, caller="insurance_representative", patient=None)
    assert not filing.may_be_filed
    row = actions.log_deflection(filing, by=ana, at=MONDAY)
    assert (row.rule, row.by, row.patient) == ("R-ITEM-3", ana, None)
    assert "itemized@acme.example" in row.told
    assert not Ticket.objects.exists() and Deflection.objects.count() == 1


def test_every_change_of_a_ticket_is_in_its_history_with_who_did_it(ana: User) -> None:
    ticket = step(filed(ana), "start", ana, MONDAY)
    history = Ticket.pgh_event_model.objects.filter(pgh_obj=ticket).order_by("pgh_id")
    assert [one.status for one in history] == ["open", "started"]
    assert [one.pgh_context.metadata["who"] for one in history] == ["ana", "ana"]


def test_loading_the_policy_twice_makes_one_version(acme: Company, other: Company) -> None:
    call_command("load_policy", verbosity=0)
    call_command("load_policy", verbosity=0)
    assert PolicyVersion.objects.filter(company=acme).count() == 1
    assert CalendarVersion.objects.count() == 2


def test_a_changed_policy_supersedes_the_old_one_which_stays(acme: Company) -> None:
    first = policies.load_policy(acme, by=None, at=MONDAY)
    changed = policies.shipped_policy()
    changed["limits"]["backdating_days"] = 10
    second = policies.put_in_force(PolicyVersion, acme, changed, by=None, at=MONDAY)
    first.refresh_from_db()
    assert (second.number, first.superseded_at, second.superseded_at) == (2, MONDAY, None)
    assert first.data["limits"]["backdating_days"] == 30


def test_the_first_calendar_closes_on_us_federal_holidays_k1(acme: Company) -> None:
    version = policies.calendar_in_force(acme, at=MONDAY)
    assert {"2026-05-25", "2026-11-26", "2026-12-25"} <= set(version.data["holidays"])
    assert version.data["zone"] == "America/Chicago"


def test_the_list_finds_by_standing_exactly_what_each_ticket_says(ana: User) -> None:
    """The SQL of the filter and the engine's own words agree, at many moments of many tickets."""
    tickets = [filed(ana, MONDAY + timedelta(days=n, hours=n)) for n in range(4)]
    step(tickets[1], "wait", ana, chicago(5, 13, 9), reason="patient")
    step(tickets[2], "wait", ana, chicago(6, 20, 9), reason="patient")
    step(tickets[3], "resolve", ana, chicago(5, 19, 9), outcome="Sent")
    taken = filed(ana)
    for index, changes in enumerate(
        [
            {"unit": "none", "due_at": None, "late_from": None, "warn_at": None, "expected_from": None},
            {"unit": "immediate", "due_at": MONDAY, "late_from": MONDAY + timedelta(minutes=15)},
            {"unit": "immediate", "due_at": MONDAY, "late_from": MONDAY, "taken_at": MONDAY},
            {"unit": "immediate", "due_at": MONDAY, "late_from": MONDAY, "taken_at": chicago(5, 11, 11)},
        ]
    ):
        Ticket.objects.filter(pk=(taken if index == 0 else filed(ana)).pk).update(**changes)
    seen = set()
    for hours in range(0, 24 * 50, 7):
        now = MONDAY + timedelta(hours=hours)
        for word in WORDS:
            found = {ticket.pk for ticket in Ticket.objects.filter(standing_is(word, now))}
            assert found == {t.pk for t in Ticket.objects.all() if standing_of(t, now) == word}, (word, now)
            seen |= {word} if found else set()
    assert seen == set(WORDS)


def test_a_cycle_runs_for_every_running_ticket(ana: User, sue: User) -> None:
    ticket = filed(ana)
    assert TicketCycle.objects.filter(ticket=ticket, ended_at=None).count() == 1
    step(ticket, "resolve", ana, MONDAY, outcome="Sent")
    assert not TicketCycle.objects.filter(ticket=ticket, ended_at=None).exists()
    step(ticket, "reopen", sue, MONDAY + timedelta(hours=1))
    assert TicketCycle.objects.get(ticket=ticket, ended_at=None).number == 2


def test_moments_are_kept_in_utc(ana: User) -> None:
    ticket = Ticket.objects.get(pk=filed(ana).pk)
    assert ticket.due_at is not None and ticket.due_at.tzinfo == UTC
