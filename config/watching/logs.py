"""Logs that help and tell nothing about patients (I8): routes, ids, types and places only.

Read by the settings, so it imports nothing that needs them. ``tracing`` binds what is said here.
"""

from __future__ import annotations

import re
import sys
import traceback
import uuid
from contextvars import ContextVar
from typing import Any

import structlog
from django.http import HttpRequest

UUID_OR_HEX = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}")
NO_ROUTE = "none"
"""No address of ours matched, or the answer came before any was looked for."""

current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)
"""The request this thread answers; ``None`` in tasks and commands."""


def request_id_from(given: str) -> str:
    """The id a proxy gave the request if it looks like one (UUID or 32 hex digits), else a new one.

    Anything longer or freer would let a caller write into our logs.
    """
    return given if UUID_OR_HEX.fullmatch(given) else uuid.uuid4().hex


def route_of(request: HttpRequest) -> str:
    """The pattern that matched, not the address: an address may say whom somebody sought."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match is not None else NO_ROUTE


def who_is_asking(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Add person and company by id, once somebody has been recognised; never asks the database itself."""
    request = current_request.get()
    user = getattr(request, "user", None)
    # A lazy user that nobody has looked at yet stays unlooked at.
    recognised = getattr(user, "_wrapped", user).__class__.__name__ == "User"
    if user is not None and recognised:
        event.setdefault("person", user.pk)
        event.setdefault("company", user.company_id)
    return event


def exception_by_type_and_place(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Replace an exception by its type and the lines it came through: no message, no values.

    A database error's message quotes the row, and local variables hold whole patients.
    """
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if error is not None:
        event["exception"] = type(error).__name__
        event["at"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-12:]
        ]
    return event


QUOTING = (
    "django.request",
    "django.security.csrf",
    "django.security.DisallowedHost",
    "celery.app.trace",
)
"""Loggers whose lines quote an address or an exception's words; ``tracing`` says it by route and type."""

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    who_is_asking,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def speak_structured() -> None:
    """Let structlog's loggers write through Python's own, which the settings configure."""
    structlog.configure(
        processors=[
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def logging_config(*, level: str) -> dict[str, Any]:
    """What Django's LOGGING is: one line of JSON an event on stderr, from ``level`` (INFO, WARNING, …) up."""
    json_lines = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            exception_by_type_and_place,
            structlog.processors.JSONRenderer(),
        ],
        "foreign_pre_chain": _SHARED,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": json_lines},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
            **{name: {"level": "CRITICAL"} for name in QUOTING},
        },
    }
