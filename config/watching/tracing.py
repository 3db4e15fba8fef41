"""One line for every request and every task, under one id that is found again in all lines between.

The id comes from the proxy when it looks like one, goes back in ``X-Request-ID``, and travels in the headers
of tasks that the request sets off.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

import structlog
from celery import signals
from django.conf import settings
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from config.watching import metrics
from config.watching.logs import current_request, request_id_from, route_of

log = structlog.get_logger(__name__)
HEADER = "X-Request-ID"


class Requests:
    """Middleware, the outermost: an id, one line at the end, and the measurements of ``/metrics``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        clear_contextvars()
        request_id = request_id_from(request.headers.get(HEADER, ""))
        bind_contextvars(request_id=request_id)
        token = current_request.set(request)
        tally, began = Tally(), monotonic()
        try:
            with connection.execute_wrapper(tally):
                response = self.get_response(request)
            response[HEADER] = request_id
            _finished(request, response, monotonic() - began, tally.queries)
            return response
        finally:
            current_request.reset(token)
            clear_contextvars()


class Tally:
    """Counts the statements of one request."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.queries += 1
        return execute(*arguments)


def _finished(request: HttpRequest, response: HttpResponse, seconds: float, queries: int) -> None:
    if request.path_info.startswith(settings.STATIC_URL):
        return
    route, status = route_of(request), response.status_code
    metrics.observe_request(request.method or "", route, status, seconds)
    facts = {"method": _verb(request), "route": route, "status": status, "queries": queries}
    log.info("request_finished", **facts, ms=round(seconds * 1000))


def _verb(request: HttpRequest) -> str:
    """The verb, unless somebody made one up."""
    return metrics.known_verb(request.method or "")


def _failed(sender: Any, request: HttpRequest | None = None, **_: Any) -> None:
    if request is not None:
        log.error(
            "request_failed", method=_verb(request), route=route_of(request), exc_info=sys.exc_info()[1]
        )


got_request_exception.connect(_failed, dispatch_uid="config.watching.tracing")


def connect_tasks() -> None:
    """Trace Celery's tasks too: what is published, started, finished and failed, by name and id."""
    signals.before_task_publish.connect(_publishing)
    signals.task_prerun.connect(_starting)
    signals.task_postrun.connect(_done)
    signals.task_failure.connect(_task_failed)


def _publishing(headers: dict[str, Any] | None = None, **_: Any) -> None:
    request_id = get_contextvars().get("request_id")
    if headers is not None and request_id:
        headers["request_id"] = request_id


def _starting(task_id: str, task: Any, **_: Any) -> None:
    """A task that no request set off is its own origin."""
    given = str(getattr(task.request, "request_id", None) or "")
    clear_contextvars()
    bind_contextvars(request_id=request_id_from(given or task_id), task=task.name, task_id=task_id)
    task.request.began = monotonic()


def _done(task: Any, state: str = "", **_: Any) -> None:
    began = getattr(task.request, "began", None)
    ms = round((monotonic() - began) * 1000) if began is not None else None
    log.info("task_finished", state=state, ms=ms)
    clear_contextvars()


def _task_failed(exception: BaseException | None = None, **_: Any) -> None:
    """By type and place: Celery's own line would repeat the exception's words."""
    log.error("task_failed", exc_info=exception)
