"""The Hold for Deductible page at a million lines: p50, queries, buffers; queueing 5,000 (speed 1, 3, 4, 10).

What a change of the settings would do is timed beside them.

Real requests through the whole application, on an own throw-away PostgreSQL. Sizes are in ``BENCH_HOLDS``,
the smaller first. Buffers are those of every statement a request asks, each put to EXPLAIN.
Queueing is measured against what it comes down to: the two updates of claims and holds by key, with no audit,
no sums, no lock and nothing to tell.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import date
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

SIZES = [int(size) for size in os.environ.get("BENCH_HOLDS", "10000,1000000").split(",")]
TARGET = date(2026, 11, 30)
URL = "/claims/hold-for-deductible/"
TIMES, ROUNDS, MANY = 15, 3, 5000
GROWTH, MOST_QUERIES, MOST_BUFFERS, OVER_BARE = 1.25, 8, 5_000, 5.0
TABS = ("", "queued=no", "queued=yes")
SORTS = tuple(
    f"ordering={sign}{name}" for name in ("release_on", "started_on", "claim_number") for sign in ("", "-")
)
FILTERS = (
    *("kind=manual", "kind=automatic", "release_before=2026-12-10", "queueable=yes", "queueable=no"),
    *("clearable=yes", "clearable=no", "claim=C-77777", "reason=Unknown", "reason=Time+elapsed"),
    *("reason=Manually+queued", "reason=Deductible+met"),
)
SEARCHES = (
    "Test",
    "PersonAA",
    "PersonZZ Test",
    "C-88888",
    "Example Payer",
    "Example Payer 33",
    "ABD20030001AA",
    "B77",
)


def measure() -> list[dict[str, Any]]:
    """The figures, measured by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.holds"], check=True, stdout=subprocess.PIPE, text=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Fill a company for each size, measure its page, print the figures as JSON."""
    from bench.desk import house
    from bench.holding import fill, spread

    with house(tickets=0):
        runs = []
        for size in SIZES:
            company = fill(f"holds{size}", size, TARGET)
            spread(company)
            runs.append({"size": size, "client": signed_in(company), "company": company})
        print(json.dumps(list(_figures(runs))))


def signed_in(company: Any) -> Any:
    """A biller of the company, ready to ask."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User

    settings.ALLOWED_HOSTS = ["*"]
    name = f"biller-of-{company.key}"
    user, _ = User.objects.get_or_create(username=name, defaults={"company": company, "role": "biller"})
    client = Client()
    client.force_login(user, backend="accounts.backend.People")
    return client


def _figures(runs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    took = _pages([run["client"] for run in runs])
    for run, seconds in zip(runs, took, strict=True):
        yield _value(f"Hold page, {run['size']:,} lines: p50", round(seconds * 1000, 1), "ms", None)
    growth = round(took[-1] / took[0], 2)
    yield _value(f"Hold page p50: {SIZES[-1]:,} lines over {SIZES[0]:,}", growth, "×", GROWTH)
    last = runs[-1]
    queries, worst = 0, (0, "")
    for name, ask in asked(last["client"], last["company"]):
        count, buffers = statements(ask)
        queries = max(queries, count if name.startswith("?") else 0)
        worst = max(worst, (buffers, name))
    yield _value("Hold page, every tab, order and filter: most queries", queries, "", MOST_QUERIES)
    yield _value(f"most buffers of a statement, at {worst[1][:24]}", worst[0], "", MOST_BUFFERS)
    yield from _previews(last["company"], last["size"])
    yield from _queueing(last["client"], last["company"])


def _previews(company: Any, size: int) -> Iterator[dict[str, Any]]:
    """What a change of the settings would do: of the days, a little of the threshold, and a lot of it."""
    from django.utils import timezone

    from deductibles.models import settings_in_force
    from deductibles.previews import effect_of

    current = settings_in_force(company.pk)
    for name, value in (("max_days", 30), ("dollar_threshold", 120), ("dollar_threshold", 1600)):
        proposed = copy(current)
        setattr(proposed, name, value)
        took = _seconds(partial(effect_of, company, proposed, current, at=timezone.now()))
        what = f"preview of settings, {size:,} lines: {name.replace('_', ' ')} {value}"
        yield _value(what, round(took, 2), "s", None)


def _pages(clients: list[Any]) -> list[float]:
    """The p50 of each client's first page, asked in turns so that a busy moment is everybody's."""
    for client in clients:
        assert client.get(URL).status_code == 200
    rounds = [[_seconds(partial(client.get, URL)) for client in clients] for _ in range(TIMES)]
    return [median(column) for column in zip(*rounds, strict=True)]


def asked(client: Any, company: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Every way to look at the lines: tabs, orders, filters on each tab, searches, a file, the home page."""
    from patients.models import Payer

    payer = Payer.objects.filter(company=company).order_by("pk").values_list("pk", flat=True)[7]
    queries = [_joined(tab, sort) for tab in TABS for sort in SORTS]
    queries += [_joined(found, tab) for found in (*FILTERS, f"payer={payer}") for tab in TABS]
    queries += [_joined(f"payer={payer}", sort) for sort in SORTS]
    for query in queries:
        yield query, partial(client.get, URL + query)
    for word in SEARCHES:
        yield f"?s={word}", partial(client.get, client.post(URL, {"q": word})["Location"])
    yield "export", lambda: next(iter(client.post("/tables/holds/export/").streaming_content))
    yield "home", lambda: client.get("/")


