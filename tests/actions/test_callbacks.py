"""Logging a call: kept for good, with what it went past; alone or with the end of the ticket (R-DNC-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from accounts.steps import Refused
from escalations import actions
from escalations.models import CallAttempt, Ticket, TicketEvent
from escalations.queries import tickets_of
from patients.actions import refuse_contact
from patients.models import Patient
from tests.factories import PatientFactory
from tests.tickets import filed

pytestmark = pytest.mark.django_db

CHICAGO = ZoneInfo("America/Chicago")
FILED = datetime(2026, 5, 20, 10, 0, tzinfo=CHICAGO).astimezone(UTC)
NOON, NIGHT = FILED + timedelta(hours=2), FILED + timedelta(hours=13)


@pytest.fixture
def ticket(ana: User, patient: Patient) -> Ticket:
    return filed("patient-callback", ana, patient, FILED)


def fresh(ticket: Ticket, user: User) -> Ticket:
    return tickets_of(user).get(pk=ticket.pk)


def call(ticket: Ticket, by: User, at: datetime = NOON, **facts: Any) -> Ticket:
    return actions.act(fresh(ticket, by), "call", by=by, at=at, facts={"outcome": "no_answer", **facts})


def test_a_call_is_kept_with_a_line_of_the_timeline_and_leaves_the_ticket_as_it_is(
    ticket: Ticket, ana: User
) -> None:
    before = fresh(ticket, ana)
    after = call(ticket, ana, note="Rang out.")
    (kept,) = CallAttempt.objects.filter(ticket=ticket)
    assert (kept.outcome, kept.note, kept.by, kept.at, kept.guard) == (
        "no_answer",
        "Rang out.",
        ana,
        NOON,
        "",
    )
    event = TicketEvent.objects.filter(ticket=ticket).latest("id")
    assert (event.act, event.title, event.text) == ("call", "Called: no answer", "Rang out.")
    assert (after.status, after.version) == (before.status, before.version)


def test_nobody_is_too_late_to_say_that_they_called(ticket: Ticket, ana: User, sue: User) -> None:
    seen = fresh(ticket, ana)
    actions.act(fresh(ticket, sue), "take", by=sue, at=NOON)
    actions.act(seen, "call", by=ana, at=NOON, version=seen.version, facts={"outcome": "busy"})
    assert CallAttempt.objects.count() == 1


def test_an_attempt_never_changes(ticket: Ticket, ana: User) -> None:
    call(ticket, ana)
    for write in (lambda: CallAttempt.objects.update(outcome="reached"), CallAttempt.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()


@pytest.mark.parametrize(
    ("facts", "field"), [({"outcome": ""}, "outcome"), ({"outcome": "perhaps"}, "outcome"), ({"w": "x"}, "w")]
)
def test_what_is_no_call_is_refused_by_field(
    ticket: Ticket, ana: User, facts: dict[str, str], field: str
) -> None:
    with pytest.raises(actions.Invalid) as invalid:
        call(ticket, ana, **facts)
    assert field in invalid.value.wrong
    assert not CallAttempt.objects.exists()


def test_a_call_in_the_night_needs_a_reason_which_is_kept(ticket: Ticket, ana: User) -> None:
    with pytest.raises(actions.Invalid) as invalid:
        call(ticket, ana, at=NIGHT)
    assert "8:00" in invalid.value.wrong["reason"].sentence
    call(ticket, ana, at=NIGHT, reason="Asked for eleven at night.")
    kept = CallAttempt.objects.get()
    assert (kept.guard, kept.reason) == ("hours", "Asked for eleven at night.")
    assert "Outside calling hours: Asked for eleven" in TicketEvent.objects.latest("id").text


def test_the_night_is_the_patients_not_the_companys(ana: User, acme: Any) -> None:
    """23:00 in Chicago is 18:00 in Honolulu; what is noon there may be night elsewhere."""
    hawaii = PatientFactory(company=acme, state="HI", time_zone="")
    there = filed("patient-callback", ana, hawaii, FILED)
    call(there, ana, at=NIGHT)
    assert CallAttempt.objects.get().guard == ""
    with pytest.raises(actions.Invalid):
        call(there, ana, at=FILED + timedelta(hours=1))  # 11:00 here, 6:00 there


def test_a_patient_who_refused_calls_is_called_only_with_a_reason_r_dnc_2(
    ticket: Ticket, ana: User, patient: Patient
) -> None:
    refuse_contact(patient, ["calls"], reason="Letters only", by=ana, at=FILED)
    with pytest.raises(actions.Invalid) as invalid:
        call(ticket, ana)
    assert "asked not to be called" in invalid.value.wrong["reason"].sentence
    call(ticket, ana, reason="Wanted this one call.")
    assert CallAttempt.objects.get().guard == "R-DNC-2"


def test_a_reason_without_a_guard_is_not_kept(ticket: Ticket, ana: User) -> None:
    call(ticket, ana, reason="Just so")
    assert CallAttempt.objects.get().reason == ""


def test_a_second_click_logs_no_second_call(ticket: Ticket, ana: User, sue: User) -> None:
    call(ticket, ana)
    with pytest.raises(Refused, match="just logged") as refused:
        call(ticket, ana, at=NOON + timedelta(seconds=5))
    assert refused.value.code == "stale"
    call(ticket, sue, at=NOON + timedelta(seconds=5))
    call(ticket, ana, at=NOON + timedelta(minutes=1))
    assert CallAttempt.objects.count() == 3


def test_no_call_is_logged_on_a_ticket_that_is_over(ticket: Ticket, ana: User) -> None:
    actions.act(fresh(ticket, ana), "cancel", by=ana, at=NOON)
    with pytest.raises(Refused):
        call(ticket, ana)


def test_a_call_that_settles_it_resolves_the_ticket_in_the_same_breath(ticket: Ticket, ana: User) -> None:
    done = actions.log_call(
        fresh(ticket, ana),
        {"outcome": "reached", "note": "All explained."},
        by=ana,
        at=NOON,
        resolution="Called back and settled",
        version=ticket.version,
    )
    assert (done.status, done.assignee) == ("resolved", ana)
    cycle = ticket.cycles.get()
    assert (cycle.outcome, cycle.met, cycle.note) == ("Called back and settled", True, "All explained.")
    assert CallAttempt.objects.get().outcome == "reached"


def test_of_two_people_the_second_resolves_nothing_and_no_call_is_half_logged(
    ticket: Ticket, ana: User, sue: User
) -> None:
    seen = fresh(ticket, ana)
    actions.act(fresh(ticket, sue), "take", by=sue, at=NOON)
    with pytest.raises(Refused) as refused:
        actions.log_call(
            seen, {"outcome": "reached"}, by=ana, at=NOON, resolution="Not reached", version=seen.version
        )
    assert refused.value.code == "stale"
    assert not CallAttempt.objects.exists()
    assert fresh(ticket, ana).status == "open"


def test_an_agent_ends_no_ticket_of_a_colleague(cast: dict[str, User], ticket: Ticket, sue: User) -> None:
    actions.act(fresh(ticket, sue), "take", by=sue, at=NOON)
    stranger = User.objects.create(
        username="stranger", role="agent", company=cast["ana"].company, password="!"
    )
    with pytest.raises(Refused) as refused:
        actions.log_call(
            fresh(ticket, stranger), {"outcome": "reached"}, by=stranger, at=NOON, resolution="Not reached"
        )
    assert refused.value.code == "role"
    assert not CallAttempt.objects.exists()
