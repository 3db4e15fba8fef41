"""Many questions at once: each its own answer, by reference and trace (D-CHK-8), whatever comes back."""

import threading
import time
from decimal import Decimal

import pytest

from deductibles.gateways import arboost
from deductibles.gateways.arboost import Unavailable
from deductibles.gateways.arboost_answers import matched
from tests.jobs.questions import DAY, question


class TestBatches:
    def test_each_question_gets_its_own_answer_in_order(self, vendor, conn):
        asked = [question(n, f"M{n}") for n in range(500)]
        vendor.script("M7", amounts=[{"from": "2026-01-01", "annual": "700.00", "remaining": "7.00"}])
        answers = arboost.ask_batch(conn, DAY, asked)
        assert [a.trace for a in answers] == [q.trace for q in asked]
        assert answers[7].remaining == Decimal("7.00")
        assert answers.dropped == 0

    def test_more_than_500_or_the_same_question_twice_is_a_mistake_of_ours(self, conn):
        with pytest.raises(ValueError, match="500"):
            arboost.ask_batch(conn, DAY, [question(n) for n in range(501)])
        with pytest.raises(ValueError, match="own reference"):
            arboost.ask_batch(conn, DAY, [question(1), question(1)])

    def test_swapped_order_changes_nothing(self, vendor, conn):
        """D-CHK-8: by reference and trace."""
        asked = [question(n, f"M{n}") for n in (1, 2, 3)]
        for n in (1, 2, 3):
            vendor.script(
                f"M{n}", amounts=[{"from": "2026-01-01", "annual": "900.00", "remaining": f"{n}.00"}]
            )
        vendor.script("*", swapped=True)
        answers = arboost.ask_batch(conn, DAY, asked)
        assert [a.remaining for a in answers] == [Decimal(n) for n in ("1.00", "2.00", "3.00")]

    def test_another_patients_answer_is_dropped_and_counted(self, vendor, conn):
        """D-CHK-8: it carries a reference and trace nobody asked with."""
        vendor.script("M1", another_patient=True)
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1"), question(2)])
        assert [a.outcome for a in answers] == ["unavailable", "answered"]
        assert answers[0].x12_271 is None
        assert answers.dropped == 1

    def test_another_patients_answer_to_one_question_is_refused(self, vendor, conn):
        vendor.script("M1", another_patient=True)
        answer = arboost.eligibility(conn, question(1, "M1"))
        assert (answer.outcome, answer.x12_271, answer.annual) == ("unavailable", None, None)
        assert "another question" in answer.detail

    def test_a_right_reference_with_a_wrong_trace_is_dropped(self, vendor, conn):
        vendor.script("M1", fields={"trace": "TRACE-OLD"})
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1")])
        assert (answers[0].outcome, answers.dropped) == ("unavailable", 1)

    def test_two_answers_swapped_between_claims_reach_neither(self, vendor, conn):
        vendor.script("M1", fields={"reference": "claim-2"})
        vendor.script("M2", fields={"reference": "claim-1"})
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1"), question(2, "M2")])
        assert [a.outcome for a in answers] == ["unavailable", "unavailable"]
        assert answers.dropped == 2

    def test_somebody_elses_271_under_our_names_keeps_its_own_trace(self, vendor, conn):
        """D-X12-2: the reader refuses it by its trace, so the gateway must not touch the text."""
        vendor.script("M1", another_patient={"echo": "json"})
        text = arboost.ask_batch(conn, DAY, [question(1, "M1")])[0].x12_271
        assert "TRN*2*OTHER-TRACE-1*" in text and "TRACE-1*9" not in text.replace("OTHER-TRACE-1", "")

    def test_a_missing_answer_is_unavailable_and_the_rest_stand(self, vendor, conn):
        """D-CHK-7."""
        vendor.script("M1", omit=True)
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1"), question(2)])
        assert [a.outcome for a in answers] == ["unavailable", "answered"]

    def test_the_same_answer_twice_counts_once(self, vendor, conn):
        vendor.script("M1", twice=True)
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1")])
        assert ([a.outcome for a in answers], answers.dropped) == (["answered"], 1)

    def test_two_different_answers_to_one_question_are_neither_believed(self):
        one = {"reference": "claim-1", "trace": "TRACE-1", "outcome": "answered", "reason_code": "A"}
        answers = matched([question(1)], {"results": [one, {**one, "reason_code": "B"}, one]})
        assert (answers[0].outcome, answers[0].reason_code, answers.dropped) == ("unavailable", None, 2)

    def test_a_result_that_contradicts_its_twin_is_not_believed(self, vendor, conn):
        met = {"annual": "1500.00", "remaining": "0.00", "period": "2026-01-01/2026-12-31"}
        vendor.script("M1", contradict={"deductible": met})
        answers = arboost.ask_batch(conn, DAY, [question(1, "M1"), question(2)])
        assert [a.outcome for a in answers] == ["unavailable", "answered"]
        assert "twice" in answers[0].detail and answers.dropped == 1

    @pytest.mark.parametrize("results", [None, {}, "x", 5, [None, 5, [], {}, {"reference": [], "trace": {}}]])
    def test_results_of_any_shape_leave_questions_unavailable(self, results):
        assert [a.outcome for a in matched([question(1)], {"results": results})] == ["unavailable"]


class TestManyBatches:
    def test_all_are_asked_in_batches_and_read_lazily(self, vendor, conn):
        taken = []

        def questions():
            for n in range(25):
                taken.append(n)
                yield question(n, f"M{n}")

        running = arboost.ask_many(conn, DAY, questions(), concurrency=2, batch=5)
        next(running)
        assert len(taken) <= 15, "two under way, and the one that is handed out"
        rest = list(running)
        assert sum(len(answers) for _, answers in rest) == 20
        assert all([a.trace for a in answers] == [q.trace for q in asked] for asked, answers in rest)
        assert len(vendor.requests()) == 5

    def test_one_batch_in_trouble_leaves_the_others(self, vendor, hasty):
        """D-CHK-9: what failed is set aside, the night goes on."""
        vendor.script("M6", status=500)
        came = list(arboost.ask_many(hasty, DAY, (question(n, f"M{n}") for n in range(20)), batch=5))
        failed = [asked for asked, answers in came if isinstance(answers, Unavailable)]
        assert [[q.reference for q in asked] for asked in failed] == [[f"claim-{n}" for n in range(5, 10)]]
        assert sum(len(a) for _, a in came if not isinstance(a, Unavailable)) == 15

    def test_slow_batches_run_beside_each_other(self, vendor, conn):
        vendor.script("*", delay=0.4)
        started = time.monotonic()
        assert len(list(arboost.ask_many(conn, DAY, (question(n) for n in range(4)), batch=1))) == 4
        assert time.monotonic() - started < 1.2

    def test_stopping_early_leaves_nothing_running(self, vendor, conn):
        before = threading.active_count()
        vendor.script("M1", hang=True)
        running = arboost.ask_many(conn, DAY, [question(n, f"M{n}") for n in range(4)], batch=1)
        next(running)
        running.close()
        assert threading.active_count() == before

    def test_no_question_makes_no_request(self, vendor, conn):
        assert list(arboost.ask_many(conn, DAY, [])) == []
        assert vendor.requests() == []
