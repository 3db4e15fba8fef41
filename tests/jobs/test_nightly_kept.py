"""What a night writes down of an answer, of none, and late; and that it is one company's night (D-CHK-2…9)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from deductibles import asking, nightly
from deductibles.actions import night_answers
from deductibles.domain.evidence import ENVELOPE_INVALID
from deductibles.models import Hold, Question, Snapshot
from patients.models import Payer
from tests.claim_line import Line, days, fresh, make_line, noon, status_of
from tests.sandboxes import Sandbox

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db
DOWN = {"reject": {"code": "42", "follow_up": "R", "loop": "2100A"}}
OF_ANOTHER_YEAR = {
    "deductible": {"annual": "900.00", "remaining": "0.00", "period": "2020-01-01/2020-12-31"},
    "send": [],
}


@pytest.fixture
def theirs(cast: dict[str, User], ar_boost: Sandbox, tmp_path: Path) -> Line:
    """The line of the other company; its member ids are its own."""
    line = make_line({**cast, "ben": cast["bo"], "adam": cast["olga"]}, ar_boost, tmp_path / "theirs")
    line.counter = [500]
    return line


class TestWhatIsKept:
    def test_an_answer_of_no_use_leaves_the_amounts_of_before(self, line: Line) -> None:
        hold = line.held()
        before = fresh(hold)
        line.says(hold, **OF_ANOTHER_YEAR)
        line.check(days(7))
        row = fresh(hold)
        assert (row.annual, row.remaining) == (Decimal("1500.00"), Decimal("1500.00"))
        assert (row.nightly_answers, row.last_answered_at) == (1, noon(days(7)))
        assert row.snapshot_id != before.snapshot_id and row.next_check_on == days(14)

    @pytest.mark.parametrize("said", [{"garbage_271": True, "send": ["x12_271"]}, DOWN])
    def test_what_is_no_answer_changes_only_that_it_was_asked(self, line: Line, said: dict) -> None:
        hold = line.held()
        before = fresh(hold)
        line.says(hold, **said)
        line.check(days(7))
        row, question = fresh(hold), Question.objects.get()
        for name in ("annual", "remaining", "snapshot_id", "last_answered_at", "nightly_answers", "active"):
            assert getattr(row, name) == getattr(before, name), name
        assert (row.last_asked_at, row.next_check_on) == (noon(days(7)), days(8))
        assert (question.open, question.asked_at, question.answered_at) == (True, noon(days(7)), None)

    def test_what_speaks_against_it_is_kept_beside_the_hold(self, line: Line) -> None:
        hold = line.held()
        line.says(hold, garbage_271=True, send=["x12_271"])
        line.check(days(7))
        kept = Snapshot.objects.get(source="nightly")
        assert (kept.claim, kept.outcome, kept.x12_271) == (hold.claim, "unavailable", "")
        assert ENVELOPE_INVALID in kept.flags and ENVELOPE_INVALID in fresh(hold).flags

    def test_the_first_answer_is_the_first_also_after_a_night_without_one(self, line: Line) -> None:
        hold = line.held()
        line.says(hold, garbage_271=True, send=["x12_271"])
        line.check(days(7))
        line.now_remaining(hold, "0.00")
        line.check(days(8))
        assert fresh(hold).reason_code == "Deductible Met Threshold Initial Run"

    def test_a_night_that_is_run_late_speaks_of_its_own_day(self, line: Line) -> None:
        hold = line.held()
        nightly.check_night(line.company, days(7), by=None, at=noon(days(15)))
        kept = Snapshot.objects.get(source="nightly")
        assert (kept.as_of, kept.asked_at) == (days(7), noon(days(15)))
        assert fresh(hold).next_check_on == days(14), "and the next date of its grid is the next from there"

    def test_the_year_end_is_still_proven_on_its_last_day(self, line: Line) -> None:
        """I7: what was met this year is no proof from 1 January on, and is until then."""
        last = date(2026, 12, 31)
        hold = line.held(served=date(2026, 12, 20), day=date(2026, 12, 24))
        line.now_remaining(hold, "0.00")
        line.check(last)
        assert status_of(hold.claim) == "queued"

    def test_a_payers_own_threshold_counts_at_night(self, line: Line) -> None:
        Payer.objects.filter(pk=line.payer.pk).update(dollar_threshold="350.00")
        hold, other = line.held(), line.held()
        line.now_remaining(hold, "350.00")
        line.now_remaining(other, "350.01")
        line.check(days(7))
        assert (status_of(hold.claim), status_of(other.claim)) == ("queued", "hold")


class TestOneCompanysNight:
    def test_asks_about_nobody_elses_claims(self, line: Line, theirs: Line) -> None:
        mine, other = line.held(), theirs.held()
        run = line.check(days(7))
        assert (run.state, run.due, run.answered) == ("done", 1, 1)
        assert line.asked(mine) and not line.asked(other)
        assert not Question.objects.filter(hold=other).exists()

    def test_is_missed_though_another_had_its_own(self, line: Line, theirs: Line) -> None:
        mine = line.held()
        line.check(days(6))
        theirs.check(days(8))
        line.check(days(9))
        assert line.asked(mine) == [days(9).isoformat()], "the question of day 7"

    def test_is_missed_though_claims_were_submitted(self, line: Line) -> None:
        hold = line.held()
        line.check(days(6))
        line.submit(days(8))
        line.check(days(9))
        assert line.asked(hold) == [days(9).isoformat()]

    def test_closes_no_question_of_another(self, line: Line, theirs: Line) -> None:
        other = theirs.held()
        theirs.says(other, **DOWN)
        theirs.check(days(7))
        Hold.objects.filter(pk=other.pk).update(active=False, ended_at=noon(days(7)))
        line.check(days(8))
        assert Question.objects.get(hold=other).open
        theirs.check(days(8))
        assert not Question.objects.get(hold=other).open, "its hold ended, so nobody asks any more"


def test_an_earlier_night_leaves_alone_what_a_later_one_asked_in_vain_D_CHK_6(line: Line) -> None:
    hold = line.held()
    line.says(hold, **DOWN)
    later = line.check(days(14))
    earlier = line.check(days(8))
    assert (earlier.state, earlier.due, earlier.asked) == ("done", 0, 0)
    assert line.asked(hold) == [days(14).isoformat()]
    assert Question.objects.get().run == later and fresh(hold).next_check_on == days(15)


def test_a_silence_that_ended_is_forgotten_D_CHK_7(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """AR Boost is left alone after so many batches in a row that settle nothing, and not after so many in all."""
    monkeypatch.setattr(asking, "BATCH", 1)
    monkeypatch.setattr(asking, "GIVE_UP_AFTER", 3)
    rows = [line.held() for _ in range(21)]
    for place in (0, 7, 14):
        line.says(rows[place], garbage_271=True, send=["x12_271"])
    run = line.check(days(7))
    assert (run.state, run.due, run.answered) == ("done", 21, 18)
    assert not [one for one in run.failures if "left alone" in one["why"]]


@pytest.mark.parametrize("odd", [{"Größe": "é", "none": None}, {"count": 2**70}, {"half": "\ud800"}], ids=str)
def test_what_was_read_is_written_whatever_it_holds(odd: dict[str, Any]) -> None:
    """One odd answer must not end the night."""
    assert json.loads(night_answers._json(odd)) == odd
