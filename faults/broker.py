"""The broker hangs, forgets everything, and is gone: pages answer and nights go on (I6)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from faults.filling import TARGET
from faults.stage import Stage
from faults.workers import DONE, NOT_DONE, Worker

LONGEST_ANSWER = 5.0
"""Seconds; a page that waits for a broker that hangs takes longer."""
PAGES = ("/claims/", "/claims/hold-for-deductible/", "/patients/", "/readyz", "/livez")


def broken_broker(stage: Stage) -> None:
    """Three troubles of the broker, one after the other; in each, pages, an act by API, and a night."""
    for number, (name, trouble) in enumerate(_TROUBLES):
        with trouble():
            stage.injected[f"broker {name}"] += not _answers()
            visitor = Worker(lambda: _visit(stage), log=stage.log, without=stage.without)
            how = visitor.wait(len(PAGES) * LONGEST_ANSWER + 30)
            visitor.kill()
            if how != DONE:
                stage.wrong(f"with the broker {name} pages did not all answer")
            stage.night(TARGET + timedelta(days=number))


def _visit(stage: Stage) -> int:
    """Every page and one act, as the biller; whether all answered, and in time."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from accounts.actions import issue_token

    settings.ALLOWED_HOSTS = ["*"]
    biller = stage.person("biller")
    key = issue_token(biller, name="visit", by=None, at=timezone.now(), lifetime=timedelta(days=1))
    browser = Client(raise_request_exception=False)
    browser.force_login(biller, backend="accounts.backend.People")
    api = Client(raise_request_exception=False, HTTP_AUTHORIZATION=f"Token {key}")
    asks: list[Callable[[], Any]] = [lambda page=page: browser.get(page) for page in PAGES]
    asks.append(lambda: api.get("/api/v1/holds/"))
    asks.append(lambda: api.post("/api/v1/holds/queue/", {"ids": []}, content_type="application/json"))
    in_time = [_in_time(ask) for ask in asks]
    return DONE if all(in_time) else NOT_DONE


def _in_time(ask: Callable[[], Any]) -> bool:
    began = time.monotonic()
    answer = ask()
    took = time.monotonic() - began
    print(f"{answer.status_code} in {took:.2f} s", flush=True)
    return answer.status_code < 500 and took < LONGEST_ANSWER


@contextmanager
def _hung() -> Iterator[None]:
    pid = _pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def _flushed() -> Iterator[None]:
    import redis

    redis.from_url(os.environ["REDIS_URL"]).flushall()
    yield


@contextmanager
def _gone() -> Iterator[None]:
    pid = _pid()
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    try:
        yield
    finally:
        from config import services

        services.ensure(Path(os.environ["VAR_DIR"]), throwaway=True)


_TROUBLES = (("hung", _hung), ("gone", _gone))


def _pid() -> int:
    from config import services

    return services.status(os.environ["VAR_DIR"]).valkey_pid


def _answers() -> bool:
    import redis

    try:
        return bool(
            redis.from_url(os.environ["REDIS_URL"], socket_timeout=1, socket_connect_timeout=1).ping()
        )
    except redis.RedisError:
        return False
