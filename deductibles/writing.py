"""Where a night writes its answers down: beside the asking, in a thread with a database session of its own.

A batch is written while the next are weighed. Those that come meanwhile wait, two at most, and are written
together: many statements cost hardly more for a thousand than for five hundred. More would be asked again
when the worker dies, and its locks waited for longer. They are written in the order in which they came. What
goes wrong is raised where the next is handed over, or where all must be there; nothing that came behind it
is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from threading import Condition, Thread
from typing import Generic, TypeVar

from django.db import connection, connections

Batch = TypeVar("Batch")
TOGETHER = 2
"""Batches that are written in one transaction at most, and that may wait for it."""
TICK_SECONDS = 30.0
"""How often whoever waits for a batch is let know that it is still being written."""


class AtOnce(Generic[Batch]):
    """Writes in the caller's own session, for whoever is inside a transaction that no other session sees."""

    def __init__(self, write: Callable[[Sequence[Batch]], None]) -> None:
        self._write = write

    def hand_over(self, batch: Batch) -> None:
        """Write it now."""
        self._write([batch])

    def settle(self) -> None:
        """Nothing is ever under way."""


class Beside(Generic[Batch]):
    """Writes in a thread of its own; what it raises is raised to whoever hands over or settles."""

    def __init__(self, write: Callable[[Sequence[Batch]], None], while_waiting: Callable[[], None]) -> None:
        self._write, self._while_waiting = write, while_waiting
        self._waiting: list[Batch] = []
        self._busy = self._closing = False
        self._wrong: BaseException | None = None
        self._changed = Condition()
        # With what the log says of each line: the request or task that this night belongs to.
        self._thread = Thread(target=copy_context().run, args=[self._work], name="night writer", daemon=True)
        self._thread.start()

    def hand_over(self, batch: Batch) -> None:
        """Have it written soon; wait while as many wait as are written together. Raises what went wrong."""
        self._until(lambda: len(self._waiting) < TOGETHER)
        with self._changed:
            self._waiting.append(batch)
            self._changed.notify_all()

    def settle(self) -> None:
        """Wait until all is written. Raises what went wrong."""
        self._until(lambda: not self._waiting and not self._busy)

    def close(self) -> None:
        """End the thread and its session, after what it is writing; what waits is not written any more."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

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
            while batches := self._next():
                self._write(batches)
        except BaseException as error:
            with self._changed:
                self._wrong = error
        finally:
            connections.close_all()
            with self._changed:
                self._changed.notify_all()

    def _next(self) -> list[Batch]:
        """What waits, once something does; nothing at the end."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._closing)
            found, self._waiting = ([], []) if self._closing else (self._waiting, [])
            self._busy = bool(found)
            self._changed.notify_all()
            return found


@contextmanager
def beside(
    write: Callable[[Sequence[Batch]], None], while_waiting: Callable[[], None]
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
