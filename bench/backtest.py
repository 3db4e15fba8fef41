"""A back-test of 200,000 claims: seconds from the question to the result, and its worker's memory.

Two years of invented claims. The numbers tried differ from those in force for every
payer, so that each claim is replayed twice. The worker is a process of its own, as a Celery worker is.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from datetime import timedelta
from time import perf_counter, process_time
from typing import Any

CLAIMS = int(os.environ.get("BENCH_BACK_TEST", "200000"))
BATCH = 20_000
AT_MOST = 60
"""Seconds."""
MOST_MEMORY = 200
"""Megabytes that the worker has more at its end than when it had everything loaded."""


def measure() -> list[dict[str, Any]]:
    """The figures, measured by a process of its own."""
    found: list[dict[str, Any]] = _process("fill")
    return found


def _process(what: str) -> Any:
    command = [sys.executable, "-m", "bench.backtest", what]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own
    return json.loads(done.stdout.splitlines()[-1])


def fill() -> list[dict[str, Any]]:
    """A company with its history, then the worker over it."""
    from bench.desk import house

    with house(tickets=0):
        began = perf_counter()
        _fill()
        filled = perf_counter() - began
        seconds, memory = _process("work")
    name = f"Back-test of {CLAIMS:,} claims"
    return [
        {"name": f"{name}: writing them", "value": round(filled), "unit": "s", "at_most": None},
        {"name": name, "value": round(seconds, 1), "unit": "s", "at_most": AT_MOST},
        {"name": f"{name}: memory", "value": round(memory), "unit": "MB", "at_most": MOST_MEMORY},
    ]


def _fill() -> None:
    from django.utils import timezone

    from accounts.models import Company, User
    from bench.holding import settle
    from config.demo.people import make_patients
    from config.demo.years import living, written

    today = timezone.now().date()
    company = Company.objects.create(key="backtest", name="backtest")
    by = User.objects.create(username="backtest", role="biller", company=company)
    patients = make_patients(company, 500, at=timezone.now() - timedelta(days=800))
    settings = living.settings_of(today, versions=1)
    for seed, start in enumerate(range(0, CLAIMS, BATCH), start=1):
        count = min(BATCH, CLAIMS - start)
        history = living.live(count, today=today, seed=seed, settings=settings)
        written.make_rules(company, history)
        written.write(company, history, patients=patients, by=by)
    settle()


def work() -> tuple[float, float]:
    """Ask for the back-test and bring it to its end: seconds, and megabytes grown."""
    import django

    django.setup()
    from django.utils import timezone

    from accounts.models import Company
    from deductibles.actions import back_testing
    from deductibles.worth import back_running

    now = timezone.now()
    data = {
        "from_on": f"{(now - timedelta(days=800)).date()}",
        "until_on": f"{(now - timedelta(days=1)).date()}",
        "max_days": "20",
        "dollar_threshold": "300",
        "monitor_above": "500",
    }
    company = Company.objects.get(key="backtest")
    before, began, used = _memory(), perf_counter(), process_time()
    row, _ = back_testing.begin(company, data, by=None, at=now)
    back_running.work_on(row.pk, at=now)
    seconds = perf_counter() - began
    print(f"{process_time() - used:.1f} s of processor", file=sys.stderr)
    row.refresh_from_db()
    assert row.state == "done" and row.result["claims"] > 0.9 * CLAIMS, row.state
    print(json.dumps(row.result["pairs"]), row.result["range"], row.result["truth"], file=sys.stderr)
    return seconds, _memory() - before


def _memory() -> float:
    """The most megabytes this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(fill() if sys.argv[1] == "fill" else work()))
