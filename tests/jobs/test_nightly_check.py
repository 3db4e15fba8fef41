"""The nightly check over real HTTP: who is asked when, and what an answer does (D-CHK-1…9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deductibles import nightly, nights
from deductibles.models import Hold, Question, Snapshot
from tests.claim_line import Line, days, fresh, noon, status_of
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db


def test_a_held_claim_is_asked_on_days_7_14_and_21_and_on_no_other_D_CHK_2(line: Line) -> None:
    hold = line.held()
    for day in range(1, 22):
        line.check(days(day))
    assert line.asked(hold) == [days(7).isoformat(), days(14).isoformat(), days(21).isoformat()]


def test_a_claim_met_on_day_7_is_queued_with_its_reason(line: Line) -> None:
    hold = line.held()
    line.now_remaining(hold, "40.00")
    run = line.check(days(7))
    row = fresh(hold)
    assert status_of(hold.claim) == "queued"
    assert (row.reason_code, row.reason) == ("Deductible Met Threshold Initial Run", "Deductible met")
    assert (run.due, run.asked, run.answered, run.released, run.timed_out) == (1, 1, 1, 1, 0)
    assert row.remaining == Decimal("40.00") and not row.active and row.queued_at


def test_a_later_release_has_the_plain_code(line: Line) -> None:
    hold = line.held()
    line.check(days(7))
    line.now_remaining(hold, "99.00")
    line.check(days(14))
    assert fresh(hold).reason_code == "Deductible Met Threshold"


def test_remaining_equal_to_the_threshold_releases(line: Line) -> None:
    hold = line.held()
    line.now_remaining(hold, "100.00")
    line.check(days(7))
    assert status_of(hold.claim) == "queued"


def test_one_cent_above_the_threshold_stays_held(line: Line) -> None:
    hold = line.held()
    line.now_remaining(hold, "100.01")
    line.check(days(7))
    assert status_of(hold.claim) == "hold"


def test_the_days_are_used_up_on_the_exact_day_though_it_is_off_the_grid_D_CHK_4(line: Line) -> None:
    hold = line.held()
    line.check(days(29))
    assert status_of(hold.claim) == "hold"
    run = line.check(days(30))
    row = fresh(hold)
    assert status_of(hold.claim) == "queued"
    assert (row.reason_code, row.reason, run.timed_out) == ("Too Much Time Elapsed", "Time elapsed", 1)


def test_met_and_elapsed_in_one_night_reads_deductible_met(line: Line) -> None:
    line.settings(max_days=28)
    hold = line.held()
    line.now_remaining(hold, "0.00")
    line.check(days(28))
    assert fresh(hold).reason == "Deductible met"


def test_after_missed_nights_each_claim_is_asked_once_for_the_newest_date_D_CHK_5(line: Line) -> None:
    hold = line.held()
    line.check(days(16))
    assert line.asked(hold) == [days(16).isoformat()]
    assert list(Question.objects.values_list("for_date", flat=True)) == [days(14)]
    line.check(days(17))
    assert len(line.asked(hold)) == 1
    line.check(days(21))
    assert len(line.asked(hold)) == 2, "the grid did not drift"


def test_a_night_run_twice_asks_releases_and_records_once_D_CHK_6(line: Line) -> None:
    hold = line.held()
    line.now_remaining(hold, "10.00")
    first = line.check(days(7))
    again = line.check(days(7))
    assert first.pk == again.pk and again.released == 1
    assert len(line.asked(hold)) == 1
    assert Snapshot.objects.filter(source="nightly").count() == 1


def test_an_earlier_night_after_a_later_one_asks_nobody_again_D_CHK_6(line: Line) -> None:
    hold = line.held()
    line.check(days(14))
    earlier = [line.check(days(7)), line.check(days(8))]
    assert [run.due for run in earlier] == [0, 0]
    assert line.asked(hold) == [days(14).isoformat()]


def test_an_unanswered_question_is_asked_again_the_next_night_D_CHK_7(line: Line) -> None:
    hold = line.held()
    line.says(hold, status=503)
    run = line.check(days(7))
    assert (run.state, run.due, run.answered) == ("done", 1, 0)
    assert run.failures and fresh(hold).next_check_on == days(8)
    line.says(hold, amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}])
    line.check(days(8))
    assert status_of(hold.claim) == "queued"
    assert Question.objects.get().for_date == days(7), "the date was not used up"


def test_a_payer_that_is_down_keeps_the_date_open_D_CHK_7(line: Line) -> None:
    hold = line.held()
    line.says(hold, reject={"code": "42", "follow_up": "R", "loop": "2100A"})
    line.check(days(7))
    assert status_of(hold.claim) == "hold"
    assert Question.objects.get().open
    line.check(days(8))
    assert len(line.asked(hold)) == 2
    assert fresh(hold).release_on == days(30), "an outage moves no date"


def test_a_refused_patient_uses_up_the_date_and_is_visible(line: Line) -> None:
    hold = line.held()
    line.says(hold, reject={"code": "72", "follow_up": "C", "loop": "2100C"})
    line.check(days(7))
    line.check(days(8))
    assert len(line.asked(hold)) == 1
    assert Snapshot.objects.get(source="nightly").outcome == "rejected"


@pytest.mark.parametrize("echo", ["none", "json", "all"])
def test_another_patients_answer_never_releases_and_is_not_stored_D_CHK_8(line: Line, echo: str) -> None:
    hold = line.held()
    line.says(
        hold,
        another_patient={"echo": echo, "first_name": "OTHER", "last_name": "PERSON"},
        amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}],
        send=["x12_271"],
    )
    line.check(days(7))
    assert status_of(hold.claim) == "hold"
    assert fresh(hold).remaining == Decimal("1500.00")
    assert not Snapshot.objects.filter(source="nightly").exclude(x12_271="").exists()


def test_answers_in_another_order_are_matched_by_reference_and_trace_D_CHK_8(line: Line) -> None:
    first, second = line.held(), line.held()
    line.vendor.script("*", swapped=True)
    line.now_remaining(second, "0.00")
    line.check(days(7))
    assert (status_of(first.claim), status_of(second.claim)) == ("hold", "queued")


def test_a_reason_code_alone_queues_the_claim_D_CHK_8(line: Line) -> None:
    hold = line.held()
    line.says(hold, send=[], reason_code="Deductible Met Threshold")
    line.check(days(7))
    assert (status_of(hold.claim), fresh(hold).reason) == ("queued", "Deductible met")


def test_a_reason_code_that_the_amounts_contradict_is_kept_and_flagged_D_CHK_8(line: Line) -> None:
    hold = line.held()
    line.says(
        hold,
        amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "900.00"}],
        reason_code="Deductible Met Threshold",
    )
    line.check(days(7))
    assert status_of(hold.claim) == "hold"
    assert "reason_code_contradicted" in fresh(hold).flags


def test_amounts_that_contradict_the_271_beside_them_release_nothing_and_are_flagged(line: Line) -> None:
    hold = line.held()
    said = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "900.00"}]
    line.says(hold, amounts=said, deductible={"annual": "1500.00", "remaining": "0.00"})
    line.check(days(7))
    row = fresh(hold)
    assert (status_of(hold.claim), row.remaining) == ("hold", Decimal("900.00"))
    assert "amounts_disagree" in row.flags


def test_unknown_is_never_zero(line: Line) -> None:
    hold = line.held()
    line.says(hold, x12_271=_without_remaining(), send=["x12_271"])
    line.check(days(7))
    row = fresh(hold)
    assert status_of(hold.claim) == "hold"
    newest = Snapshot.objects.filter(source="nightly").latest("pk")
    assert newest.remaining is None and row.remaining == Decimal("1500.00")


@pytest.mark.parametrize(
    "fault",
    [
        {"cut_271": 300},
        {"garbage_271": True},
        {"active": False},
        {"garbage": True},
        {"omit": True},
        {"deductible": {"annual": "1500.00", "remaining": "-1"}, "send": []},
        {"deductible": {"annual": "100.00", "remaining": "150.00"}, "send": []},
        {
            "deductible": {"annual": "1500.00", "remaining": "0.00", "period": "2020-01-01/2020-12-31"},
            "send": [],
        },
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_what_proves_nothing_releases_nothing(line: Line, fault: dict) -> None:
    hold = line.held()
    base = {
        "amounts": [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}],
        "send": ["x12_271"],
    }
    line.says(hold, **{**base, **fault})
    run = line.check(days(7))
    assert run.state == "done"
    assert status_of(hold.claim) == "hold"


def test_one_claim_that_fails_is_set_aside_and_the_night_goes_on_D_CHK_9(line: Line, broken_row) -> None:
    bad, good = line.held(), line.held()
    line.now_remaining(bad, "0.00")
    line.now_remaining(good, "0.00")
    broken_row(bad)
    run = line.check(days(7))
    assert run.state == "done"
    assert [failure["claim"] for failure in run.failures] == [bad.claim.number]
    assert (status_of(bad.claim), status_of(good.claim)) == ("hold", "queued")


def test_a_claim_with_no_coverage_to_ask_about_is_set_aside_alone_D_CHK_9(line: Line) -> None:
    """Nothing of ours makes such a hold; one that is there all the same must not end the night."""
    bad, good = line.held(), line.held()
    line.now_remaining(good, "0.00")
    Hold.objects.filter(pk=bad.pk).update(coverage=None)
    run = line.check(days(7))
    assert (run.state, [failure["claim"] for failure in run.failures]) == ("done", [bad.claim.number])
    assert (status_of(bad.claim), status_of(good.claim)) == ("hold", "queued")


def test_a_night_of_many_takes_as_many_queries_as_a_night_of_few(line: Line) -> None:
    counts = []
    for first, count in ((0, 2), (1, 7)):
        for _ in range(count):
            line.now_remaining(line.held(day=days(first)), "0.00")
        with CaptureQueriesContext(connection) as made:
            assert line.check(days(first + 7)).released == count
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_a_check_that_a_person_ran_does_not_move_the_grid_D_CHK_3(line: Line) -> None:
    from deductibles.actions import deciding

    hold = line.held()
    deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(3)))
    for day in range(4, 15):
        line.check(days(day))
    assert line.asked(hold) == [days(7).isoformat(), days(14).isoformat()]


def test_what_a_person_found_met_is_released_tonight_without_asking_D_HOLD_6(line: Line) -> None:
    from deductibles.actions import deciding

    hold = line.held()
    line.now_remaining(hold, "20.00")
    outcome = deciding.run_eligibility(hold.claim, by=line.biller, at=noon(days(7)))
    assert outcome.hold.remaining == Decimal("20.00"), "shown at once"
    assert status_of(hold.claim) == "hold"
    line.check(days(7))
    assert (status_of(hold.claim), line.asked(hold)) == ("queued", [])


def test_the_default_target_date_is_the_companys_local_date_D_CHK_1(line: Line) -> None:
    at = datetime(2026, 5, 28, 3, 0, tzinfo=UTC)
    assert nights.newest_night(line.company, at) == days(7), "22:00 on the 27th in Chicago"
    run = nightly.start_night(line.company, "check", None, by=None, at=at)
    assert run.target_date == days(7)


def test_missed_nights_are_caught_up_once_by_the_newest(line: Line) -> None:
    hold = line.held()
    at = datetime(2026, 6, 6, 3, 0, 30, tzinfo=UTC)
    nightly.catch_up(at=at)
    nightly.catch_up(at=at + timedelta(minutes=1))
    assert line.asked(hold) == [days(16).isoformat()]
    assert Run.objects.filter(kind="check", company=line.company).count() == 1


def test_claims_without_ar_boost_leave_when_their_days_are_used_up(line: Line, settings) -> None:
    hold = line.held()
    settings.ARBOOST_URL = ""
    run = line.check(days(30))
    assert status_of(hold.claim) == "queued"
    assert "AR Boost is not connected" in run.failures[0]["why"]


def test_a_changed_threshold_applies_at_the_next_run(line: Line) -> None:
    hold = line.held(remaining="400.00")
    line.settings(dollar_threshold="500.00")
    line.check(days(1))
    assert (status_of(hold.claim), fresh(hold).reason) == ("queued", "Deductible met")


def test_changed_days_apply_at_the_next_run(line: Line) -> None:
    hold = line.held()
    line.settings(max_days=10)
    line.check(days(1))
    assert fresh(hold).release_on == days(10)


def test_switched_off_existing_holds_keep_their_dates_and_leave_normally_D_CONF_3(line: Line) -> None:
    hold = line.held()
    line.settings(automatic=False, max_days=5)
    line.check(days(7))
    assert fresh(hold).release_on == days(30) and line.asked(hold)
    line.check(days(30))
    assert fresh(hold).reason == "Time elapsed"


def _without_remaining() -> str:
    from pathlib import Path

    text = Path("tests/data/x271/ytd_no_remaining.edi").read_text("utf-8")
    cut = text.replace("EB*C*IND*30***24*1850.25*****Y~", "").replace("SE*17*", "SE*16*")
    assert cut != text
    return cut.replace("\n", "")