def _joined(*parts: str) -> str:
    return "?" + "&".join(part for part in parts if part)


def statements(ask: Callable[[], Any]) -> tuple[int, int]:
    """How many statements a request asks, and the most buffers that one of them reads.

    Of three asked the fewest statements count: what a process asks once a minute is not the page's.
    """
    from django.db import connection

    seen: list[int] = []

    def look(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        seen.append(_buffers(connection, sql, params) if sql.lstrip("( ")[:6] in ("SELECT", "WITH c") else 0)
        return execute(sql, params, *rest)

    ask()
    found = []
    for _ in range(3):
        seen.clear()
        with connection.execute_wrapper(look):
            ask()
        found.append((len(seen), max(seen, default=0)))
    return min(count for count, _ in found), max(buffers for _, buffers in found)


def _buffers(connection: Any, sql: str, params: Any) -> int:
    with connection.connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    whole = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return int(whole["Shared Hit Blocks"]) + int(whole["Shared Read Blocks"])


def _queueing(client: Any, company: Any) -> Iterator[dict[str, Any]]:
    """Queue the first 5,000 by the page, and the same rows by two bare updates; each is put back."""
    ours, bare = [], []
    for _ in range(ROUNDS):
        with _put_back():
            ours.append(_seconds(lambda: _queue(client)))
        with _put_back():
            bare.append(_bare(company))
    name = f"queueing {MANY:,} holds by the page"
    yield _value(f"{name}: p50", round(median(ours) * 1000), "ms", None)
    yield _value(f"{name}, over the two bare updates", round(median(ours) / median(bare), 2), "×", OVER_BARE)


def _queue(client: Any) -> None:
    from deductibles.models import HoldAct

    answer = client.post(f"{URL}queue/", {"all": "queue", "expected": str(MANY)})
    assert answer.status_code == 302, answer.status_code
    act = HoldAct.objects.order_by("-pk")[0]
    assert (act.done, len(act.holds), act.skipped) == (MANY, MANY, [])


def _bare(company: Any) -> float:
    from django.db import connection

    from deductibles.models import Hold

    held = Hold.objects.filter(company=company, active=True, cleared_at=None).order_by("release_on", "id")
    pairs = list(held.values_list("pk", "claim_id")[:MANY])
    holds, claims = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    with connection.cursor() as cursor:
        for table in ("deductibles_claim", "deductibles_hold"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        began = perf_counter()
        cursor.execute(
            "UPDATE deductibles_claim SET status = 'queued', version = version + 1, changed_at = now() "
            "WHERE id = ANY(%s)",
            [claims],
        )
        cursor.execute(
            "UPDATE deductibles_hold SET active = false, ended_at = now(), queued_at = now(), "
            "reason_code = 'Manually Queued', release_why = '[\"Queued by a person.\"]' WHERE id = ANY(%s)",
            [holds],
        )
        return perf_counter() - began


@contextmanager
def _put_back() -> Iterator[None]:
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _seconds(ask: Callable[[], Any]) -> float:
    began = perf_counter()
    ask()
    return perf_counter() - began


def _value(name: str, value: float, unit: str, at_most: float | None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "at_most": at_most}


if __name__ == "__main__":
    main()
