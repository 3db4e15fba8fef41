"""Queued claims go out while workers die, answers are lost and a receiver misbehaves: each once (I1, I2).

The receiver heeds no idempotency key and keeps everything it is sent, so that a second sending shows.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from itertools import count as counting
from pathlib import Path
from typing import Any

from faults.filling import TARGET, Fate, noon
from faults.handover import enter_provider
from faults.stage import Stage
from faults.workers import DONE, NOT_DONE, Worker

EVERY = 2.0
"""Seconds that a worker lives."""
MANY = 5000
FILE_OF_MANY, FILE_OF_FEW = 25, 10
TAKES = 0.03
"""Seconds that taking a file in takes: what a worker that is killed is most likely in the middle of."""
LIVES_OF_FEW = 5
MOST_LIVES = 400
ROUNDS = 12
"""Looks into the inbox that bring nothing new, after which nothing more is waited for."""
LOST_OF_MANY, LOST_OF_FEW = 0.01, 0.2
"""The share of the receiver's answers that are lost."""
SENT = Fate("sent and answered", "accepted", "Manually Queued")
_SECONDS = counting(1)


class Sending:
    """One stage whose claims are all queued, and a clearinghouse that keeps whatever it is sent."""

    def __init__(self, stage: Stage, house: Any, url: str) -> None:
        self.stage, self.house, self.url = stage, house, url
        self.file_of = FILE_OF_MANY if stage.holds >= MANY else FILE_OF_FEW
        self.nights = 0
        self.limits: Any = None

    # --- doing -------------------------------------------------------------------------------------

    def worker(self, target: date = TARGET, *, prepare: Callable[[], None] | None = None) -> Worker:
        """A worker that runs one submission to its end, or says that it is not at its end."""
        key, url, size, limits = self.stage.company.key, self.url, self.file_of, self.limits
        at = noon(target) + timedelta(minutes=5, seconds=next(_SECONDS))
        self.stage.ended_on = max(self.stage.ended_on, target)

        def work() -> int:
            from django.conf import settings

            from accounts.models import Company
            from deductibles import nightly, submitting

            settings.CLEARINGHOUSE_URL, submitting.FILE_OF = url, size
            if limits:
                _limit(limits)
            if prepare:
                prepare()
            run = nightly.submission_night(Company.objects.get(key=key), target, by=None, at=at)
            return DONE if run.state == "done" else NOT_DONE

        return Worker(work, log=self.stage.log, without=self.stage.without)

    def night(self, target: date = TARGET, *, sweeps: int = 3) -> bool:
        """One submission to its end, in so many sweeps; whether it came to it."""
        for _ in range(sweeps):
            worker = self.worker(target)
            if worker.wait(300) == DONE:
                return True
            worker.kill()
            time.sleep(0.1)
        return False

    def through(self, nights: int = 1) -> None:
        """The submissions of so many nights, each to its end."""
        for _ in range(nights):
            target = TARGET + timedelta(days=self.nights)
            if not self.night(target):
                self.stage.wrong(f"the submission of {target} was not through after three sweeps")
            self.nights += 1

    def killed_until_done(self) -> None:
        """Every two seconds a worker is killed and another follows; of few claims, while a file is taken."""
        for life in range(MOST_LIVES):
            worker = self.worker()
            if self.stage.holds >= MANY:
                how = worker.wait(EVERY)
            else:
                how = self._until_it_sends(worker) if life < LIVES_OF_FEW else worker.wait(120)
            if how == DONE:
                self.nights += 1
                return
            if how is None:
                self.stage.injected["worker killed"] += worker.kill()
            if self.stage.holds < MANY and life < LIVES_OF_FEW:
                self._killed_unheard()
        self.stage.wrong(f"the submission was not through after {MOST_LIVES} workers")

    def _killed_unheard(self) -> None:
        """One more dies when the file is taken and nobody has noted so; a folder is emptied meanwhile."""
        worker = self.worker(prepare=partial(die_around, "record_handed", "before"))
        self.stage.injected["worker killed"] += worker.wait(60) == -signal.SIGKILL
        time.sleep(0.5 if self.url.startswith("file:") else 0)

    def _until_it_sends(self, worker: Worker) -> int | None:
        before, ends = self.tried(), time.monotonic() + 30
        while worker.wait(0.002) is None and time.monotonic() < ends:
            if self.tried() > before:
                break
        return worker.how

    def tried(self) -> int:
        """How many files may have left."""
        return self.stage.count(
            "SELECT count(*) FROM deductibles_submission WHERE company_id = %(company)s"
            " AND tried_at IS NOT NULL"
        )

    def read_inbox(self, *, once: bool = False) -> None:
        """Take in what came back, until every claim that the receiver has is answered."""
        key, url, at = self.stage.company.key, self.url, self.stage.now()

        def work() -> int:
            from django.conf import settings

            from accounts.models import Company
            from deductibles import arrivals

            settings.CLEARINGHOUSE_URL = url
            arrivals.read(Company.objects.get(key=key), at)
            return DONE

        left, patience = self.unanswered(), ROUNDS
        while self.aside(work) == DONE and not once and left and patience:
            time.sleep(0.2)
            before, left = left, self.unanswered()
            patience = ROUNDS if left < before else patience - 1

    def aside(self, work: Callable[[], int]) -> int | None:
        """Do this in a process of its own, as a worker does it; how it ended."""
        return Worker(work, log=self.stage.log, without=self.stage.without).wait(300)

    def unanswered(self) -> int:
        """How many claims the receiver has and we know no answer about."""
        there = {name.split("/", 1)[1] for name in self.house.call("GET", "/_accepted")["claims"]}
        rows = self.stage.rows(
            "SELECT number FROM deductibles_claim WHERE company_id = %(company)s"
            " AND status IN ('queued', 'submitted', 'ambiguous')"
        )
        return sum(number in there for (number,) in rows)

    # --- looking -----------------------------------------------------------------------------------

    def close(self) -> None:
        """What came back settles what is unclear; of the rest, a person hears that it never arrived."""
        self.read_inbox()
        self._expect_told()
        for row in self._unclear():
            self._ask_the_clearinghouse(row)
        self.through()
        self.read_inbox()
        self._expect_each_once()

    def _unclear(self) -> list[Any]:
        from deductibles.models import Submission

        return list(Submission.objects.filter(company=self.stage.company, state="ambiguous"))

    def _ask_the_clearinghouse(self, row: Any) -> None:
        from deductibles.actions import unclear

        if f"{self.stage.company.key}/{row.filename}" in self.house.call("GET", "/_accepted")["files"]:
            self.stage.wrong(f"{row.filename} arrived, was answered, and is still unclear")
            return
        biller = self.stage.person("biller")
        unclear.send_again(row, by=biller, at=self.stage.now())
        self.stage.injected["file that never arrived"] += 1

    def _expect_told(self) -> None:
        """Every file that was ever unclear stands in the report of the night that lost sight of it."""
        untold = self.stage.rows(
            "SELECT DISTINCT e.filename FROM deductibles_submissionevent e"
            " WHERE e.company_id = %(company)s AND e.state = 'ambiguous' AND NOT EXISTS ("
            "  SELECT FROM work_run r, jsonb_array_elements(r.failures) f"
            "  WHERE r.company_id = e.company_id AND r.kind = 'submission' AND f ->> 'claim' = e.filename)"
        )
        if untold:
            self.stage.wrong(f"{len(untold)} unclear files are told nowhere, first {untold[0][0]}")

    def _expect_each_once(self) -> None:
        stage, taken = self.stage, self.house.call("GET", "/_accepted")
        if taken["duplicates"]:
            stage.wrong(f"{len(taken['duplicates'])} claims reached the clearinghouse twice")
        if again := [name for name in taken["files"] if "#" in name]:
            stage.wrong(f"{len(again)} files reached the clearinghouse twice")
        if len(taken["claims"]) != stage.holds:
            stage.wrong(f"the clearinghouse has {len(taken['claims'])} claims of {stage.holds}")
        given, highest = stage.rows(
            "SELECT count(*), max(control_number) FROM deductibles_submission WHERE company_id = %(company)s"
        )[0]
        if given != highest:
            stage.wrong(f"{given} files, and the highest control number is {highest}")
        self._expect_sums()
        stage.expect(dict.fromkeys(range(1, stage.holds + 1), SENT))

    def _expect_sums(self) -> None:
        from deductibles.submissions_screen import reconciled

        stage = self.stage
        line = reconciled(stage.person("biller"), stage.now() + timedelta(days=1))
        parts = (line.accepted, line.rejected, line.waiting, line.overdue)
        if line.sent != sum(parts) or line.accepted != stage.holds:
            stage.wrong(f"sent {line.sent} is not accepted + rejected + waiting + overdue {parts}")


