"""Where a night writes its answers down: beside the asking, in a thread with a database session of its own.

One batch is written while the next is weighed, and none waits: who hands one over waits for the one before.
So batches are written in the order in which they came, two are in memory at most, and what a batch raised is
raised where the next is handed over, or where all must be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context

from django.db import connection, connections

Work = Callable[[], None]
TICK_SECONDS = 30.0
"""How often whoever waits for a batch is let know that it is still being written."""


class AtOnce:
    """Writes in the caller's own session, for whoever is inside a transaction that no other session sees."""

    def hand_over(self, work: Work) -> None:
        """Do it now."""
        work()

    def settle(self) -> None:
        """Nothing is ever under way."""


class Beside:
    """Writes in a thread of its own."""

    def __init__(self, while_waiting: Callable[[], None]) -> None:
        self._while_waiting = while_waiting
        self._thread = ThreadPoolExecutor(1, "night writer")
        self._under_way: Future[None] | None = None

    def hand_over(self, work: Work) -> None:
        """Begin this once what was handed over before is done; raise what that raised."""
        self.settle()
        # With what the log says of each line: the request or task that this night belongs to.
        self._under_way = self._thread.submit(copy_context().run, work)

    def settle(self) -> None:
        """Wait until all is written; raise what it raised."""
        last, self._under_way = self._under_way, None
        if last is not None:
            while not wait([last], TICK_SECONDS).done:
                self._while_waiting()
            last.result()

    def close(self) -> None:
        """End the thread and its session, after the batch that is under way."""
        self._thread.submit(connections.close_all)
        self._thread.shutdown()


@contextmanager
def beside(while_waiting: Callable[[], None]) -> Iterator[AtOnce | Beside]:
    """Who writes while the block runs; at its end all is written, or an error ends the night."""
    if connection.in_atomic_block:
        yield AtOnce()
        return
    writer = Beside(while_waiting)
    try:
        yield writer
        writer.settle()
    finally:
        writer.close()
