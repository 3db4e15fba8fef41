"""Ageing: how old the running tickets are, in business days, and where they stand now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, IntegerField, Value, When

from escalations.domain import charts
from escalations.domain.calendar import BusinessCalendar
from escalations.domain.reports import AGES, plural
from escalations.domain.states import RUNNING
from escalations.models import Ticket
from escalations.queries import standing_is
from escalations.reports.asked import NOBODY, Asked
from escalations.reports.shape import Cell, Head, Readout, Report, Section, count, words
from tables.periods import DAY

STANDINGS = {
    "on_track": "On track",
    "in_window": "In window",
    "due_soon": "Due soon",
    "breached": "Late",
    "immediate": "Immediate",
    "paused": "Paused",
    "none_stated": "No date",
}
"""The standings of running tickets in the order of the columns, and their words there."""
_RUNS = ",".join(RUNNING)
_NOBODYS = {"assignee": "none", "status": _RUNS}
OLD = 46
"""From this business day on a ticket is old: longer than the longest turnaround but one."""


@dataclass(frozen=True)
class Running:
    """So many tickets that run alike; ``age`` is the first day of their band."""

    type: str
    assignee: int | None
    age: int
    standing: str
    number: int


def running(asked: Asked) -> list[Running]:
    """The running tickets, counted by type, person, band of age and standing: one query."""
    days, zone = age_days(asked.calendar, asked.today), asked.user.company.zone
    cuts = [(first, datetime.combine(on + DAY, time(), zone)) for first, on in days]
    age = Case(
        *(When(received_at__lt=moment, then=Value(first)) for first, moment in reversed(cuts)),
        default=Value(0),
        output_field=IntegerField(),
    )
    standing = Case(
        *(When(standing_is(word, asked.now), then=Value(word)) for word in STANDINGS),
        output_field=CharField(),
    )
    rows = (
        Ticket.objects.visible_to(asked.user)
        .filter(asked.of(), status__in=RUNNING)
        .annotate(age=age, standing=standing)
        .values_list("type", "assignee", "age", "standing")
        .annotate(found=Count("pk"))
        .order_by()
    )
    return [Running(*row) for row in rows]


def age_days(calendar: BusinessCalendar, today: date) -> list[tuple[int, date]]:
    """For each band but the youngest its first day, and the last filing date of tickets that old.

    A ticket's age is the number of business days after its filing date, up to and including today (K2).
    """
    found = []
    for first, _ in AGES[1:]:
        on = today - timedelta(days=first)
        while calendar.business_days_between(on, today) < first:
            on -= DAY
        found.append((first, on))
    return found


def ageing(asked: Asked) -> Report:
    """The whole page: what is true now, whatever the period."""
    rows = running(asked)
    whole = sum(one.number for one in rows)
    late = _sum(rows, standing="breached")
    old = sum(one.number for one in rows if one.age >= OLD)
    nobody = sum(one.number for one in rows if one.assignee is None)
    aged_out = asked.tickets(status=_RUNS, **_band(asked, OLD))
    return Report(
        finding=finding(rows),
        dated=False,
        readouts=[
            Readout(f"{whole:,}", "running now", href=asked.tickets(status=_RUNS)),
            Readout(f"{late:,}", "late", href=asked.tickets(standing="breached")),
            Readout(f"{old:,}", "older than 45 business days", href=aged_out),
            Readout(f"{_sum(rows, standing='paused'):,}", "paused", href=asked.tickets(standing="paused")),
            Readout(f"{nobody:,}", "nobody’s", href="" if asked.person else asked.tickets(**_NOBODYS)),
        ],
        sections=[by_age(asked, rows), _by_type(asked, rows), _by_person(asked, rows)],
        notes=[
            "An age is the number of business days since the filing date, which is day 0, by the calendar in "
            "force.",
            "Resolved, merged and cancelled tickets do not age, and drafts have not begun to.",
        ],
    )  # fmt: skip


def finding(rows: Iterable[Running]) -> str:
    """What the ages come to, in a sentence."""
    rows = list(rows)
    whole = sum(one.number for one in rows)
    if not whole:
        return "No ticket is running."
    old, late = sum(one.number for one in rows if one.age >= OLD), _sum(rows, standing="breached")
    said = f"{plural(whole, 'ticket')} {'is' if whole == 1 else 'are'} running"
    return f"{said}: {late:,} late, {old:,} older than 45 business days."


def _sum(rows: Iterable[Running], **like: Any) -> int:
    return sum(one.number for one in rows if all(getattr(one, name) == value for name, value in like.items()))


def by_age(asked: Asked, rows: list[Running]) -> Section:
    """By band of age, each with where its tickets stand."""
    shown = _standings(rows)
    stacks, table = [], []
    for first, label in AGES:
        mine = [one for one in rows if one.age == first]
        whole = sum(one.number for one in mine)
        band = _band(asked, first)
        parts = [charts.Part(_sum(mine, standing=word), f"bar-{word}") for word in STANDINGS]
        stacks.append((label, parts, f"{whole:,}"))
        cells = [count(_sum(mine, standing=word), asked.tickets(standing=word, **band)) for word in shown]
        every = asked.tickets(status=_RUNS, **band)
        table.append([words(f"{label} business days"), *cells, count(whole, every)])
    chart = charts.columns("Running tickets by age in business days", finding(rows), stacks)
    chart.keys = [(f"key-{word}", STANDINGS[word].lower()) for word in shown]
    foot = [count(_sum(rows, standing=word), asked.tickets(standing=word)) for word in shown]
    total = [words("All"), *foot, count(sum(one.number for one in rows), asked.tickets(status=_RUNS))]
    said = _age_finding(rows)
    return Section("by-age", "By age", said, _heads("Age", shown), table, chart if rows else None, total)


def _band(asked: Asked, first: int) -> dict[str, str]:
    """The filters of the list that show one band of age: the filing dates it spans."""
    days = dict(age_days(asked.calendar, asked.today))
    later = next((day for day in days if day > first), None)
    found = {"received_before": days[first] + DAY} if first else {}
    if later is not None:
        found["received_after"] = days[later] + DAY
    return {name: on.isoformat() for name, on in found.items()}


def _age_finding(rows: list[Running]) -> str:
    if not rows:
        return "Nothing runs, so nothing ages."
    bands = [(label, sum(one.number for one in rows if one.age == first)) for first, label in AGES]
    label, number = max(bands, key=lambda band: band[1])
    return f"Most are {label} business days old: {number:,} of {sum(one.number for one in rows):,}."


def _standings(rows: Iterable[Running]) -> list[str]:
    found = {one.standing for one in rows}
    return [word for word in STANDINGS if word in found] or ["on_track"]


def _heads(first: str, shown: list[str]) -> list[Head]:
    return [Head(first, num=False), *(Head(STANDINGS[word]) for word in shown), Head("All")]


def _by_type(asked: Asked, rows: list[Running]) -> Section:
    def linked(key: str) -> dict[str, str]:
        return {"type": key}

    groups: dict[str, list[Running]] = defaultdict(list)
    for one in rows:
        groups[one.type].append(one)
    named = [(asked.typed(key), linked(key), mine) for key, mine in groups.items()]
    return _grouped(asked, "by-type", "By type", "Type", named)


def _by_person(asked: Asked, rows: list[Running]) -> Section:
    groups: dict[int | None, list[Running]] = defaultdict(list)
    for one in rows:
        groups[one.assignee].append(one)
    named = [
        (asked.named(key), {"assignee": asked.people[key].username if key else "none"}, mine)
        for key, mine in groups.items()
    ]
    return _grouped(asked, "by-person", "By person", "Person", named)


def _grouped(
    asked: Asked, key: str, title: str, first: str, named: list[tuple[str, dict[str, str], list[Running]]]
) -> Section:
    """A table of groups by standing, the fullest first; each number leads to its tickets."""
    rows = [one for _, _, mine in named for one in mine]
    shown = _standings(rows)
    ordered = sorted(named, key=lambda row: (row[0] == NOBODY, -sum(one.number for one in row[2]), row[0]))
    table: list[list[Cell]] = []
    bars = []
    for name, linked, mine in ordered:
        whole = sum(one.number for one in mine)
        cells = [count(_sum(mine, standing=word), asked.tickets(**linked, standing=word)) for word in shown]
        table.append([words(name), *cells, count(whole, asked.tickets(**linked, status=_RUNS))])
        parts = [charts.Part(_sum(mine, standing=word), f"bar-{word}") for word in STANDINGS]
        bars.append((name, parts, f"{whole:,}"))
    said = "Nothing runs."
    if ordered:
        name, _, mine = max(ordered, key=lambda row: _sum(row[2], standing="breached"))
        late = _sum(mine, standing="breached")
        said = f"{name} has {late:,} of the {_sum(rows, standing='breached'):,} late ones."
        if not late:
            said = "None of them is late."
    chart = charts.bars(f"Running tickets, {title.lower()}", said, bars) if bars else None
    if chart:
        chart.keys = [(f"key-{word}", STANDINGS[word].lower()) for word in shown]
    return Section(key, title, said, _heads(first, shown), table, chart)
