"""Celery, the doorbell: tasks carry ids and ask whether there is work."""

from __future__ import annotations

import os
from logging.config import dictConfig
from pathlib import Path
from socket import gethostname
from time import monotonic
from typing import Any

from celery import Celery, bootsteps
from celery.beat import PersistentScheduler
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("holdline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

EVERY = 20.0
"""Seconds between two signs of life."""


def still_here(kind: str, name: str) -> None:
    """Write that this process lives, to the database and to HEARTBEAT_FILE; a failure must not end it."""
    import structlog
    from django.db import Error, connection
    from django.utils import timezone

    from work import heartbeats

    if file := os.environ.get("HEARTBEAT_FILE"):
        Path(file).touch()
    try:
        heartbeats.record(kind, name, at=timezone.now())
    except Error as error:
        structlog.get_logger(__name__).warning("heartbeat_failed", kind=kind, error=type(error).__name__)
    finally:
        connection.close()  # the workers' children are forked from this process


class Scheduler(PersistentScheduler):
    """Beat's own scheduler, which says at every turn that it still turns.

    A thread beside it would go on saying so while the loop hangs.
    """

    _said = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        self.say_alive()
        return min(super().tick(*args, **kwargs), EVERY)

    def say_alive(self) -> None:
        """Write a sign of life, unless the last one is only seconds old."""
        if not self._said or monotonic() - self._said > EVERY:
            still_here("beat", gethostname())
            self._said = monotonic()


class Alive(bootsteps.StartStopStep):
    """A worker's sign of life, from the loop that also takes its tasks."""

    requires = {"celery.worker.components:Timer"}
    timer: Any = None

    def start(self, parent: Any) -> None:
        still_here("worker", parent.hostname)
        self.timer = parent.timer.call_repeatedly(EVERY, still_here, ("worker", parent.hostname))

    def stop(self, parent: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()


app.steps["worker"].add(Alive)


@setup_logging.connect
def _log_as_the_web_does(**_: Any) -> None:
    """Keep Celery from setting up its own lines beside our JSON."""
    from django.conf import settings

    dictConfig(settings.LOGGING)


@app.on_after_finalize.connect
def _trace(**_: Any) -> None:
    from config.watching.tracing import connect_tasks

    connect_tasks()
