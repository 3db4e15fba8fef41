"""The nightly runs when something is damaged, late, quicker or silent (D-CHK-4…9, I7, I10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Company
from deductibles import asking, nightly, nights
from deductibles.actions import deciding
from deductibles.actions.nightwork import locked_held
from deductibles.models import Claim, Question
from tests.claim_line import Line, days, fresh, noon, status_of
from work import leases
from work.models import Lease, Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
MET = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]


def test_a_damaged_hold_does_not_keep_the_others_from_their_new_date_D_CHK_9(line: Line, broken_row) -> None:
    bad, good = line.held(), line.held()
    broken_row(bad)
    line.settings(max_days=10)
    run = line.check(days(10))
    assert run.state == "done"
    assert {failure["claim"] for failure in run.failures} == {bad.claim.number}
    assert (status_of(bad.claim), status_of(good.claim)) == ("hold", "queued")
    assert fresh(good).release_on == days(10)


def test_a_damaged_hold_does_not_keep_what_is_proven_met_on_hold_D_CHK_9(line: Line, broken_row) -> None:
    bad, good = line.held(), line.held()
    for hold in (bad, good):
        line.now_remaining(hold, "0.00")
        deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(2)))
    broken_row(bad)
    run = line.check(days(3))
    assert run.state == "done"
    assert [failure["claim"] for failure in run.failures] == [bad.claim.number]
    assert (status_of(bad.claim), status_of(good.claim)) == ("hold", "queued")


def test_a_damaged_hold_whose_days_are_used_up_stays_alone_D_CHK_9(line: Line, broken_row) -> None:
    bad, good = line.held(), line.held()
    line.check(days(29))
    broken_row(bad)
    run = line.check(days(30))
    assert (run.state, run.timed_out) == ("done", 1)
    assert (status_of(bad.claim), status_of(good.claim)) == ("hold", "queued")


def test_what_a_person_finds_while_the_night_waits_for_the_lock_counts_I7(line: Line, monkeypatch) -> None:
    hold = line.held()
    line.now_remaining(hold, "0.00")
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(2)))
    line.now_remaining(hold, "1500.00")

    def after_a_person(rows, *wanted):
        claim = Claim.objects.get(pk=hold.claim_id)
        deciding.run_eligibility(claim, by=line.biller, at=noon(days(3)))
        return locked_held(rows, *wanted)

    monkeypatch.setattr(nightly.nightwork, "locked_held", after_a_person)
    line.check(days(3))
    assert status_of(hold.claim) == "hold"


def test_last_years_proof_releases_nothing_when_its_night_is_caught_up_in_january_I7(line: Line) -> None:
    line.settings(max_days=300)
    line.payer.filing_limit_days = None
    line.payer.save()
    hold = line.held()
    last, now = days(0).replace(month=12, day=30), days(0).replace(year=2027, month=1, day=4)
    line.now_remaining(hold, "0.00")
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(last))
    line.says(hold, status=503)
    nightly.check_night(line.company, last, by=None, at=noon(now))
    assert status_of(hold.claim) == "hold"


def test_an_agency_that_settles_nothing_is_left_alone_for_the_night(line: Line, monkeypatch) -> None:
    for _ in range(20):
        line.says(line.held(), omit=True)
    monkeypatch.setattr(asking, "BATCH", 1)
    run = line.check(days(7))
    assert run.state == "done"
    assert len(line.asked()) <= 8 + 4, "eight in a row, and those already under way"
    told = [failure["why"] for failure in run.failures]
    assert any("left alone tonight. 12 claims not answered" in why for why in told), told


def test_the_night_counts_as_asked_only_what_it_asked_itself(line: Line, settings) -> None:
    hold = line.held()
    line.says(hold, reject={"code": "42", "follow_up": "R", "loop": "2100A"})
    assert line.check(days(7)).asked == 1
    settings.ARBOOST_URL = ""
    run = line.check(days(8))
    assert (run.due, run.asked, run.answered) == (1, 0, 0)


@pytest.mark.parametrize("state", ["waiting", "running", "failed"])
def test_an_earlier_night_that_never_ended_is_caught_up_I10(line: Line, state: str) -> None:
    left = Run.objects.create(
        company=line.company, kind="check", target_date=days(1), state=state, created_at=noon(days(1))
    )
    nightly.catch_up(at=noon(days(4)))
    left.refresh_from_db()
    assert left.state == "done"


def test_an_earlier_submission_that_failed_ends_once_the_newest_is_done_I10(line: Line, settings) -> None:
    line.complete(line.member(amounts=MET))
    good = settings.CLEARINGHOUSE_URL
    settings.CLEARINGHOUSE_URL = "gopher://nowhere"
    nightly.catch_up(at=noon(days(1)))
    nightly.catch_up(at=noon(days(2)))
    states = Run.objects.filter(company=line.company, kind="submission").order_by("target_date")
    assert list(states.values_list("state", flat=True)) == ["failed", "failed"]
    settings.CLEARINGHOUSE_URL = good
    nightly.catch_up(at=noon(days(3)))
    assert list(states.values_list("state", flat=True)) == ["done", "done", "done"]
    assert len(list(line.outbox.glob("*.edi"))) == 1


def test_missed_nights_with_a_row_of_their_own_ask_once_for_the_newest_date_D_CHK_5(line: Line) -> None:
    hold = line.held()
    Run.objects.create(
        company=line.company, kind="check", target_date=days(7), state="running", created_at=noon(days(7))
    )
    nightly.catch_up(at=noon(days(16)))
    assert line.asked(hold) == [days(15).isoformat()]
    assert list(Question.objects.values_list("for_date", flat=True)) == [days(14)]


def test_an_earlier_night_takes_no_open_question_from_a_later_one_D_CHK_7(line: Line) -> None:
    hold = line.held()
    line.says(hold, status=503)
    later = line.check(days(8))
    earlier = line.check(days(7))
    assert (later.due, earlier.due) == (1, 0)
    assert Question.objects.get().run == later


def test_a_worker_that_lost_its_night_cannot_call_it_failed_I10(line: Line) -> None:
    line.held()
    run = nights.open_run(line.company, "check", days(7), by=None, at=noon(days(7)))
    with nights.holding_night(line.company, run, at=noon(days(7))):
        Lease.objects.update(held_until=timezone.now() - timedelta(seconds=1))
        assert line.check(days(7)).state == "done"
        raise RuntimeError("the sleeper wakes and falls")
    run.refresh_from_db()
    assert (run.state, run.failures) == ("done", [])


def test_a_worker_that_lost_its_night_cannot_end_it_either_I10(line: Line) -> None:
    run = nights.open_run(line.company, "check", days(7), by=None, at=noon(days(7)))
    with nights.holding_night(line.company, run, at=noon(days(7))) as sleeper:
        Lease.objects.update(held_until=timezone.now() - timedelta(seconds=1))
        assert leases.take(sleeper.lease, at=timezone.now(), lifetime=nights.LEASE)
        nights.finish(sleeper, due=99)
    run.refresh_from_db()
    assert (run.state, run.due) == ("running", 0)


def test_a_company_whose_time_zone_is_wrong_does_not_stop_the_others_I10(line: Line) -> None:
    first = Company.objects.order_by("pk").first()
    last = Company.objects.order_by("pk").last()
    Company.objects.filter(pk=first.pk).update(time_zone="Mars/Olympus")
    nightly.catch_up(at=noon(days(1)))
    assert Run.objects.get(company=last, kind="check").state == "done"
    assert not Run.objects.filter(company=first).exists()
