"""A back-test of 200,000 claims: seconds from the question to the result, and its worker's memory.

Two years of invented claims. The numbers tried differ from those in force for every
payer, so that each claim is replayed twice. The worker is a process of its own, as a Celery worker is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

CLAIMS = int(os.environ.get("BENCH_BACK_TEST", "200000"))
MODELS = 5_000
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
    """Some thousand claims as people and nights would have left them, and copies of them."""
    from django.utils import timezone

    from accounts.models import Company, User
    from bench.holding import settle
    from config.demo.people import make_patients
    from config.demo.years import living, written

    today = timezone.now().date()
    company = Company.objects.create(key="backtest", name="backtest")
    by = User.objects.create(username="backtest", role="biller", company=company)
    patients = make_patients(company, 500, at=timezone.now() - timedelta(days=800))
    history = living.live(min(MODELS, CLAIMS), today=today, settings=living.settings_of(today, versions=1))
    written.make_rules(company, history)
    written.write(company, history, patients=patients, by=by)
    _copy(company.pk, CLAIMS // len(history.claims))
    settle()


_COPIED = ("claim", "coverage", "snapshot", "hold", "submissionitem", "payment")
_NUMBER = "model.number || '-' || copy"


def _copy(company: int, times: int) -> None:
    """Have each claim so many times, with all that belongs to it; the database does it, without triggers."""
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        width = {}
        for name in _COPIED:
            cursor.execute(f"SELECT max(id) FROM deductibles_{name}")  # noqa: S608
            width[name] = cursor.fetchone()[0]
        for name in _COPIED:
            table = f"deductibles_{name}"
            columns = [str(one.column) for one in apps.get_model("deductibles", name)._meta.concrete_fields]
            own = {
                "id": f"model.id + {width[name]} * copy",
                "number": _NUMBER if name == "claim" else "model.number",
            }
            own |= {
                f"{of}_id": f"model.{of}_id + {width[of]} * copy" for of in ("claim", "coverage", "snapshot")
            }
            values = ", ".join(own.get(column, f"model.{column}") for column in columns)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} model,"  # noqa: S608
                " generate_series(1, %s) copy WHERE model.company_id = %s",
                [times - 1, company],
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


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
    """The most megabytes this process had so far; what its parent had does not count."""
    told = Path("/proc/self/status").read_text()
    return int(told.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(fill() if sys.argv[1] == "fill" else work()))
