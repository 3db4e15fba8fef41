"""A mail server of a few lines that answers as a test wants: takes all, refuses recipients, or hangs."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class MailServer:
    """Listens on a free port of this machine while it is entered; ``answer`` is said to every recipient.

    ``hangs``: it takes the connection and says nothing at all.
    """

    def __init__(self, answer: str = "250 ok", *, hangs: bool = False) -> None:
        self.answer, self.hangs = answer, hangs
        self.taken: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> MailServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in (self._socket, *self._open):
            one.close()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(caller)
            if not self.hangs:
                threading.Thread(target=self._speak, args=(caller,), daemon=True).start()

    def _speak(self, caller: socket.socket) -> None:
        with suppress(ConnectionError):  # who hangs up in the middle is no trouble of the server's
            self._answer(caller)

    def _answer(self, caller: socket.socket) -> None:
        lines = caller.makefile("rwb")

        def say(words: str) -> None:
            lines.write(f"{words}\r\n".encode())
            lines.flush()

        say("220 mail.example")
        while said := lines.readline().decode(errors="replace").strip():
            verb = said.split()[0].upper()
            if verb == "RCPT":
                say(self.answer)
            elif verb == "DATA":
                say("354 go on")
                text = b"".join(iter(lines.readline, b".\r\n"))
                self.taken.append(text.decode(errors="replace"))
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
            else:
                say("250 mail.example")