def die() -> None:
    """End as in a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_around(name: str, when: str, *, calls: int = 1) -> None:
    """Let this process die before or after this function of the submission, once it is called so often."""
    from deductibles import submitting

    before: Callable[..., Any] = getattr(submitting, name)
    left = [calls]

    def instead(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0]:
            return before(*given, **named)
        if when == "before":
            die()
        found = before(*given, **named)
        die()
        return found

    setattr(submitting, name, instead)


def _limit(seconds: float) -> None:
    """Have the clearinghouse waited for so long and no longer."""
    from dataclasses import replace

    from deductibles.connections import rows
    from deductibles.gateways.wire import Limits

    before = rows.clearinghouse_at

    def limited(*given: Any) -> Any:
        return replace(before(*given), limits=Limits(total=seconds))

    vars(rows)["clearinghouse_at"] = limited


@contextmanager
def sending(stage: Stage, *, folder: bool = False, takes: float = TAKES) -> Iterator[Sending]:
    """A clearinghouse of this stage's own, and all its claims queued by the biller."""
    from tests.sandboxes import clearinghouse

    place = Path(tempfile.mkdtemp(prefix="holdline-faults-outbox-"))
    try:
        with clearinghouse(folder=place if folder else None, keyless=True, takes=takes) as house:
            enter_provider(stage)
            _queue_all(stage)
            _load_the_guide()
            yield Sending(stage, house, f"file://{place}" if folder else house.url)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _queue_all(stage: Stage) -> None:
    from deductibles.actions import holds
    from deductibles.models import Hold

    keys = list(Hold.objects.filter(company=stage.company).order_by("pk").values_list("pk", flat=True))
    done = 0
    for first in range(0, len(keys), holds.AT_MOST):
        chosen = keys[first : first + holds.AT_MOST]
        done += holds.queue_holds(stage.company, chosen, by=stage.person("biller"), at=stage.now()).done
    if done != stage.holds:
        stage.wrong(f"{done} of {stage.holds} claims were queued")


def _load_the_guide() -> None:
    """Workers are forked with everything loaded, as Celery's are."""
    from deductibles.x12 import checked

    cast: Any = import_module("tests.x12_claims")
    if said := checked.complaints(cast.file_of(cast.ROSAS_CLAIM)):
        raise RuntimeError(f"the check refuses a whole file: {said}")
