"""A test of the mail server in words: one mail to the admin who asks, and where it ends.

The server is set by the environment (``EMAIL_URL``), for all companies; a test changes and keeps nothing.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from django.conf import settings

from work import reach
from work.hooks.probe import FAILED, PASSED, SKIPPED, Step
from work.wire import tls_trouble

_OPERATOR = "whoever runs this server"
_STEPS = {
    "setting": ("Setting", f"Ask {_OPERATOR} to set EMAIL_URL, as docs/operations.md says."),
    "name": ("Name", f"Ask {_OPERATOR} to look for a typing error in EMAIL_URL."),
    "connect": ("Connection", f"Ask {_OPERATOR} to look at the port in EMAIL_URL and at the firewall."),
    "answer": ("Answer", "What listens there is no mail server, or it is ill. Its own log says more."),
    "tls": (
        "Encryption",
        "Whoever runs the mail server mends its certificate, or EMAIL_URL says another way.",
    ),
    "login": ("Name and password", f"Ask {_OPERATOR} to enter them anew in EMAIL_URL."),
    "sender": ("Sender", f"Ask {_OPERATOR} to set DEFAULT_FROM_EMAIL to an address that may send there."),
    "recipient": ("Your address", "Look for a typing error in your mail address, on your account's page."),
    "message": ("Message", "The mail server looked at the mail and refused it. Its own log says why."),
}
_SUBJECT = "A test mail"
_TEXT = "Somebody tested whether mails from here arrive. This one did; there is nothing to do."


class _Failed(Exception):
    def __init__(self, step: str, said: str) -> None:
        super().__init__(said)
        self.step = step


def try_out(to: str) -> list[Step]:
    """Send one mail to this address; the steps it went, the failed one with what to do."""
    try:
        _send(to)
    except _Failed as failed:
        return _steps(failed.step, str(failed))
    return _steps("", f"Taken for {to}. Look whether it arrives: what happens after that is not told here.")


def _steps(ended: str, said: str) -> list[Step]:
    keys = [key for key in _STEPS if _is_gone(key)]
    failed = keys.index(ended) if ended in keys else len(keys)
    steps = []
    for place, key in enumerate(keys):
        name, mend = _STEPS[key]
        if place < failed:
            steps.append(Step(key, name, PASSED, said if key == "message" else ""))
        elif place == failed:
            steps.append(Step(key, name, FAILED, said, mend))
        else:
            steps.append(Step(key, name, SKIPPED))
    return steps


def _is_gone(key: str) -> bool:
    """Whether the way leads by this step as the server is set."""
    if key == "tls":
        return bool(settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL)
    return key != "login" or bool(settings.EMAIL_HOST_USER)


def _send(to: str) -> None:
    if "smtp" not in settings.EMAIL_BACKEND or not settings.EMAIL_HOST:
        raise _Failed("setting", "Mails go to no mail server: they are only written to the log.")
    host, port, seconds = (
        settings.EMAIL_HOST,
        int(settings.EMAIL_PORT or 25),
        float(settings.EMAIL_TIMEOUT or 10),
    )
    places = reach.look_up(host, port, seconds)
    if isinstance(places, str):
        raise _Failed("name", places)
    door = reach.connect(places, seconds)
    if isinstance(door, str):
        raise _Failed("connect", door)
    with door:
        door.settimeout(seconds)
        with _step("tls"):
            line = _wrapped(door, host) if settings.EMAIL_USE_SSL else door
        _talk(_Line(line), host, to)


def _wrapped(door: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(door, server_hostname=host)


class _Line(smtplib.SMTP):
    """smtplib over a connection that is there already."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__(timeout=line.gettimeout() or 10)
        self._line = line

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._line


def _talk(server: _Line, host: str, to: str) -> None:
    with _step("answer"):
        server._host = host  # type: ignore[attr-defined]  # what STARTTLS compares the certificate with
        code, words = server.connect(host, 1)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        server.ehlo_or_helo_if_needed()
    if settings.EMAIL_USE_TLS:
        with _step("tls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
    if settings.EMAIL_HOST_USER:
        with _step("login"):
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    with _step("sender"):
        _accepted(server.mail(sender))
    with _step("recipient"):
        _accepted(server.rcpt(to))
    with _step("message"):
        _accepted(server.data(_message(to).as_bytes()))
    with suppress(OSError, smtplib.SMTPException):
        server.quit()


def _accepted(answer: tuple[int, bytes]) -> None:
    code, words = answer
    if code not in (250, 251):
        raise smtplib.SMTPResponseException(code, words)


@contextmanager
def _step(key: str) -> Iterator[None]:
    """Tell whatever goes wrong inside as this step's failure."""
    try:
        yield
    except ssl.SSLError as error:
        raise _Failed("tls", str(tls_trouble("The mail server", error))) from None
    except smtplib.SMTPResponseException as error:
        raise _Failed(
            key, f"The mail server answered {error.smtp_code}: {_shown(error.smtp_error)}"
        ) from None
    except smtplib.SMTPNotSupportedError:
        said = (
            "The mail server offers no encryption."
            if key == "tls"
            else "The mail server asks for no password."
        )
        raise _Failed(key, said) from None
    except TimeoutError:
        raise _Failed(key, "The mail server did not answer in time.") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        slow = isinstance(error.__context__, TimeoutError)  # smtplib tells it as a connection that was closed
        said = "did not answer in time." if slow else "broke off, or said what no mail server says."
        raise _Failed(key, f"The mail server {said}") from None


def _shown(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return "".join(one if one.isprintable() else " " for one in text)[:200]


def _message(to: str) -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = _SUBJECT, settings.DEFAULT_FROM_EMAIL, to
    made["Date"], made["Message-ID"] = (
        formatdate(),
        make_msgid(domain=parseaddr(made["From"])[1].partition("@")[2]),
    )
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(_TEXT + "\n")
    return made
