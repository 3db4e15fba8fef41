"""``/metrics`` in Prometheus' text form: requests as they are answered, and the state of the work.

Labels are verbs, routes of the URL configuration, statuses and the names below: their number is bounded, and
none says anything about a person or a company. With several processes (gunicorn) each writes its counters to
files in PROMETHEUS_MULTIPROC_DIR, and whichever is asked adds them up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_requests = Counter("holdline_requests", "Requests answered.", ["method", "route", "status"])
_seconds = Histogram(
    "holdline_request_seconds", "Seconds from first to last byte of our work.", ["route"], buckets=BUCKETS
)


def known_verb(verb: str) -> str:
    """The verb, or OTHER: callers may make verbs up, and each would be a series of its own."""
    return verb if verb in VERBS else "OTHER"


def observe_request(verb: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _requests.labels(known_verb(verb), route, str(status)).inc()
    _seconds.labels(route).observe(seconds)


class _State(Collector):
    """Gauges that are read when they are asked for."""

    def __init__(self, gauges: Iterable[Metric]) -> None:
        self.gauges = list(gauges)

    def collect(self) -> Iterator[Metric]:
        yield from self.gauges


def gauge(name: str, words: str, value: float | None) -> Metric:
    """One number; None (never seen) is left out, so that an alert on absence works."""
    family = GaugeMetricFamily(f"holdline_{name}", words)
    if value is not None:
        family.add_metric([], value)
    return family


def gauges(name: str, words: str, label: str, values: Iterable[tuple[str, float | None]]) -> Metric:
    """One number for each value of a label."""
    family = GaugeMetricFamily(f"holdline_{name}", words, labels=[label])
    for key, value in values:
        if value is not None:
            family.add_metric([key], value)
    return family


def page(state: Iterable[Metric]) -> bytes:
    """Everything as text: the counters of all processes, then the state."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
    else:
        for collector in (_requests, _seconds):
            registry.register(collector)
    registry.register(_State(state))
    return generate_latest(registry)
