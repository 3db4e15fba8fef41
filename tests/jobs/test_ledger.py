"""The outcome ledger on invented history: to the cent what really happened, also when payments change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import Company
from config.demo.people import make_patients
from config.demo.years import living, truth, written
from deductibles.actions import outcomes, posting
from deductibles.domain import gain
from deductibles.models import Hold, HoldOutcome, Payment
from deductibles.worth.figures import GAIN, figures_of
from deductibles.x12 import remittance
from tests import factories

TODAY = date(2026, 11, 2)
CLAIMS = 3000
RATES = gain.Rates(Decimal("0.13"), Decimal("0.21"), Decimal("0.085"))
TRUE_RATES = truth.TrueRates(Fraction(13, 100), Fraction(21, 100), Fraction(85, 1000))


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """A company with its history, and what that really brought by the key of each claim."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = factories.make_cast()
        ben = cast["ben"]
        history = living.live(CLAIMS, today=TODAY, seed=11)
        written.make_rules(ben.company, history)
        patients = make_patients(ben.company, 20, at=factories.LONG_AGO)
        keys = written.write(ben.company, history, patients=patients, by=ben)
        gains = truth.gains(history.claims, TRUE_RATES)
        yield ben, history, keys, {keys.claims[number]: one for number, one in gains.items()}
        transaction.set_rollback(True)


@pytest.fixture
def ledger(told, db):
    return told


def _by_sql(company: Company) -> dict[int, Decimal | None]:
    values = {"collected": RATES.collected, "co_insurance": RATES.co_insurance, "money": RATES.money}
    with connection.cursor() as cursor:
        sql = f"SELECT o.claim_id, {GAIN} FROM deductibles_holdoutcome o WHERE o.company_id = %(company)s"
        cursor.execute(sql, {**values, "company": company.pk})
        return dict(cursor.fetchall())


def test_every_line_is_the_truth_to_the_cent_and_no_claim_is_left_out(ledger):
    ben, _, _, true = ledger
    rows = HoldOutcome.objects.filter(company=ben.company)
    found = {row.claim_id: gain.gain_of(row.outcome, RATES).amount for row in rows}
    assert len(true) > 1500
    assert found == true
    assert _by_sql(ben.company) == true


def test_the_truth_has_every_case_that_the_formula_knows(ledger):
    _, history, _, true = ledger
    known = [one for one in true.values() if one is not None]
    late = sum(bool(one.payment and one.payment.too_late) for one in history.claims)
    assert sum(one < 0 for one in known) > 30 and len(known) < len(true) and late > 5


def test_sums_are_the_truth_by_payer_month_reason_and_settings(ledger):
    ben, history, keys, true = ledger
    found = figures_of(ben.company_id, RATES, {})
    known = {key: one for key, one in true.items() if one is not None}
    assert (found.whole.claims, found.whole.known) == (len(true), len(known))
    assert found.whole.gain == sum(known.values())
    assert found.whole.losses == sum(one < 0 for one in known.values())
    for name in ("payer", "month", "reason", "settings"):
        parts = getattr(found, name).values()
        assert sum(one.gain for one in parts) == found.whole.gain and len(parts) > 1
    of = {keys.claims[one.number]: one for one in history.claims}
    payer = {key: one for key, one in known.items() if of[key].payer.code == "YA003"}
    assert found.payer[keys.payers["YA003"]].gain == sum(payer.values())
    first = {key: one for key, one in known.items() if of[key].hold.settings == 1}
    assert found.settings[keys.settings[1]].gain == sum(first.values())
    assert set(found.missing) == {gain.REMAINING, gain.ALLOWED, gain.DEDUCTIBLE}


def test_filters_narrow_the_sums(ledger):
    ben, _, keys, _ = ledger
    whole = figures_of(ben.company_id, RATES, {})
    part = figures_of(ben.company_id, RATES, {"payer": keys.payers["YA001"], "reason": "e"})
    assert 0 < part.whole.claims < whole.payer[keys.payers["YA001"]].claims
    assert set(part.reason) == {"e"}
    month = max(whole.month)
    since = figures_of(ben.company_id, RATES, {"from": month, "to": date(2026, 12, 31)})
    assert since.whole.claims == whole.month[month].claims


def _some(ben, **which):
    rows = HoldOutcome.objects.filter(company=ben.company, missing="", lost=0, **which)
    return rows.select_related("claim", "payment").order_by("pk").first()


def _told_again(line, status, paid, why_not, **more):
    """A payment of an 835 that came behind the one that was posted."""
    first = line.payment
    return Payment.objects.create(
        company_id=line.company_id, arrival=first.arrival, claim=line.claim, number=first.number, sequence=1,
        status=status, charged=first.charged, paid=paid, at=first.at, why_not=why_not, paid_on=first.paid_on,
        **more,
    )  # fmt: skip


def test_a_payment_that_the_payer_takes_back_and_corrects_is_counted_as_corrected(ledger):
    ben, *_ = ledger
    line = _some(ben, payment__by=None)
    _told_again(line, "22", -line.paid, "It takes an earlier payment back.")
    outcomes.keep(ben.company_id, [line.claim_id])
    line.refresh_from_db()
    assert line.missing == "reversed" and gain.gain_of(line.outcome, RATES).amount is None
    again = _told_again(
        line, "1", Decimal("100.00"), posting.posting.PAID_ALREADY, allowed=Decimal("150.00"),
        deductible=Decimal("25.00"), adjustments=[{"group": "PR", "reason": "2", "amount": "25.00"}],
    )  # fmt: skip
    outcomes.keep(ben.company_id, [line.claim_id])
    line.refresh_from_db()
    assert (line.payment_id, line.deductible, line.missing) == (again.pk, Decimal("25.00"), "")
    assert line.co_insurance == Decimal("0.2000")


