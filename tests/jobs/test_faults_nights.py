"""A small share of `make faults`: real workers that are killed and paused, an AR Boost that lies, and controls.

Each is played as there, on a few hundred holds; what a scenario looks for is written in `faults/stage.py`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as config
from django.db import OperationalError, connection, transaction

from deductibles import nights
from deductibles.actions import nightwork
from deductibles.models import Question
from faults import killed, together, vendor
from faults.controls import names as protections
from faults.scenarios import SCENARIOS
from faults.stage import Stage
from tests import factories
from tests.claim_line import days, make_line, noon, status_of
from tests.sandboxes import Sandbox
from work.models import Run

pytest_plugins = ["tests.claim_line"]
pytestmark = pytest.mark.django_db(transaction=True)
HOLDS = 160


def look(stage: Stage) -> list[str]:
    """What is wrong after a scenario, which must have done its fault."""
    stage.look()
    assert any(stage.injected.values()), "no fault happened"
    return stage.problems


def test_a_worker_killed_again_and_again_loses_nothing_and_asks_nothing_twice_I1_I2(
    ar_boost: Sandbox,
) -> None:
    stage = Stage("killed", ar_boost, HOLDS)
    killed.killed_again_and_again(stage, lives=3)
    assert stage.injected["worker killed"] >= 2
    assert look(stage) == []


def test_that_is_seen_when_answered_questions_stay_open(ar_boost: Sandbox) -> None:
    stage = Stage("killed", ar_boost, HOLDS, without=["an answered question is closed"])
    killed.killed_again_and_again(stage, lives=2)
    assert any("asked again for a date that was answered" in each for each in look(stage))


def test_a_worker_that_sleeps_past_its_lease_writes_nothing_more_I10(ar_boost: Sandbox) -> None:
    stage = Stage("asleep", ar_boost, 60)
    killed.asleep_beyond_its_lease(stage)
    assert look(stage) == []


def test_a_worker_that_sleeps_in_a_transaction_keeps_nobody_waiting_I10(ar_boost: Sandbox) -> None:
    stage = Stage("locks", ar_boost, 60)
    killed.asleep_in_mid_transaction(stage)
    assert look(stage) == []


def test_a_third_of_the_answers_failing_only_takes_more_nights_I7(ar_boost: Sandbox) -> None:
    stage = Stage("errors", ar_boost, HOLDS)
    vendor.responses(status=503)(stage)
    assert look(stage) == []


def test_another_patients_answer_releases_nobody_I7(ar_boost: Sandbox) -> None:
    stage = Stage("stranger", ar_boost, HOLDS)
    vendor.another_patient(stage)
    assert look(stage) == []


def test_that_is_seen_when_nobody_looks_whose_answer_it_is(ar_boost: Sandbox) -> None:
    stage = Stage("stranger", ar_boost, 60, without=["an answer names the patient it is about"])
    vendor.another_patient(stage)
    assert any("stays held: queued" in each for each in look(stage))


def test_a_biller_and_the_night_each_release_a_claim_once_I2(ar_boost: Sandbox) -> None:
    stage = Stage("biller", ar_boost, HOLDS)
    together.biller_at_work(stage)
    assert look(stage) == []


def test_a_claim_leaves_on_its_day_though_the_database_hung_up_once_D_CHK_4(
    ar_boost: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = make_line(factories.make_cast(), ar_boost, tmp_path)
    alone = line.held()
    line.check(days(29))

    def hung_up(*given: Any) -> Any:
        monkeypatch.setattr(nightwork, "locked_held", whole)
        raise OperationalError("terminating connection")

    whole = nightwork.locked_held
    monkeypatch.setattr(nightwork, "locked_held", hung_up)
    run = line.check(days(30))
    assert (run.timed_out, run.failures) == (1, [])
    assert status_of(alone.claim) == "queued"


def test_an_answer_cut_before_its_first_character_releases_nobody_I7(
    ar_boost: Sandbox, tmp_path: Path
) -> None:
    line = make_line(factories.make_cast(), ar_boost, tmp_path)
    held = line.held()
    line.says(held, cut_271=0, amounts=[{"from": "2000-01-01", "annual": "1500.00", "remaining": "0.00"}])
    run = line.check(days(7))
    assert (run.answered, status_of(held.claim)) == (0, "hold")
    assert run.failures[0]["why"].startswith("AR Boost's 271 is empty.")


def test_every_thread_of_a_web_process_rings_our_own_broker() -> None:
    asks = (
        "import django; django.setup(); import threading; from celery import current_app as app; "
        "one = threading.Thread(target=lambda: print(app.main, app.conf.broker_url)); one.start(); one.join()"
    )
    found = subprocess.run(
        [sys.executable, "-c", asks], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.split() == ["holdline", config.CELERY_BROKER_URL]


def test_every_scenario_has_a_control_that_is_there() -> None:
    assert {scenario.control for scenario in SCENARIOS} <= set(protections())


def test_a_stand_in_that_fails_for_a_share_counts_what_it_did(ar_boost: Sandbox) -> None:
    ar_boost.script("*", status=503, share=0.5)
    for _ in range(40):
        ar_boost.call("GET", "/v1/agency")
    done = ar_boost.call("GET", "/_injected")["injected"]["status"]
    assert 8 < done < 32
    assert [row["status"] for row in ar_boost.requests()].count(503) == done


def test_a_night_that_goes_on_plans_nothing_again_I10(ar_boost: Sandbox, tmp_path: Path) -> None:
    line = make_line(factories.make_cast(), ar_boost, tmp_path)
    line.held()
    run = nights.open_run(line.company, Run.Kind.CHECK, days(7), by=None, at=noon(days(7)))

    def planned() -> list[tuple[str, ...]]:
        with transaction.atomic():
            nightwork.plan(run)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ctid::text, xmin::text, xmax::text, run_id::text FROM deductibles_question"
            )
            return cursor.fetchall()

    first = planned()
    assert len(first) == 1
    assert planned() == first, "neither written nor locked again"
    later = nights.open_run(line.company, Run.Kind.CHECK, days(8), by=None, at=noon(days(8)))
    with transaction.atomic():
        nightwork.plan(later)
    assert Question.objects.get().run == later, "the next night takes up what is open"
