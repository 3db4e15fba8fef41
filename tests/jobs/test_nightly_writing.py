"""A night writes beside its asking: in order, fenced, and what goes wrong there is told as ever (D-CHK-9, I10)."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from deductibles import asking, due, writing
from deductibles.actions import night_answers, nightwork
from deductibles.gateways import arboost
from deductibles.models import Coverage, PayerTrouble, Question, Snapshot
from deductibles.nights import open_run
from tests import factories
from tests.claim_line import Line, days, make_line, noon
from tests.sandboxes import Sandbox
from work.models import Lease, Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line(ar_boost: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """As everywhere, on committed rows that the writing session sees; two claims a batch."""
    monkeypatch.setattr(asking, "BATCH", 2)
    return make_line(factories.make_cast(), ar_boost, tmp_path)


def before_writing(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Have this done before each transaction, with its number."""
    record, numbers = asking._record, iter(range(1, 100))

    def recorded(night: Any, batch: Any) -> None:
        act(next(numbers))
        record(night, batch)

    monkeypatch.setattr(asking, "_record", recorded)


@pytest.fixture
def one_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    """One batch after the other, for tests that say which."""
    monkeypatch.setattr(writing, "WRITERS", 1)


def kept() -> int:
    return Snapshot.objects.filter(source="nightly").count()


