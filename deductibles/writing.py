"""Where a night writes its answers down: beside the asking, in threads with database sessions of their own.

Two batches are written at a time while the next are weighed, and one more may wait: those that are under way
are asked again when the worker dies, and their locks waited for. Which of the two ends first is open, so what
a batch says must not depend on another; one that does is handed over ``behind`` all that came before. What
goes wrong is raised where the next is handed over, or where all must be there; nothing is begun after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Condition, Thread
from typing import Generic, TypeVar

from django.db import connection, connections

Batch = TypeVar("Batch")
WRITERS = 2
"""Batches that are written at a time, each in its transaction."""
TICK_SECONDS = 30.0
"""How often whoever waits for a batch is let know that it is still being written."""


class AtOnce(Generic[Batch]):
    """Writes in the caller's own session, for whoever is inside a transaction that no other session sees."""

    def __init__(self, write: Callable[[Batch], None]) -> None:
        self._write = write

    def hand_over(self, batch: Batch, *, behind: bool = False) -> None:  # noqa: ARG002  it always is
        """Write it now."""
        self._write(batch)

    def settle(self) -> None:
        """Nothing is ever under way."""


class Beside(Generic[Batch]):
    """Writes in threads of its own; what one raises is raised to whoever hands over or settles."""

    def __init__(self, write: Callable[[Batch], None], while_waiting: Callable[[], None]) -> None:
        self._write, self._while_waiting = write, while_waiting
        self._waiting: list[Batch] = []
        self._busy, self._closing = 0, False
        self._wrong: BaseException | None = None
        self._changed = Condition()
        # With what the log says of each line: the request or task that this night belongs to.
        self._threads = [
            Thread(target=copy_context().run, args=[self._work], name=f"night writer {number}", daemon=True)
            for number in range(WRITERS)
        ]
        for thread in self._threads:
            thread.start()

    def hand_over(self, batch: Batch, *, behind: bool = False) -> None:
        """Have it written soon; wait while another waits. Raises what went wrong.

        ``behind``: only once all that was handed over before is written.
        """
        if behind:
            self.settle()
        self._until(lambda: not self._waiting)
        with self._changed:
            self._waiting.append(batch)
            self._changed.notify_all()

    def settle(self) -> None:
        """Wait until all is written. Raises what went wrong."""
        self._until(lambda: not self._waiting and not self._busy)

    def close(self) -> None:
        """End the threads and their sessions, after what they are writing; what waits is written no more."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _until(self, ready: Callable[[], bool]) -> None:
        while not self._is(ready):
            self._while_waiting()

    def _is(self, ready: Callable[[], bool]) -> bool:
        with self._changed:
            found = self._changed.wait_for(lambda: self._wrong is not None or ready(), TICK_SECONDS)
            if self._wrong is not None:
                raise self._wrong
            return found

    def _work(self) -> None:
        try:
            while some := self._next():
                for batch in some:
                    self._write_one(batch)
        finally:
            connections.close_all()

    def _write_one(self, batch: Batch) -> None:
        wrong: BaseException | None = None
        try:
            self._write(batch)
        except BaseException as error:
            wrong = error
        with self._changed:
            self._busy -= 1
            self._wrong = self._wrong or wrong
            self._changed.notify_all()

    def _next(self) -> list[Batch]:
        """What waits, once something does; nothing at the end, or once something went wrong."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing or self._wrong)
            found, self._waiting = ([], []) if self._closing or self._wrong else (self._waiting, [])
            self._busy += len(found)
            self._changed.notify_all()
            return found


@contextmanager
def beside(
    write: Callable[[Batch], None], while_waiting: Callable[[], None]
) -> Iterator[AtOnce[Batch] | Beside[Batch]]:
    """Who writes while the block runs; at its end all is written, or an error ends the night."""
    if connection.in_atomic_block:
        yield AtOnce(write)
        return
    writer = Beside(write, while_waiting)
    try:
        yield writer
        writer.settle()
    finally:
        writer.close()
