"""When the database does not answer: 503 with a sentence and a time to come back, never a 500."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

log = structlog.get_logger(__name__)

RETRY_AFTER = 15
"""Seconds: a database that restarts is back by then."""
MESSAGE = "The database does not answer. Nothing was changed; try again."


class Outage:
    """Answer 503 where a view found no database.

    What a middleware finds out, a session that cannot be read for instance, Django hands to ``handler500``,
    which asks :func:`is_outage` and gives the same answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Take a view's exception when it is the database's silence; leave every other to its own page."""
        return unavailable(request) if is_outage(error) else None


def is_outage(error: BaseException | None) -> bool:
    """Whether the exception, or what led to it, is a database that does not answer."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__
    return False


def unavailable(request: HttpRequest) -> HttpResponse:
    """The 503 of pages and of the API; asks neither the database nor who is signed in."""
    log.error("database_unavailable")
    answer: HttpResponse
    if request.path_info.startswith("/api/"):
        body = {"code": "unavailable", "message": MESSAGE, "fields": {}, "problems": []}
        answer = JsonResponse(body, status=503)
    else:
        words = {"theme": request.COOKIES.get("theme", "")}
        answer = HttpResponse(render_to_string("503.html", words), status=503)
    answer["Retry-After"] = str(RETRY_AFTER)
    answer["Cache-Control"] = "no-store"
    return answer
