"""Workers one may kill: each a process of its own, forked from this one with everything loaded.

As Celery's are: the parent holds no connection while it forks, the child opens its own. What it says goes
to a file, which is searched for patients afterwards (I8).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

DONE, NOT_DONE, FAILED = 0, 3, 4
_POLITE = (signal.SIGTERM, signal.SIGINT)


class Worker:
    """One forked process; ``how`` is its exit code once it ended, negative for the signal that ended it."""

    def __init__(self, work: Callable[[], int], *, log: Path, without: Iterable[str] = ()) -> None:
        from django.db import connections

        connections.close_all()
        sys.stdout.flush()
        sys.stderr.flush()
        self.how: int | None = None
        # What Python does at a fork swallows the exception by which a signal would end us.
        signal.pthread_sigmask(signal.SIG_BLOCK, _POLITE)
        self.pid = os.fork()
        if not self.pid:
            _live(work, log, without)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _POLITE)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end so long at most; its exit code, None while it lives."""
        ends = time.monotonic() + seconds
        while self.how is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.how = os.waitstatus_to_exitcode(status)
            elif time.monotonic() >= ends:
                break
            else:
                time.sleep(0.005)
        return self.how

    def signal(self, number: int) -> bool:
        """Send it a signal; say whether it lived to get it."""
        if self.wait(0) is not None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
        return True

    def kill(self) -> bool:
        """End it as a power cut does; say whether it lived until then."""
        lived = self.signal(signal.SIGKILL)
        self.wait(10)
        return lived and self.how == -signal.SIGKILL


def _live(work: Callable[[], int], log: Path, without: Iterable[str]) -> None:
    """What the child does; it never returns."""
    how = FAILED
    try:
        os.setsid()
        for number in _POLITE:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _POLITE)
        with log.open("ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        from faults import controls

        for name in without:
            controls.take_away(name)
        how = work()
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(how)
