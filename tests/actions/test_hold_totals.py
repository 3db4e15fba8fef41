"""The sums above the Hold page are, after every act, what counting the holds says; in the same transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, Sum

from deductibles.actions import hold_totals, holds, posting
from deductibles.models import Claim, Hold, HoldTotal
from deductibles.queries_holds import overview_of
from tests.api.claim_bodies import TODAY
from tests.api.test_holds import hold_many

AT = datetime(2026, 5, 20, 18, tzinfo=UTC)
KEYS = ("part", "kind", "reason_code", "payer_id", "release_on")


def _summed(company):
    rows = HoldTotal.objects.filter(company=company).values_list(*KEYS).annotate(Sum("lines"), Sum("dollars"))
    return sorted((row for row in map(tuple, rows) if row[-2] or row[-1]), key=str)


def _counted(company):
    shown = Hold.objects.filter(company=company, cleared_at=None)
    found: dict = {}
    for row in shown.select_related("claim"):
        part = "held" if row.active else "queued" if row.queued_at else "ended"
        key = (part, row.kind, row.reason_code, row.payer_id, row.release_on)
        lines, dollars = found.get(key, (0, Decimal(0)))
        found[key] = (lines + 1, dollars + row.claim.total)
    return sorted((key + total for key, total in found.items()), key=str)


@pytest.fixture
def held(acme):
    return hold_many(acme, 12)


def test_they_follow_every_act(acme, ben, held):
    ids = [row.pk for row in held]
    for act in (
        lambda: holds.queue_holds(acme, ids[:6], by=ben, at=AT),
        lambda: holds.unqueue_holds(acme, ids[:2], by=ben, at=AT),
        lambda: holds.clear_holds(acme, ids[2:4], by=ben, at=AT),
        lambda: posting.post_by_hand(held[7].claim, {"paid": "10"}, by=ben, at=AT),
        lambda: holds.clear_holds(acme, [ids[7]], by=ben, at=AT),
        lambda: Hold.objects.filter(pk=ids[8]).update(release_on=TODAY + timedelta(days=3)),
        lambda: Hold.objects.filter(pk__in=ids).update(remaining="1.00", next_check_on=TODAY),
        lambda: Claim.objects.filter(pk=held[9].claim_id).update(total="1000.25"),
        lambda: hold_many(acme, 2, first=60, kind="manual", release_on=None),
    ):
        act()
        assert _summed(acme) == _counted(acme)


def test_a_night_that_changes_amounts_adds_no_row(acme, held):
    before = HoldTotal.objects.count()
    Hold.objects.filter(company=acme).update(remaining="900.00", last_asked_at=AT, next_check_on=TODAY)
    assert HoldTotal.objects.count() == before


def test_what_is_rolled_back_was_never_counted(acme, ben, held):
    with transaction.atomic():
        holds.queue_holds(acme, [held[0].pk], by=ben, at=AT)
        transaction.set_rollback(True)
    assert overview_of(ben, TODAY).held.lines == 12
    assert _summed(acme) == _counted(acme)


def test_folding_makes_one_row_of_alike_ones_and_keeps_the_sums(acme, other, ben, held):
    hold_many(other, 1, first=900)
    for row in held[:5]:
        holds.queue_holds(acme, [row.pk], by=ben, at=AT)
    summed, theirs = _summed(acme), _summed(other)
    hold_totals.fold(acme)
    rows = HoldTotal.objects.filter(company=acme)
    assert (_summed(acme), _summed(other)) == (summed, theirs)
    assert rows.count() == rows.values(*KEYS).annotate(Count("pk")).count() == len(summed)


def test_counting_anew_mends_rows_that_were_made_without_triggers(acme, other, held):
    hold_many(other, 1, first=900)
    theirs = _summed(other)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM deductibles_holdtotal WHERE company_id = %s AND lines = 2", [acme.pk])
        cursor.execute("INSERT INTO deductibles_holdtotal (company_id, part, kind, reason_code, lines, dollars)"
                       " VALUES (%s, 'held', 'manual', '', 7, 1)", [acme.pk])  # fmt: skip
    call_command("recount_holds", stdout=StringIO())
    assert _summed(acme) == _counted(acme)
    assert _summed(other) == theirs