def test_a_payment_posted_by_hand_is_in_the_ledger_at_once(ledger):
    ben, *_ = ledger
    row = Hold.objects.filter(company=ben.company, queued_at__isnull=False, claim__status="accepted")
    held = row.filter(claim__outcome=None).select_related("claim").first()
    said = {"paid": "200.00", "deductible": "50.00", "allowed": "300.00", "paid_on": "2026-11-01"}
    posting.post_by_hand(held.claim, said, by=ben, at=datetime(2026, 11, 2, 15, tzinfo=UTC))
    line = HoldOutcome.objects.get(claim=held.claim)
    assert (line.paid, line.deductible, line.heard_on) == (Decimal(200), Decimal(50), date(2026, 11, 1))
    assert line.co_insurance is None and line.remaining_at_hold is not None


def test_a_denial_for_time_that_is_paid_after_all_is_no_loss(ledger):
    ben, *_ = ledger
    late = HoldOutcome.objects.filter(company=ben.company, lost__gt=0, claim__status="accepted").first()
    assert late.lost == late.claim.total
    said = {"paid": "200.00", "deductible": "0", "allowed": "250.00"}
    posting.post_by_hand(late.claim, said, by=ben, at=datetime(2026, 11, 2, 15, tzinfo=UTC))
    late.refresh_from_db()
    assert late.lost == 0 and late.paid == Decimal(200)


def test_a_denial_closed_with_nothing_stays_the_whole_loss(ledger):
    ben, *_ = ledger
    closed = HoldOutcome.objects.filter(company=ben.company, lost__gt=0, claim__status="paid")
    assert closed.exists() and all(row.lost == row.claim.total for row in closed)


def test_what_was_denied_for_time_of_a_claim_of_which_nothing_is_known_is_in_no_sum(ledger):
    ben, *_ = ledger
    before = figures_of(ben.company_id, RATES, {}).whole
    line = _some(ben, payment__by=None)
    HoldOutcome.objects.filter(pk=line.pk).update(lost=Decimal("70.00"), missing=gain.REMAINING)
    after = figures_of(ben.company_id, RATES, {}).whole
    assert (after.known, after.lost) == (before.known - 1, before.lost)


def test_the_days_of_many_claims_may_be_more_than_four_bytes_hold(ledger):
    ben, *_ = ledger
    names = [name for name in outcomes.COLUMNS if name not in ("claim_id", "days")]
    listed = ", ".join(names)
    with transaction.atomic(), connection.cursor() as cursor:
        # Of claims that there are not; gone again before a reference is looked at.
        cursor.execute(
            f"INSERT INTO deductibles_holdoutcome (claim_id, days, {listed}) SELECT -n, 32767, {listed}"
            " FROM (SELECT * FROM deductibles_holdoutcome WHERE company_id = %s LIMIT 1) one,"
            " generate_series(1, 66000) AS n",
            [ben.company_id],
        )
        days = figures_of(ben.company_id, RATES, {}).whole.days
        transaction.set_rollback(True)
    assert days > 2**31


def test_lines_that_are_missing_are_written_by_a_night_and_wrong_ones_when_all_is_counted_anew(ledger):
    ben, *_ = ledger
    rows = HoldOutcome.objects.filter(company=ben.company)
    count, kept = rows.count(), rows.order_by("pk").last()
    rows.exclude(pk=kept.pk).delete()
    assert outcomes.catch_up(ben.company) == count - 1
    assert outcomes.catch_up(ben.company) == 0
    rows.filter(pk=kept.pk).update(paid=1, days=999)
    assert outcomes.catch_up(ben.company) == 0
    out = StringIO()
    call_command("recount_outcomes", stdout=out)
    assert "1 lines changed" in out.getvalue()
    assert rows.get(pk=kept.pk).paid == kept.paid


def test_a_remittance_of_the_wire_writes_its_line(ledger):
    ben, *_ = ledger
    row = Hold.objects.filter(company=ben.company, queued_at__isnull=False, claim__status="accepted")
    claim = row.filter(claim__outcome=None).first().claim
    adjusted = (
        remittance.Adjustment("CO", "45", claim.total - 500),
        remittance.Adjustment("PR", "1", Decimal("100.00")),
        remittance.Adjustment("PR", "2", Decimal("80.00")),
    )
    one = remittance.Payment(
        claim.number, 1, "1", claim.total, Decimal("320.00"), Decimal("180.00"), "P1", adjusted, True
    )
    whole = remittance.Remittance("1", "Payer", "T1", TODAY, Decimal("320.00"), Decimal(0), (one,), 0)
    arrival = Payment.objects.exclude(arrival=None).first().arrival
    at = datetime(2026, 11, 2, 16, tzinfo=UTC)
    assert posting.take_in(ben.company, arrival, [whole], at=at) == 0
    line = HoldOutcome.objects.get(claim=claim)
    assert (line.allowed, line.deductible, line.co_insurance) == (500, 100, Decimal("0.2"))
