"""What happens to a submission of thousands of claims, one trouble after the other (`faults/sending.py`)."""

from __future__ import annotations

import re
import signal
import time
from datetime import timedelta
from functools import partial
from typing import Any

from faults import controls
from faults.filling import TARGET
from faults.sending import LOST_OF_FEW, LOST_OF_MANY, MANY, die, die_around, sending
from faults.stage import Stage
from faults.workers import DONE

AT_ONCE = 4
TOO_SLOW = 1.0
"""Seconds the clearinghouse is waited for where it is slow on purpose."""


def killed_and_lost(stage: Stage) -> None:
    """A worker is killed every two seconds, and one answer in a hundred is lost, until all is sent."""
    with sending(stage) as here:
        share = LOST_OF_MANY if stage.holds >= MANY else LOST_OF_FEW
        here.house.script("*", lost=True, share=share, calls=["take_file"])
        stage.timed(here.killed_until_done)
        stage.count_what(here.house)
        here.house.call("DELETE", "/_script")
        here.close()


def answers_lost(stage: Stage) -> None:
    """Nobody dies; one answer in five is lost after the file was taken."""
    with sending(stage) as here:
        here.house.script("*", lost=True, share=LOST_OF_FEW, calls=["take_file"])
        here.through()
        stage.count_what(here.house)
        here.house.call("DELETE", "/_script")
        here.through()
        here.close()


def killed_beside_a_folder(stage: Stage) -> None:
    """The same killing, the files put into a folder that somebody empties."""
    with sending(stage, folder=True, takes=0) as here:
        stage.timed(here.killed_until_done)
        here.close()


