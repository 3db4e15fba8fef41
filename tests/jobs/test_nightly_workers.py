"""Two workers at once, and a worker that is killed: nothing lost, nothing twice (I1, I2, I10)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as config
from django.db import connection, connections
from django.utils import timezone

from deductibles import asking
from deductibles.actions import deciding, holds
from deductibles.models import Claim, Hold, Question, Snapshot, Submission
from tests import factories
from tests.claim_line import DAY0, Line, days, make_line, noon, status_of
from tests.sandboxes import Sandbox
from work import outbox
from work.models import Lease, OutboxMessage, Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def line(ar_boost: Sandbox, tmp_path: Path) -> Line:
    """As everywhere, on committed rows that other connections see."""
    return make_line(factories.make_cast(), ar_boost, tmp_path)


def together(*works) -> list:
    """Do all of these at once, each on a connection of its own; give what they gave or raised."""
    found: list = [None] * len(works)
    gate = threading.Barrier(len(works))

    def one(place: int, work) -> None:
        gate.wait()
        try:
            found[place] = work()
        except Exception as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_five_pokes_at_once_ask_and_release_once_D_CHK_6(line: Line) -> None:
    rows = [line.held() for _ in range(6)]
    line.now_remaining(rows[0], "0.00")
    together(*[lambda: line.check(days(7))] * 5)
    run = Run.objects.get(kind="check", company=line.company)
    assert (run.state, run.due, run.answered, run.released) == ("done", 6, 6, 1)
    assert all(len(line.asked(row)) == 1 for row in rows)
    assert Snapshot.objects.filter(source="nightly").count() == 6


def test_a_biller_who_is_quicker_than_the_answer_wins_and_nothing_happens_twice(line: Line) -> None:
    hold = line.held()
    line.says(hold, delay=1.0, amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}])

    def queue() -> None:
        time.sleep(0.4)
        holds.queue_holds(line.company, [hold.pk], by=line.biller, at=noon(days(7)))

    together(lambda: line.check(days(7)), queue)
    row = Hold.objects.get(pk=hold.pk)
    assert (status_of(hold.claim), row.reason) == ("queued", "Manually queued")
    ended = OutboxMessage.objects.filter(kind="deductibles.unmonitor")
    assert len(ended) == 1


def test_two_people_completing_one_claim_hold_it_once_D_HOLD_2(line: Line) -> None:
    claim = line.enter()

    def complete() -> deciding.Outcome:
        mine = Claim.objects.get(pk=claim.pk)
        return deciding.complete(mine, by=line.biller, at=noon(DAY0))

    found = together(complete, complete)
    assert sorted(type(item).__name__ for item in found) == ["Outcome", "Refused"]
    assert Hold.objects.filter(active=True).count() == 1


def test_claims_entered_at_once_get_numbers_of_their_own(line: Line) -> None:
    found = together(*[lambda: line.enter("TST999999").number] * 6)
    assert sorted(found) == [f"C-{1001 + place}" for place in range(6)]


def test_two_submissions_at_once_hand_over_one_file_D_SUB_1(line: Line) -> None:
    met = [{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}]
    for _ in range(3):
        line.complete(line.member(amounts=met))
    together(*[lambda: line.submit(days(1))] * 3)
    assert Submission.objects.count() == 1 and len(list(line.outbox.glob("*.edi"))) == 1
    assert Run.objects.get(kind="submission").submitted == 3


@pytest.mark.parametrize("after", [0.3, 0.7, 1.2])
def test_a_night_whose_worker_is_killed_is_completed_by_the_next_I10(line: Line, after: float) -> None:
    rows = [line.held() for _ in range(8)]
    line.now_remaining(rows[0], "0.00")
    line.says(rows[1], delay=0.5)
    worker = command(line, "nightly_check", days(7))
    wait_until_running(worker)
    time.sleep(after)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    # Minutes pass: the dead worker's lease runs out.
    Lease.objects.filter(held_until__gt=timezone.now()).update(held_until=timezone.now())
    run = line.check(days(7))
    assert (run.state, run.due, run.answered, run.released) == ("done", 8, 8, 1)
    assert Snapshot.objects.filter(source="nightly").count() == 8
    assert not Question.objects.filter(open=True).exists()
    assert sorted(Claim.objects.values_list("status", flat=True)) == ["hold"] * 7 + ["queued"]


def command(line: Line, name: str, day) -> subprocess.Popen:
    """A worker as its own process on this test's database and stand-ins."""
    url = urlsplit(os.environ["DATABASE_URL"])
    env = {
        **os.environ,
        "DATABASE_URL": url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "ARBOOST_URL": config.ARBOOST_URL,
        "ARBOOST_TOKEN": config.ARBOOST_TOKEN,
        "CLEARINGHOUSE_URL": config.CLEARINGHOUSE_URL,
    }
    words = [sys.executable, "manage.py", name, "--company", line.company.key, "--target-date", f"{day}"]
    return subprocess.Popen(
        words, cwd=ROOT, env=env, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def wait_until_running(worker: subprocess.Popen) -> None:
    """Until the run's row says running, or the worker ended."""
    for _ in range(400):
        if Run.objects.filter(state="running").exists() or worker.poll() is not None:
            break
        time.sleep(0.05)
    assert worker.poll() is None, worker.stdout.read().decode() if worker.stdout else ""


def test_a_worker_that_slept_past_its_lease_writes_nothing_more(line: Line) -> None:
    from deductibles import nights
    from work.leases import Lost

    line.held()
    run = nights.open_run(line.company, "check", days(7), by=None, at=noon(days(7)))
    with nights.holding_night(line.company, run, at=noon(days(7))) as sleeper:
        Lease.objects.update(held_until=timezone.now() - timedelta(seconds=1))
        line.check(days(7))
        with pytest.raises(Lost), sleeper.writing("too late"):
            raise AssertionError("a lost lease must not get this far")
    run.refresh_from_db()
    assert (run.state, run.answered) == ("done", 1)


def test_the_sweep_catches_up_the_night_and_delivers_the_outbox_I10(line: Line) -> None:
    from config.sweeping import sweep

    hold = line.held()
    found = sweep(at=noon(days(8)))
    assert found["nights"] == 2 and found["delivered"] == 1
    assert list(line.vendor.monitored()) == [hold.reference]
    assert len(line.asked(hold)) == 1
    assert sweep(at=noon(days(8)) + timedelta(minutes=1))["delivered"] == 0
    assert len(line.asked(hold)) == 1


def test_pages_of_questions_are_all_asked(line: Line, monkeypatch) -> None:
    monkeypatch.setattr(asking, "BATCH", 3)
    rows = [line.held() for _ in range(8)]
    run = line.check(days(7))
    assert (run.due, run.answered) == (8, 8)
    assert all(len(line.asked(row)) == 1 for row in rows)
    assert outbox.deliver(at=noon(days(7))) == 8
