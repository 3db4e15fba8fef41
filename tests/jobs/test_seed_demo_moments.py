"""The demo filled at awkward moments of the year: the same is shown on any day, at any hour."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Company, User
from deductibles.domain import hold, states
from deductibles.models import Claim, Hold, Submission
from deductibles.nights import newest_night
from escalations.clock import standing_of
from escalations.domain.states import RUNNING
from escalations.follow_ups import follow_ups
from escalations.models import LiveTransfer, Ticket, TicketLink
from escalations.policies import calendar_in_force, calendar_of, policy_in_force, policy_of
from work.models import Run

SPREAD = True

CHICAGO = ZoneInfo("America/Chicago")
MOMENTS = {
    "a Monday morning": datetime(2026, 11, 23, 9, 5, tzinfo=CHICAGO),
    "a Sunday": datetime(2026, 11, 22, 13, 0, tzinfo=CHICAGO),
    "New Year's Day": datetime(2027, 1, 1, 11, 0, tzinfo=CHICAGO),
    "29 February": datetime(2028, 2, 29, 15, 30, tzinfo=CHICAGO),
    "the night of the newest run": datetime(2026, 11, 18, 21, 0, 1, tzinfo=CHICAGO),
    "the hour that comes twice": datetime(2027, 11, 7, 1, 30, tzinfo=CHICAGO, fold=1),
}
HOUR = timedelta(hours=1)
STATUSES = {"draft", "open", "started", "waiting", "resolved", "cancelled"}
"""What steps can lead to; a merged ticket is made by no act yet."""
CLAIM_STATUSES = set(states.STATUS_LABELS)
ENDED = {
    ("automatic", hold.MET), ("automatic", hold.MET_FIRST), ("automatic", hold.ELAPSED),
    ("automatic", hold.BY_HAND), ("manual", hold.ELAPSED),
}  # fmt: skip


@pytest.fixture(params=MOMENTS.values(), ids=MOMENTS.keys())
def seeded_then(request, db):
    with time_machine.travel(request.param, tick=False):
        call_command("seed_demo")
        yield request.param


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
