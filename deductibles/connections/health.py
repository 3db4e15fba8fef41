"""How a connection does, noted from the calls that are made anyway."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from deductibles.gateways.clearinghouse import Handed
from deductibles.gateways.wire import Unavailable

log = structlog.get_logger(__name__)
NOTED_EVERY_SECONDS = 60.0
NO_FAULT = ("wait", "question")
"""The vendor answered; it wants us to come back later, or did not understand this one question."""


class Listener:
    """Hears how each call of one connection went; writes what changed, and the rest once a minute at most.

    One that hears many calls, as a night's does, asks the database no oftener either.
    """

    def __init__(self, company_id: int, kind: str) -> None:
        self.company_id = company_id
        self.kind = kind
        self._last = ""
        self._noted = float("-inf")

    def __call__(self, problem: Unavailable | None) -> None:
        if problem is not None and problem.step in NO_FAULT:
            return
        word = "works" if problem is None else str(problem)
        if word == self._last and time.monotonic() - self._noted < NOTED_EVERY_SECONDS:
            return
        self._last, self._noted = word, time.monotonic()
        note(self.company_id, self.kind, problem, at=timezone.now())


def note_handed(company_id: int, kind: str, handed: Handed, *, at: datetime) -> None:
    """Note how the hand-over of a file went."""
    problem = None if handed.state == "accepted" else Unavailable(handed.detail, step=handed.step)
    note(company_id, kind, problem, at=at)


def note(company_id: int, kind: str, problem: Unavailable | None, *, at: datetime) -> None:
    """Write down that the connection answered, or why it did not, by one statement.

    What stands there already, noted by whomever less than a minute ago, is left as it is.
    What is noted here is shown and decides nothing, so a database that refuses it stops nobody.
    """
    lately = at - timedelta(seconds=NOTED_EVERY_SECONDS)
    values: dict[str, Any] = {"company": company_id, "kind": kind, "at": at, "lately": lately}
    if problem is not None:
        values |= {"failure": str(problem)[:300], "step": problem.step}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ANSWERED if problem is None else _FAILED, values)
    except DatabaseError as error:
        log.warning("connection_not_noted", kind=kind, error=type(error).__name__)


_ANSWERED = """
    INSERT INTO work_connectionhealth AS old
        (company_id, kind, works_since, answered_at, failure, step, test)
    VALUES (%(company)s, %(kind)s, %(at)s, %(at)s, '', '', '[]')
    ON CONFLICT (company_id, kind) DO UPDATE SET
        works_since = coalesce(old.works_since, excluded.works_since),
        answered_at = excluded.answered_at, failing_since = NULL
    WHERE old.works_since IS NULL OR old.failing_since IS NOT NULL OR old.answered_at <= %(lately)s
"""
_FAILED = """
    INSERT INTO work_connectionhealth AS old
        (company_id, kind, failing_since, failed_at, failure, step, test)
    VALUES (%(company)s, %(kind)s, %(at)s, %(at)s, %(failure)s, %(step)s, '[]')
    ON CONFLICT (company_id, kind) DO UPDATE SET
        works_since = NULL, failing_since = coalesce(old.failing_since, excluded.failing_since),
        failed_at = excluded.failed_at, failure = excluded.failure, step = excluded.step
    WHERE old.failing_since IS NULL OR old.works_since IS NOT NULL OR old.failed_at <= %(lately)s
       OR (old.failure, old.step) IS DISTINCT FROM (excluded.failure, excluded.step)
"""
