"""What filing and advice cost beside 100,000 tickets: queries, and the time that 95 of 100 stay below.

Real requests through the whole application, on an own throw-away PostgreSQL; run as ``python -m bench``.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

TICKETS = int(os.environ.get("BENCH_TICKETS", "100000"))
TIMES = 120
MOST_QUERIES, SAVE_MS, ADVICE_MS = 12, 150, 100


def measure() -> list[dict[str, Any]]:
    """Save by form and by API, and advice by API, each many times; every figure with what it may be at
    most."""
    with house(TICKETS):
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["*"]
        return list(_figures())


@contextmanager
def house(tickets: int) -> Iterator[None]:
    """Django on engines of its own, which are gone afterwards with all they hold."""
    from config import services

    folder = Path(tempfile.mkdtemp(prefix="holdline-bench-"))
    before = dict(os.environ)
    os.environ.update(
        {
            "VAR_DIR": str(folder),
            "DEMO": "1",
            "STATIC_MANIFEST": "0",
            "LOG_LEVEL": "ERROR",
            "SECRET_KEY": "only-for-measuring-" + "0123456789" * 5,
            "SECRETS_KEY": "dGhpcnR5LXR3by1ieXRlcy1vbmx5LWZvci10ZXN0cyE=",
            "ARBOOST_TOKEN": "only-for-measuring",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
    )
    try:
        engines = services.ensure(folder, throwaway=True)
        os.environ.update({"DATABASE_URL": engines.database_url, "REDIS_URL": engines.redis_url})
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("seed_demo", verbosity=0)
        if tickets:
            _fill(tickets)
        yield
    finally:
        services.discard(folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.clear()
        os.environ.update(before)


def _fill(tickets: int) -> None:
    from django.utils import timezone

    from accounts.models import Company
    from bench.filling import fill
    from config.demo.people import make_patients

    company = Company.objects.get(key="acme")
    fill(company, make_patients(company, max(50, min(5000, tickets // 20)), at=timezone.now()), tickets)


def _figures() -> Iterator[dict[str, Any]]:
    from django.test import Client
    from django.utils import timezone

    from accounts.actions import issue_token
    from accounts.models import User
    from patients.models import Patient

    ana = User.objects.get(username="ana")
    patients = list(Patient.objects.filter(company=ana.company, do_not_call=False).order_by("pk")[:TIMES])
    desk, api = Client(), Client()
    desk.force_login(ana, backend="accounts.backend.People")
    from datetime import timedelta

    key = issue_token(ana, name="bench", by=None, at=timezone.now(), lifetime=timedelta(days=1))
    headers: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Token {key}", "content_type": "application/json"}
    yield from _of(
        "filing by form", lambda n: desk.post("/escalations/new/", _form(patients, n)), 302, SAVE_MS
    )
    filing = lambda n: api.post("/api/v1/escalations/", json.dumps(_body(patients, n)), **headers)  # noqa: E731
    yield from _of("filing by API", filing, 201, SAVE_MS)
    advice = lambda n: api.post("/api/v1/escalations/advice/", json.dumps(_said(patients, n)), **headers)  # noqa: E731
    yield from _of("advice by API", advice, 200, ADVICE_MS)
    live = lambda n: desk.post("/escalations/new/advice/", _form(patients, n))  # noqa: E731
    yield from _of("advice on the page", live, 200, None)


def _of(what: str, ask: Callable[[int], Any], status: int, most_ms: int | None) -> Iterator[dict[str, Any]]:
    from django.db import connection

    for number in range(5):
        ask(9_000 + number)
    asked: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        answer = ask(9_100)
    assert answer.status_code == status, (what, answer.status_code, answer.content[:300])
    took = sorted(_milliseconds(ask, number) for number in range(TIMES))
    size = f"beside {TICKETS:,} tickets"
    most = MOST_QUERIES if what.startswith("filing") else None
    yield {"name": f"{what}: queries", "value": len(asked), "unit": "", "at_most": most}
    yield {"name": f"{what}: p50 {size}", "value": took[len(took) // 2], "unit": "ms", "at_most": None}
    yield {
        "name": f"{what}: p95 {size}",
        "value": took[int(len(took) * 0.95)],
        "unit": "ms",
        "at_most": most_ms,
    }


def _milliseconds(ask: Callable[[int], Any], number: int) -> float:
    began = perf_counter()
    ask(number)
    return round((perf_counter() - began) * 1000, 1)


def _body(patients: list[Any], number: int) -> dict[str, Any]:
    return {
        "type": "refund",
        "channel": "phone",
        "caller": "patient",
        "patient": str(patients[number % len(patients)].pk),
        "answers": {"reason": "overpaid", "amount": "84.00", "payment_visible": True},
        "note": "Paid twice in May, the second time by telephone.",
    }


def _said(patients: list[Any], number: int) -> dict[str, Any]:
    return {**_body(patients, number), "text": "Her attorney asked why the portal says Invalid Case."}


def _form(patients: list[Any], number: int) -> dict[str, Any]:
    body = _body(patients, number)
    answers = {"answer_reason": "overpaid", "answer_amount": "84.00", "answer_payment_visible": "yes"}
    return {
        **{k: v for k, v in body.items() if k != "answers"},
        **answers,
        "do": "file",
        "key": f"bench-{number:08d}",
    }
