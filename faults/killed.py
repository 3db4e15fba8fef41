"""Workers that die or sleep in the middle of a night."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from faults.controls import on_every_statement
from faults.filling import TARGET
from faults.stage import Stage
from faults.workers import DONE

EVERY = 2.0
"""Seconds that a worker lives; a sixth of the undisturbed night where a slow machine makes that more."""
LIVES_OF_MANY = 6
MANY = 5000
"""From so many holds on a night takes longer than one life."""
LIVES_OF_FEW = 6
MOST_LIVES = 200


def killed_again_and_again(stage: Stage, lives: int = LIVES_OF_FEW) -> None:
    """A worker is killed every two seconds and followed by another until the night is through.

    A night over few holds is over before: its workers are killed as soon as each has recorded something.
    """

    def play() -> None:
        for life in range(MOST_LIVES):
            worker = stage.worker()
            if stage.holds >= MANY:
                how = worker.wait(max(EVERY, stage.undisturbed / LIVES_OF_MANY))
            elif life < lives:
                how = _until_it_recorded(stage, worker)
            else:
                how = worker.wait(60)
            if how == DONE:
                return
            if how is None:
                stage.injected["worker killed"] += worker.kill()
        stage.wrong(f"the night was not through after {MOST_LIVES} workers")

    stage.timed(play)


def _until_it_recorded(stage: Stage, worker: Any) -> int | None:
    before, ends = _recorded(stage), time.monotonic() + 20
    while worker.wait(0.005) is None and time.monotonic() < ends:
        if _recorded(stage) > before:
            break
    return worker.how


def _recorded(stage: Stage) -> int:
    return stage.count(
        "SELECT count(*) FROM deductibles_snapshot WHERE company_id = %(company)s AND source = 'nightly'"
    )


def dead_on_any_statement(vendor: Any, *, without: tuple[str, ...], step: int = 1) -> tuple[Stage, int]:
    """A night of twenty claims whose worker dies before its n-th statement, for every n; then healed.

    Every second time it is the session that the database ends, and the worker goes on as well as it can.
    Gives the last stage with the troubles of all, and how many statements a whole night takes.
    """
    told: list[str] = []
    injected: dict[str, int] = {}
    number, stage = 0, None
    while True:
        stage = _twenty(vendor, without)
        worker = stage.worker(prepare=partial(_die_at, number, ends_session=number // step % 2 == 1))
        how = worker.wait(60)
        if how == DONE and number // step % 2 == 0:
            break
        fault = "session ended" if number // step % 2 else "worker killed"
        injected[fault] = injected.get(fault, 0) + (how == -signal.SIGKILL or number // step % 2)
        stage.nights(4)
        stage.look()
        told += [f"{fault} before statement {number}: {each}" for each in stage.problems]
        number += step
    stage.problems, stage.holds = told, 20
    stage.injected.update(injected)
    return stage, number


def _twenty(vendor: Any, without: tuple[str, ...]) -> Stage:
    return Stage("statement", vendor, 20, without=without)


def _die_at(number: int, *, ends_session: bool) -> None:
    """Die before the statement of this number, or have the database end the session of this worker."""
    left = [number]

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        left[0] -= 1
        if left[0] == -1:
            if not ends_session:
                os.kill(os.getpid(), signal.SIGKILL)
            _end_session(context["connection"])
        return execute(sql, params, many, context)

    on_every_statement(run)


def _end_session(mine: Any) -> None:
    import psycopg2

    mine.ensure_connection()
    pid = mine.connection.info.backend_pid
    beside = psycopg2.connect(**{k: v for k, v in mine.get_connection_params().items() if k in _PLAIN})
    beside.autocommit = True
    with beside.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    beside.close()


_PLAIN = ("dbname", "user", "password", "host", "port")


def asleep_beyond_its_lease(stage: Stage) -> None:
    """A worker is stopped while it waits for answers, sleeps past its lease, and wakes when all is done."""
    stage.script([stage.holds], delay=1.0, times=1)
    last = f"H{_hold_of(stage, stage.holds)}D{TARGET:%Y%m%d}"
    _sleep(stage, lambda: _asked(stage, last), prepare=_short_lease)


def asleep_in_mid_transaction(stage: Stage) -> None:
    """The same, stopped between two statements of one transaction: its locks must not stop the others."""
    _sleep(stage, lambda: True, prepare=_sleep_while_writing)


def _sleep(stage: Stage, ready: Callable[[], bool], *, prepare: Callable[[], None]) -> None:
    sleeper = stage.worker(prepare=prepare)
    ends = time.monotonic() + 30
    while not ready() and time.monotonic() < ends:
        time.sleep(0.01)
    if prepare is _short_lease:
        sleeper.signal(signal.SIGSTOP)
    _until_stopped(sleeper.pid)
    time.sleep(_LEASE.total_seconds() + 0.2)
    for _ in range(3):
        other = stage.worker(prepare=_short_lease)
        if other.wait(60) == DONE:
            break
        other.kill()
    else:
        stage.wrong("no other worker could end the night while the first slept")
    before = _written(stage)
    stage.woken()
    stage.injected["worker paused"] += sleeper.signal(signal.SIGCONT)
    if sleeper.wait(60) is None:
        stage.wrong("the worker that woke does not end")
        sleeper.kill()
    more = {name: number - before[name] for name, number in _written(stage).items() if number != before[name]}
    if more:
        stage.wrong(f"the worker that woke wrote more: {more}")


_LEASE = timedelta(seconds=1.5)


def _short_lease() -> None:
    from deductibles import nights

    nights.LEASE = _LEASE


def _sleep_while_writing() -> None:
    from deductibles import nights

    nights.LEASE = nights.PATIENCE = _LEASE
    slept: list[bool] = []

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not slept and _keeps_answers(sql):
            slept.append(True)
            os.kill(os.getpid(), signal.SIGSTOP)
        return execute(sql, params, many, context)

    on_every_statement(run)


def _keeps_answers(sql: str) -> bool:
    """Whether a batch's answers were kept, by a statement nobody sees here, and their holds change now."""
    return sql.lstrip().startswith("UPDATE deductibles_hold") and "nightly_answers" in sql


def _until_stopped(pid: int) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            if file.read().rsplit(")", 1)[1].split()[0] == "T":
                return
        time.sleep(0.01)
    raise RuntimeError("the worker did not stop")


def _hold_of(stage: Stage, number: int) -> int:
    return stage.count(
        "SELECT h.id FROM deductibles_hold h JOIN deductibles_claim c ON c.id = h.claim_id"
        " WHERE c.company_id = %(company)s AND c.number = 'C-' || %(number)s",
        number=number,
    )


def _asked(stage: Stage, trace: str) -> bool:
    return any(found == trace for found, _ in stage.asked())


def _written(stage: Stage) -> dict[str, int]:
    return {
        table: stage.count(f"SELECT count(*) FROM {table} WHERE company_id = %(company)s")  # noqa: S608
        for table in ("deductibles_snapshot", "deductibles_holdevent", "deductibles_claimevent",
                      "work_outboxmessage", "work_runevent")
    }  # fmt: skip
