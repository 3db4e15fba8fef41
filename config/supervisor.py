"""Keep a handful of processes running, show their words under their names, and leave none behind.

Written by hand rather than with honcho, whose processes run below a shell and an unkillable wrapper each,
outlive a killed parent and are never started again.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

STOP_SECONDS = 12.0
QUICK_DEATH_SECONDS = 10.0
QUICK_DEATHS_ALLOWED = 3
PR_SET_PDEATHSIG = 1
LARGEST_LOG = 10_000_000

Say = Callable[[str], None]


@dataclass
class Child:
    """One process to keep running; ``log`` gets what it says as well as the terminal, or instead of it."""

    name: str
    argv: list[str]
    env: dict[str, str]
    log: Path
    quiet: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_again: float = 0.0
    quick_deaths: int = 0
    rest: bytes = b""
    last_words: list[str] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class GivenUp(Exception):
    """A process ended again and again; the text says which and its last words."""


class Supervisor:
    """The processes of one ``make run``. Single-threaded: call ``tend`` often."""

    def __init__(self, say: Say, root: Path) -> None:
        self.say = say
        self.root = root
        self.children: list[Child] = []
        self.selector = selectors.DefaultSelector()

    def add(self, child: Child) -> None:
        """Start ``child`` and keep it running from now on."""
        self.children.append(child)
        self._start(child)

    def tend(self, seconds: float) -> None:
        """Pass on what was said within ``seconds`` and start again what ended. Raises GivenUp."""
        for key, _ in self.selector.select(seconds):
            self._listen(key.data, key.fileobj)
        for child in self.children:
            if child.process is not None and not child.alive:
                self._died(child)
            elif child.process is None and time.monotonic() >= child.start_again:
                self.say(f"starting {child.name} again")
                self._start(child)

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """End every process and what those started: politely, then by force when ``hurry`` or too slow."""
        self._signal_all(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while any(child.alive for child in self.children) and time.monotonic() < deadline and not hurry():
            for key, _ in self.selector.select(0.05):
                self._listen(key.data, key.fileobj)
        self._signal_all(signal.SIGKILL)  # also what a process left behind in its group
        for child in self.children:
            if child.process:
                child.process.wait()
                self._drain(child)

    def _start(self, child: Child) -> None:
        keep_small(child.log)
        child.process = subprocess.Popen(  # noqa: S603  argv is ours, no shell
            child.argv,
            cwd=self.root,
            env=child.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; we end the others in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509  single-threaded
        )
        child.started = time.monotonic()
        pipe = child.process.stdout
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
        self.selector.register(pipe, selectors.EVENT_READ, child)

    def _listen(self, child: Child, pipe: object) -> None:
        said = _read(pipe)
        if said is None:
            return
        if not said:
            self.selector.unregister(pipe)  # type: ignore[arg-type]
            pipe.close()  # type: ignore[attr-defined]
        *lines, child.rest = (child.rest + said).split(b"\n")
        if lines:
            self._pass_on(child, [line.decode(errors="replace") for line in lines])

    def _pass_on(self, child: Child, lines: list[str]) -> None:
        child.last_words = (child.last_words + [line for line in lines if line.strip()])[-5:]
        with contextlib.suppress(OSError), child.log.open("a") as log:  # a full disk must not stop the site
            log.writelines(f"{line}\n" for line in lines)
        if not child.quiet:
            for line in lines:
                self.say(f"{child.name:<13}| {line}")

    def _drain(self, child: Child) -> None:
        pipe = child.process.stdout if child.process else None
        if pipe and not pipe.closed:
            self._listen(child, pipe)

    def _died(self, child: Child) -> None:
        assert child.process is not None
        self._drain(child)
        _signal_group(child.process, signal.SIGKILL)
        lived = time.monotonic() - child.started
        child.quick_deaths = child.quick_deaths + 1 if lived < QUICK_DEATH_SECONDS else 0
        how = _how_it_ended(child.process.returncode)
        if child.quick_deaths >= QUICK_DEATHS_ALLOWED:
            words = "\n".join(f"    {line}" for line in child.last_words)
            raise GivenUp(f"{child.name} {how} again and again, so everything is stopped. It said:\n{words}")
        self.say(f"{child.name} {how}; it will be started again")
        child.process = None
        child.start_again = time.monotonic() + 2.0**child.quick_deaths - 1

    def _signal_all(self, number: signal.Signals) -> None:
        for child in self.children:
            if child.process:
                _signal_group(child.process, number)


def keep_small(log: Path) -> None:
    """Put a log that grew large aside, keeping one."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent is gone, however that was ended."""
    _die_with_parent()


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _read(pipe: object) -> bytes | None:
    """What is there to read, b"" at the end, None when there is nothing yet."""
    stream: IO[bytes] = pipe  # type: ignore[assignment]
    try:
        return os.read(stream.fileno(), 65536)
    except BlockingIOError:
        return None


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by signal {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


@contextlib.contextmanager
def signals_as(handler: Callable[[int], None]) -> Iterator[None]:
    """Call ``handler`` for Ctrl-C, a polite end and a closed terminal, as long as the block lasts."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda got, _: handler(got)) for number in numbers}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)  # bootstrap kept those that came too early
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
