"""The stage of one scenario: a company with known fates, its workers, what was injected, what is wrong.

Whatever a scenario looks for it looks for in all of them: what became of every claim, whether any was asked
twice for a date that was answered, whether the audit is whole, and every invariant.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import count as counting
from pathlib import Path
from typing import Any

from faults import controls, filling
from faults.filling import TARGET, Fate, fate, member_id, noon
from faults.workers import DONE, NOT_DONE, Worker

_LIVES = counting(1)
SHOWN = 5
UNDER_WAY = 4
"""Batches that a worker has under way at one time."""
ELAPSED = "Too Much Time Elapsed"
NO_LIMIT = "nobody waits for ever"


class Stage:
    """One company on which one scenario is played, with some protections taken away or none."""

    def __init__(self, name: str, vendor: Any, holds: int, *, without: Iterable[str] = (), spread: int = 0):
        self.vendor, self.holds, self.spread, self.without = vendor, holds, spread, tuple(without)
        self.injected: Counter[str] = Counter()
        self.problems: list[str] = []
        self.log = Path(tempfile.mkstemp(prefix="holdline-faults-", suffix=".log")[1])
        self.batch = 500 if holds >= 5000 else max(10, holds // 15)
        self.seconds = 0.0
        self.time_limit: float | None = None
        self.faulty = False
        self.max_days = filling.MAX_DAYS
        self.woke_at = float("inf")
        self.undisturbed = 0.0
        self.fates: dict[int, Fate] = {}
        self.ended_on = TARGET
        self.began = noon(TARGET)
        vendor.reset()
        self.company = filling.fill(f"{name}-{next(_LIVES)}", holds, spread=spread)

    # --- doing -------------------------------------------------------------------------------------

    def worker(self, target: date = TARGET, *, prepare: Callable[[], None] | None = None) -> Worker:
        """A worker that runs one night to its end, or says that it is not at its end."""
        at = self.began = noon(target) + timedelta(seconds=next(_LIVES))
        key, batch, limit = self.company.key, self.batch, self.time_limit
        if NO_LIMIT in self.without:
            limit = None
        self.ended_on = max(self.ended_on, target)

        def work() -> int:
            from accounts.models import Company
            from deductibles import asking, nightly

            asking.BATCH = batch
            if limit:
                controls.limit_time(limit)
            if prepare:
                prepare()
            run = nightly.check_night(Company.objects.get(key=key), target, by=None, at=at)
            return DONE if run.state == "done" else NOT_DONE

        return Worker(work, log=self.log, without=self.without)

    def night(self, target: date = TARGET, *, seconds: float = 300) -> bool:
        """Run one night, with a second and a third sweep where the first did not end it; whether it ended."""
        for _ in range(3):
            worker = self.worker(target)
            how = worker.wait(seconds)
            if how == DONE:
                return True
            if how is None:
                worker.kill()
                break
            time.sleep(0.1)
        self.wrong(f"the night of {target} was not through after three sweeps of at most {seconds:.0f} s")
        return False

    def nights(self, most: int, *, seconds: float = 300, since: int = 0) -> None:
        """Night after night, until no question is open."""
        for day in range(since, since + most):
            if not self.night(TARGET + timedelta(days=day), seconds=seconds) or not self.open_questions():
                return

    def timed(self, play: Callable[[], object]) -> None:
        """Play, and remember how long that took."""
        began = time.monotonic()
        play()
        self.seconds = time.monotonic() - began

    def script(self, numbers: Iterable[int], **fields: Any) -> None:
        """What AR Boost says of the claims with these numbers, beside the amounts of their fate."""
        for number in numbers:
            remaining = f"{fate(number).remaining / 100:.2f}"
            amounts = [{"from": "2000-01-01", "annual": "1500.00", "remaining": remaining}]
            self.vendor.script(member_id(number), **{"amounts": amounts, **fields})

    # --- looking -----------------------------------------------------------------------------------

    def wrong(self, said: str) -> None:
        """Note something that must not be."""
        self.problems.append(said)

    def expect(self, fates: dict[int, Fate]) -> None:
        """These claims have another fate than their numbers say."""
        self.fates.update(fates)

    def expect_by_hand(self, done: int) -> None:
        """What a person queued stays hers: so many, and whatever else their fate was."""
        rows = self.rows(
            "SELECT substr(c.number, 3)::int FROM deductibles_claim c"
            " JOIN deductibles_hold h ON h.claim_id = c.id"
            " WHERE c.company_id = %(company)s AND h.reason_code = 'Manually Queued'"
        )
        if len(rows) != done:
            self.wrong(f"{len(rows)} claims are queued by hand, and a person queued {done}")
        self.expect({number: Fate("queued by a person", "queued", "Manually Queued") for (number,) in rows})

    def expect_days(self, days: int) -> None:
        """From now on nothing is held longer than so many days."""
        self.max_days = days

    def person(self, role: str) -> Any:
        """The biller or the admin of this company."""
        from accounts.models import User

        return User.objects.get(company=self.company, role=role)

    def now(self) -> Any:
        """A moment within the night that is played, after its last worker began."""
        return max(noon(self.ended_on), self.began) + timedelta(minutes=1)

    def woken(self) -> None:
        """A worker that slept wakes now: what it was sending then arrives late, and is no new question."""
        self.woke_at = time.time()

    def open_questions(self) -> int:
        """How many questions wait for an answer."""
        return self.count("SELECT count(*) FROM deductibles_question WHERE company_id = %(company)s AND open")

    def count(self, sql: str, **values: Any) -> int:
        """The one number that a statement gives."""
        return int(self.rows(sql, **values)[0][0])

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(sql, {"company": self.company.pk, **values})
            return cursor.fetchall()

    def count_what_the_vendor_did(self) -> None:
        """Add the faults that the stand-in counted."""
        self.count_what(self.vendor)

    def count_what(self, house: Any) -> None:
        """Add the faults that a stand-in counted, since its scripts were last forgotten."""
        self.injected.update(house.call("GET", "/_injected")["injected"])

    def look(self) -> None:
        """Look at everything; each thing that is wrong is noted."""
        self._look_at_fates()
        self._look_for_second_questions()
        self._look_at_audit()
        self._look_at_invariants()
        self._look_for_patients()

    def _look_at_fates(self) -> None:
        rows = self.rows(
            "SELECT substr(c.number, 3)::int, c.status, h.reason_code FROM deductibles_claim c"
            " JOIN deductibles_hold h ON h.claim_id = c.id WHERE c.company_id = %(company)s ORDER BY c.id"
        )
        if len(rows) != self.holds:
            self.wrong(f"{len(rows)} claims with an entry, of {self.holds}")
        wrong: Counter[str] = Counter()
        for number, status, reason in rows:
            due = self._fate(number)
            late = self.faulty and due.reason and reason == ELAPSED and self._age(number) >= self.max_days
            if (status, reason) != (due.status, due.reason) and not late:
                what = f"{status} {reason}".strip()
                wrong[f"{due.said}: {what} instead of {f'{due.status} {due.reason}'.strip()}"] += 1
        for said, times in wrong.most_common(SHOWN):
            self.wrong(f"{times} × {said}")

    def _fate(self, number: int) -> Fate:
        """What becomes of a claim by the last night that was played."""
        due = self.fates.get(number) or (filling.STAYS if self.spread else fate(number))
        if due.status == "hold" and self._age(number) >= self.max_days:
            return Fate(due.said, "queued", ELAPSED)
        return due

    def _age(self, number: int) -> int:
        """How many days a claim had been held in the last night that was played."""
        return (self.ended_on - filling.since(number, self.spread)).days

    def _look_for_second_questions(self) -> None:
        """AR Boost's own log against the moment that the database had the answer."""
        settled = dict(
            self.rows(
                "SELECT s.trace, extract(epoch FROM min(e.pgh_created_at))::float8"
                " FROM deductibles_holdevent e JOIN deductibles_snapshot s ON s.id = e.snapshot_id"
                " WHERE e.company_id = %(company)s AND s.source = 'nightly' GROUP BY s.trace"
            )
        )
        late = [(trace, at) for trace, at in self.asked() if at > settled.get(trace, at)]
        again = [trace for trace, at in late if at < self.woke_at]
        if len(late) - len(again) > UNDER_WAY * self.batch:
            self.wrong(f"a worker that woke asked {len(late) - len(again)} questions more")
        if again:
            self.wrong(f"{len(again)} × asked again for a date that was answered, first {again[0]}")

    def asked(self) -> list[tuple[str, float]]:
        """Every question that AR Boost was asked at night, with the second it came in."""
        return [
            (claim["trace"], request["at"])
            for request in self.vendor.requests()
            if request["path"].endswith("/checks")
            for claim in request["body"]["claims"]
        ]

    def _look_at_audit(self) -> None:
        nameless = self.count(
            "SELECT count(*) FROM deductibles_claimevent e"
            " LEFT JOIN pghistory_context m ON m.id = e.pgh_context_id"
            " WHERE e.company_id = %(company)s AND e.status = 'queued'"
            " AND COALESCE(m.metadata ->> 'run', m.metadata ->> 'user') IS NULL"
        )
        if nameless:
            self.wrong(f"{nameless} releases of which the audit does not say who")
        ended = self.count(
            "SELECT count(*) FROM deductibles_hold h WHERE h.company_id = %(company)s AND NOT h.active AND ("
            " SELECT count(*) FROM work_outboxmessage o WHERE o.company_id = h.company_id"
            " AND o.kind = 'deductibles.unmonitor' AND (o.payload ->> 'hold')::bigint = h.id) <> 1"
        )
        if ended:
            self.wrong(f"{ended} ended holds whose end AR Boost is not told of, or twice")
        for target, answered, released in self.rows(_UNTRUE):
            self.wrong(f"the run of {target} tells {answered} answered and {released} left, which is not so")

    def _look_at_invariants(self) -> None:
        from deductibles.invariants import violations
        from deductibles.invariants_sql import UNTOLD

        at = noon(self.ended_on) + timedelta(minutes=30)
        words = [filling.CANARY, *(member_id(number) for number in range(1, min(self.holds, 40) + 1))]
        found = violations(at=at, words=words, one_transaction=True)
        # Nobody delivers messages on this stage: that each is there once is looked at beside the audit.
        mine = [each for each in found if each.company in (self.company.key, "?") and each.said != UNTOLD]
        said = Counter(f"{each.invariant} {each.said}" for each in mine)
        for sentence, times in said.most_common(SHOWN):
            self.wrong(f"{times} × {sentence}")

    def _look_for_patients(self) -> None:
        if self.log.exists() and filling.CANARY.lower() in self.log.read_text("utf-8", "replace").lower():
            self.wrong("I8 a worker's log names a patient")
        if self.without or not self.problems:
            self.log.unlink(missing_ok=True)


_UNTRUE = """
    SELECT r.target_date, r.answered, r.released + r.timed_out FROM work_run r
    WHERE r.company_id = %(company)s AND r.kind = 'check' AND r.state = 'done' AND r.due > 0 AND (
        r.answered <> (SELECT count(*) FROM deductibles_question q
                       WHERE q.run_id = r.id AND q.answered_at IS NOT NULL)
        OR r.released + r.timed_out <> (
            SELECT count(*) FROM deductibles_claimevent e
            JOIN pghistory_context m ON m.id = e.pgh_context_id
            WHERE e.company_id = r.company_id AND e.status = 'queued'
            AND (m.metadata ->> 'run')::bigint = r.id))"""
