"""A receiver of webhooks on this machine: it keeps every request and answers as it is told.

with receiver() as inbox:
    inbox.answers = [500, 200]      # one after the other; the last one stays
    ...                             # inbox.url, inbox.got: [Got(headers, body)]
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is answered: ``after`` so many seconds, ``size`` bytes of body, or nothing at all (``hangs``)."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"thank you"
    after: float = 0.0
    size: int = 0
    hangs: bool = False


class Receiver:
    """One running receiver."""

    def __init__(self) -> None:
        self.answers: list[Answer | int] = [200]
        self.got: list[Got] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        self.released = threading.Event()
        """Set at the end, so that nobody goes on hanging."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/holdline?key=1"

    def take(self, got: Got) -> Answer:
        """Keep a request; give what it is answered."""
        with self._lock:
            self.got.append(got)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, Answer) else Answer(answer)

    def done(self) -> None:
        """One request is answered."""
        with self._lock:
            self._now -= 1


def _handler(inbox: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = inbox.take(Got(self.path, dict(self.headers.items()), body))
            try:
                self._say(answer)
            except OSError:
                pass  # who asked waits no longer
            finally:
                inbox.done()

        def _say(self, answer: Answer) -> None:
            if answer.hangs:
                inbox.released.wait(20)
                self.close_connection = True
                return
            time.sleep(answer.after)
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(answer.size or len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            for _ in range(answer.size // 65_536):
                self.wfile.write(b"x" * 65_536)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver until the end of the block."""
    inbox = Receiver()
    thread = threading.Thread(target=inbox.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        inbox.released.set()
        inbox.server.shutdown()
        inbox.server.server_close()
        thread.join()
