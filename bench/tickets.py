"""What the list of all tickets costs as it grows: p50, depth, queries, buffers, the three kinds of words.

One house is filled to each of the sizes in turn (``BENCH_LIST_SIZES``) and asked the same at each; a bar is a
ratio of two medians of this one run. In a process of its own, for it brings its own PostgreSQL.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

from bench.filling import fill

SIZES = tuple(int(n) for n in os.environ.get("BENCH_LIST_SIZES", "10000,100000,1000000").split(","))
TIMES = 31
LIST = "/escalations/"
BOARDS = {"triage board": "/triage/", "callback board": "/callbacks/", "supervisor's first page": "/"}
GROWTH, DEPTH, SEARCH_GROWTH, BUFFERS, QUERIES, BOARD_QUERIES = 1.25, 1.25, 3.0, 5_000, 8, 12
DEEP = 20_000
_UNIQUE = "zyzzyva"
WORDS = {"a unique word": _UNIQUE, "a middling word": "escrow", "a common word": "payment"}
"""The words looked for: written in one ticket, in one of 200, and in one of five."""
FILTERS = (
    "",
    "standing=breached",
    "standing=due_soon",
    "standing=in_window",
    "status=waiting",
    "status=draft",
    "urgency=urgent",
    "caller=other",
    "type=refund,requisition-form",
    "assignee=none",
    "breached=yes",
    "overridden=any",
    "waiting_for=any",
    "watched=me",
    "ordering=due_at",
    "ordering=-resolved_at",
    "ordering=-updated_at",
)
_TEXTS = """
INSERT INTO escalations_ticketevent (company_id, ticket_id, act, at, by_id, title, text)
SELECT company_id, id, 'comment', received_at, filed_by_id, 'Note', 'Rang about the bill of case ' || id ||
    CASE WHEN id %% 5 = 0 THEN ' and the payment' ELSE '' END ||
    CASE WHEN id %% 200 = 0 THEN ' in escrow' ELSE '' END
FROM escalations_ticket WHERE id > %s AND id <= %s
"""
_ONE_TEXT = """
INSERT INTO escalations_ticketevent (company_id, ticket_id, act, at, by_id, title, text)
SELECT company_id, id, 'comment', received_at, filed_by_id, 'Note', %s FROM escalations_ticket
ORDER BY id DESC LIMIT 1
"""


def measure() -> list[dict[str, Any]]:
    """The figures, measured by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.tickets"], check=True, stdout=subprocess.PIPE, text=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Fill, measure, fill on; print the figures as JSON."""
    from bench.desk import house

    with house(tickets=0):
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["*"]
        runs = [(size, _measured(size)) for size in _filled()]
        figures = [*_ratios(runs), *_limits(runs[-1][0])]
    print(json.dumps(figures))


