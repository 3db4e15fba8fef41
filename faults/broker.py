"""The broker hangs, forgets everything, and is gone: pages answer and nights go on (I6)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from faults.filling import TARGET
from faults.stage import Stage
from faults.workers import DONE, NOT_DONE, Worker

LONGEST_ANSWER = 5.0
"""Seconds; a page that waits for a broker that hangs takes longer."""
LONGEST_VISIT = 45.0
PAGES = ("/claims/", "/claims/hold-for-deductible/", "/patients/", "/readyz", "/livez")


def broken_broker(stage: Stage) -> None:
    """Three troubles of the broker, one after the other; in each, pages, calls, a doorbell, and a night."""
    for number, (name, trouble) in enumerate(_TROUBLES):
        with trouble():
            stage.injected[f"broker {name}"] += name == "flushed" or not _answers()
            target = TARGET + timedelta(days=number)
            visitor = Worker(partial(_visit, stage, target), log=stage.log, without=stage.without)
            how = visitor.wait(LONGEST_VISIT)
            visitor.kill()
            if how != DONE:
                stage.wrong(f"with the broker {name} pages did not all answer in time")
            stage.night(target)
        if stage.problems:
            return


def _visit(stage: Stage, target: date) -> int:
    """Pages and calls as the biller, and a large night started by the admin; whether all answered in time."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from accounts.actions import issue_token
    from deductibles import starting

    settings.ALLOWED_HOSTS, starting.MOST_AT_ONCE = ["*"], 0
    browser = Client(raise_request_exception=False)
    browser.force_login(stage.person("biller"), backend="accounts.backend.People")

    def by_token(role: str) -> Client:
        lasts = timedelta(days=1)
        key = issue_token(stage.person(role), name="visit", by=None, at=timezone.now(), lifetime=lasts)
        return Client(raise_request_exception=False, HTTP_AUTHORIZATION=f"Token {key}")

    api, admin = by_token("biller"), by_token("admin")
    night = {"kind": "check", "target_date": target.isoformat()}
    asks: list[Callable[[], Any]] = [partial(browser.get, page) for page in PAGES]
    asks.append(lambda: api.get("/api/v1/holds/"))
    asks.append(lambda: admin.post("/api/v1/nightly-runs/", night, content_type="application/json"))
    for page in PAGES:
        browser.get(page)  # the first visitor of a process waits for templates and addresses, not the broker
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


_TROUBLES = (("hung", _hung), ("flushed", _flushed), ("gone", _gone))


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
