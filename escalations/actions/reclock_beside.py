"""Half of a large change written by a second connection, which commits right after the first or not at all.

PostgreSQL writes the rows of one transaction on one core. Of a change that moves tens of thousands of clocks
a second connection takes half and keeps it uncommitted until the first is. What it cannot do, the first does.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event, Thread
from types import TracebackType
from typing import Generic, TypeVar

import structlog
from django.db import connection, transaction

from accounts.audit import acting
from accounts.models import User

log = structlog.get_logger(__name__)

FROM = 5_000
"""From how many tickets on a second connection is worth it; a smaller change is one transaction."""
WAITS = "3s"
"""How long either connection waits for a row. Somebody may hold a row of the one and wait for one of the
other, which the database cannot see, for the two wait for each other outside of it."""
SLEEPS = "60s"
"""How long the second may keep its rows while nothing is heard of it: a stopped process blocks nobody."""
EVERY_REFERENCE = "ALL"
BUT_THE_CALENDAR = "escalations_ticketevent_ticket_id_company, escalations_ticketevent_by_id_company"
"""References that are looked up while rows are written, so that little is left to do at the two commits. The
calendar of the first connection is there for the second only once that has committed."""

T = TypeVar("T")


class Beside(Generic[T]):
    """A second connection for the work of one change. Enter it outside of the change's transaction: leaving
    it commits what was written there, or with an exception takes it back.

    ``committed`` says afterwards whether that half is in the database, or none was given away.
    """

    def __init__(self, by: User | None) -> None:
        self.by = by
        self.committed = True
        self._free = False
        self._keep = False
        self._decided = Event()
        self._found: Future[T] = Future()
        self._thread: Thread | None = None

    def __enter__(self) -> Beside[T]:
        # Inside somebody else's transaction nobody knows here when, or whether, it commits.
        self._free = not connection.in_atomic_block
        return self

    def helps(self, tickets: int) -> bool:
        """Whether so many tickets are to be written by two."""
        return self._free and self._thread is None and tickets >= FROM

    @property
    def has_part(self) -> bool:
        """Whether the second connection has written a part that waits for the first one's commit."""
        return self._thread is not None and self._found.done() and self._found.exception() is None

    def begin(self, work: Callable[[], T]) -> None:
        """Begin with ``work`` on the second connection; the first one's transaction gets on as well."""
        _get_on(EVERY_REFERENCE)
        thread = Thread(target=self._run, args=(work,), name="reclock beside", daemon=True)
        thread.start()
        self._thread = thread

    def result(self) -> T | None:
        """What the work came to; ``None`` when it did not come to an end and all of it was taken back."""
        assert self._thread is not None
        error = self._found.exception()
        if error is None:
            return self._found.result()
        self._thread.join()  # its rows are free again only then
        log.warning("reclock_by_one", error=type(error).__name__)
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is None:
            return
        self.committed = not self.has_part
        self._keep = kind is None
        self._decided.set()
        self._thread.join()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            with transaction.atomic(), acting(self.by, "reclock"):
                _get_on(BUT_THE_CALENDAR)
                _set("idle_in_transaction_session_timeout", SLEEPS)
                self._found.set_result(work())
                self._decided.wait()
                if not self._keep:
                    transaction.set_rollback(True)
            self.committed = self._keep
        except Exception as error:
            # Whoever waits for the work does it alone; what was lost at the commit, the next sweep makes up.
            if self._found.done():
                log.error("reclock_half_missing", error=type(error).__name__)
            else:
                self._found.set_exception(error)
        finally:
            connection.close()


def _get_on(references: str) -> None:
    """Until this connection's transaction ends: wait for no row longer than a moment, and look up references
    as rows are written."""
    _set("lock_timeout", WAITS)
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {references} IMMEDIATE")


def _set(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
