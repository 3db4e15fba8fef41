"""The invented history: always the same for a seed, decided by the domain's rules, written as it was lived."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from config.demo.people import make_patients
from config.demo.years import living, truth, written
from deductibles.domain import cadence, filing, hold
from deductibles.models import Claim, Hold, Payment, Question, Snapshot, SubmissionItem
from tests.factories import LONG_AGO

TODAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def lived():
    return living.live(1500, today=TODAY, seed=5)


def test_a_seed_always_tells_the_same_history_and_another_tells_another():
    first, again, other = (living.live(150, today=TODAY, seed=seed) for seed in (3, 3, 4))
    assert first == again and first != other


def test_every_hold_is_decided_by_the_rules_and_every_answer_is_the_truth_of_its_day(lived):
    settings = {one.version: one for one in lived.settings}
    reasons = set()
    for claim in lived.claims:
        held = claim.hold
        if held is None or held.kind == "manual":
            continue
        rules = hold.rules_for(settings[held.settings], claim.payer)
        assert claim.remaining_at_entry > rules.dollar_threshold and claim.annual >= rules.monitor_above
        for answer in held.answers:
            assert cadence.is_due(held.held_on, answer.for_date) and answer.on >= answer.for_date
            assert answer.remaining == claim.path.on(answer.on)
        limit = hold.rules_for(settings[held.settings_now], claim.payer).dollar_threshold
        known = held.answers[-1].remaining if held.answers else claim.remaining_at_entry
        if held.reason in hold.MET_CODES:
            assert known <= limit
        elif held.reason == hold.ELAPSED:
            assert known > 0
        reasons.add(held.reason)
    assert reasons == {hold.MET, hold.MET_FIRST, hold.ELAPSED, hold.BY_HAND, None}
    assert {claim.not_held for claim in lived.claims} >= {"met", "annual_small"}


def test_no_claim_is_held_beyond_its_days_or_into_its_filing_guard(lived):
    longest = {one.version: one for one in lived.settings}
    for claim in lived.claims:
        held = claim.hold
        if held is None or held.released_on is None:
            continue
        days = (held.released_on - held.held_on).days
        most = max(longest[one].max_days for one in (held.settings, held.settings_now))
        assert days <= (claim.payer.max_days or most)
        deadline = filing.deadline(claim.date_of_service, claim.payer.filing_limit_days)
        last = filing.guard_on(deadline, longest[held.settings].guard_days)
        assert last is None or held.released_on <= last


def test_what_the_payer_applied_is_what_was_left_of_the_plan_year_of_the_service(lived):
    for claim in lived.claims:
        paid = claim.payment
        if paid is None or paid.too_late:
            continue
        assert paid.paid + paid.deductible + paid.co_insurance == claim.allowed
        year = living.year_end(claim.date_of_service, claim.payer.habit.year_starts)
        assert paid.deductible == min(claim.allowed, claim.path.on(min(paid.on, year)))


@pytest.fixture
def company(cast):
    return cast["ben"].company


def test_the_tables_say_what_happened(company, cast, lived, django_assert_max_num_queries):
    patients = make_patients(company, 20, at=LONG_AGO)
    written.make_rules(company, lived)
    with django_assert_max_num_queries(80):
        keys = written.write(company, lived, patients=patients, by=cast["ben"])
    assert Claim.objects.filter(company=company).count() == 1500
    holds = {row.claim_id: row for row in Hold.objects.filter(company=company).select_related("settings")}
    begun = {
        row.pgh_obj_id: row
        for row in Hold.pgh_event_models["insert"].objects.filter(pgh_label="insert", company=company)
    }
    for claim in lived.claims:
        row = holds.get(keys.claims[claim.number])
        assert (row is None) == (claim.hold is None)
        if row is None or claim.hold is None:
            continue
        gone = row.queued_at and row.queued_at.astimezone(company.zone).date()
        assert (row.started_on, gone, row.reason_code) == (
            claim.hold.held_on,
            claim.hold.released_on,
            claim.hold.reason or "",
        )
        was = begun[row.pk]
        assert was.active and was.settings_id == keys.settings[claim.hold.settings]
        assert was.remaining == (claim.remaining_at_entry if claim.hold.kind == "automatic" else None)
        assert row.active == (claim.hold.released_on is None)
    answers = sum(len(one.hold.answers) for one in lived.claims if one.hold)
    assert Snapshot.objects.filter(company=company, source="nightly").count() == answers
    assert Question.objects.filter(company=company, open=False).count() == answers
    assert SubmissionItem.objects.filter(company=company).count() == sum(
        one.submitted_on is not None for one in lived.claims
    )
    paid = sum(one.payment is not None for one in lived.claims)
    off = sum(bool(one.payment and one.payment.written_off_on) for one in lived.claims)
    assert Payment.objects.filter(company=company).count() == paid + off


def test_the_sums_above_the_held_claims_count_the_history(company, cast):
    history = living.live(120, today=TODAY, seed=9, lasting=timedelta(days=60))
    written.make_rules(company, history)
    written.write(company, history, patients=make_patients(company, 5, at=LONG_AGO), by=cast["ben"])
    from deductibles.models import HoldTotal

    lines = sum(HoldTotal.objects.filter(company=company, part="held").values_list("lines", flat=True))
    assert lines == sum(one.hold is not None and one.hold.released_on is None for one in history.claims) > 0


def test_the_gain_of_a_claim_is_the_difference_of_two_stories():
    payer = living.PAYERS[0]
    day = date(2026, 3, 2)
    path = truth.Path((day,), (Decimal("500.00"),))
    held = truth.TrueHold(day, "automatic", 1, 1, (), day, day, (), date(2026, 4, 1), hold.MET)
    paid = truth.TruePayment(date(2026, 4, 20), Decimal("640.00"), Decimal("0.00"), Decimal("160.00"))
    claim = truth.TrueClaim(
        0, payer, day, day, Decimal(1200), Decimal(800), Decimal(1000), path, date(2026, 12, 31), held, "",
        date(2026, 4, 1), paid,
    )  # fmt: skip
    # At once 240 from the payer and a tenth of 560; held 640 and a tenth of 160; 30 days of 640 at 8 % a year.
    assert truth.true_gain(claim, truth.TrueRates()) == Decimal("360.00") - Decimal("4.21")
