"""What a change of the business calendar costs over 100,000 tickets that run (speed 12): shown, then done.

One closure that moves a third of the clocks, one that moves nearly all. In a process of its own, for it
brings its own PostgreSQL; the size is ``BENCH_RUNNING``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any

RUNNING = int(os.environ.get("BENCH_RUNNING", "100000"))
MOST_SECONDS = 4.0


def measure() -> list[dict[str, Any]]:
    """The figures, measured by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.reclock"], check=True, stdout=subprocess.PIPE, text=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Fill a house with tickets that run, move them, print the figures as JSON."""
    from bench.desk import house

    with house(tickets=0):
        _fill()
        print(json.dumps(list(_figures())))


def _fill() -> None:
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from config.demo import many_tickets
    from patients.models import Patient

    many_tickets.RUNNING_ONE_IN = 1
    ana = User.objects.get(username="ana")
    patients = list(Patient.objects.filter(company=ana.company).order_by("pk")[:500])
    many_tickets.many_tickets(ana.company, RUNNING, patients, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _figures() -> Iterator[dict[str, Any]]:
    from accounts.models import User

    adam = User.objects.get(username="adam")
    for what, days in (("a closure in five weeks", 35), ("a closure tomorrow", 1)):
        yield from _changed(adam, what, days)


def _changed(adam: Any, what: str, days: int) -> Iterator[dict[str, Any]]:
    from django.utils import timezone

    from escalations.actions import reclocking

    now = timezone.now()
    calendar = _with_closure(adam.company, now, days)
    began = perf_counter()
    seen = reclocking.preview(adam.company, calendar, at=now)
    token = seen.token
    shown = perf_counter()
    done = reclocking.change_calendar(adam.company, calendar, token=token, by=adam, at=now)
    ended = perf_counter()
    size = f"{done.moved:,} of {done.looked_at:,} move"
    yield _figure(f"{what}, shown: {size}", shown - began, None)
    yield _figure(f"{what}, done: {size}", ended - shown, None)
    yield _figure(f"{what}, shown and done", ended - began, MOST_SECONDS)


def _with_closure(company: Any, now: datetime, days: int) -> Any:
    """The calendar in force without one business date that lies so many days ahead."""
    from escalations.domain.calendar_edit import NamedCalendar
    from escalations.policies import calendar_in_force, named_calendar_of

    named = named_calendar_of(calendar_in_force(company, at=now))
    on: date = now.date() + timedelta(days=days)
    while not named.rules.is_business(on):
        on += timedelta(days=1)
    return NamedCalendar(replace(named.rules, exceptions={**named.rules.exceptions, on: ()}), named.names)


def _figure(name: str, seconds: float, at_most: float | None) -> dict[str, Any]:
    return {"name": name, "value": round(seconds, 2), "unit": "s", "at_most": at_most}


if __name__ == "__main__":
    main()
