"""The demo: everything in it is made by the acts people use, and the many can be worked like the few."""

import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
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
from deductibles.models import Claim, Hold, HoldOutcome
from escalations.contacts import contacts_of
from escalations.models import Breach, Deflection, Ticket, TicketLink, Waiver
from patients.models import Patient
from sandbox.script import SPOKEN, Book

MOST_WITH_SEVERAL = 16


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


def test_a_production_database_gets_no_demo(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        call_command("seed_demo")
    assert not User.objects.exists()


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
    recent = Claim.objects.filter(company=acme, created_at__gt=timezone.now() - timedelta(days=60))
    assert 135 <= tickets.count() <= 175 and 60 <= recent.count() <= 100
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


def test_the_two_years_before_are_over_and_the_ledger_has_them(acme):
    before = Claim.objects.filter(company=acme, created_at__lt=timezone.now() - timedelta(days=100))
    assert before.count() > 300 and not Hold.objects.filter(active=True, claim__in=before).exists()
    lines = HoldOutcome.objects.filter(company=acme, claim__in=before)
    assert lines.count() > 150 and lines.values("settings").distinct().count() == 2
    assert HoldOutcome.objects.filter(company=acme).exclude(claim__in=before).exists()


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
