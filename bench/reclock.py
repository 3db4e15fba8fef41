"""What clocks cost: a change of the business calendar over 100,000 tickets that run (speed 12), and days off.

A closure in five weeks moves a third of the clocks, one near the last due dates about a tenth, one tomorrow
nearly all; only what can move is read and written, so the last has no bar. Then the sweep that finds three
days of breaches. In a process of its own, for it brings its own PostgreSQL; the size is ``BENCH_RUNNING``.
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
MOST_TO_CATCH_UP = 300.0


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
    """Tickets that run, each of which somebody has taken; and the tables as they are after a night."""
    from django.utils import timezone

    from accounts.models import User
    from bench.filling import fill
    from config.demo import many_tickets
    from patients.models import Patient

    many_tickets.RUNNING_ONE_IN = 1
    ana = User.objects.get(username="ana")
    patients = list(Patient.objects.filter(company=ana.company).order_by("pk")[:500])
    fill(ana.company, patients, RUNNING)
    _write_once(ana, timezone.now())
    _settle()


def _write_once(ana: Any, now: datetime) -> None:
    """A row that was only ever inserted leaves no room beside it, as no ticket of a desk at work is."""
    from django.db import transaction

    from accounts.audit import acting
    from escalations.models import Ticket

    with transaction.atomic(), acting(ana, "take"):
        Ticket.objects.filter(company=ana.company, status="open").update(assignee=ana, taken_at=now)


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _figures() -> Iterator[dict[str, Any]]:
    from django.utils import timezone

    from accounts.models import User

    adam = User.objects.get(username="adam")
    yield from _changed(adam, "a closure in five weeks", 35, MOST_SECONDS)
    tenth = _last_tenth(adam.company, timezone.now())
    yield from _changed(adam, "a closure that moves about a tenth", tenth, MOST_SECONDS)
    yield from _changed(adam, "a closure tomorrow, nearly all", 1, None)
    yield _caught_up(timezone.now() + timedelta(days=3))


def _caught_up(at: datetime) -> dict[str, Any]:
    """What a first sweep takes after three days without one: every breach, warning and rung of the ladder."""
    from escalations.actions.clocks import watch_clocks

    began = perf_counter()
    done = watch_clocks(at=at)
    said = f"{done['breaches']:,} breaches and {done['warnings']:,} warnings of {RUNNING:,}"
    return _figure(f"caught up after three days: {said}", perf_counter() - began, MOST_TO_CATCH_UP)


def _last_tenth(company: Any, now: datetime) -> int:
    """How many days ahead the date is on or after which about a tenth of the clocks are due."""
    from django.db.models import Count
    from django.db.models.functions import TruncDate

    from escalations.domain.states import RUNNING as RUN
    from escalations.models import Ticket

    rows = Ticket.objects.filter(company=company, status__in=RUN, due_at__isnull=False).order_by()
    days = rows.annotate(on=TruncDate("due_at", tzinfo=company.zone)).values("on").annotate(count=Count("pk"))
    left = rows.count() / 10
    found: list[date] = []
    for row in days.order_by("-on"):
        left -= row["count"]
        if found and left < 0:
            break
        found.append(row["on"])
    return (found[-1] - now.date()).days


def _changed(adam: Any, what: str, days: int, at_most: float | None) -> Iterator[dict[str, Any]]:
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
    yield _figure(f"{what}, shown and done", ended - began, at_most)
    _settle()


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
