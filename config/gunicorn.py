"""How gunicorn serves Holdline: ``gunicorn -c python:config.gunicorn config.wsgi``. All from the environment.

Processes share their counters through files (PROMETHEUS_MULTIPROC_DIR); the folder must be set before the
first import of prometheus_client, which is why it is set here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

bind = os.environ.get("WEB_BIND", "0.0.0.0:8000").split(",")  # noqa: S104  a container's own address
workers = int(os.environ.get("WEB_WORKERS", "3"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  a disk may stall the heartbeat
preload_app = True
timeout = 60
graceful_timeout = 25
"""Seconds; compose waits 30 before it kills."""
keepalive = 15
max_requests = 20_000
max_requests_jitter = 4_000
limit_request_line = 8_190
control_socket_disable = True

# Whom to believe about X-Forwarded-Proto. Only a proxy reaches this port, so whoever asks is one, once
# TRUSTED_PROXIES says that there are any.
forwarded_allow_ips = "*" if int(os.environ.get("TRUSTED_PROXIES", "0")) else "127.0.0.1"

# Our own line for each request has the route and no address; an access log would repeat what was sought.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("LOG_LEVEL", "INFO").lower()

COUNTERS = os.environ.setdefault(
    "PROMETHEUS_MULTIPROC_DIR", str(Path(tempfile.gettempdir()) / f"holdline-metrics-{os.getpid()}")
)


def on_starting(server: Any) -> None:
    """Begin with empty counters: those of earlier processes would be added to ours."""
    shutil.rmtree(COUNTERS, ignore_errors=True)
    Path(COUNTERS).mkdir(parents=True, mode=0o700)


def when_ready(server: Any) -> None:
    """The application is loaded by now: speak its JSON, and read what every process would read anew."""
    from config.watching import health

    health.known_migrations()
    server.log.error_log.handlers.clear()
    server.log.error_log.propagate = True


def on_exit(server: Any) -> None:
    """Leave nothing behind."""
    shutil.rmtree(COUNTERS, ignore_errors=True)


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a process that ended; its counters stay in the sum."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
