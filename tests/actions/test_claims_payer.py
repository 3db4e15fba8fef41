"""A changed payer ends what was about the old one, also while the claim is queued or being completed."""

from __future__ import annotations

import pytest

from accounts.steps import Refused
from deductibles import queries
from deductibles.actions import deciding, holds
from deductibles.models import Claim, Hold, Snapshot
from tests import factories
from tests.claim_line import DAY0, Line, days, fresh, noon, status_of

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
ALL_LEFT = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "1500.00"}]


def change(line: Line, claim: Claim) -> deciding.Outcome:
    payer = factories.PayerFactory(company=line.company)
    given = {"payer": payer.pk, "member_id": line.member(amounts=ALL_LEFT)}
    return deciding.change_payer(claim, given, by=line.biller, at=noon(DAY0))


def test_unqueueing_after_a_change_of_payer_does_not_revive_the_old_payers_hold_D_HOLD_5(line: Line) -> None:
    hold = line.held()
    claim = holds.queue(hold.claim, by=line.biller, at=noon(DAY0))
    change(line, claim)
    assert not queries.holds(line.biller).exists()
    holds.unqueue(Claim.objects.get(pk=claim.pk), by=line.biller, at=noon(DAY0))
    assert (status_of(claim), fresh(hold).active) == ("draft", False)


def test_an_entry_about_an_ended_coverage_is_not_taken_back_onto_hold(line: Line) -> None:
    hold = line.held()
    holds.queue(hold.claim, by=line.biller, at=noon(DAY0))
    hold.claim.coverages.update(ended_at=noon(DAY0))
    done = holds.unqueue_holds(line.company, [hold.pk], by=line.biller, at=noon(DAY0))
    assert done.done == 0 and "payer was changed" in done.skipped[0].why
    assert status_of(hold.claim) == "queued"


def test_a_change_of_payer_that_meets_a_completed_claim_is_refused_as_stale(line: Line) -> None:
    claim = line.enter(line.member(amounts=ALL_LEFT))
    read_before = Claim.objects.get(pk=claim.pk)
    deciding.complete(claim, by=line.biller, at=noon(DAY0))
    with pytest.raises(Refused) as refused:
        change(line, read_before)
    assert refused.value.code == "stale"
    hold = Hold.objects.select_related("coverage").get(claim=claim, active=True)
    assert hold.coverage.ended_at is None and Snapshot.objects.count() == 1


def test_the_second_of_two_who_change_the_payer_is_told_and_changes_nothing(line: Line) -> None:
    claim = line.held().claim
    seen = Claim.objects.get(pk=claim.pk)
    change(line, Claim.objects.get(pk=claim.pk))
    mine = claim.coverages.get(ended_at=None)
    with pytest.raises(Refused) as refused:
        change(line, seen)
    assert refused.value.code == "stale" and claim.coverages.get(ended_at=None) == mine


@pytest.mark.parametrize(("back_on", "next_on"), [(3, 7), (6, 7), (7, 7), (8, 8), (13, 13), (14, 14)])
def test_a_claim_taken_back_shows_the_next_night_that_asks_D_CHK_5(
    line: Line, back_on: int, next_on: int
) -> None:
    hold = line.held()
    holds.queue(hold.claim, by=line.biller, at=noon(days(2)))
    holds.unqueue(Claim.objects.get(pk=hold.claim_id), by=line.biller, at=noon(days(back_on)))
    assert fresh(hold).next_check_on == days(next_on)
    line.check(days(next_on))
    assert line.asked(hold) == [days(next_on).isoformat()]


def test_a_claim_taken_back_after_its_question_was_answered_waits_for_the_next_one_D_CHK_3(
    line: Line,
) -> None:
    hold = line.held()
    line.check(days(7))
    holds.queue(hold.claim, by=line.biller, at=noon(days(8)))
    holds.unqueue(Claim.objects.get(pk=hold.claim_id), by=line.biller, at=noon(days(9)))
    assert fresh(hold).next_check_on == days(14)


def test_a_claim_is_found_once_however_many_coverages_it_has(line: Line) -> None:
    second = factories.PayerFactory(company=line.company)
    coverages = [
        {"rank": "primary", "payer": line.payer.pk, "member_id": "A1"},
        {"rank": "secondary", "payer": second.pk, "member_id": "A1"},
    ]
    claim = line.enter(coverages=coverages)
    for text in (claim.number, "a1"):
        assert list(queries.find_claims(line.biller, q=text)) == [claim]