def several_at_once(stage: Stage) -> None:
    """All files are written; four workers begin two nights at the same moment, and once more after that."""
    with sending(stage) as here:
        here.worker(prepare=partial(die_around, "_about_to_try", "before")).wait(120)
        for _ in range(2):
            nights = (TARGET, TARGET + timedelta(days=1)) * (AT_ONCE // 2)
            workers = [here.worker(target) for target in nights]
            for worker in workers:
                worker.wait(120)
            stage.injected["workers beside the first"] += len(workers) - 1
        here.through(2)
        here.close()


def dead_at_any_point(stage: Stage) -> None:
    """A worker dies before its first statement, the next before its second, and so on."""
    with sending(stage) as here:
        here.file_of = 5
        number = 0
        while True:
            worker = here.worker(prepare=partial(_die_at, number))
            how = worker.wait(120)
            if how == DONE:
                break
            stage.injected["worker killed before a statement"] += how == -signal.SIGKILL
            number += 1
        here.nights += 1
        here.close()


POINTS = (
    ("_save", "before"), ("_save", "after"), ("_about_to_try", "before"), ("_about_to_try", "after"),
    ("record_handed", "before"), ("record_handed", "after"),
)  # fmt: skip
"""Between the control number, the file, the hand-over, its answer and the end of the night."""


def dead_between_steps(stage: Stage) -> None:
    """A worker dies between the control number, the file, the hand-over and the note of its answer."""
    with sending(stage) as here:
        for name, when in (*POINTS, *POINTS, *POINTS, ("tell_unclear", "before")):
            how = here.worker(prepare=partial(die_around, name, when)).wait(120)
            stage.injected[f"worker killed {when} {name.strip('_')}"] += how == -signal.SIGKILL
        here.through()
        here.close()


def receiver_out_of_order(stage: Stage) -> None:
    """The clearinghouse refuses, is down, is too slow, answers garbage or half; some of it it has."""
    with sending(stage) as here:
        here.limits = TOO_SLOW
        for fault in (
            {"status": 503}, {"garbage": True}, {"delay": 2 * TOO_SLOW}, {"cut_body": 9}, {"status": 422},
            {"status": 429}, {"raw": '{"state": "accepted"}'},
        ):  # fmt: skip
            here.house.script("*", **fault, times=2, calls=["take_file"])
            # Two files meet the fault, one goes well, and the others are left for the next.
            worker = here.worker(prepare=partial(die_around, "_about_to_try", "before", calls=4))
            stage.injected["worker killed"] += worker.wait(60) == -signal.SIGKILL
        stage.count_what(here.house)
        here.house.call("DELETE", "/_script")
        time.sleep(2 * TOO_SLOW)  # what was slow is taken in by now
        here.through()
        here.close()


def answered_before_it_was_noted(stage: Stage) -> None:
    """Acknowledgements are read while nobody has noted the hand-over: the worker that would is dead."""
    with sending(stage) as here:
        for _ in range(5):
            worker = here.worker(prepare=partial(die_around, "record_handed", "before"))
            stage.injected["worker killed before it noted the answer"] += worker.wait(60) == -signal.SIGKILL
            here.read_inbox(once=True)
        here.through()
        left = stage.count(
            "SELECT count(*) FROM deductibles_acknowledgement WHERE company_id = %(company)s"
            " AND standing = 'waits'"
        )
        here.read_inbox(once=True)
        stage.injected["answer that came too early"] += left
        here.close()


def answers_in_disorder(stage: Stage) -> None:
    """What comes back comes in any order, twice, cut, for claims nobody sent and into another company."""
    with sending(stage) as here:
        here.through()
        came = here.house.call("GET", f"/v1/{stage.company.key}/inbox")["files"]
        other = _neighbour(stage)

        def work() -> int:
            for place, file in enumerate(reversed(came)):
                _take_in_badly(stage, other, file["name"], file["text"], place)
            return DONE

        if here.aside(work) == DONE:
            stage.injected["answer cut, twice, strange and misled"] += len(came)
        here.close()
        _expect_all_kept(stage, other)


def _take_in_badly(stage: Stage, other: Any, name: str, text: str, place: int) -> None:
    """One answer as it should be, twice, after everything it should not be."""
    for cut, spoiled in _spoiled(name, text, place):
        _take_in(stage.company, cut, spoiled, stage)
    _take_in(other, name, _refusing(text), stage)
    _take_in(stage.company, f"strange-{name}", _strange(text), stage)
    for again in (name, f"again-{name}"):
        _take_in(stage.company, again, text, stage)


def _spoiled(name: str, text: str, place: int) -> list[tuple[str, str]]:
    """One file cut at some places, its claims refused in it: were it acted on, it would show."""
    text = _refusing(text)
    cuts = [len(text) * share // 7 - place % 5 for share in range(1, 7)]
    return [(f"cut-{cut}-{name}", text[:cut]) for cut in cuts if cut > 0]


def _refusing(text: str) -> str:
    return text.replace("STC*A2:20", "STC*A7:21").replace("IK5*A", "IK5*R").replace("AK9*A", "AK9*R")


def _strange(text: str) -> str:
    """The same about claims and files that nobody here ever sent."""
    text = re.sub(r"TRN\*2\*C-", "TRN*2*X-", _refusing(text))
    return re.sub(r"AK1\*HC\*\d+", "AK1*HC*999999", text)


def _take_in(company: Any, name: str, text: str, stage: Stage) -> None:
    from deductibles.actions import acknowledging

    acknowledging.take_in(company, name, text, source="inbox", by=None, at=stage.now())


def _neighbour(stage: Stage) -> Any:
    """The company that gets what is not its own."""
    from accounts.models import Company

    key = f"{stage.company.key}{controls.NEXT}"
    return Company.objects.create(key=key, name=key)


def _expect_all_kept(stage: Stage, other: Any) -> None:
    from deductibles.models import Acknowledgement

    theirs = Acknowledgement.objects.filter(company=other)
    if theirs.exclude(standing="unknown").exists() or theirs.exclude(claim=None).exists():
        stage.wrong("another company's answers found a claim or a file")
    strange = Acknowledgement.objects.filter(company=stage.company, arrival__name__startswith="strange-")
    if strange.exclude(standing="unknown").filter(kind="277CA").exists():
        stage.wrong("an answer about a claim nobody sent found one")


def restored_copy(stage: Stage) -> None:
    """The database is copied with files written and claims queued, as a backup is; both begin nights."""
    with sending(stage) as here:
        here.worker(prepare=partial(die_around, "_about_to_try", "before", calls=3)).wait(120)
        copy = _copied(stage)
        try:
            there = here.worker(prepare=partial(_work_in, copy))
            stage.injected["night of a copy"] += there.wait(120) is not None
            here.through()
            there = here.worker(TARGET + timedelta(days=1), prepare=partial(_work_in, copy))
            stage.injected["night of a copy"] += there.wait(120) is not None
        finally:
            _dropped(copy)
        here.close()


def _copied(stage: Stage) -> str:
    """A copy of the whole database beside it, as a restored backup is one."""
    from django.db import connection, connections

    source, copy = str(connection.settings_dict["NAME"]), f"copy_{stage.company.pk}"
    connections.close_all()
    _administer(f'CREATE DATABASE "{copy}" TEMPLATE "{source}"')
    return copy


def _dropped(copy: str) -> None:
    _administer(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')


def _administer(statement: str) -> None:
    import psycopg2
    from django.db import connection

    given = connection.get_connection_params()
    wanted = {name: given[name] for name in ("user", "password", "host", "port") if name in given}
    beside = psycopg2.connect(dbname="postgres", **wanted)
    beside.autocommit = True
    with beside.cursor() as cursor:
        cursor.execute(statement)
    beside.close()


def _work_in(copy: str) -> None:
    """Let this process work in the copy."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = copy


# --- how a worker dies --------------------------------------------------------------------------------


def _die_at(number: int) -> None:
    """Die before the statement of this number."""
    from django.db import connection

    left = [number]

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        left[0] -= 1
        if left[0] == -1:
            die()
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(run)
