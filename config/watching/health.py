"""``/livez``, ``/readyz`` and ``/metrics``: is the process there, can it serve, how does the work go.

Whether a process can serve is decided by the database alone. Broker, workers and nights are told and never
answered with 503: pages work without them, and a proxy must not take every web process out for a worker.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from ipaddress import ip_address
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import Metric
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts.addresses import UNKNOWN, client_address
from accounts.models import Company
from config.watching import metrics
from config.watching.nights import Watch, watch
from config.watching.routines import Does, steps_watched
from deductibles.models import Hold
from work import heartbeats
from work.models import HookDelivery, OutboxMessage, Run

PROBES = ("/livez", "/readyz")
BROKER_SECONDS = 0.8
SLOW_SECONDS = 0.25


class Probes:
    """Answer the two probes before anything asks the database who is there.

    A monitor may come with a cookie; a silent database must not turn its answer into a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in PROBES:
            return self.get_response(request)
        request.resolver_match = resolve(request.path_info)
        return request.resolver_match.func(request)


@login_not_required
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Answer while the process lives; asks nothing of anybody."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether this process can serve: the database answers and has every migration."""
    now = timezone.now()
    try:
        waiting = len(waiting_migrations())
        facts = {"ready": not waiting, "database": "answers", "migrations_waiting": waiting}
        if not waiting:
            facts |= _work(now)
    except Error:
        facts = {"ready": False, "database": "does not answer"}
    facts["broker"] = broker()
    return JsonResponse(facts, status=200 if facts["ready"] else 503)


@login_not_required
@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Counters of requests and the state of the work, for who holds METRICS_TOKEN."""
    if not _may_measure(request):
        return HttpResponse(
            "Send METRICS_TOKEN as a bearer token. Without one only the demo's own network is let in.\n",
            status=403,
            content_type="text/plain; charset=utf-8",
        )
    return HttpResponse(metrics.page(_state(timezone.now())), content_type=CONTENT_TYPE_LATEST)


def waiting_migrations() -> list[str]:
    """The migrations of this code that the database does not have; raises when it does not answer."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in known_migrations() - applied.keys())


@functools.cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration of this code, as app and name; they do not change while a process lives."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def broker(seconds: float = BROKER_SECONDS) -> str:
    """``answers``, ``slow`` or ``does not answer``, in a second; asked aside, lest a name server hang."""
    answers = threading.Event()
    asking = threading.Thread(target=_ping, args=(seconds, answers), daemon=True)
    asking.start()
    if answers.wait(SLOW_SECONDS):
        return "answers"
    asking.join(max(0.0, seconds - SLOW_SECONDS))
    return "slow" if answers.is_set() else "does not answer"


def _ping(seconds: float, answers: threading.Event) -> None:
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),
        )
        with client:
            client.ping()
            answers.set()
    except (redis.RedisError, OSError, ValueError):
        return


def _work(now: datetime) -> dict[str, Any]:
    """What goes on behind the pages; numbers and dates, nobody's name."""
    found = watch(Company.objects.all(), now)
    ages = heartbeats.ages(found.seen, now)
    return {
        **{f"{kind}_age_seconds": age for kind, age in ages.items()},
        "outbox_oldest_due_seconds": _outbox(now)["oldest"],
        "nights": {
            kind: {"last_done": last and last.isoformat(), "companies_behind": found.behind(kind)}
            for kind, last in _last_done().items()
        },
    }


def _outbox(now: datetime) -> dict[str, int]:
    """Messages that wait, those that failed before, and for how long the oldest has been due."""
    waiting = OutboxMessage.objects.filter(done_at=None)
    facts = waiting.aggregate(
        waiting=Count("pk"),
        failing=Count("pk", filter=Q(attempts__gt=0)),
        oldest=Min("next_at", filter=Q(next_at__lte=now)),
    )
    oldest = facts["oldest"]
    return facts | {"oldest": int((now - oldest).total_seconds()) if oldest else 0}