def _filled() -> Iterator[int]:
    """Fill the house to each size in turn."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Company
    from config.demo.people import make_patients
    from escalations.models import Ticket

    company = Company.objects.get(key="acme")
    patients = make_patients(company, max(50, min(5000, SIZES[-1] // 20)), at=timezone.now())
    for size in SIZES:
        fill(company, patients, size - Ticket.objects.count(), _tell)
        if size == SIZES[0]:
            with connection.cursor() as cursor:
                cursor.execute(_ONE_TEXT, [f"Asked for {_UNIQUE}"])
        yield size


def _tell(after: int, upto: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_TEXTS, [after, upto])


def _measured(size: int) -> dict[str, float]:
    """Medians in milliseconds at this size, by what was asked for."""
    desk = _desk()
    found = {
        "list": _p50(lambda: desk.get(LIST)),
        "by due date": _p50(lambda: desk.get(LIST + "?ordering=due_at")),
    }
    found["deep"] = _p50(lambda: desk.get(_deep(size)))
    for name, word in {**WORDS, "a name": "nowak", "a number": "E-1010"}.items():
        address = desk.post(LIST, {"q": word}).url
        found[name] = _p50(partial(desk.get, address))
    return found


def _desk() -> Any:
    from django.test import Client

    from accounts.models import User

    desk = Client()
    desk.force_login(User.objects.get(username="sue"), backend="accounts.backend.People")
    return desk


def _deep(size: int) -> str:
    """The address of the page behind the first 20,000 rows, or behind half of fewer."""
    from escalations.models import Ticket

    rows = Ticket.objects.filter(company__key="acme").order_by("-pk").values_list("pk", flat=True)
    row = rows[min(DEEP, size // 2)]
    cursor = base64.b64encode(urlencode({"p": row}).encode()).decode()
    return f"{LIST}?{urlencode({'cursor': cursor})}"


def _p50(ask: Callable[[], Any]) -> float:
    for _ in range(3):
        assert ask().status_code == 200
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        ask()
        took.append((perf_counter() - began) * 1000)
    return round(median(took), 1)


def _ratios(runs: list[tuple[int, dict[str, float]]]) -> Iterator[dict[str, Any]]:
    (few, first), (many, last) = runs[0], runs[-1]
    for what in ("list", "by due date"):
        name = f"all tickets, {what}: {many:,} over {few:,}"
        yield _figure(name, round(last[what] / first[what], 2), "×", GROWTH)
    yield _figure(
        f"all tickets at depth {min(DEEP, many // 2):,} over page 1",
        round(last["deep"] / last["list"], 2),
        "×",
        DEPTH,
    )
    for (less, before), (more, after) in pairwise(runs):
        slow, quick = (max(run[name] for name in WORDS) for run in (after, before))
        name = f"search, slowest kind of word: {more:,} over {less:,}"
        yield _figure(name, round(slow / quick, 2), "×", SEARCH_GROWTH if more >= 10 * less else None)
    for what, took in last.items():
        yield _figure(f"all tickets, {what}: p50 beside {many:,}", took, "ms", None)


def _limits(size: int) -> Iterator[dict[str, Any]]:
    """Queries of the widest list with a search under way, and the buffers that its statements read."""
    from django.utils import timezone

    from accounts.models import User
    from escalations.list_table import TICKETS
    from tables.actions import choose_columns

    desk, sue = _desk(), User.objects.get(username="sue")
    most = max((_buffers(desk, f"{LIST}?{asked}"), asked) for asked in FILTERS)
    yield _figure(f"most buffers of a list statement ({most[1] or 'all'})", most[0], "", BUFFERS)
    columns = [column.key for column in TICKETS.columns]
    choose_columns(TICKETS, columns, [], by=sue, at=timezone.now() + timedelta(seconds=1))
    address = desk.post(LIST, {"q": WORDS["a common word"]}).url
    counts = {rows: len(_asked(desk, f"{address}&page_size={rows}")) for rows in (25, 50, 100)}
    assert len(set(counts.values())) == 1, counts
    yield _figure("all tickets, every column, a search: queries", counts[100], "", QUERIES)
    yield _figure("all tickets, every column, a search: p50", _p50(lambda: desk.get(address)), "ms", None)
    for name, board in BOARDS.items():
        yield _figure(f"{name}: most buffers of a statement", _buffers(desk, board), "", BUFFERS)
        yield _figure(f"{name}: queries", len(_asked(desk, board)), "", BOARD_QUERIES)
        yield _figure(f"{name}: p50 beside {size:,}", _p50(partial(desk.get, board)), "ms", None)


def _asked(desk: Any, address: str) -> list[str]:
    """The statements of a page; of three looks the shortest, for the notices are read once a minute."""
    return min((_statements(desk, address) for _ in range(3)), key=len)


def _statements(desk: Any, address: str) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        assert desk.get(address).status_code == 200
    return [one["sql"] for one in asked]


def _buffers(desk: Any, address: str) -> int:
    """The buffers that the dearest of the page's statements reads."""
    from django.db import connection

    most = 0
    for sql in _asked(desk, address):
        if sql.startswith("SELECT") and "escalations_ticket" in sql:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + sql)
                plan = [line for (line,) in cursor.fetchall()]
            whole = next(line for line in plan if "Buffers:" in line)
            most = max(most, sum(int(number) for number in re.findall(r"(?:hit|read)=(\d+)", whole)))
    return most


def _figure(name: str, value: float, unit: str, at_most: float | None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "at_most": at_most}


if __name__ == "__main__":
    main()
