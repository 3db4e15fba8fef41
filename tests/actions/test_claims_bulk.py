"""Holding by hand, queueing, unqueueing and clearing, one and many (D-MAN, D-CLR, D-PAGE-5, D-PAGE-6)."""

from __future__ import annotations

import pytest

from accounts.steps import Refused
from deductibles import queries
from deductibles.actions import claims, holds
from deductibles.models import Hold
from tests.claim_line import DAY0, Line, days, fresh, noon, status_of

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
AT = noon(days(1))


def by_hand(line: Line, **more) -> Hold:
    return holds.hold_by_hand(line.enter(**more), by=line.biller, at=noon(DAY0), confirmed=False)


def test_a_manual_hold_is_queued_after_the_manual_days_D_MAN_2_D_MAN_4(line: Line) -> None:
    line.settings(manual=True, manual_days=5)
    hold = by_hand(line)
    assert (status_of(hold.claim), hold.release_on) == ("hold", days(5))
    line.check(days(4))
    assert status_of(hold.claim) == "hold"
    line.check(days(5))
    assert (status_of(hold.claim), fresh(hold).reason) == ("queued", "Manually queued")


def test_ar_boost_is_never_asked_about_a_manual_hold_D_MAN_3(line: Line) -> None:
    line.settings(manual=True, manual_days=20)
    hold = by_hand(line)
    for day in (7, 14):
        line.check(days(day))
    assert line.asked() == [] and hold.next_check_on is None
    assert not [item for item in line.vendor.requests() if item["path"] != "/v1/agency"]


def test_with_the_manual_setting_off_it_stays_and_is_still_listed_D_MAN_5(line: Line) -> None:
    hold = by_hand(line)
    line.check(days(300))
    assert (status_of(hold.claim), hold.release_on) == ("hold", None)
    assert list(queries.holds(line.biller)) == [hold]


def test_inside_the_filing_guard_a_manual_hold_asks_for_confirmation(line: Line) -> None:
    line.settings(manual=True, manual_days=5)
    claim = line.enter(served=days(-175))
    with pytest.raises(Refused, match="Confirm"):
        holds.hold_by_hand(claim, by=line.biller, at=noon(DAY0))
    hold = holds.hold_by_hand(claim, by=line.biller, at=noon(DAY0), confirmed=True)
    line.check(days(1))
    assert (hold.release_on, status_of(hold.claim)) == (days(5), "hold")


def test_queueing_by_hand_reads_manually_queued_and_can_be_undone(line: Line) -> None:
    hold = line.held()
    claim = holds.queue(hold.claim, by=line.biller, at=AT)
    assert (claim.status, fresh(hold).reason) == ("queued", "Manually queued")
    assert holds.unqueue(claim, by=line.biller, at=AT).status == "hold"
    row = fresh(hold)
    assert row.active and row.queued_at is None and row.release_on == days(30)


def test_a_grid_date_that_passed_while_it_was_queued_is_asked_for_the_night_after_D_CHK_5(line: Line) -> None:
    hold = line.held()
    holds.queue(hold.claim, by=line.biller, at=noon(days(6)))
    line.check(days(7))
    hold.claim.refresh_from_db()
    holds.unqueue(hold.claim, by=line.biller, at=noon(days(8)))
    for day in (8, 9, 10):
        line.check(days(day))
    assert line.asked(hold) == [days(8).isoformat()]


def test_a_claim_that_was_never_held_goes_back_to_draft(line: Line) -> None:
    met = line.member(amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}])
    claim = line.complete(met).claim
    assert holds.unqueue(claim, by=line.biller, at=AT).status == "draft"


def test_a_line_that_changed_meanwhile_is_named_and_the_others_go_through_D_PAGE_6(line: Line) -> None:
    first, second, third = line.held(), line.held(), line.held()
    claims.void(second.claim, by=line.biller, at=AT)
    done = holds.queue_holds(line.company, [first.pk, second.pk, third.pk], by=line.biller, at=AT)
    assert done.done == 2
    assert [(item.id, item.claim) for item in done.skipped] == [(second.pk, second.claim.number)]
    assert "Void" in done.skipped[0].why


def test_5001_are_refused_and_nothing_is_changed_D_PAGE_5(line: Line) -> None:
    hold = line.held()
    with pytest.raises(Refused, match="At most 5000"):
        holds.queue_holds(line.company, [hold.pk, *range(10**6, 10**6 + 5000)], by=line.biller, at=AT)
    assert status_of(hold.claim) == "hold"


def test_a_count_that_differs_is_refused_as_stale(line: Line) -> None:
    hold = line.held()
    with pytest.raises(Refused, match="1 lines match now"):
        holds.queue_holds(line.company, [hold.pk], by=line.biller, at=AT, expected_count=2)


def test_another_companys_line_is_not_there(line: Line, bo, other) -> None:
    hold = line.held()
    with pytest.raises(Hold.DoesNotExist):
        holds.queue_holds(other, [hold.pk], by=bo, at=AT)
    assert status_of(hold.claim) == "hold"


def test_what_the_night_released_is_not_put_back_on_hold(line: Line) -> None:
    hold = line.held()
    line.check(days(30))
    done = holds.unqueue_holds(line.company, [hold.pk], by=line.biller, at=noon(days(30)))
    assert done.done == 0 and "Time elapsed" in done.skipped[0].why


def test_clearing_hides_a_released_line_and_leaves_the_claim_D_CLR_1_D_CLR_3(line: Line) -> None:
    hold = line.held()
    line.check(days(30))
    assert holds.clear_holds(line.company, [hold.pk], by=line.biller, at=noon(days(30))).done == 1
    assert status_of(hold.claim) == "queued" and not queries.holds(line.biller).exists()
    assert queries.audit(hold.claim)


def test_clearing_a_suspended_unpaid_claim_is_refused_saying_why_D_CLR_2(line: Line) -> None:
    hold = line.held()
    done = holds.clear_holds(line.company, [hold.pk], by=line.biller, at=AT)
    assert done.done == 0 and "suspended and unpaid" in done.skipped[0].why
    assert status_of(hold.claim) == "hold"


def test_queueing_many_takes_as_many_queries_as_queueing_few(
    line: Line, django_assert_max_num_queries
) -> None:
    rows = [line.held() for _ in range(6)]
    with django_assert_max_num_queries(16):
        done = holds.queue_holds(line.company, [row.pk for row in rows], by=line.biller, at=AT)
    assert done.done == 6