def _hooks(now: datetime) -> dict[str, int]:
    """Events that wait for webhooks which are on and work; one that fails is its company's own trouble."""
    waiting = HookDelivery.objects.filter(status="waiting", endpoint__enabled=True)
    oldest = Min("next_at", filter=Q(next_at__lte=now, endpoint__health__failing_since=None))
    facts = waiting.aggregate(waiting=Count("pk"), oldest=oldest)
    found = facts["oldest"]
    return facts | {"oldest": int((now - found).total_seconds()) if found else 0}


def _last_done() -> dict[str, Any]:
    """The newest night of each kind that any company has behind it."""
    done = Run.objects.filter(state=Run.State.DONE).values_list("kind").annotate(night=Max("target_date"))
    return {str(kind): None for kind in Run.Kind.values} | dict(done.order_by("kind"))


def _may_measure(request: HttpRequest) -> bool:
    """By the token; where none is set, only the demo, only to this machine and private networks."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(
            given.encode("utf-8", "surrogatepass"), f"Bearer {settings.METRICS_TOKEN}".encode()
        )
    if settings.PRODUCTION:
        return False
    address = client_address(request)
    return address != UNKNOWN and ip_address(address).is_private


def _state(now: datetime) -> Iterator[Metric]:
    """The gauges; a database that does not answer leaves them out and says so by one."""
    try:
        state = list(_gauges(now))
    except Error:
        state = []
    yield metrics.gauge("database_up", "1 while the database answers.", float(bool(state)))
    yield from state


def _gauges(now: datetime) -> Iterator[Metric]:
    found, outbox = watch(Company.objects.all(), now), _outbox(now)
    ages = heartbeats.ages(found.seen, now)
    yield metrics.gauges(
        "heartbeat_age_seconds", "Seconds since a process of this kind was seen.", "kind", ages.items()
    )
    yield metrics.gauge("outbox_waiting", "Messages not delivered yet.", outbox["waiting"])
    yield metrics.gauge("outbox_failing", "Of these, delivery failed before.", outbox["failing"])
    yield metrics.gauge("outbox_oldest_due_seconds", "How long the oldest has been due.", outbox["oldest"])
    hooks = _hooks(now)
    yield metrics.gauge(
        "webhooks_waiting", "Events not received yet by a webhook that is on.", hooks["waiting"]
    )
    yield metrics.gauge("webhooks_oldest_due_seconds", "How long the oldest has been due.", hooks["oldest"])
    yield from _night_gauges(found)
    yield from _routine_gauges(found, now)
    held = Hold.objects.filter(active=True)
    counts = held.aggregate(held=Count("pk"), due=Count("pk", filter=Q(next_check_on__lte=now.date())))
    yield metrics.gauge("claims_held", "Claims that are held.", counts["held"])
    yield metrics.gauge("checks_due", "Held claims whose next check is due by now.", counts["due"])
    yield metrics.gauge("broker_up", "1 while the broker answers.", float(broker() != "does not answer"))


def _night_gauges(found: Watch) -> Iterator[Metric]:
    kinds = [str(kind) for kind in Run.Kind.values]
    behind = [(kind, float(found.behind(kind))) for kind in kinds]
    yield metrics.gauges("nights_behind", "Companies whose newest due night is not done.", "kind", behind)
    last = [(kind, _midnight(night)) for kind, night in _last_done().items()]
    yield metrics.gauges("night_last_done_timestamp_seconds", "The newest night done.", "kind", last)


def _routine_gauges(found: Watch, now: datetime) -> Iterator[Metric]:
    """Each step of the sweep: how long ago it was done, and whether it fails."""
    steps = [one for one in steps_watched(found.seen, now) if one.row is not None]
    ages = [
        (one.step.key, (now - one.row.ended_at).total_seconds() if one.row and one.row.ended_at else None)
        for one in steps
    ]
    yield metrics.gauges(
        "routine_age_seconds", "Seconds since a step of the sweep was done.", "routine", ages
    )
    fails = [(one.step.key, float(one.does == Does.FAILS)) for one in steps]
    yield metrics.gauges("routine_failing", "1 while a step of the sweep fails.", "routine", fails)


def _midnight(night: Any) -> float | None:
    at = night and datetime(night.year, night.month, night.day, tzinfo=timezone.get_default_timezone())
    return at.timestamp() if at else None
