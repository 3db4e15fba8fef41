"""The demo: everything in it is made by the acts people use, and the many can be worked like the few."""

import re
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.demo import CAST, PASSWORD
from accounts.models import Company, User
from config.demo.call import Call
from config.demo.tickets import AgainstTheRules, live_tickets
from deductibles.actions.holds import queue_holds
from deductibles.domain import hold
from deductibles.models import Claim, Hold, Submission
from deductibles.nights import newest_night
from escalations.clock import standing_of
from escalations.contacts import contacts_of
from escalations.domain.states import RUNNING
from escalations.follow_ups import follow_ups
from escalations.models import Breach, Deflection, LiveTransfer, Ticket, TicketLink, Waiver
from escalations.policies import calendar_in_force, calendar_of, policy_in_force, policy_of
from patients.models import Patient
from sandbox.script import SPOKEN, Book
from work.models import Run

CHICAGO = ZoneInfo("America/Chicago")
MOMENTS = {
    "a Monday morning": datetime(2026, 11, 23, 9, 5, tzinfo=CHICAGO),
    "a Friday evening": datetime(2026, 11, 20, 19, 40, tzinfo=CHICAGO),
    "a Sunday": datetime(2026, 11, 22, 13, 0, tzinfo=CHICAGO),
    "New Year's Day": datetime(2027, 1, 1, 11, 0, tzinfo=CHICAGO),
    "29 February": datetime(2028, 2, 29, 15, 30, tzinfo=CHICAGO),
    "the night of the newest run": datetime(2026, 11, 18, 21, 0, 1, tzinfo=CHICAGO),
    "the morning the clocks went forward": datetime(2027, 3, 14, 3, 15, tzinfo=CHICAGO),
    "the hour that comes twice": datetime(2027, 11, 7, 1, 30, tzinfo=CHICAGO, fold=1),
}
HOUR = timedelta(hours=1)
MOST_WITH_SEVERAL = 16
STATUSES = {"draft", "open", "started", "waiting", "resolved", "cancelled"}
"""What steps can lead to; a merged ticket is made by no act yet."""
CLAIM_STATUSES = {"draft", "hold", "queued", "submitted", "ambiguous", "void"}
"""What acts and nights can lead to; the rest of the table waits for acknowledgements and payments."""
ENDED = {
    ("automatic", hold.MET), ("automatic", hold.MET_FIRST), ("automatic", hold.ELAPSED),
    ("automatic", hold.BY_HAND), ("manual", hold.ELAPSED),
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """The demo of this hour, filled once for all tests that ask for it and there until the last of this file.

    Each test undoes what it changes itself. Tests that need an empty database stand before them.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(filled, db):
    """The filled demo, with whatever this test does to it undone."""


@pytest.fixture
def acme(demo):
    return Company.objects.get(key="acme")


@pytest.fixture(params=MOMENTS.values(), ids=MOMENTS.keys())
def seeded_then(request, db):
    with time_machine.travel(request.param, tick=False):
        call_command("seed_demo")
        yield request.param


def test_a_production_database_gets_no_demo(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_every_status_and_standing_is_shown_whenever_the_demo_is_filled(seeded_then):
    """Standings are the clock's (K3, K9, K15): the same demo holds on any day, at any hour."""
    acme, now = Company.objects.get(key="acme"), timezone.now()
    tickets = list(Ticket.objects.filter(company=acme))
    assert {ticket.status for ticket in tickets} == STATUSES
    expected = {"on_track", "in_window", "breached", "paused", "none_stated", "closed"}
    if calendar_of(calendar_in_force(acme, at=now)).is_open(now):
        expected.add("due_soon")  # while the office is closed, warnings wait for it to open (K15)
    types = policy_of(policy_in_force(acme, at=now)).types
    if any(row.unit == "immediate" for kind in types for _, row in kind.turnarounds):
        expected.add("immediate")
    assert expected <= {standing_of(ticket, now) for ticket in tickets}
    counted = Counter(ticket.type for ticket in tickets)
    assert set(counted) == {kind.key for kind in types} and min(counted.values()) >= 2
    _check_scenes(acme, now)
    _check_claims(acme, now)
    _check_nothing_is_of_the_future(now)


def _check_scenes(acme, now):
    """What depends on the hour is there at every hour: the alarm, the transfer, the overdue update."""
    ana, tickets = User.objects.get(username="ana"), Ticket.objects.filter(company=acme)
    untaken = tickets.filter(type="patient-sos", taken_at=None, created_at__gt=now - timedelta(minutes=15))
    assert [standing_of(one, now) for one in untaken] == ["immediate"]
    tried = LiveTransfer.objects.filter(company=acme, answered=False, started_at__gt=now - HOUR)
    follows = TicketLink.objects.filter(kind="follows", ticket__type="supervisor")
    assert follows.filter(other__patient__in=tried.values("patient"), ticket__created_at__gte=now - HOUR)
    updates = tickets.filter(type="insurance-update", status__in=RUNNING)
    proposed = {"R-INS-3", "R-SUP-4"}  # a Medicaid update by its own rule
    assert any(proposed & {row.rule for row in follow_ups(one, ana, now=now)} for one in updates)


def _check_claims(acme, now):
    assert set(Claim.objects.values_list("status", flat=True)) == CLAIM_STATUSES
    assert Claim.objects.filter(deductible_unknown=True).exists()
    ended = Hold.objects.filter(queued_at__isnull=False)
    assert set(ended.values_list("kind", "reason_code")) == ENDED
    waiting = ended.filter(claim__status="queued").values_list("reason_code", flat=True)
    assert set(waiting) == {code for _, code in ENDED}
    active = Hold.objects.filter(active=True)
    today = now.astimezone(acme.zone).date()
    days = {row.days_remaining(today) for row in active}
    assert min(days) <= 1 and len(days) > 20
    assert active.filter(kind="manual", guard_waived=True).exists()
    assert set(Submission.objects.values_list("state", flat=True)) == {"handed_over", "ambiguous"}
    runs = Run.objects.filter(company=acme)
    assert set(runs.values_list("state", flat=True)) == {"done"}
    assert runs.latest("target_date").target_date == newest_night(acme, now)
    assert any(row.failures for row in runs.filter(kind="check"))


def _check_nothing_is_of_the_future(now):
    assert not Ticket.objects.filter(created_at__gt=now).exists()
    assert not Claim.objects.filter(changed_at__gt=now).exists()
    assert not Ticket.objects.filter(events__at__gt=now).exists()
    assert not Run.objects.filter(finished_at__gt=now).exists()


def test_the_whole_cast_can_sign_in_and_their_colleagues_cannot(demo):
    for name, role, company in CAST:
        person = User.objects.get(username=name)
        assert (person.role, person.company.key) == (role, company)
        assert person.check_password(PASSWORD)
    others = User.objects.exclude(username__in=[name for name, _, _ in CAST])
    assert others.exists() and not any(person.has_usable_password() for person in others)


def test_everybody_has_an_address_so_that_mails_can_be_tried_and_reach_nobody(demo):
    addresses = list(User.objects.values_list("email", flat=True))
    assert len(set(addresses)) == len(addresses) > len(CAST)
    assert all(one.endswith((".example", ".test")) for one in addresses)


def test_the_work_was_shared_and_the_desk_has_a_full_month(acme):
    tickets = Ticket.objects.filter(company=acme)
    assert 135 <= tickets.count() <= 175 and 60 <= Claim.objects.filter(company=acme).count() <= 95
    assert {"ana", "maya", "jonas"} <= set(tickets.values_list("filed_by__username", flat=True))
    assert set(tickets.values_list("channel", flat=True)) == {"phone", "email"}
    assert tickets.filter(cycle=2).exists() and Deflection.objects.filter(company=acme).exists()
    assert any(row.received_at < row.created_at for row in tickets)
    assert Ticket.objects.filter(company__key="other").count() == 6
    assert not Claim.objects.filter(company__key="other").exists()


def test_the_reports_have_something_to_say(acme, page_as):
    """Eight weeks of outcomes, kept and missed, explained and not, with misfilings and overrides."""
    client = page_as(User.objects.get(username="sue"))
    for key in ("attainment", "ageing", "times", "hands", "overrides", "misfilings", "late", "turned-away"):
        page = client.get(f"/reports/{key}/").content.decode()
        assert page.count('<svg class="chart') >= 1, f"{key} draws nothing"
    weeks = {row.date() for row in Ticket.objects.filter(company=acme).datetimes("resolved_at", "week")}
    assert len(weeks) >= 7
    reasons = set(Breach.objects.filter(ticket__company=acme).values_list("reason", flat=True))
    assert "" in reasons and len(reasons) >= 4


def test_no_two_calls_were_noted_in_the_same_words(demo):
    notes = Counter(Ticket.objects.values_list("note", flat=True))
    assert "" not in notes and max(notes.values()) == 1


def test_only_what_is_meant_to_be_heard_is_heard(acme):
    """One keyword waits for a decision, one was set aside with a reason, one led to a ticket (R-EXEC-1)."""
    heard = [one for ticket in Ticket.objects.filter(company=acme) for one in ticket.keywords]
    assert sorted((one["word"], one["decision"]) for one in heard) == [
        ("Attorney", ""), ("Attorney", "dismissed"), ("Lawsuit", "linked"),
    ]  # fmt: skip
    assert Waiver.objects.get(company=acme, kind="dismissal").reason
    executive = TicketLink.objects.get(company=acme, other__keywords__0__decision="linked").ticket
    assert executive.type == "executive-keywords" and executive.answers["words"]


SCENES = {
    "an override by a supervisor with its reason": Q(waivers__kind="override", filed_by__username="sue"),
    "an uncommon code at $0 that must not be spoken of": Q(marks__contains=["do_not_say"], status="started"),
    "a running ticket of a patient marked with Compassionate Care": Q(patient__marks__lifted_at=None)
    & Q(patient__marks__kind="compassionate_care", type="synergen"),
    "a payment that waits for its proof as a draft": Q(type="missing-payment", status="draft"),
    "a payment with a picture of its proof": Q(type="missing-payment", attachments__has_thumbnail=True),
    "a wish not to be contacted that is in force": Q(type="do-not-contact", patient__do_not_call=True),
    "a call back to somebody who refused calls, with a reason": Q(answers__has_key="refused_reason"),
    "a late Medicaid update with the supervisor's ticket": Q(
        type="supervisor", links__other__type="insurance-update"
    ),
    "a third call noted on a ticket": Q(events__act="contact"),
    "a callback that was tried three times": Q(call_attempts__outcome="voicemail", type="callback-ptp-pte"),
    "a caller where the clocks show another time": Q(type="onc-callback", patient__state="HI"),
    "a code that has its own way": Q(type="synergen", answers__scenario="wodunn"),
    "a named test": Q(type="onc-callback", answers__test="signatera"),
    "a short wait with its reason": Q(answers__waited__lt=120, answers__has_key="short_wait_reason"),
    "a request carried over from before": Q(received_at__lt=F("created_at") - timedelta(days=40)),
}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
def test_the_desk_shows(acme, scene):
    assert Ticket.objects.filter(scene, company=acme).exists()


def test_a_patient_has_two_unresolved_contacts_and_called_a_third_time(acme):
    ticket = Ticket.objects.get(company=acme, events__act="contact")
    contacts = contacts_of(ticket.patient, User.objects.get(username="ana"))
    assert len(contacts.running) == 2 and contacts.unresolved == 3


def test_callers_were_turned_away_by_the_rules_and_by_the_questions(acme):
    """R-ITEM-3 names the type; where "Which ticket?" led to none there is no type (R-X-9)."""
    rows = Deflection.objects.filter(company=acme)
    assert rows.filter(rule="R-ITEM-3", type="itemized-bill", told__contains="itemized.bills@").exists()
    assert set(rows.filter(type="").values_list("rule", flat=True)) == {"R-PTP-1", "R-SUP-9", "R-X-9"}


def test_a_call_that_the_rules_refuse_is_named_with_the_rules(acme):
    ana, sue = User.objects.get(username="ana"), User.objects.get(username="sue")
    patients = list(Patient.objects.filter(company=acme)[:1])
    unproven = [Call("missing-payment", "No receipt.", {"looked": ["amd"]}, days=3)]
    with pytest.raises(AgainstTheRules, match="missing-payment, “No receipt.”.*R-MISS-1.*R-MISS-2"):
        live_tickets([ana], sue, patients, unproven, now=timezone.now())


def test_patients_are_invented_and_no_name_comes_twice(acme):
    patients = list(Patient.objects.all())
    assert all(re.fullmatch(r"\d{3}55501\d\d", row.phone) for row in patients)
    assert all(row.email == "" or row.email.endswith("@example.test") for row in patients)
    for company in Company.objects.all():
        names = [str(row) for row in patients if row.company_id == company.pk]
        assert len(set(names)) == len(names)
    texts = [f"{row.answers} {row.note}" for row in Ticket.objects.all()]
    assert not any(re.search(r"\b\d{3}-\d{2}-\d{4}\b", text) for text in texts)
    assert {"calls", "messages", "mail"} in [set(row.do_not_contact) for row in patients]
    assert max(Counter(Claim.objects.values_list("patient", flat=True)).values()) > 1
    assert max(Counter(Ticket.objects.values_list("patient", flat=True)).values()) > 1


@pytest.mark.parametrize(
    ("who", "page"),
    [("ana", "escalations:list"), ("ben", "deductibles:claims"), ("ben", "deductibles:holds")],
)
def test_no_two_people_of_a_list_have_the_same_name(page_as, acme, who, page):
    """A name comes twice on a first page only where one patient has two tickets or claims, which few have."""
    text = page_as(User.objects.get(username=who)).get(reverse(page)).content.decode()
    rows = re.findall(r"<tr.*?</tr>", text, re.DOTALL)
    names = [(row.first_name, row.last_name) for row in Patient.objects.filter(company=acme)]
    shown = Counter(name for row in rows for name in names if name[0] in row and name[1] in row)
    assert len(shown) > 15
    assert max(shown.values()) <= 2
    assert sum(count > 1 for count in shown.values()) <= MOST_WITH_SEVERAL


def test_the_stand_in_goes_on_where_the_demos_nights_stopped(acme):
    """What AR Boost's stand-in answers tonight is what was last read, or less: amounts fall within a year."""
    book, compared = Book(), 0
    for row in Hold.objects.filter(active=True, kind="automatic").select_related("coverage"):
        if SPOKEN.fullmatch(row.coverage.member_id):
            said = book.amounts(row.coverage.member_id, timezone.now().date())
            assert Decimal(said["annual"]) == row.annual and Decimal(said["remaining"]) <= row.remaining
            compared += 1
    assert compared > 30


def test_a_second_run_adds_nothing(demo):
    before = (Ticket.objects.count(), Claim.objects.count(), Company.objects.count())
    call_command("seed_demo")
    assert (Ticket.objects.count(), Claim.objects.count(), Company.objects.count()) == before


def test_many_added_holds_are_all_held_and_can_be_queued(acme):
    before = set(Hold.objects.values_list("pk", flat=True))
    tickets = Ticket.objects.filter(company=acme).count()
    call_command("seed_demo", tickets=12, holds=30)
    added = set(Hold.objects.filter(active=True).values_list("pk", flat=True)) - before
    assert len(added) == 30
    assert Ticket.objects.filter(company=acme).count() == tickets + 12
    ben = User.objects.get(username="ben")
    done = queue_holds(acme, sorted(added), by=ben, at=timezone.now())
    assert (done.done, done.skipped) == (30, [])