def test_all_batches_are_written_in_few_sessions_beside_that_of_the_asking(line: Line, monkeypatch) -> None:
    rows = [line.held() for _ in range(5)]
    sessions: list[int] = []

    def look(_: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            sessions.extend(cursor.fetchone())

    before_writing(monkeypatch, look)
    run = line.check(days(7))
    assert (run.state, run.asked, run.answered, kept()) == ("done", 5, 5, 5)
    assert all(len(line.asked(row)) == 1 for row in rows)
    assert (
        1 <= len(set(sessions)) <= writing.WRITERS and connection.connection.info.backend_pid not in sessions
    )


def test_who_lost_the_night_while_answers_waited_to_be_written_writes_none_I10(
    line: Line, one_writer, monkeypatch
) -> None:
    for _ in range(6):
        line.held()

    def taken_over(number: int) -> None:
        if number == 2:
            Lease.objects.update(fence=F("fence") + 1)

    before_writing(monkeypatch, taken_over)
    run = line.check(days(7))
    assert (run.state, run.failures, kept()) == ("running", [], 2), "the night is somebody else's now"


def test_an_error_while_writing_ends_the_night_and_the_next_goes_on_I10(
    line: Line, one_writer, monkeypatch
) -> None:
    rows = [line.held() for _ in range(6)]

    def fall(number: int) -> None:
        if number == 2:
            raise RuntimeError("the writer fell")

    with monkeypatch.context() as patch:
        before_writing(patch, fall)
        run = line.check(days(7))
    assert run.state == "failed" and "RuntimeError" in run.failures[0]["why"]
    assert kept() == 2, "what was written before stays, what came behind is not written"
    done = set(Question.objects.filter(open=False).values_list("hold", flat=True))
    line.vendor.call("DELETE", "/_requests")
    run = line.check(days(7))
    assert (run.state, run.asked, run.answered, kept()) == ("done", 6, 6, 6)
    assert {row.pk for row in rows if line.asked(row)} == {row.pk for row in rows} - done


def test_a_claim_that_cannot_be_written_is_set_aside_alone_D_CHK_9(line: Line, monkeypatch) -> None:
    bad, *others = [line.held() for _ in range(4)]
    record = night_answers.record

    def refuse(run: Any, weighed: Any, **given: Any) -> int:
        if any(item.question.hold_id == bad.pk for item in weighed):
            raise DatabaseError("damaged")
        return record(run, weighed, **given)

    monkeypatch.setattr(night_answers, "record", refuse)
    run = line.check(days(7))
    assert (run.state, run.answered) == ("done", 3)
    assert [failure["claim"] for failure in run.failures] == [bad.claim.number]


def test_a_payers_first_answer_is_written_before_its_others_are_asked_D_CHK_7(
    line: Line, monkeypatch
) -> None:
    """Each step of the asking finds only what the one before left open."""
    rows = [line.held() for _ in range(3)]
    for row in rows:
        line.says(row, reject={"code": "43", "follow_up": "C", "loop": "2100B"})
    line.check(days(7))
    line.vendor.call("DELETE", "/_requests")
    for row in rows:
        line.says(row)
    before_writing(monkeypatch, lambda number: time.sleep(0.5 if number == 1 else 0))
    run = line.check(days(8))
    assert (run.state, run.answered) == ("done", 3)
    assert all(len(line.asked(row)) == 1 for row in rows), "nobody is asked twice in a night"


def test_what_a_payer_said_last_stays_written_however_long_the_first_takes_D_CHK_7(
    line: Line, monkeypatch
) -> None:
    rows = [line.held() for _ in range(4)]
    for row in rows[:2]:
        line.says(row, reject={"code": "43", "follow_up": "C", "loop": "2100B"})
    monkeypatch.setattr(arboost, "ask_many", partial(arboost.ask_many, concurrency=1))
    before_writing(monkeypatch, lambda number: time.sleep(0.5 if number == 1 else 0))
    run = line.check(days(7))
    assert (run.state, run.asked, run.answered) == ("done", 4, 2)
    trouble = PayerTrouble.objects.get()
    assert trouble.code == "43" and trouble.ended_at is not None, "the payer answered after that"


def test_two_batches_are_written_at_a_time_and_one_waits() -> None:
    both = threading.Barrier(writing.WRITERS)
    written: list[int] = []

    def write(number: int) -> None:
        both.wait(10)
        written.append(number)

    with writing.beside(write, lambda: None) as writer:
        for number in range(writing.WRITERS * 5):
            writer.hand_over(number)
    assert sorted(written) == list(range(writing.WRITERS * 5)), "each once, none by one writer alone"


def test_whoever_hands_over_waits_while_another_waits(monkeypatch) -> None:
    monkeypatch.setattr(writing, "TICK_SECONDS", 0.01)
    gate = threading.Event()
    begun: list[int] = []
    waited: list[int] = []

    def write(number: int) -> None:
        begun.append(number)
        gate.wait(10)

    def tick() -> None:
        waited.append(number)
        if len(waited) > 3:
            gate.set()

    with writing.beside(write, tick) as writer:
        for number in range(1, writing.WRITERS + 3):
            writer.hand_over(number)
    assert waited[0] == writing.WRITERS + 2, "as many are under way as there are writers, and one waits"
    assert sorted(begun) == list(range(1, writing.WRITERS + 3))


def test_what_is_handed_over_behind_begins_when_all_before_it_is_written() -> None:
    ended: list[int] = []
    seen: dict[int, list[int]] = {}

    def write(number: int) -> None:
        seen[number] = list(ended)
        time.sleep(0.2 if number == 1 else 0)
        ended.append(number)

    with writing.beside(write, lambda: None) as writer:
        writer.hand_over(1)
        writer.hand_over(2)
        writer.hand_over(3, behind=True)
    assert sorted(seen[3]) == [1, 2] and seen[2] == [], "the second did not wait for the first"


def test_nothing_is_written_after_what_went_wrong() -> None:
    done: list[int] = []

    def write(number: int) -> None:
        if number == 2:
            raise ValueError
        if number > 2:
            time.sleep(0.05)
        done.append(number)

    with pytest.raises(ValueError), writing.beside(write, lambda: None) as writer:
        writer.hand_over(1)
        writer.settle()
        for number in range(2, 20):
            writer.hand_over(number)
    assert done[0] == 1 and max(done) < 5, "what was under way beside it ends; nothing is begun"


def test_whoever_waits_long_for_a_batch_keeps_the_night_meanwhile(monkeypatch) -> None:
    monkeypatch.setattr(writing, "TICK_SECONDS", 0.01)
    gate = threading.Event()
    found: list[bool] = []

    def write(_: int) -> None:
        found.append(gate.wait(10))

    with writing.beside(write, gate.set) as writer:
        writer.hand_over(1)
    assert found == [True]


def test_a_page_of_questions_is_read_as_of_one_moment(line: Line) -> None:
    """Read table by table, but what somebody changes between two of them is not on it."""
    held = line.held()
    run = open_run(line.company, Run.Kind.CHECK, days(7), by=None, at=noon(days(7)))
    with transaction.atomic():
        nightwork.plan(run)
    before, changed = held.asked_coverage.member_id, list[str]()

    def somebody() -> None:
        changed.append("NEWMEMBER1")
        Coverage.objects.filter(pk=held.coverage_id).update(member_id=changed[0])
        connection.close()

    def between(execute: Any, sql: str, *rest: Any) -> Any:
        found = execute(sql, *rest)
        if "FROM deductibles_hold" in sql:
            other = threading.Thread(target=somebody)
            other.start()
            other.join()
        return found

    with connection.execute_wrapper(between):
        (read,) = due.page(run, due.Payers(line.company.pk), after=0, size=9)
    assert changed and read.hold.asked_coverage.member_id == before
    (read,) = due.page(run, due.Payers(line.company.pk), after=0, size=9)
    assert read.hold.asked_coverage.member_id == changed[0]
