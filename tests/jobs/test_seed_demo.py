"""The demo: everything in it is made by the acts people use, and the many can be worked like the few."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.demo import CAST, PASSWORD
from accounts.models import Company, User
from deductibles.actions.holds import queue_holds
from deductibles.models import Claim, Hold
from escalations.models import Ticket


@pytest.fixture
def demo(db):
    call_command("seed_demo")


def test_the_whole_cast_can_sign_in(demo):
    for name, role, company in CAST:
        person = User.objects.get(username=name)
        assert (person.role, person.company.key) == (role, company)
        assert person.check_password(PASSWORD)


def test_tickets_and_claims_stand_in_every_part_of_their_lives(demo):
    assert {"open", "started", "waiting", "resolved"} <= set(Ticket.objects.values_list("status", flat=True))
    assert {"draft", "hold", "queued"} <= set(Claim.objects.values_list("status", flat=True))
    assert Hold.objects.filter(kind="manual", active=True).exists()
    assert not Claim.objects.filter(company__key="other").exists()


def test_a_second_run_adds_nothing(demo):
    before = (Ticket.objects.count(), Claim.objects.count(), Company.objects.count())
    call_command("seed_demo")
    assert (Ticket.objects.count(), Claim.objects.count(), Company.objects.count()) == before


def test_many_added_holds_are_all_held_and_can_be_queued(demo):
    acme = Company.objects.get(key="acme")
    before = set(Hold.objects.values_list("pk", flat=True))
    tickets = Ticket.objects.filter(company=acme).count()
    call_command("seed_demo", tickets=12, holds=30)
    added = set(Hold.objects.filter(active=True).values_list("pk", flat=True)) - before
    assert len(added) == 30
    assert Ticket.objects.filter(company=acme).count() == tickets + 12
    ben = User.objects.get(username="ben")
    done = queue_holds(acme, sorted(added), by=ben, at=timezone.now())
    assert (done.done, done.skipped) == (30, [])


def test_a_production_database_gets_no_demo(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        call_command("seed_demo")
    assert not User.objects.exists()
