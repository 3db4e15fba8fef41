"""Logs that help and tell nothing about patients (I8): routes, ids, types and places only."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django_structlog.middlewares import RequestMiddleware


class Requests(RequestMiddleware):
    """Bind each request's id and route; never its address, which may say whom somebody sought."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        try:
            route = resolve(request.path_info).route
        except Resolver404:
            route = "no such address"
        return f"{request.method} {route}"


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
